"""A mailbox's beep, found in what is heard, and the time to speak to it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from engine.calls import notes as n
from engine.calls.beep import TimeToSpeak, until_beep
from engine.calls.call import Call
from engine.calls.record import Standing
from engine.calls.switchboard import Switchboard
from engine.clock import Clock
from engine.demo import tones
from engine.demo.rtp import from_mulaw, to_mulaw
from engine.ports import Refused
from engine.sounds.beeps import BeepFinder
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.virtual_time import in_virtual_time

PIECE = 320
CHANNEL = "1790000000.7"


def voice(seconds: float) -> bytes:
    """Somebody who says one long vowel: a tone of 140 Hz and all that is in it, as the telephone
    lets it through."""
    at = np.arange(round(seconds * tones.RATE)) / tones.RATE
    pitch = 140 + 5 * np.sin(2 * np.pi * 3 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / tones.RATE
    vowel = sum(np.sin(n * phase) / abs(n - 5.2) for n in range(3, 24))
    return bytes(np.rint(vowel / np.max(np.abs(vowel)) * 16000).astype("<i2"))


def room(seconds: float, dbfs: float = -60.0) -> bytes:
    """Noise, the same each time."""
    amplitude = 32768 * 10 ** (dbfs / 20)
    noise = np.random.default_rng(1).standard_normal(round(seconds * tones.RATE)) * amplitude
    return bytes(np.rint(noise).astype("<i2"))


def beep(hz: float, seconds: float, dbfs: float = -15.0) -> bytes:
    return tones.sine(hz, round(seconds * tones.RATE), dbfs=dbfs)


def listen(*parts: bytes) -> tuple[BeepFinder, float | None]:
    """What was found in it as the telephone carries it, and after how many seconds."""
    finder, heard = BeepFinder(), from_mulaw(to_mulaw(b"".join(parts)))
    for begin in range(0, len(heard), PIECE):
        finder.feed(heard[begin : begin + PIECE])
        if finder.beeped:
            return finder, (begin + PIECE) / 2 / tones.RATE
    return finder, None


@pytest.mark.parametrize("hz", [400.0, 440.0, 620.0, 1000.0, 1400.0, 2000.0, 2150.0])
@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0])
def test_a_mailbox_beeps_at_any_pitch_and_it_is_time_to_speak(hz: float, seconds: float) -> None:
    _, found = listen(voice(1.0), room(0.7), beep(hz, seconds), room(1.0))
    assert found == pytest.approx(1.7 + seconds, abs=0.06)


def test_a_soft_beep_is_a_beep() -> None:
    assert listen(room(0.5, -75.0), beep(1000, 0.4, dbfs=-36), room(0.5, -75.0))[1]


@pytest.mark.parametrize(
    "heard",
    [
        voice(3.0),
        room(3.0, -20.0),
        beep(1000, 0.1),
        beep(1000, 0.4, dbfs=-44),
        beep(200, 1.0),
        beep(3000, 1.0),
        b"".join(beep(700 + 30 * step, 0.02) for step in range(40)),
    ],
    ids=["voice", "noise", "click", "nearly silent", "hum", "whistle", "siren"],
)
def test_what_is_no_beep_is_not_taken_for_one(heard: bytes) -> None:
    assert listen(room(0.4), heard, room(0.4))[1] is None


def test_a_beep_that_goes_on_is_not_over() -> None:
    finder, found = listen(beep(1000, 5.0))
    assert found is None
    assert finder.silent_seconds == 0


def test_it_does_not_matter_in_which_pieces_it_is_heard() -> None:
    heard, finder = room(0.3) + beep(800, 0.3) + room(0.2), BeepFinder()
    for begin in range(0, len(heard), 114):
        finder.feed(heard[begin : begin + 114])
    assert finder.beeped
    assert finder.silent_seconds == pytest.approx(0.2, abs=0.03)


async def speak_to(said: bytes, *, deaf: bool = False) -> tuple[TimeToSpeak, FakePbx]:
    """What comes of listening to a mailbox that says this, at the pace of speech."""
    pbx = FakePbx(lambda: asyncio.get_running_loop().time())
    pbx.phones["trunk"] = Phone()
    pbx.arrive(CHANNEL, "1900")
    if deaf:
        pbx.faults["hear"] = Refused("no more bridges")
    clock = SimpleNamespace(
        now=lambda: asyncio.get_running_loop().time(), loop_time=lambda until: until
    )
    standing = Standing(CHANNEL)
    standing.take(n.Arrived(0.0, CHANNEL, "inbound", "1900", "0901234567"))
    call = Call(standing, cast(Clock, clock), lambda contact, note: None)
    pbx.deliver = call.deliver
    async with asyncio.TaskGroup() as tasks:
        found = tasks.create_task(until_beep(call, cast(Switchboard, SimpleNamespace(pbx=pbx))))
        for begin in range(0, len(said), PIECE):
            await asyncio.sleep(0.02)
            pbx.say(CHANNEL, said[begin : begin + PIECE])
    assert not pbx.bridges, "it listens on"
    return found.result(), pbx


@in_virtual_time
async def test_a_message_is_spoken_after_the_beep_or_to_a_mailbox_that_is_silent_for_long() -> None:
    greeting = voice(2.0) + room(3.0) + voice(1.0)
    assert (await speak_to(greeting + beep(440, 0.5) + room(1.0)))[0] is TimeToSpeak.BEEP
    assert (await speak_to(greeting + room(5.0)))[0] is TimeToSpeak.SILENCE


@in_virtual_time
async def test_a_machine_that_talks_on_or_sends_nothing_is_spoken_to_after_a_while() -> None:
    assert (await speak_to(voice(50.0)))[0] is TimeToSpeak.TIMEOUT
    assert (await speak_to(b""))[0] is TimeToSpeak.TIMEOUT


@in_virtual_time
async def test_the_dialplan_waits_for_silence_when_the_engine_cannot_listen() -> None:
    found, pbx = await speak_to(b"", deaf=True)
    assert ("hand_over", CHANNEL, "answered-by", "beep") in pbx.commands
    assert found is TimeToSpeak.SILENCE
