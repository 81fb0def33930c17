"""An agent whose line stays connected: a beep and he has the caller, talk after talk."""

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, until
from hearing_kit import Room, stretches_of

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT, SALES = "19005001", "19005002"
FILES = {
    "queues.yaml": """
        queues:
          support: {wrap_up: 1}
          sales: {wrap_up: none}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [support], languages: [en], nailed_up: true}
          john: {extension: "3002", queues: [sales], languages: [en]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SUPPORT}": {{queue: support, language: en}}
          "{SALES}": {{queue: sales, language: en}}
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


async def is_alone(floor):
    """Whether her line is all that Asterisk has."""
    return len((await floor.asterisk("channels"))[1]) == 1


async def test_an_agent_has_callers_one_after_the_other_on_his_line(floor):
    line = await _on_the_line(floor)

    first = await _talk(floor, line)
    await first.hang_up()
    await floor.until_state("mai", "ready")
    second = await _talk(floor, line)
    await line.press("*")
    assert await second.wait_ended(PATIENCE) == "hung up there"
    await floor.until_state("mai", "ready")

    await until(lambda: is_alone(floor))
    for calling, by in ((first, "caller"), (second, "agent")):
        record = await floor.record(calling)
        assert (record["outcome"], record["agent"], record["ended_by"]) == ("answered", "mai", by)
        assert record["recordings"][0]["complete"]
    await line.hang_up()
    await floor.until_state("mai", "logged_out")


async def test_an_agent_on_his_line_is_consulted_and_given_a_caller_by_name(floor):
    room = Room(floor)
    await room.come(john="3002")
    line = await _on_the_line(floor)
    await room.begin(SALES, "john")
    room.speak(mai=line)
    for order in ("cancel", "complete"):
        await room.order("john", "consult", to={"agent": "mai"})
        await room.hear(caller="music", john="mai", mai="john")
        await room.order("john", order)
    await room.calls["john"].wait_ended(PATIENCE)
    await room.hear(caller="mai", mai="caller")
    await room.order("mai", "transfer", to={"agent": "john"})
    await room.answer("john")
    await room.hear(caller="john", john="caller")
    await floor.until_state("mai", "ready")
    await room.order("john", "transfer", to={"agent": "mai"})
    await room.hear(caller="mai", mai="caller")
    await line.hang_up()

    record = await room.record()

    assert [(t["how"], t["agent"], t["name"]) for t in record["transfers"]] == [
        ("attended", "john", "mai"),
        ("blind", "mai", "john"),
        ("blind", "john", "mai"),
    ]
    came = [kind for kind in stretches_of(record, "mai") if kind != "ring"]  # until the beep
    assert came == ["consult", "consult", "talk", "talk"]
    await floor.until_state("mai", "logged_out")


async def test_an_agent_who_is_logged_out_elsewhere_is_hung_up_on(floor):
    line = await _on_the_line(floor)
    status, answer = await floor.center.post("/v1/agents/mai/logout")
    assert status == 200, answer
    assert await line.wait_ended(PATIENCE) == "hung up there"
