"""Caller and agent talk: they hear each other, it is recorded, and the record tells it."""

import time
import wave

import pytest
from center import AGENTS_TONE, CALLERS_TONE, MENU, PATIENCE, SALES, kinds_of, seconds_of, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND_TONE = 900.0


async def test_caller_and_agent_hear_each_other_and_both_are_in_the_recording(floor):
    calling, answered = await floor.talk(MENU, keys="2")
    calling.start_tone(CALLERS_TONE)
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 1)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 1)
    # No echo of himself; the menu's voice may strike his tone for a moment.
    assert tones.find(calling.heard(), CALLERS_TONE).longest < 0.2
    assert tones.find(answered.heard(), AGENTS_TONE).longest < 0.2

    await calling.hang_up()

    record = await floor.record(calling)
    assert kinds_of(record) == ["setup", "ivr", "queue", "ring", "talk"]
    assert (record["outcome"], record["agent"], record["ended_by"]) == ("answered", "mai", "caller")
    [recording] = record["recordings"]
    assert (recording["complete"], recording["problem"]) == (True, "")
    with wave.open(recording["path"]) as file:
        assert tuple(file.getparams()[:3]) == (1, 2, 8000)
        sound = file.readframes(file.getnframes())
    assert tones.seconds(sound) == pytest.approx(recording["seconds"], abs=0.01)
    assert tones.seconds(sound) == pytest.approx(seconds_of(record, "talk"), abs=1)
    assert recording["bytes"] == len(sound) + 44
    assert tones.find(sound, CALLERS_TONE).seconds > 0.8
    assert tones.find(sound, AGENTS_TONE).seconds > 0.8


async def test_the_record_agrees_with_what_both_phones_saw(floor):
    calling, answered = await floor.talk()
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 1)
    await calling.hang_up()

    record = await floor.record(calling)

    assert record["arrived"] == pytest.approx(calling.began.wall, abs=1)
    assert record["answered"] == pytest.approx(calling.answered.wall, abs=1)
    assert record["ended"] == pytest.approx(calling.ended.wall, abs=1)
    talk = next(s for s in record["segments"] if s["kind"] == "talk")
    assert talk["started"] == pytest.approx(answered.answered.wall, abs=1)
    assert record["caller"] == "caller1"
    assert record["sip_call_id"] == calling.sip_call_id


async def test_an_agent_who_hangs_up_wraps_up_and_is_ready_again(floor):
    calling, answered = await floor.talk(SALES)
    calling.start_tone(CALLERS_TONE)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.5)

    await answered.hang_up()

    assert await calling.wait_ended(PATIENCE) == "hung up there"
    await floor.until_state("mai", "wrap_up")
    record = await floor.record(calling)
    assert record["ended_by"] == "agent"
    await floor.until_state("mai", "ready")
    record = await floor.with_wrap_up(record)
    assert 0.9 < seconds_of(record, "wrap_up") < 4


async def test_an_agent_who_is_ready_early_ends_the_wrap_up_and_gets_the_next_caller(floor):
    calling, answered = await floor.talk(SALES)
    phone = await floor.caller()
    waiting = await floor.dial(SALES, phone=phone)
    await answered.hang_up()
    await floor.until_state("mai", "wrap_up")

    began = time.time()
    await floor.center.post("/v1/agents/mai/ready")
    told = time.time()
    await floor.until_state("mai", "talking")

    first = await floor.with_wrap_up(await floor.record(calling))
    [wrap_up] = [s for s in first["segments"] if s["kind"] == "wrap_up"]
    assert began - 0.01 < wrap_up["ended"] < told + 0.01
    await waiting.hang_up()
    second = await floor.record(waiting)
    assert second["offers"][0]["offered"] >= wrap_up["ended"]


async def test_a_caller_on_hold_hears_music_and_the_record_tells_how_long(floor):
    calling, answered = await floor.talk()
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 0.3)

    await answered.hold()
    held = time.monotonic()
    await until(lambda: floor.heard_music(calling, since=held))
    await answered.resume()
    resumed = time.monotonic()
    answered.start_tone(SECOND_TONE)
    await until(lambda: tones.find(calling.heard(since=resumed), SECOND_TONE).seconds > 0.3)
    await answered.hang_up()

    record = await floor.record(calling)
    assert kinds_of(record)[-5:] == ["ring", "talk", "hold", "talk", "closing"]
    assert seconds_of(record, "hold") == pytest.approx(resumed - held, abs=1)
    assert record["recordings"][0]["seconds"] == pytest.approx(
        seconds_of(record, "talk", "hold"), abs=1
    )


async def test_a_supervisor_hangs_up_on_a_call(floor):
    calling, answered = await floor.talk()

    await floor.hang_up((await floor.live())[0])

    assert await calling.wait_ended(PATIENCE) == "hung up there"
    assert await answered.wait_ended(PATIENCE) == "hung up there"
    record = await floor.record(calling)
    assert (record["outcome"], record["ended_by"]) == ("answered", "engine")
    await floor.until_state("mai", "ready")
