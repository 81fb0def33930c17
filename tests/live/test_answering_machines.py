"""Who has answered: told by a real Asterisk of recordings that it hears as RTP."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from center import until

from bench.called_numbers import CalledNumbers
from bench.greetings import recordings
from bench.listening import dialplan, for_a_beep, listening
from engine.asterisk.witness import Witness
from engine.calls.beep import TimeToSpeak
from engine.ports import AnsweredBy, LegAnswered, LegGone

LEG = "c-1-c1"
PERSON_EN, PERSON_VI = "person-en-5.0", "person-vi-4.0"
BEEPING = "machine-vi-7.0"
MACHINE_EN = "machine-en-3.0"
SILENT = "silence-60"
"""Listened to for longest: three seconds and a half."""
TRIES = 2
"""A machine that stands still while it beeps tears the beep apart; not twice."""
WHO = {  # each known well before AMD() runs out of time, however busy the machine is
    PERSON_EN: "HUMAN",
    PERSON_VI: "HUMAN",
    "company-vi-1.0": "HUMAN",
    "late-vi-0.0": "HUMAN",
    BEEPING: "MACHINE",
    "music-0": "MACHINE",
    SILENT: "SILENCE",
    "fax-answers-a": "FAX",
    "fax-calls-a": "FAX",
    "sit-vacant": "SIT",
}


@pytest.fixture(scope="module")
def made(prepared):
    """The recordings of this test, by name."""
    return {
        each.name: each for each in recordings(prepared.installation, wanted={*WHO, MACHINE_EN})
    }


@asynccontextmanager
async def called(folder, prepared, *answers, refused=None):
    """A switch whose trunk leads to these recordings."""
    numbers = CalledNumbers(answers, refused)
    async with listening(folder, prepared.installation, numbers) as listener:
        yield listener, numbers


async def test_each_who_answers_is_told_for_what_he_is(tmp_path, prepared, made):
    answers = [made[name] for name in WHO]
    async with called(tmp_path, prepared, *answers) as (listener, _):
        found = await listener.call_all(answers, dialplan("answered-by", "s"))
    assert {each.recording.name: each.status for each in found} == WHO


async def test_a_person_waits_since_the_end_of_his_greeting(tmp_path, prepared, made):
    async with called(tmp_path, prepared, made[PERSON_VI]) as (listener, _):
        await listener.dial(LEG, 0)
        answered = await listener.until(LEG, LegAnswered)
        await listener.pbx.hand_over(LEG, "answered-by", "s")
        who = await listener.until(LEG, AnsweredBy)
        assert answered.at < who.waits_since < who.at
        await listener.pbx.hang_up(LEG)
        await listener.until(LEG, LegGone)


async def test_a_message_would_begin_when_the_mailbox_has_beeped(tmp_path, prepared, made):
    mailbox = made[BEEPING]
    async with called(tmp_path, prepared, mailbox) as (listener, _):
        for _ in range(TRIES):
            (found,) = await listener.call_all([mailbox], for_a_beep)
            if found.status == TimeToSpeak.BEEP:
                break
    assert found.status == TimeToSpeak.BEEP
    assert found.seconds > mailbox.beep.begin - 0.5  # the answer is told a moment later


async def test_an_announcement_before_the_answer_is_no_answer(tmp_path, prepared, made):
    spoken = replace(made[MACHINE_EN], spoken_until=1.5)
    refused = {0: "404 Not Found", 1: "480 Temporarily Unavailable"}
    async with called(tmp_path, prepared, spoken, spoken, refused=refused) as (listener, _):
        for place, ended in enumerate([(1, 404), (19, 480)]):
            leg = f"{LEG}{place}"
            await listener.dial(leg, place)
            first = await listener.until(leg, LegAnswered, LegGone)
            assert isinstance(first, LegGone)
            assert (first.cause, first.tech_cause) == ended


async def test_who_hangs_up_while_we_listen_is_gone(tmp_path, prepared, made):
    async with called(tmp_path, prepared, made[SILENT]) as (listener, numbers):
        await listener.dial(LEG, 0)
        await listener.until(LEG, LegAnswered)
        await listener.pbx.hand_over(LEG, "answered-by", "s")
        await asyncio.sleep(0.5)  # he has heard enough of our silence
        numbers.hang_up(0)
        first = await listener.until(LEG, AnsweredBy, LegGone)
        assert isinstance(first, LegGone)
        assert first.cause == 16


async def test_nobody_is_kept_in_silence_when_the_engine_dies_while_we_listen(
    tmp_path, prepared, made
):
    async with called(tmp_path, prepared, made[PERSON_EN]) as (listener, numbers):
        await listener.dial(LEG, 0)
        await listener.until(LEG, LegAnswered)
        await listener.pbx.hand_over(LEG, "answered-by", "s")
        listener.running.cancel()
        await asyncio.wait_for(numbers.mouths[0].ended.wait(), 30)
        [file] = tmp_path.rglob("cel-custom/*.csv")
        end = await until(lambda: Witness(file).end_of(LEG))  # it is written a moment later
        assert end.answered_by.status == "HUMAN"
        assert end.answered < end.answered_by.waits_since < end.at - 3
