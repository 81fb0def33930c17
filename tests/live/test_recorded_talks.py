"""What is heard in the recording of a talk: its time line, gaps and sides; what a fault leaves."""

import asyncio
import io
import os
import resource
import signal
import time
import wave
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, open_center, open_floor, seconds_of, until
from live_site import usual_site

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARDS_TONE, LAST_TONE, THIRD_TONE = 900.0, 1300.0, 1700.0
PAUSE_SECONDS = 3.0
CLOSE_SECONDS = 0.5
"""A phone says a tone 0.19 to 0.27 s after it was asked to; a busy machine says it later."""
LATE_SECONDS = 2.0
"""An engine or an Asterisk that stands still; a gap that was left out would be longer."""
QUEUES = f"""
    queues:
      support:
        wrap_up: 0
        record: {{when: always, stereo: yes, pause_seconds: {PAUSE_SECONDS:.0f}}}
      sales: {{wrap_up: 0}}
      impatient: {{wrap_up: 0}}
      brief: {{wrap_up: 0}}
      closed_shop: {{wrap_up: 0}}
"""


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """Of the center that the first tests share, and of those that a fault is made in."""
    return usual_site(tmp_path_factory.mktemp("site"), {"queues.yaml": QUEUES})


@pytest_asyncio.fixture(loop_scope="module")
async def lone(prepared, tmp_path, center_settings):
    """A center of its own."""
    async with (
        open_center(prepared, tmp_path, center_settings) as center,
        open_floor(center) as floor,
    ):
        yield floor


async def order(floor, name, **body):
    """Mai asks it of her talk."""
    status, answer = await floor.center.post(f"/v1/agents/mai/talk/{name}", **body)
    assert status == 200, answer


async def speak(speaker, hearer, hz, seconds=0.6):
    """Until the other has heard so much of this tone; returns when it began."""
    began = time.time()
    speaker.start_tone(hz)
    await until(lambda: tones.find(hearer.heard(), hz).seconds >= seconds)
    return began


def apart(sound, first_hz, second_hz):
    """Seconds from the beginning of one tone to that of another: how late a phone speaks does not
    matter."""
    first, second = (tones.find(sound, hz, purity=0.6) for hz in (first_hz, second_hz))
    return second.first - first.first


async def finished(floor, name):
    """Its line, and the sound of each channel, when the finisher has been at it."""

    async def done():
        status, line = await get(floor, f"/v1/recordings/{name}")
        return line if status == 200 and line["state"] not in ("new",) else None

    line = await until(done, 30)
    assert line["state"] == "finished", line
    async with floor.ari.get(f"{floor.center.api_url}/v1/recordings/{name}/audio") as answer:
        assert answer.status == 200
        with wave.open(io.BytesIO(await answer.read())) as file:
            channels, frames = file.getnchannels(), file.readframes(file.getnframes())
    sound = np.frombuffer(frames, "<i2").reshape(-1, channels)
    return line, [sound[:, channel].tobytes() for channel in range(channels)]


async def get(floor, path):
    async with floor.ari.get(floor.center.api_url + path) as answer:
        return answer.status, await answer.json(content_type=None)


def lacking(record, made, sound):
    """Seconds that a file lacks of its talk, while Asterisk stood still: what comes later is so
    much nearer to the beginning. It began with the talk, and lacks no more than a complete one."""
    [began] = [each["started"] for each in record["parties"] if each["name"] == "mai"][:1]
    assert began <= made["started"] + 0.01
    lacks = record["ended"] - made["started"] - tones.seconds(sound)
    assert -CLOSE_SECONDS <= lacks <= LATE_SECONDS
    return max(0.0, lacks)


def of_kind(record, kind):
    [made] = [made for made in record["recordings"] if made["kind"] == kind]
    return made


async def test_a_card_is_silence_of_its_length_and_the_time_line_stays(floor):
    calling, answered = await floor.talk()
    began = await speak(calling, answered, CALLERS_TONE)
    first_ended = time.time()
    await order(floor, "record/pause")
    await speak(calling, answered, CARDS_TONE)
    calling.stop_tone()
    await until(lambda: time.time() - first_ended > PAUSE_SECONDS + 0.3)  # nobody ends it
    last_began = await speak(calling, answered, LAST_TONE)
    await calling.hang_up()

    record = await floor.record(calling)
    made = of_kind(record, "talk")
    assert made["complete"], made["problem"]
    [gap] = made["gaps"]
    assert gap["ended"] - gap["began"] == pytest.approx(PAUSE_SECONDS, abs=LATE_SECONDS)
    _, [sound] = await finished(floor, made["name"])
    assert not tones.find(sound, CARDS_TONE).is_heard
    close = CLOSE_SECONDS + lacking(record, made, sound)
    heard = tones.find(sound, CALLERS_TONE)
    assert heard.last == pytest.approx(gap["began"] - made["started"], abs=close)
    between = apart(sound, CALLERS_TONE, LAST_TONE)
    assert between == pytest.approx(last_began - began, abs=close)
    within = (gap["began"] + CLOSE_SECONDS, gap["ended"] - CLOSE_SECONDS)
    start, stop = (2 * round((at - made["started"]) * tones.RATE) for at in within)
    assert tones.level(sound[start:stop]) < tones.SILENCE_DBFS
    steps = [step["detail"] for step in record["steps"] if step["event"] == "recording"]
    assert [step.split()[0] for step in steps] == ["paused", "goes"]


async def test_each_side_is_alone_on_its_channel(floor):
    calling, answered = await floor.talk()
    answered.start_tone(AGENTS_TONE)
    await speak(calling, answered, CALLERS_TONE, 1)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 1)
    await answered.hang_up()

    record = await floor.record(calling)
    sides = [of_kind(record, kind)["name"] for kind in ("side_in", "side_out")]
    line, [left, right] = await finished(floor, sides[0])
    assert line["channels"] == 2
    assert tones.find(left, CALLERS_TONE).seconds > 0.8
    assert tones.find(right, AGENTS_TONE).seconds > 0.8
    assert not tones.find(left, AGENTS_TONE).is_heard
    assert not tones.find(right, CALLERS_TONE).is_heard


async def test_the_file_goes_on_while_the_caller_waits_for_an_agent_who_consults(floor):
    calling, answered = await floor.talk()
    john = await floor.agent("john", "3002")
    began = await speak(calling, answered, CALLERS_TONE)
    calling.stop_tone()
    await order(floor, "consult", to={"agent": "john"})
    consulted = await john.next_call(PATIENCE)
    await consulted.answer()
    await speak(consulted, answered, THIRD_TONE)
    await asyncio.sleep(5)  # longer than a recorder waits for sound
    await order(floor, "cancel")
    last_began = await speak(calling, answered, LAST_TONE)
    await calling.hang_up()

    record = await floor.record(calling)
    made = of_kind(record, "talk")
    assert (made["complete"], made["gaps"]) == (True, [])
    _, [sound] = await finished(floor, made["name"])
    close = CLOSE_SECONDS + lacking(record, made, sound)
    between = apart(sound, CALLERS_TONE, LAST_TONE)
    assert between == pytest.approx(last_began - began, abs=close)
    assert not tones.find(sound, THIRD_TONE, purity=0.6).is_heard


async def test_a_full_disk_ends_the_recording_and_not_the_call(prepared, tmp_path, center_settings):
    limited = ("sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh")
    command = (*limited, *prepared.installation.asterisk)
    prepared = replace(prepared, installation=replace(prepared.installation, asterisk=command))
    async with (
        open_center(prepared, tmp_path, center_settings) as center,
        open_floor(center, faults_expected=True) as floor,
    ):
        calling, answered = await floor.talk()
        limit = resource.prlimit(center.asterisk.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(center.asterisk.pid, resource.RLIMIT_FSIZE, (96_000, limit[1]))
        await speak(calling, answered, CALLERS_TONE, 7)
        resource.prlimit(center.asterisk.pid, resource.RLIMIT_FSIZE, limit)
        await speak(answered, calling, AGENTS_TONE)
        await calling.hang_up()

        record = await floor.record(calling)
        made = of_kind(record, "talk")
        assert not made["complete"]
        assert 2 < made["seconds"] < seconds_of(record, "talk")
        _, [sound] = await finished(floor, made["name"])
        assert tones.find(sound, CALLERS_TONE).seconds > 1.5


async def test_what_asterisk_was_killed_over_is_playable_and_not_complete(lone):
    calling, answered = await lone.talk()
    await speak(calling, answered, CALLERS_TONE, 5)
    asterisk = lone.center.asterisk
    os.kill(asterisk.pid, signal.SIGKILL)
    await lone.center.kill_engine()
    await asterisk.stop()
    await asterisk.start()
    await lone.center.start_engine()

    record = await lone.record(calling)
    made = of_kind(record, "talk")
    assert not made["complete"]
    assert made["problem"]
    _, [sound] = await finished(lone, made["name"])
    assert tones.find(sound, CALLERS_TONE).seconds > 2
    assert tones.seconds(sound) == pytest.approx(made["seconds"], abs=0.1)


async def test_what_the_engine_was_killed_over_is_whole(lone):
    calling, answered = await lone.talk()
    await speak(calling, answered, CALLERS_TONE)
    await lone.center.kill_engine()
    await speak(calling, answered, CARDS_TONE)
    await lone.center.start_engine()
    await order(lone, "record/pause")
    await order(lone, "record/resume")
    await speak(calling, answered, LAST_TONE)
    await answered.hang_up()

    record = await lone.record(calling)
    made = of_kind(record, "talk")
    assert made["complete"], made["problem"]
    _, [sound] = await finished(lone, made["name"])
    for hz in (CALLERS_TONE, CARDS_TONE, LAST_TONE):
        assert tones.find(sound, hz).seconds > 0.4
    assert tones.seconds(sound) == pytest.approx(made["seconds"], abs=0.2)
