"""What callers really hear while they wait, and the message that one of them leaves."""

import asyncio
import time
from pathlib import Path

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, kinds_of, until

from engine.demo import tones
from engine.sounds import wav

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENGLISH, VIETNAMESE, TALKATIVE = "19002001", "19002002", "19002003"

FILES = {
    "queues.yaml": """
        queues:
          helpline:
            wrap_up: none
            announcements:
              at_entry: [connecting]
              first_seconds: 3
              every_seconds: 10
              comfort: [held]
              position: yes
              expected_wait: yes
            voicemail: {key: "2", seconds: 20}
          talkative: # it takes half a minute to say all this
            wrap_up: none
            announcements:
              at_entry: [engine_down, all_busy, engine_down, all_busy, engine_down, all_busy]
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [helpline, talkative], languages: [vi, en]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{ENGLISH}": {{queue: helpline, language: en}}
          "{VIETNAMESE}": {{queue: helpline, language: vi}}
          "{TALKATIVE}": {{queue: talkative, language: en}}
    """,
}


def said(record):
    """The announcements of a call: their prompts."""
    details = [step["detail"] for step in record["steps"] if step["event"] == "say"]
    return [detail.rpartition(" (")[0].split(", ") for detail in details]


async def told_and_music(floor, call, language, place):
    """All of an announcement was heard, a word that was lost when it came again; and then music."""
    for word in ("held", "place_is", f"number_{place}", "minutes"):
        await until(lambda word=word: floor.heard_prompt(call, word, language), 2 * PATIENCE)
    await until(lambda: floor.heard_music(call))


async def test_who_waits_hears_his_place_and_his_wait_in_his_language_between_music(floor):
    first, answered = await floor.talk(ENGLISH)
    english = await floor.dial(ENGLISH)
    vietnamese = await floor.dial(VIETNAMESE)

    await until(lambda: floor.heard_prompt(english, "connecting", "en"))
    await until(lambda: floor.heard_music(english))
    await asyncio.gather(
        told_and_music(floor, english, "en", 1), told_and_music(floor, vietnamese, "vi", 2)
    )

    await asyncio.gather(*(call.hang_up() for call in (english, vietnamese, first)))
    for call, language, place in ((english, "en", 1), (vietnamese, "vi", 2)):
        entry, due, *again = said(await floor.record(call))
        assert entry == ["connecting"]
        assert due[:3] == ["held", "place_is", f"number_{place}"]
        assert due[3].startswith("wait_")
        waits = [prompts[3] for prompts in (due, *again)]
        assert any(floor.heard_prompt(call, prompt, language) for prompt in waits)
    assert not floor.heard_prompt(vietnamese, "place_is", "en")
    assert await answered.wait_ended(PATIENCE)


async def test_an_announcement_stops_when_an_agent_answers(floor):
    calling = await floor.dial(TALKATIVE)
    calling.start_tone(CALLERS_TONE)
    await until(lambda: floor.heard_prompt(calling, "engine_down"))

    agent = await floor.agent("mai", "3001", answer_after=0)
    answered = await agent.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).is_heard)
    talking = time.monotonic() + 0.5  # what is on its way is heard until then
    await until(lambda: tones.seconds(calling.heard(since=talking)) > 2)

    heard = calling.heard(since=talking)
    assert tones.find(heard, AGENTS_TONE).seconds > 1
    assert tones.speech_seconds(heard, known_tones=[AGENTS_TONE]) < 1  # some packets get lost
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 1)
    await calling.hang_up()
    record = await floor.record(calling)
    assert kinds_of(record) == ["setup", "queue", "ring", "talk"]


async def test_a_caller_presses_a_key_and_leaves_a_message(floor):
    calling = await floor.dial(ENGLISH)
    await until(lambda: floor.heard_music(calling))

    await calling.press("2")
    await until(lambda: floor.heard_prompt(calling, "voicemail_greeting"))
    [live] = await floor.live(1)
    await until(lambda: floor.is_recorded(f"{live['call']}-m1"))
    calling.start_tone(CALLERS_TONE)
    await asyncio.sleep(2)  # his message
    await calling.press("#")
    await until(lambda: floor.heard_prompt(calling, "voicemail_thanks"))

    assert await calling.wait_ended(PATIENCE) == "hung up there"
    record = await floor.record(calling)
    assert record["outcome"] == "voicemail"
    assert [visit["outcome"] for visit in record["visits"]] == ["voicemail"]
    [message] = record["recordings"]
    assert (message["kind"], message["complete"]) == ("voicemail", True)
    spoken = wav.read(Path(message["path"])).tobytes()
    assert tones.find(spoken, CALLERS_TONE).seconds > 1
