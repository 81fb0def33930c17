"""An agent whose line stays connected: a beep and he has the caller, talk after talk."""

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT = "19005001"
FILES = {
    "queues.yaml": """
        queues:
          support: {wrap_up: 1}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [support], languages: [en], nailed_up: true}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SUPPORT}": {{queue: support, language: en}}
        features: {{login: "*10", logout: "*11"}}
    """,
}


async def _on_the_line(floor):
    """Mai has called in; returns her end of the line."""
    line = await floor.dial("*10", phone=await floor.phone("3001"))
    await until(lambda: floor.heard_prompt(line, "logged_in"))
    await floor.until_state("mai", "ready")
    return line


async def _talk(floor, line):
    """A caller and mai hear each other; returns his end."""
    calling = await floor.dial(SUPPORT)
    await floor.until_state("mai", "talking")
    calling.start_tone(CALLERS_TONE)
    line.start_tone(AGENTS_TONE)
    heard_before = tones.find(line.heard(), CALLERS_TONE).seconds
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 1)
    await until(lambda: tones.find(line.heard(), CALLERS_TONE).seconds > heard_before + 1)
    line.stop_tone()
    return calling


async def test_an_agent_has_callers_one_after_the_other_on_his_line(floor):
    line = await _on_the_line(floor)

    first = await _talk(floor, line)
    await first.hang_up()
    await floor.until_state("mai", "ready")
    second = await _talk(floor, line)
    await line.press("*")
    assert await second.wait_ended(PATIENCE) == "hung up there"
    await floor.until_state("mai", "ready")

    assert len((await floor.asterisk("channels"))[1]) == 1  # the line
    for calling, by in ((first, "caller"), (second, "agent")):
        record = await floor.record(calling)
        assert (record["outcome"], record["agent"], record["ended_by"]) == ("answered", "mai", by)
        assert record["recordings"][0]["complete"]
    await line.hang_up()
    await floor.until_state("mai", "logged_out")


async def test_an_agent_who_is_logged_out_elsewhere_is_hung_up_on(floor):
    line = await _on_the_line(floor)
    status, answer = await floor.center.post("/v1/agents/mai/logout")
    assert status == 200, answer
    assert await line.wait_ended(PATIENCE) == "hung up there"
