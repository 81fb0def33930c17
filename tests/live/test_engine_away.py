"""The engine stops and comes back while callers talk, wait and arrive."""

import time

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, SUPPORT, kinds_of, seconds_of, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND_TONE, THIRD_TONE = 900.0, 1200.0


async def test_a_talk_goes_on_while_the_engine_stops_and_starts(floor):
    calling, answered = await floor.talk()
    calling.start_tone(CALLERS_TONE)
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.5)

    await floor.center.stop_engine()
    calling.start_tone(SECOND_TONE)
    await until(lambda: tones.find(answered.heard(), SECOND_TONE).seconds > 0.5)
    await floor.center.start_engine()
    assert (await floor.seen("mai"))["state"] == "talking"
    [live] = await floor.live()
    assert (live["stage"], live["agent"]) == ("talk", "mai")
    answered.start_tone(THIRD_TONE)
    await until(lambda: tones.find(calling.heard(), THIRD_TONE).seconds > 0.5)

    await answered.hang_up()
    assert await calling.wait_ended(PATIENCE) == "hung up there"
    record = await floor.record(calling)
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert kinds_of(record).count("talk") == 1
    talked = answered.ended.monotonic - answered.answered.monotonic
    assert seconds_of(record, "talk") == pytest.approx(talked, abs=2)
    [recording] = record["recordings"]
    assert recording["complete"]
    assert recording["seconds"] == pytest.approx(talked, abs=2)
    assert heard_in(recording, CALLERS_TONE, SECOND_TONE, THIRD_TONE)


async def test_a_caller_who_came_and_went_while_the_engine_was_away_has_a_record(floor):
    await floor.center.stop_engine()
    calling = await (await floor.caller()).dial(SUPPORT)
    await calling.wait_established(PATIENCE)
    await calling.hang_up()
    ended = time.time()
    await floor.center.start_engine()

    async def recorded():
        return [r for r in await floor.records() if r["arrived"] >= calling.began.wall - 1]

    [record] = await until(recorded)
    assert (record["outcome"], record["ended_by"]) == ("abandoned", "caller")
    assert record["called"] == SUPPORT
    assert record["arrived"] == pytest.approx(calling.began.wall, abs=2)
    assert record["ended"] == pytest.approx(ended, abs=2)


async def test_a_caller_who_arrives_while_the_engine_is_away_is_held_and_then_served(floor):
    await floor.agent("mai", "3001", answer_after=0)
    await floor.center.stop_engine()
    phone = await floor.caller()

    dialed = time.time()
    calling = await phone.dial(SUPPORT)
    await calling.wait_established(PATIENCE)
    await until(lambda: floor.heard_prompt(calling, "held", "en"))
    await until(lambda: floor.heard_prompt(calling, "held", "vi"))
    await until(lambda: floor.heard_music(calling))
    away = time.time()
    await floor.center.start_engine()

    await floor.until_state("mai", "talking")
    await calling.hang_up()
    record = await floor.record(calling)
    assert record["outcome"] == "answered"
    assert record["arrived"] == pytest.approx(dialed, abs=2)
    assert kinds_of(record) == ["setup", "queue", "ring", "talk"]
    assert seconds_of(record, "setup") > away - dialed - 2


async def test_a_caller_who_gives_up_before_the_engine_is_back_leaves_nothing_behind(floor):
    await floor.center.stop_engine()
    phone = await floor.caller()
    calling = await phone.dial(SUPPORT)
    await calling.wait_established(PATIENCE)
    await calling.hang_up()
    await floor.center.start_engine()

    served = await floor.dial(SUPPORT)
    await until(lambda: floor.heard_music(served))
    await served.hang_up()
    assert (await floor.record(served))["outcome"] == "abandoned"


def heard_in(recording, *wanted):
    """Whether each of these tones was recorded."""
    with open(recording["path"], "rb") as file:
        sound = file.read()[44:]
    return all(tones.find(sound, hz).seconds > 0.3 for hz in wanted)
