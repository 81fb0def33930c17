"""A talk by the keys of plain desk phones: hold, consult, complete, park, pick up."""

import time

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, kinds_of, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT = "19006001"
OTHERS_TONE = 900.0
FILES = {
    "queues.yaml": """
        queues:
          support: {wrap_up: none}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [support], languages: [en]}
          john: {extension: "3002", queues: [support], languages: [en]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SUPPORT}": {{queue: support, language: en}}
        features: {{pick_up: "*4", status: "*14"}}
    """,
}


def keys_heard(call):
    """The keys of others that come to this phone, from now on."""
    heard = []
    call._call.on_dtmf(lambda event: heard.append(event.digit))
    return heard


async def until_heard(call, hz, seconds=0.5):
    """Wait until so much of this tone was heard from now on."""
    since = time.monotonic()
    await until(lambda: tones.find(call.heard(since), hz).seconds > seconds)


async def until_told(floor, call, prompt):
    """Wait until the agent was told this."""
    await until(lambda: floor.heard_prompt(call, prompt))


async def test_an_agent_holds_consults_and_gives_the_caller_away_by_keys_alone(floor):
    calling, mai = await floor.talk(SUPPORT)
    colleague = await floor.agent("john", "3002", answer_after=0)
    keys = keys_heard(calling)
    calling.start_tone(CALLERS_TONE)
    mai.start_tone(AGENTS_TONE)
    await until_heard(calling, AGENTS_TONE)

    await mai.press("#1")
    await until_told(floor, mai, "talk_held")
    since = time.monotonic()
    await until(lambda: floor.heard_music(calling, since=since))
    await mai.press("#1")
    await until_heard(calling, AGENTS_TONE)

    await mai.press("#33002#")
    john = await colleague.next_call(PATIENCE)
    john.start_tone(OTHERS_TONE)
    await until_heard(mai, OTHERS_TONE)
    await until_heard(john, AGENTS_TONE)
    since = time.monotonic()
    await until(lambda: floor.heard_music(calling, since=since))
    assert not tones.find(calling.heard(since), OTHERS_TONE).is_heard

    await mai.press("#4")
    await until_heard(mai, CALLERS_TONE)
    await mai.press("#4")
    await until_heard(mai, OTHERS_TONE)
    await mai.press("#5")
    assert await mai.wait_ended(PATIENCE) == "hung up there"
    await until_heard(calling, OTHERS_TONE)
    await until_heard(john, CALLERS_TONE)

    assert keys == []
    await calling.hang_up()
    record = await floor.record(calling)
    assert record["agent"] == "john"
    assert kinds_of(record)[-7:] == [*["talk", "hold"] * 3, "talk"]


async def test_keys_that_are_no_code_come_to_the_caller_once(floor):
    calling, mai = await floor.talk(SUPPORT)
    keys = keys_heard(calling)
    others = keys_heard(mai)
    mai.start_tone(AGENTS_TONE)
    await until_heard(calling, AGENTS_TONE)
    await mai.press("42*")
    await until(lambda: keys == ["4", "2", "*"])
    await mai.press("9#")  # the second may begin a code, until nothing follows
    await until(lambda: keys == ["4", "2", "*", "9", "#"])
    await calling.press("7")
    await until(lambda: others == ["7"])

    await mai.press("#23999#")
    await until_told(floor, mai, "no_such_number")
    await until_heard(calling, AGENTS_TONE)
    assert len(keys) == 5
    await calling.hang_up()
    await floor.record(calling)
    said = floor.center.engine_log.read_text()
    assert '"42' not in said
    assert "3999" not in said


async def test_a_caller_is_parked_by_keys_and_picked_up_at_another_phone(floor):
    calling, mai = await floor.talk(SUPPORT)
    colleague = await floor.phone("3002")
    calling.start_tone(CALLERS_TONE)
    await until_heard(mai, CALLERS_TONE)
    await mai.press("#9#")
    await until_told(floor, mai, "parked_in")
    assert await mai.wait_ended(PATIENCE) == "hung up there"

    john = await floor.dial("*4", phone=colleague)
    await until(lambda: floor.heard_prompt(john, "parked_are"))
    await until(lambda: any(floor.heard_prompt(told, "number_1") for told in (mai, john)))
    await john.press("1#")
    john.start_tone(OTHERS_TONE)
    await until_heard(calling, OTHERS_TONE)
    await until_heard(john, CALLERS_TONE)
    await calling.hang_up()
    assert await john.wait_ended(PATIENCE) == "hung up there"

    record = await floor.record(calling)
    served = [kind for kind in kinds_of(record) if kind != "closing"]
    assert served[-3:] == ["talk", "parked", "talk"]
    assert record["agent"] == "john"
