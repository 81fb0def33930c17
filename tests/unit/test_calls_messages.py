"""What callers speak into recordings of their own, by a flow: messages, reviewed, and answers; and
the callbacks that a flow agrees on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from acd.queues import MailboxSettings
from engine.call_record import SURVEY, VOICEMAIL, CallOutcome, CallRecord
from engine.calls.errands.review_dialog import (
    ATTEMPTS,
    FIRST_KEY_SECONDS,
    Ask,
    Listen,
    ReviewDialog,
    Verdict,
)
from engine.calls.recording import Recorder
from engine.ports import Gone
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import MENU, SmallCenter, Truth, opened
from tests.unit.test_calls_conference import come_back
from tests.unit.test_calls_flow import CALLER, over, said, site_with
from tests.unit.virtual_time import in_virtual_time

MESSAGE = f"{CALLER}-m1"
REVIEWED = 5.0
"""When he has heard the greeting and has spoken, and is asked what is to become of it."""


# -- the dialog ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("1", Verdict.KEEP), ("3", Verdict.AGAIN), ("4", Verdict.DELETE), ("5", Verdict.URGENT)],
)
def test_each_key_is_what_becomes_of_the_message(key: str, verdict: Verdict) -> None:
    dialog = ReviewDialog()
    assert dialog.begin(0.0) == Ask()
    assert dialog.pressed(key, 1.0) is verdict


def test_a_message_is_heard_as_often_as_he_likes_and_he_is_asked_after_it() -> None:
    dialog = ReviewDialog()
    dialog.begin(0.0)
    for turn in range(5):
        assert dialog.pressed("2", 10.0 * turn) == Listen()
    dialog.said(60.0)
    assert dialog.next_deadline() == 60.0 + FIRST_KEY_SECONDS
    assert dialog.late(66.0) == Ask()


def test_who_never_says_what_he_wants_has_left_a_message() -> None:
    dialog = ReviewDialog()
    dialog.begin(0.0)
    assert [dialog.pressed("9", 1.0), dialog.late(2.0)] == [Ask()] * (ATTEMPTS - 1)
    assert dialog.late(3.0) is Verdict.KEEP


# -- messages -----------------------------------------------------------------------------------


async def leaving(review: bool = True, spoken: float = 3.0) -> SmallCenter:
    """A caller who speaks a message for so long, and ends it with a key."""
    exits = ("saved", "too_short", "deleted")
    node = {"type": "voicemail", "queue": "support", "review": "yes" if review else "no"}
    flow = flow_of({"speak": node | {name: name for name in exits}, **ends(*exits)})
    center = await opened(site_with(flow))
    center.switch.arrive(CALLER, MENU)
    asyncio.get_running_loop().call_later(1.5 + spoken, center.switch.press, CALLER, "#")
    return center


async def after(center: SmallCenter, *keys: tuple[float, str]) -> CallRecord:
    """He presses keys, each at its time; the end."""
    for at, key in keys:
        asyncio.get_running_loop().call_later(at, center.switch.press, CALLER, key)
    return await over(center)


def left_by(record: CallRecord) -> str:
    """The exit of the node."""
    return next(visit.exit for visit in record.nodes if visit.node == "speak")


@in_virtual_time
async def test_a_message_is_thanked_for_and_the_flow_goes_on() -> None:
    center = await leaving(review=False)
    record = await after(center)
    assert said(center) == ["voicemail_greeting", "voicemail_thanks", "saved"]
    assert (left_by(record), record.outcome) == ("saved", CallOutcome.VOICEMAIL)
    assert [(made.name, made.kind) for made in record.recordings] == [(MESSAGE, VOICEMAIL)]


@in_virtual_time
async def test_a_flow_leads_to_the_mailbox_of_an_agent_with_its_own_greeting() -> None:
    node = {"type": "voicemail", "agent": "anna", "saved": "saved"}
    site = site_with(flow_of({"speak": node, **ends("saved")}))
    away = {"voicemail": MailboxSettings(greeting="away")}
    site.agents["anna"] = site.agents["anna"].model_copy(update=away)
    center = await opened(site)
    center.switch.arrive(CALLER, MENU)
    asyncio.get_running_loop().call_later(4.5, center.switch.press, CALLER, "#")
    record = await after(center)
    assert said(center) == ["away", "voicemail_thanks", "saved"]
    assert [left.mailbox for left in record.voicemails] == ["agent:anna"]


@in_virtual_time
async def test_what_is_no_message_is_not_kept() -> None:
    center = await leaving(spoken=0.2)
    record = await after(center)
    assert (left_by(record), record.recordings) == ("too_short", ())
    assert center.switch.deleted == [MESSAGE]
    assert record.outcome is not CallOutcome.VOICEMAIL


@in_virtual_time
async def test_who_hangs_up_at_the_beep_has_left_no_message_and_no_broken_recording() -> None:
    center = await leaving()
    center.switch.faults["record_message"] = Gone("404")
    asyncio.get_running_loop().call_later(1.5, center.switch.put_down, CALLER, 0.5)
    record = await over(center)
    assert (record.ended_by, record.recordings, left_by(record)) == ("caller", (), "hangup")


@in_virtual_time
async def test_who_hangs_up_before_anything_is_written_has_left_no_broken_recording(
    tmp_path: Path,
) -> None:
    center = await leaving()
    center.switchboard.recorder = Recorder(tmp_path)  # where nothing is
    asyncio.get_running_loop().call_later(1.7, center.switch.put_down, CALLER)
    record = await over(center)
    assert (record.ended_by, record.recordings) == ("caller", ())


@in_virtual_time
async def test_a_caller_hears_his_message_and_keeps_it() -> None:
    center = await leaving()
    record = await after(center, (REVIEWED, "2"), (REVIEWED + 2, "1"))
    played = [command[3:] for command in center.switch.commands if command[0] == "play"]
    assert (f"recording:{MESSAGE}",) in played
    assert left_by(record) == "saved"


@in_virtual_time
async def test_a_caller_speaks_his_message_again_and_the_first_is_gone() -> None:
    center = await leaving()
    record = await after(center, (REVIEWED, "3"), (REVIEWED + 6, "#"), (REVIEWED + 7, "1"))
    [made] = record.recordings
    assert made.name == f"{CALLER}-m2"
    assert made.seconds == pytest.approx(6, abs=0.1)
    assert center.switch.deleted == [MESSAGE]


@in_virtual_time
async def test_a_caller_deletes_his_message() -> None:
    center = await leaving()
    record = await after(center, (REVIEWED, "4"))
    assert (left_by(record), record.recordings) == ("deleted", ())
    assert "voicemail_deleted" in said(center)
    assert record.outcome is not CallOutcome.VOICEMAIL


@in_virtual_time
async def test_an_urgent_message_is_marked_with_its_call() -> None:
    center = await leaving()
    record = await after(center, (REVIEWED, "5"))
    assert [(tag.name, tag.value) for tag in record.tags] == [("urgent_message", MESSAGE)]
    assert left_by(record) == "saved"


@pytest.mark.parametrize("seconds", [3.0, 4.6, 5.0])
@in_virtual_time
async def test_a_caller_who_hangs_up_has_left_his_message(seconds: float) -> None:
    center = await leaving()
    asyncio.get_running_loop().call_later(seconds, center.switch.put_down, CALLER)
    record = await after(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.VOICEMAIL, "caller")
    assert [made.name for made in record.recordings] == [MESSAGE]


@pytest.mark.parametrize("hangs_up", [False, True])
@pytest.mark.parametrize("seconds", [3.0, 5.0])
@in_virtual_time
async def test_a_message_outlives_the_engine(
    seconds: float, hangs_up: bool, tmp_path: Path
) -> None:
    center = await leaving()
    center.switch.recordings_dir = tmp_path
    await asyncio.sleep(seconds)
    if hangs_up:
        asyncio.get_running_loop().call_later(0.5, center.switch.put_down, CALLER)
    center = await come_back(center)
    await center.until_over()
    Truth(center, away=1).check()
    record = center.books.of(CALLER)
    assert [made.name for made in record.recordings] == [MESSAGE]
    assert record.outcome is CallOutcome.VOICEMAIL
    assert said(center).count("voicemail_greeting") == 1
    await center.kill()


# -- answers ------------------------------------------------------------------------------------


@in_virtual_time
async def test_spoken_answers_are_kept_with_their_questions() -> None:
    spoken = [
        {"id": name, "prompts": name, "message": "yes", "seconds": "10"}
        for name in ("liked", "missed")
    ]
    survey = {
        "type": "survey",
        "survey": "liking",
        "questions": spoken,
        "done": "bye",
        "partial": "bye",
    }
    center = await opened(site_with(flow_of({"ask": survey | {"refused": "bye"}, **ends("bye")})))
    center.switch.arrive(CALLER, MENU)
    record = await after(center, (5.0, "#"), (9.0, "#"))
    assert [made.kind for made in record.recordings] == [SURVEY, SURVEY]
    assert [answer.recording for answer in record.answers] == [f"{CALLER}-s1", f"{CALLER}-s2"]


# -- callbacks ----------------------------------------------------------------------------------


async def asking(**node: Any) -> SmallCenter:
    """A caller whom a flow asks whether he wants to be called back."""
    exits = ("scheduled", "declined", "duplicate", "out_of_hours")
    ask = {"type": "callback", "queue": "support", "confirm": "no", **node}
    flow = flow_of({"speak": ask | {name: name for name in exits}, **ends(*exits)})
    site = site_with(flow, callback={"expires_seconds": 1800, "calendar": "office"})
    center = await opened(site)
    center.switch.phones["+84901234567"] = Phone(answers=2, talks=5)
    center.switch.phones["+842873000001"] = Phone(answers=2, talks=5)
    return center


@in_virtual_time
async def test_a_callback_waits_with_the_age_of_the_call_and_the_flow_goes_on() -> None:
    center = await asking()
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(10)
    record = center.books.of(CALLER)
    assert (left_by(record), record.outcome) == ("scheduled", CallOutcome.CALLBACK)
    assert said(center) == ["callback_booked", "scheduled"]
    [place] = next(q for q in center.desk.acd.queues(center.clock.now()) if q.waiting).waiting
    assert (place.contact, place.since) == (f"cb-{CALLER}", record.arrived)
    await center.kill()


@in_virtual_time
async def test_a_number_that_waits_already_is_told_so() -> None:
    center = await asking(number="02873000001")
    for caller in (CALLER, "100.2"):
        center.switch.arrive(caller, MENU)
        await asyncio.sleep(10)
    assert left_by(center.books.of("100.2")) == "duplicate"
    assert said(center)[-2:] == ["callback_known", "duplicate"]
    await center.kill()


@in_virtual_time
async def test_nobody_is_promised_what_would_expire_before_the_doors_open() -> None:
    center = await asking()
    center.site.state = "closed"  # for an hour
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(10)
    assert left_by(center.books.of(CALLER)) == "out_of_hours"
    await center.kill()


@in_virtual_time
async def test_who_names_no_number_that_can_be_called_has_declined() -> None:
    center = await asking(number="12015550123")
    center.switch.arrive(CALLER, MENU)
    await center.until_over()
    Truth(center).check()
    assert left_by(center.books.of(CALLER)) == "declined"
    await center.kill()


@in_virtual_time
async def test_a_number_is_read_back_and_changed() -> None:
    center = await asking(confirm="yes")
    center.switch.arrive(CALLER, MENU)
    for at, key in enumerate("2" + "02873000001" + "#" + "1"):
        asyncio.get_running_loop().call_later(4 + at * 0.3, center.switch.press, CALLER, key)
    await asyncio.sleep(20)
    assert left_by(center.books.of(CALLER)) == "scheduled"
    callback = center.registry.calls[f"cb-{CALLER}"].standing.callback
    assert callback is not None
    assert callback.number == "+842873000001"
    await center.kill()
