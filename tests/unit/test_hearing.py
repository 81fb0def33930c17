"""A caller's voice from the switch to the mailbox of his call, with a recogniser that obeys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.flows.hearing import CallEars, Hearing
from engine.calls.mail import SpeechHeard, SpeechLost, SpeechStarted
from engine.calls.names import call_of, kind_of
from engine.calls.record import Standing
from engine.ports import Down
from engine.speech.recogniser import Heard
from engine.speech.vad import FRAME_BYTES
from tests.unit.fake_pbx import FakePbx

CHANNEL = "1790000000.7"
VOICE, SILENCE = b"\1" * FRAME_BYTES, bytes(FRAME_BYTES)
SENTENCE = VOICE * 20 + SILENCE * 25
MENU = ("sales", "support")


class Recogniser:
    """Understands whatever it is told to, when it is told to."""

    def __init__(self) -> None:
        self.understands: Heard | None = Heard("sales", 0.9, "Sales.")
        self.languages = {"en"}
        self.asked: list[tuple[bytes, tuple[str, ...], str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def can(self, language: str) -> bool:
        """Whether there is a model."""
        return language in self.languages

    async def recognise(self, pcm: bytes, phrases: Sequence[str], language: str) -> Heard | None:
        """As told."""
        self.asked.append((pcm, tuple(phrases), language))
        await self.may_answer.wait()
        return self.understands


class Caller:
    """A call with ears, and the switch that it is on."""

    def __init__(self) -> None:
        self.pbx = FakePbx(lambda: 1_790_000_000.0)
        self.pbx.arrive(CHANNEL, "1900")
        clock = SimpleNamespace(
            now=lambda: 1_790_000_000.0,
            loop_time=lambda until: asyncio.get_running_loop().time() + 2.0,
        )
        standing = Standing(CHANNEL)
        standing.take(n.Arrived(1_790_000_000.0, CHANNEL, "inbound", "1900", "0901234567"))
        self.call = Call(standing, clock, lambda call, note: None)
        self.recogniser = Recogniser()
        hearing = Hearing(self.pbx, self.recogniser, lambda: lambda frame: frame == VOICE)
        self.ears: CallEars = hearing.open(self.call)

    async def listened(self) -> None:
        """Until somebody listens at the switch."""
        for _ in range(10):
            await asyncio.sleep(0)
        assert self.pbx.bridges

    async def says(self, pcm: bytes) -> None:
        """He speaks, and it has been taken in."""
        await self.listened()
        self.pbx.say(CHANNEL, pcm)
        for _ in range(10):
            await asyncio.sleep(0)

    async def told(self) -> object:
        """What comes into the mailbox next; None when nothing does."""
        return await self.call.receive(1.0)

    def mail(self) -> list[object]:
        """All that is in the mailbox."""
        return list(self.call._mail)


@pytest.fixture
async def caller():
    caller = Caller()
    yield caller
    await caller.ears.close()
    assert caller.pbx.bridges == {}, "what listened to him is left at the switch"


async def test_a_caller_says_a_phrase_and_the_flow_is_told_that_he_speaks_and_then_what(caller):
    await caller.ears.listen(MENU, "en")

    await caller.says(SENTENCE)

    assert await caller.told() == SpeechStarted()
    assert await caller.told() == SpeechHeard("sales", 0.9, "Sales.")
    [(pcm, phrases, language)] = caller.recogniser.asked
    assert VOICE * 20 in pcm
    assert (phrases, language) == (MENU, "en")


async def test_nothing_is_taken_at_the_switch_before_a_flow_listens(caller):
    assert caller.pbx.commands == []


async def test_the_channels_stay_for_the_next_menu_and_what_he_says_between_is_not_heard(caller):
    await caller.ears.listen(MENU, "en")
    await caller.listened()
    await caller.ears.stop()
    await caller.says(SENTENCE)
    await caller.ears.listen(("yes", "no"), "en")
    await caller.says(SENTENCE)

    assert [phrases for _, phrases, _ in caller.recogniser.asked] == [("yes", "no")]
    assert [command for command, *_ in caller.pbx.commands] == ["hear"]


async def test_an_answer_that_came_as_a_key_was_pressed_is_no_answer_to_the_next_menu(caller):
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)
    await caller.ears.stop()

    assert caller.mail() == []


async def test_an_answer_that_comes_after_the_flow_went_on_is_thrown_away(caller):
    caller.recogniser.may_answer.clear()
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)
    assert await caller.told() == SpeechStarted()
    await caller.ears.stop()
    await caller.ears.listen(("yes", "no"), "en")

    caller.recogniser.may_answer.set()
    await caller.says(SILENCE)

    assert caller.mail() == []


async def test_a_caller_is_heard_on_while_what_he_said_is_still_being_recognised(caller):
    caller.recogniser.may_answer.clear()
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)
    await caller.says(SENTENCE)

    assert caller.mail() == [SpeechStarted(), SpeechStarted()]
    assert len(caller.recogniser.asked) == 2
    caller.recogniser.may_answer.set()


async def test_a_language_without_a_model_is_keys_only_at_once(caller):
    await caller.ears.listen(MENU, "vi")

    assert caller.mail() == [SpeechLost()]
    assert caller.pbx.commands == []


async def test_with_too_many_speaking_the_caller_is_told_off_to_his_keys_once(caller):
    caller.recogniser.understands = None
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)
    await caller.says(SENTENCE)

    assert caller.mail() == [SpeechStarted(), SpeechLost()]


async def test_a_switch_that_gives_no_audio_leaves_the_keys_and_is_asked_again_later(caller):
    caller.pbx.faults["hear"] = Down("no media connection")
    await caller.ears.listen(MENU, "en")
    assert await caller.told() == SpeechLost()

    del caller.pbx.faults["hear"]
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)

    assert await caller.told() == SpeechStarted()


async def test_audio_is_put_together_however_it_was_cut(caller):
    await caller.ears.listen(MENU, "en")
    for start in range(0, len(SENTENCE), 77):
        await caller.says(SENTENCE[start : start + 77])

    assert caller.mail() == [SpeechStarted(), SpeechHeard("sales", 0.9, "Sales.")]


async def test_closing_twice_or_before_anything_was_heard_is_no_error(caller):
    await caller.ears.close()
    await caller.ears.listen(MENU, "en")
    await caller.ears.close()
    await caller.ears.close()


async def test_who_waits_or_talks_for_long_is_not_listened_to_until_the_next_menu(caller):
    await caller.ears.listen(MENU, "en")
    await caller.listened()
    await caller.ears.stop()
    await caller.says(SENTENCE * 12)

    assert caller.pbx.bridges == {}
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)
    assert caller.mail() == [SpeechStarted(), SpeechHeard("sales", 0.9, "Sales.")]
    assert [command for command, *_ in caller.pbx.commands] == ["hear", "hear"]


async def test_a_fault_in_recognising_leaves_the_caller_his_keys(caller):
    caller.recogniser.asked = None  # which breaks it
    await caller.ears.listen(MENU, "en")
    await caller.says(SENTENCE)

    assert caller.mail() == [SpeechStarted(), SpeechLost()]


def test_what_listens_is_of_its_call_and_no_leg():
    assert kind_of(f"{CHANNEL}-e12345678.1") == kind_of(f"{CHANNEL}-e12345678.1.2") == "e"
    assert call_of(f"{CHANNEL}-e12345678.1.2") == CHANNEL
    assert kind_of(f"{CHANNEL}-a3") == "a"
    assert kind_of(CHANNEL) == ""
