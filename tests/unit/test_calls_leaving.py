"""Callers who leave a queue for elsewhere: a goodbye, another flow, a message."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.call_record import CallOutcome, SegmentKind
from engine.calls.names import call_of
from engine.ivr.schema import Flow
from engine.ports import Refused
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import MENU, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import EPOCH, in_virtual_time

CALLER, MESSAGE = "100.1", "100.1-m1"

NIGHT = {
    "flow": "night",
    "start": "sorry",
    "prompts": {"night_sorry": {"en": "Sorry."}, "ask": {"en": "Press 1."}},
    "nodes": {
        "sorry": {"type": "say", "prompts": "night_sorry", "next": "ask"},
        "ask": {
            "type": "menu",
            "prompts": "ask",
            "keys": {"1": "sales"},
            "timeout_seconds": "20",
            "noinput": "end",
            "nomatch": "end",
        },
        "sales": {"type": "queue", "queue": "sales", "timeout": "end", "full": "end",
                  "no_agents": "end"},
        "end": {"type": "hangup"},
    },
}  # fmt: skip


def sent_to(**to: str) -> dict[str, Any]:
    """A queue that sends its callers on after five seconds."""
    return {"overflow": ({"when": "waited", "over": 5, "to": to},)}


async def center_of(recordings: Path | None = None, **queue: Any) -> SmallCenter:
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), recordings)
    site = small_site(**queue)
    site.queues["sales"] = site.queues["sales"].model_copy(update={"overflow": ()})
    site.flows["night"] = Flow.model_validate(NIGHT)
    return await opened(site, switch)


async def restarted(dead: SmallCenter) -> SmallCenter:
    await dead.kill()
    await asyncio.sleep(1)
    books, journal = dead.books, dead.journal
    center = SmallCenter(
        dead.switch, dead.site, books=books, lines=journal.lines, history=journal.history
    )
    await center.start()
    return center


async def over(center: SmallCenter) -> None:
    await center.until_over()
    Truth(center).check()
    await center.kill()


def said(center: SmallCenter) -> list[str]:
    plays = [command for command in center.switch.commands if command[0] == "play"]
    return [media.rpartition("/")[2] for _, _, _, *all_media in plays for media in all_media]


# -- a goodbye, a flow ---------------------------------------------------------------------------


@pytest.mark.parametrize(("prompt", "heard"), [("closed", "closed"), ("", "nobody_free")])
@in_virtual_time
async def test_a_caller_is_told_goodbye_when_his_queue_says_so(prompt: str, heard: str) -> None:
    center = await center_of(**sent_to(kind="hang_up", name=prompt))
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1.5)
    center.switch.press(CALLER, "2")
    await over(center)
    record = center.books.of(CALLER)
    assert said(center)[-1] == heard  # and the flow's own exit is not taken
    assert (record.outcome, record.ended_by) == (CallOutcome.OVERFLOWED, "engine")
    assert record.segments[-1].kind is SegmentKind.CLOSING
    assert [visit.outcome for visit in record.visits] == ["overflow"]


@in_virtual_time
async def test_a_caller_goes_on_to_another_flow_and_its_queue() -> None:
    center = await center_of(**sent_to(flow="night"))
    center.switch.phones["3001"] = Phone(answers=2, talks=10)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(8)
    center.switch.press(CALLER, "1")
    await asyncio.sleep(1)
    center.log_in("anna")
    await over(center)
    record = center.books.of(CALLER)
    assert said(center) == ["night_sorry", "ask"]
    assert [(v.queue, v.outcome) for v in record.visits] == [
        ("support", "overflow"),
        ("sales", "answered"),
    ]
    assert (record.outcome, record.ended_by) == (CallOutcome.ANSWERED, "agent")


@in_virtual_time
async def test_after_a_crash_a_caller_is_still_in_the_flow_he_was_sent_to() -> None:
    center = await center_of(**sent_to(flow="night"))
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1.5)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(10)
    center = await restarted(center)
    await over(center)
    record = center.books.of(CALLER)
    heard = said(center)
    assert heard.count("night_sorry") == 1
    assert heard[-1] == "ask"  # asked again: he had not answered
    assert record.outcome is CallOutcome.OVERFLOWED


@in_virtual_time
async def test_a_queue_that_leads_round_to_itself_lets_its_callers_go_in_the_end() -> None:
    round_ = {**NIGHT, "start": "again", "nodes": {
        "again": {"type": "queue", "queue": "support", "timeout": "end", "full": "end",
                  "no_agents": "end", "unmatched": "end", "overflow": "end"},
        "end": {"type": "hangup"},
    }}  # fmt: skip
    center = await center_of(**sent_to(flow="night"))
    center.site.flows["night"] = Flow.model_validate(round_)
    center.switch.arrive(CALLER, SUPPORT)
    await over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, len(record.visits)) == (CallOutcome.OVERFLOWED, 21)


# -- another number, a callback ------------------------------------------------------------------


@in_virtual_time
async def test_a_caller_is_put_through_to_a_number_outside() -> None:
    center = await center_of(**sent_to(number="+842873000001"))
    center.switch.phones["+842873000001"] = Phone(answers=3, talks=20)
    center.switch.arrive(CALLER, SUPPORT)
    await over(center)
    record = center.books.of(CALLER)
    assert SegmentKind.FORWARDED in [segment.kind for segment in record.segments]
    assert said(center) == []


@in_virtual_time
async def test_a_number_that_nobody_answers_leads_back_to_the_exit() -> None:
    center = await center_of(**sent_to(number="+842873000001"))
    center.switch.phones["+842873000001"] = Phone(refuses=1)
    center.switch.arrive(CALLER, SUPPORT)
    await over(center)
    assert said(center) == ["all_busy"]


@in_virtual_time
async def test_who_is_to_be_called_back_by_rule_is_asked_at_which_number() -> None:
    center = await center_of(**sent_to(kind="callback"))
    center.switch.arrive(CALLER, SUPPORT, "0901234567")
    await asyncio.sleep(10)
    center.switch.press(CALLER, "1")
    await asyncio.sleep(10)
    assert said(center)[:2] == ["callback_number", "number_0"]
    assert said(center)[-1] == "callback_booked"
    assert center.books.of(CALLER).outcome is CallOutcome.CALLBACK
    assert "cb-100.1" in center.registry.calls
    await center.kill()


@in_virtual_time
async def test_who_confirms_no_number_by_rule_leaves_by_the_exit() -> None:
    center = await center_of(**sent_to(kind="callback"))
    center.switch.arrive(CALLER, SUPPORT, "anonymous")
    await over(center)
    assert said(center) == [*["callback_enter"] * 3, "all_busy"]
    assert center.books.of(CALLER).outcome is CallOutcome.OVERFLOWED


# -- a message ----------------------------------------------------------------------------------


@in_virtual_time
async def test_a_caller_leaves_a_message_instead_of_waiting(tmp_path: Path) -> None:
    center = await center_of(tmp_path, voicemail={})
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(8)
    assert center.switch.recordings[MESSAGE][0] == CALLER
    center.switch.press(CALLER, "#")
    await over(center)
    record = center.books.of(CALLER)
    assert said(center) == ["voicemail_greeting", "voicemail_thanks"]
    assert (record.outcome, record.ended_by) == (CallOutcome.VOICEMAIL, "engine")
    [message] = record.recordings
    assert (message.name, message.kind, message.complete) == (MESSAGE, "voicemail", True)
    assert message.seconds == pytest.approx(7, abs=0.1)
    assert [visit.outcome for visit in record.visits] == ["voicemail"]


@in_virtual_time
async def test_a_caller_ends_his_message_by_hanging_up(tmp_path: Path) -> None:
    center = await center_of(tmp_path, **sent_to(kind="voicemail"))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(12)
    center.switch.put_down(CALLER)
    await over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.VOICEMAIL, "caller")
    assert [made.complete for made in record.recordings] == [True]


@in_virtual_time
async def test_who_hangs_up_at_the_beep_has_left_no_message(tmp_path: Path) -> None:
    center = await center_of(tmp_path, voicemail={})
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(1.5)
    center.switch.put_down(CALLER)
    await over(center)
    assert center.books.of(CALLER).outcome is CallOutcome.ABANDONED


@in_virtual_time
async def test_an_endless_message_is_ended_and_thanked_for(tmp_path: Path) -> None:
    center = await center_of(tmp_path, voicemail={"seconds": 30})
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await over(center)
    [message] = center.books.of(CALLER).recordings
    assert message.seconds == pytest.approx(30, abs=0.1)
    assert said(center)[-1] == "voicemail_thanks"


@in_virtual_time
async def test_a_message_goes_on_through_a_crash(tmp_path: Path) -> None:
    center = await center_of(tmp_path, voicemail={})
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(5)
    center = await restarted(center)
    await asyncio.sleep(5)
    center.switch.press(CALLER, "#")
    await over(center)
    [message] = center.books.of(CALLER).recordings
    assert message.complete
    assert message.seconds == pytest.approx(10, abs=0.2)
    assert said(center).count("voicemail_greeting") == 1


@in_virtual_time
async def test_a_message_that_ended_while_no_engine_was_there_is_kept(tmp_path: Path) -> None:
    center = await center_of(tmp_path, voicemail={})
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(5)
    center.link_down()
    center.switch.press(CALLER, "#")
    center = await restarted(center)
    await over(center)
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.VOICEMAIL
    [message] = record.recordings
    assert (message.complete, message.problem) == (True, "")
    assert message.seconds == pytest.approx(4, abs=0.2)
    assert said(center)[-1] == "voicemail_thanks"


@in_virtual_time
async def test_a_message_that_cannot_be_recorded_is_no_message() -> None:
    center = await center_of(voicemail={})
    center.switch.faults["record_message"] = Refused("422 no such format")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await over(center)
    record = center.books.of(CALLER)
    assert "voicemail_thanks" not in said(center)
    assert record.recordings[0].problem == "could not be started: 422 no such format"
    assert record.outcome is CallOutcome.ABANDONED


def test_a_message_belongs_to_its_call() -> None:
    assert call_of(MESSAGE) == CALLER
