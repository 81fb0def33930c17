"""What a flow sends its caller on, for real: transfers, conferences, messages, and a recording
that is paused while he types."""

import asyncio
import time
from pathlib import Path

import pytest
import pytest_asyncio
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, kinds_of, until
from listening import heard_none

from engine.demo import tones
from engine.sounds import wav

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS_THE_CARRIER = True

PUT, ANNOUNCED, DESK, ROOM, MESSAGE, CARD = (f"190060{n:02d}" for n in range(6))
OTHER, OWN = "+842873000001", "19006000"
TONES = {"ana": 440.0, "bo": 620.0, "cy": 830.0}
SECRET_TONE = 1040.0
MESSAGE_SECONDS = 3.0
"""For which he speaks, the beep before it included."""

_BYE = """
          bye: {type: hangup, prompts: goodbye}
          sorry: {type: hangup, prompts: all_busy}"""
_TRANSFER_EXITS = """
            answered: bye
            busy: sorry
            noanswer: sorry
            congestion: sorry
            rejected: sorry
            failed: sorry"""
FILES = {
    "queues.yaml": """
        queues:
          inbox: {wrap_up: none}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [inbox]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{PUT}": {{flow: put, language: en}}
          "{ANNOUNCED}": {{flow: announced, language: en}}
          "{DESK}": {{flow: desk, language: en}}
          "{ROOM}": {{flow: room, language: en}}
          "{MESSAGE}": {{flow: message, language: en}}
          "{CARD}": {{flow: card, language: en}}
        outbound:
          caller_id: "{OWN}"
          trunk: trunk
          numbers:
            "+84.": {{}}
          trunks:
            trunk: {{dial_as: national}}
    """,
    "flows/put.yaml": f"""
        flow: put
        start: put
        nodes:
          put:
            type: transfer
            number: "{OTHER}"
            ring_seconds: 4{_TRANSFER_EXITS}{_BYE}
    """,
    "flows/announced.yaml": f"""
        flow: announced
        start: put
        nodes:
          put:
            type: transfer
            number: "{OTHER}"
            whisper: held
            accept_key: "1"{_TRANSFER_EXITS}{_BYE}
    """,
    "flows/desk.yaml": f"""
        flow: desk
        start: put
        nodes:
          put:
            type: transfer
            agent: mai
            most_seconds: 4{_TRANSFER_EXITS}
            max_time: bye{_BYE}
    """,
    "flows/room.yaml": f"""
        flow: room
        start: room
        nodes:
          room: {{type: conference, room: weekly, record: yes, left: bye, full: sorry}}{_BYE}
    """,
    "flows/message.yaml": f"""
        flow: message
        start: speak
        nodes:
          speak:
            type: voicemail
            queue: inbox
            prompts: connecting
            silence_seconds: 2
            review: yes
            saved: bye
            deleted: sorry{_BYE}
    """,
    "flows/card.yaml": f"""
        flow: card
        start: begin
        nodes:
          begin: {{type: record, do: start, next: tell}}
          tell: {{type: say, prompts: [connecting, held], next: hide}}
          hide: {{type: record, do: pause, next: card}}
          card:
            type: gather
            prompts: enter_pin
            variable: card
            secret: yes
            min_digits: 4
            max_digits: 4
            ok: show
            noinput: show
            invalid: show
          show: {{type: record, do: resume, next: thank}}
          thank: {{type: say, prompts: [connecting, held], next: bye}}{_BYE}
    """,
}


@pytest_asyncio.fixture(loop_scope="module")
async def ear(carrier):
    """The ear and mouth of who is called next."""
    async with carrier.heard(AGENTS_TONE) as party:
        yield party


def exit_of(record, node):
    """By which the caller went on from a node of his flow."""
    return next(visit["exit"] for visit in record["nodes"] if visit["node"] == node)


def file_of(made):
    """The sound in a recording."""
    return wav.read(Path(made["path"])).tobytes()


async def finished_sound(floor, call, made):
    """The sound of a recording with pauses: after its call another file is made of it."""

    async def finished():
        file = await floor.center.get(f"/v1/recordings/{made['name']}")
        return file["state"] == "finished"

    await until(finished)
    record = await floor.center.get(f"/v1/records/{call}")
    return file_of(record["recordings"][0])


async def test_a_caller_and_who_is_called_hear_each_other_until_one_hangs_up(floor, carrier, ear):
    calling = await floor.dial(PUT)
    called = await carrier.next()
    called.ring()
    await until(lambda: tones.find(calling.heard(), 440).seconds > 0.3)  # the ringing tone
    await called.answer()
    calling.start_tone(CALLERS_TONE)
    since = time.monotonic()
    await until(lambda: tones.find(calling.heard(since), AGENTS_TONE).seconds > 0.5)
    await until(lambda: tones.find(ear.heard(), CALLERS_TONE).seconds > 0.5)
    called.hang_up()
    await calling.wait_ended()
    record = await floor.record(calling)
    assert (exit_of(record, "put"), record["outcome"]) == ("answered", "forwarded")
    assert called.caller_id == OWN
    assert "forwarded" in kinds_of(record)


@pytest.mark.parametrize(
    ("status", "by"),
    [
        ("486 Busy Here", "busy"),
        ("603 Decline", "rejected"),
        ("503 Service Unavailable", "congestion"),
        ("404 Not Found", "failed"),
        ("", "noanswer"),
    ],
)
async def test_a_caller_who_does_not_get_through_hears_so(floor, carrier, status, by):
    calling = await floor.dial(PUT)
    called = await carrier.next()
    called.ring()
    if status:
        called.refuse(status)
    else:
        await called.until_ended()
        assert called.cancelled
    await calling.wait_ended()
    assert floor.heard_prompt(calling, "all_busy")
    assert exit_of(await floor.record(calling), "put") == by


async def test_who_is_called_hears_a_word_first_and_accepts_with_a_key(floor, carrier, ear):
    calling = await floor.dial(ANNOUNCED)
    calling.start_tone(CALLERS_TONE)
    called = await carrier.next()
    called.ring()
    await called.answer()
    await until(lambda: tones.seconds(ear.heard()) > 0.8)  # what is said to him alone
    assert not tones.find(ear.heard(), CALLERS_TONE).is_heard
    assert not tones.find(calling.heard(), AGENTS_TONE).is_heard
    ear.press("1")
    await until(lambda: tones.find(ear.heard(), CALLERS_TONE).seconds > 0.5)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 0.5)
    await calling.hang_up()
    await called.until_ended()
    record = await floor.record(calling)
    assert (record["outcome"], record["ended_by"]) == ("forwarded", "caller")


async def test_an_agent_who_is_called_is_busy_and_the_longest_time_ends_it(floor):
    phone = await floor.agent("mai", "3001", answer_after=0.5)
    calling = await floor.dial(DESK)
    answered = await phone.next_call(PATIENCE)
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 0.5)
    assert (await floor.seen("mai"))["state"] == "talking"
    await answered.wait_ended()
    await floor.until_state("mai", "ready")
    await calling.wait_ended()
    assert floor.heard_prompt(calling, "goodbye")
    assert exit_of(await floor.record(calling), "put") == "max_time"


async def test_three_in_a_room_hear_the_others_and_not_themselves(floor):
    calls = {}
    for name in TONES:
        calls[name] = await floor.dial(ROOM)
        if name == "ana":
            await until(lambda: floor.heard_music(calls["ana"]))
        calls[name].start_tone(TONES[name])
    for name, call in calls.items():
        since = time.monotonic() + 0.5
        others = [hz for other, hz in TONES.items() if other != name]
        for hz in others:
            await until(
                lambda call=call, hz=hz, since=since: (
                    tones.find(call.heard(since), hz, purity=0.15).seconds > 0.3
                )
            )
        assert not tones.find(call.heard(since), TONES[name]).is_heard
    [room] = await floor.center.get("/v1/conferences")
    assert (room["room"], len(room["members"])) == ("weekly", 3)

    cy = room["members"][2]["call"]
    assert (await floor.center.post("/v1/conferences/weekly/mute", call=cy))[0] == 202
    since = time.monotonic()
    await until(lambda: heard_none(calls["ana"], [TONES["cy"]], since))
    since = time.monotonic()
    await until(lambda: tones.find(calls["ana"].heard(since), TONES["bo"]).seconds > 0.5)
    assert (await floor.center.post("/v1/conferences/weekly/kick", call=cy))[0] == 202
    await calls["cy"].wait_ended()
    assert floor.heard_prompt(calls["cy"], "goodbye")

    await calls["bo"].press("#")
    await calls["bo"].wait_ended()
    await until(lambda: floor.heard_music(calls["ana"]))
    await calls["ana"].hang_up()
    record = await floor.record(calls["ana"])
    [made] = record["recordings"]
    assert (made["kind"], made["complete"]) == ("conference", True)
    sound = await finished_sound(floor, record["call"], made)  # without ana's time alone
    for hz in TONES.values():
        assert tones.find(sound, hz, purity=0.15).seconds > 0.3
    assert await floor.center.get("/v1/conferences") == []


async def test_a_message_is_ended_by_a_silence_heard_spoken_again_and_kept(floor):
    calling = await floor.dial(MESSAGE)
    await until(lambda: floor.heard_prompt(calling, "connecting"))
    [live] = await floor.live(1)
    await until(lambda: floor.is_recorded(f"{live['call']}-m1"))
    calling.start_tone(TONES["ana"])
    await asyncio.sleep(MESSAGE_SECONDS)
    calling.stop_tone()
    await until(lambda: floor.heard_prompt(calling, "voicemail_review"))
    since = time.monotonic()
    await calling.press("2")
    await until(lambda: tones.find(calling.heard(since), TONES["ana"]).seconds > 1.5)
    since = time.monotonic()
    await calling.press("3")
    await until(lambda: floor.is_recorded(f"{live['call']}-m2"))
    calling.start_tone(TONES["bo"])
    await asyncio.sleep(MESSAGE_SECONDS)
    await calling.press("#")
    calling.stop_tone()
    await until(lambda: floor.heard_prompt(calling, "voicemail_review", since=since))
    await calling.press("5")
    await calling.wait_ended()
    assert floor.heard_prompt(calling, "voicemail_thanks")
    record = await floor.record(calling)
    [made] = record["recordings"]
    assert (made["kind"], made["name"]) == ("voicemail", f"{live['call']}-m2")
    assert tones.find(file_of(made), TONES["bo"]).seconds > 1.0
    assert not tones.find(file_of(made), TONES["ana"]).is_heard
    assert not Path(made["path"]).with_name(f"{live['call']}-m1.wav").exists()
    assert {tag["name"]: tag["value"] for tag in record["tags"]} == {"urgent_message": made["name"]}


async def test_nothing_of_what_a_caller_says_and_types_in_a_pause_is_recorded(floor):
    calling = await floor.dial(CARD)
    calling.start_tone(CALLERS_TONE)
    await until(lambda: floor.heard_prompt(calling, "enter_pin"))
    calling.start_tone(SECRET_TONE)
    await asyncio.sleep(0.5)
    since = time.monotonic()
    await calling.press("471")
    calling.stop_tone()
    await asyncio.sleep(0.5)
    await calling.press("1")
    calling.start_tone(CALLERS_TONE)
    await calling.wait_ended(20)
    assert floor.heard_prompt(calling, "goodbye", since=since)
    record = await floor.record(calling)
    [made] = record["recordings"]
    assert (made["kind"], made["complete"]) == ("call", True)
    sound = await finished_sound(floor, record["call"], made)
    assert tones.find(sound, CALLERS_TONE).seconds > 1.0
    assert not tones.find(sound, SECRET_TONE, purity=0.1).is_heard
    assert "4711" not in str(record)
