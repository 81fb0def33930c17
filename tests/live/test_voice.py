"""Callers who speak instead of pressing keys: a human's words from a softphone, through Asterisk
and a worker process, into a flow."""

import contextlib
import re
import time
from pathlib import Path

import pytest
import pytest_asyncio
from center import until
from live_site import usual_site

from bench.human_words import pcm_of
from engine.demo import tones
from engine.speech.models import brought_along, not_installed

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        bool(not_installed("whisper")) or brought_along("whisper") is None,
        reason="the extra `speech` is not installed",
    ),
]

VOICE = "19002000"
FLOW = """\
flow: voice
language: en
start: menu
nodes:
  menu:
    type: menu
    prompts: [all_busy, all_busy, all_busy]
    keys:
      "1": {to: hours_said, phrases: {en: hours}}
      "2": {to: number_said, phrases: {en: [number, a number]}}
      "3": {to: location_said, phrases: {en: location}}
      "4": {to: menu, phrases: {en: extension}}
    attempts: 3
    timeout_seconds: 4
    noinput: over
    nomatch: over
  hours_said: {type: say, prompts: logged_in, next: over}
  number_said: {type: say, prompts: logged_out, next: over}
  location_said: {type: say, prompts: paused, next: over}
  over: {type: hangup, prompts: goodbye}
"""
SILENCE = bytes(2 * 8000)


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The site of the tests with one more number, whose menu may be spoken to."""
    routes = f'numbers:\n  "{VOICE}": {{flow: voice, language: en}}\n'
    files = {"flows/voice.yaml": FLOW, "routes/voice.yaml": routes}
    return usual_site(tmp_path_factory.mktemp("site"), files) | {"TONGDAI_SPEECH": "whisper"}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def worker(center):
    """The worker has its model."""
    await until(lambda: "speech_ready" in center.console.read_text(), patience=60)


async def speaking(floor, *files, press=""):
    """A caller who speaks into the first prompt, word after word, and the record of his call."""
    calling = await floor.dial(VOICE)
    await until(lambda: tones.speech_seconds(calling.heard()) > 0.5)
    for file in files:
        calling.say(pcm_of(file) + SILENCE)
    if press:
        said = time.monotonic()
        await until(lambda: floor.heard_prompt(calling, "all_busy", since=said), 30)  # again
        await calling.press(press)
    assert await calling.wait_ended(60) == "hung up there"
    return calling, await floor.record(calling)


@pytest.mark.parametrize(
    ("word", "prompt"), [("hours", "logged_in"), ("number", "logged_out"), ("location", "paused")]
)
async def test_a_caller_says_a_choice_into_the_prompt_which_stops_and_he_is_led_there(
    floor, word, prompt
):
    calling, record = await speaking(floor, word)

    assert floor.heard_prompt(calling, prompt)
    assert floor.heard_prompt(calling, "goodbye")
    assert tones.speech_seconds(calling.heard()) < 8, "the prompt went on while he spoke"
    assert record["outcome"] == "self_served"
    [said] = [step["detail"] for step in record["steps"] if step["event"] == "speech"]
    assert said.startswith(f"{word}: ok")


async def test_what_is_no_choice_is_asked_again_and_keys_still_work(floor):
    calling, record = await speaking(floor, "digits/yesterday", press="1")

    assert floor.heard_prompt(calling, "logged_in")
    assert "nomatch" in str(record["steps"])


async def test_the_audio_of_a_caller_who_hangs_up_leaves_nothing_at_the_switch(floor):
    calling = await floor.dial(VOICE)
    await until(lambda: tones.speech_seconds(calling.heard()) > 0.3)
    await until(lambda: so_many_channels(floor, 3))  # his, what snoops on it, what sends the audio

    await calling.hang_up()

    await floor.record(calling)
    await until(lambda: not_one(floor))


async def so_many_channels(floor, count):
    """Whether the switch has so many."""
    return len((await floor.asterisk("channels"))[1]) == count


async def not_one(floor):
    """Whether nothing is left at the switch."""
    return not (await floor.asterisk("channels"))[1] and not (await floor.asterisk("bridges"))[1]


async def test_after_a_crash_nothing_listens_for_the_dead_engine(floor):
    center = floor.center
    calling = await floor.dial(VOICE)
    await until(lambda: tones.speech_seconds(calling.heard()) > 0.3)
    assert workers_of(center)

    await center.kill_engine()
    await until(lambda: not workers_of(center))
    await center.start_engine()

    def taken_away():
        return re.search(r"stray.*-e[0-9.]+", center.console.read_text())

    await until(taken_away)
    assert calling.state == "up"
    await calling.hang_up()
    await floor.record(calling)


def workers_of(center):
    """The workers of this center's engine; others may run beside it."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            works = b"engine.speech.worker" in (process / "cmdline").read_bytes()
            if works and str(center.state_dir).encode() in (process / "environ").read_bytes():
                found.add(process.name)
    return found
