"""Messages that are work: agents are offered them, hear them, and call back who left them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.messages import AgentState
from acd.queues import Destination, VoicemailSettings
from engine.call_record import CallOutcome, CallRecord, MessageState
from engine.calls.talk.asking import ask, find_talk
from engine.calls.talk.orders import TransferTo
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.small_center import ANNA, BINH, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER, NUMBER, HOME = "100.1", "0901234567", "+84901234567"
WORK, MESSAGE = "vm-100.1.1", "100.1-m1"
TELLING = 1.0 + 1 + 10 + 4 + 1
"""Seconds until a message was told; generous."""


async def center_with(agents: int = 1, **settings: Any) -> SmallCenter:
    """A queue whose messages are work, and nobody there yet."""
    voicemail = VoicemailSettings.model_validate({"as_work": True} | settings)
    center = await opened(small_site(agents, voicemail=voicemail, wrap_up="none"))
    center.switch.phones[HOME] = Phone(rings=0.2, answers=3, talks=10)
    return center


async def leave(center: SmallCenter, channel: str = CALLER, seconds: float = 8) -> None:
    """A caller waits, presses the key, speaks after the beep, and hangs up."""
    center.switch.arrive(channel, SUPPORT, NUMBER)
    await asyncio.sleep(3)
    center.switch.press(channel, "2")
    await asyncio.sleep(2 + seconds)
    center.switch.put_down(channel)
    await asyncio.sleep(2)


async def over(center: SmallCenter) -> None:
    """Until everything is over, and nothing is left."""
    await center.until_over()
    Truth(center).check()
    await center.kill()


def kinds(record: CallRecord) -> list[str]:
    return [segment.kind for segment in record.segments]


async def until_heard(center: SmallCenter, phone: str = ANNA) -> str:
    """The leg of an agent who has heard the whole message, and now hears the keys."""
    while True:
        await asyncio.sleep(0.5)
        for leg in center.switch.legs_of(phone):
            if leg.playing and "voicemail_keys" in _played(center, leg.playing[0][0]):
                return leg.id


def _played(center: SmallCenter, playback: str) -> str:
    plays = (c for c in center.switch.commands if c[0] == "play" and c[2] == playback)
    return " ".join(next(plays)[3:])


@in_virtual_time
async def test_an_agent_hears_a_message_and_saves_it() -> None:
    center = await center_with()
    await leave(center)
    [left] = center.books.of(CALLER).voicemails
    assert (left.recording, left.mailbox, left.caller) == (MESSAGE, "queue:support", NUMBER)
    assert left.seconds == pytest.approx(9, abs=1)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    leg = await until_heard(center)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.press(leg, "2")
    await over(center)
    record = center.books.of(WORK)
    assert (record.direction, record.parent, record.caller) == ("voicemail", CALLER, NUMBER)
    assert (record.outcome, record.agent, record.ended_by) == (
        CallOutcome.ANSWERED,
        "anna",
        "agent",
    )
    assert kinds(record)[:3] == ["queue", "ring", "talk"]
    assert [mark.state for mark in record.marks] == [MessageState.HEARD, MessageState.SAVED]
    assert {mark.by for mark in record.marks} == {"anna"}
    [visit] = record.visits
    talk = next(segment for segment in record.segments if segment.kind == "talk")
    assert (visit.outcome, visit.agent, visit.left) == ("answered", "anna", talk.started)


@in_virtual_time
async def test_he_is_told_from_whom_it_is_before_it_is_played() -> None:
    center = await center_with()
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    await until_heard(center)
    told = next(c[3:] for c in center.switch.commands if f"recording:{MESSAGE}" in c)
    assert told[0].endswith("message_is_work")
    assert any(each.endswith("message_from") for each in told)
    assert told[-1] == f"recording:{MESSAGE}"
    assert ("dial", f"{WORK}-a1", ANNA, NUMBER) in center.switch.commands
    center.switch.put_down(f"{WORK}-a1")
    await over(center)


@in_virtual_time
async def test_who_left_a_message_is_called_back_at_a_key_and_they_talk() -> None:
    center = await center_with()
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    leg = await until_heard(center)
    center.switch.press(leg, "4")
    await asyncio.sleep(2)
    assert center.switch.channels[leg].ringing
    await asyncio.sleep(3)
    customer = center.switch.legs_of(HOME)[0]
    assert customer.bridge is not None
    assert customer.bridge == center.switch.channels[leg].bridge
    await over(center)
    record = center.books.of(WORK)
    assert (record.outcome, record.agent) == (CallOutcome.ANSWERED, "anna")
    assert kinds(record)[:5] == ["queue", "ring", "talk", "dialing", "talk"]
    assert [visit.outcome for visit in record.visits] == ["answered"]
    assert record.recordings[0].complete


@in_virtual_time
async def test_who_is_called_back_can_be_sent_on_like_any_caller() -> None:
    center = await center_with(2)
    center.switch.phones[HOME] = Phone(rings=0.2, answers=3, talks=40)
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    leg = await until_heard(center)
    center.switch.press(leg, "4")
    await asyncio.sleep(5)
    call = find_talk(center.switchboard, "anna")
    assert call is not None
    center.switch.phones[BINH] = Phone(answers=2)
    center.log_in("binh")
    await ask(call, TransferTo(to=Destination.model_validate({"queue": "sales"})))
    await asyncio.sleep(5)
    await over(center)
    record = center.books.of(WORK)
    assert [(visit.queue, visit.outcome) for visit in record.visits] == [
        ("support", "answered"),
        ("sales", "answered"),
    ]


@in_virtual_time
async def test_an_agent_who_does_not_reach_the_caller_decides_again() -> None:
    center = await center_with()
    center.switch.phones[HOME] = Phone(rings=0.2, refuses=1, cause=BUSY, status=486)
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    leg = await until_heard(center)
    center.switch.press(leg, "4")
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.press(leg, "3")
    await over(center)
    record = center.books.of(WORK)
    assert record.marks[-1].state is MessageState.DELETED
    assert kinds(record)[:5] == ["queue", "ring", "talk", "dialing", "talk"]


@in_virtual_time
async def test_a_message_that_was_not_heard_out_is_offered_to_the_next_agent() -> None:
    center = await center_with(2)
    await leave(center)
    center.switch.phones.update({ANNA: Phone(answers=2, talks=3), BINH: Phone(answers=2)})
    center.log_in("anna")
    await asyncio.sleep(7)
    center.log_in("binh")
    leg = await until_heard(center, BINH)
    center.switch.press(leg, "#")
    await over(center)
    record = center.books.of(WORK)
    assert (record.agent, record.outcome) == ("binh", CallOutcome.ANSWERED)
    assert [(mark.state, mark.by) for mark in record.marks] == [(MessageState.HEARD, "binh")]
    assert len(record.visits) == 1


@in_virtual_time
async def test_a_message_that_nobody_heard_nor_decided_about_is_offered_again() -> None:
    center = await center_with(2)
    await leave(center)
    center.switch.phones.update({ANNA: Phone(answers=1), BINH: Phone(answers=1)})
    center.log_in("anna")
    await asyncio.sleep(3)
    [leg] = center.switch.legs_of(ANNA)
    for _ in range(3):
        center.switch.press(leg.id, "7")
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    assert center.switch.legs_of(ANNA) == []
    assert center.state_of("anna") is AgentState.READY
    center.log_in("binh")
    center.switch.press(await until_heard(center, BINH), "2")
    await over(center)
    record = center.books.of(WORK)
    assert [offer.agent for offer in record.offers] == ["anna", "binh"]
    assert [(mark.state, mark.by) for mark in record.marks] == [
        (MessageState.HEARD, "binh"),
        (MessageState.SAVED, "binh"),
    ]


@in_virtual_time
async def test_nobody_at_the_keys_leaves_it_as_heard() -> None:
    center = await center_with()
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    await over(center)
    assert [mark.state for mark in center.books.of(WORK).marks] == [MessageState.HEARD]


@in_virtual_time
async def test_a_message_waits_by_the_time_at_which_it_was_left() -> None:
    center = await center_with(offset_seconds=-60)
    await leave(center)
    center.switch.arrive("100.2", SUPPORT, "0911111111")
    await asyncio.sleep(5)
    center.switch.phones[ANNA] = Phone(answers=1, talks=30)
    center.log_in("anna")
    await over(center)
    caller, work = center.books.of("100.2"), center.books.of(WORK)
    assert caller.visits[0].left < work.visits[0].left


@in_virtual_time
async def test_without_as_work_a_message_only_lies_in_its_mailbox() -> None:
    center = await center_with(as_work=False)
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    await over(center)
    assert [record.call for record in center.books.calls] == [CALLER]
    assert len(center.books.of(CALLER).voicemails) == 1
