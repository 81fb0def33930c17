"""What users of other distributors complained of in whole calls: their accounts, recordings, words.

Each test is named after what they wanted and says where they said it; those about who gets which
contact are in ``test_acd_complaints_*``.
"""

from __future__ import annotations

import asyncio
from typing import Any

from acd.messages import AgentState
from acd.waiting import Estimate
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.test_announcing import Heard, queue_of
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
NAMES = ("anna", "binh", "chi")


async def _center(*phones: Phone, **queue: Any) -> SmallCenter:
    """Agents at phones that behave like this, longest idle first."""
    center = await opened(small_site(len(phones), **queue))
    for number, phone in enumerate(phones):
        center.switch.phones[str(3001 + number)] = phone
        center.log_in(NAMES[number])
        await asyncio.sleep(1)
    return center


async def _record(center: SmallCenter) -> CallRecord:
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(CALLER)


def _talked(record: CallRecord) -> dict[str | None, float]:
    """Seconds of talk by agent."""
    total: dict[str | None, float] = {}
    for segment in record.segments:
        if segment.kind is SegmentKind.TALK:
            spent = segment.ended - segment.started
            total[segment.agent] = total.get(segment.agent, 0.0) + spent
    return total


@in_virtual_time
async def test_only_the_agent_who_talked_is_credited_and_only_with_his_talk() -> None:
    """FreePBX/issue-tracker#124, asterisk/asterisk#759: an hour that another had talked."""
    center = await _center(
        Phone(answers=2, talks=0.001), Phone(answers=4, talks=30), ring_seconds=20
    )
    center.switch.latency = 0.02
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    talked = _talked(record)
    assert round(talked["binh"]) == 30
    assert talked.get("anna", 0.0) < 0.1
    assert (record.agent, record.outcome) == ("binh", CallOutcome.ANSWERED)
    days = {
        name: sum(
            s.ended - s.started
            for s in center.books.stretches
            if (s.agent, s.state) == (name, "talking")
        )
        for name in NAMES
    }
    assert round(days["binh"]) == 30
    assert days["anna"] < 0.1


@in_virtual_time
async def test_a_caller_answered_by_one_of_many_phones_was_answered_and_his_recording_is_his() -> (
    None
):
    """mikopbx/Core#1084, #1100, #1125: NOANSWER, and recordings lost or of no call."""
    center = await _center(Phone(), Phone(answers=3, talks=20), Phone(), ring_width=1000)
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert (record.outcome, record.agent) == (CallOutcome.ANSWERED, "binh")
    assert [visit.outcome for visit in record.visits] == ["answered"]
    (made,) = record.recordings
    assert made.name.startswith(CALLER)
    assert round(made.seconds) == 20
    talk = next(s for s in record.segments if s.kind is SegmentKind.TALK)
    assert talk.started <= made.started <= talk.started + 0.5


@in_virtual_time
async def test_a_recording_goes_on_after_a_hold() -> None:
    """mikopbx/Core#316: after a consultation that came to nothing it was never resumed."""
    center = await _center(Phone(answers=1))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.hold(f"{CALLER}-a1", True)
    await asyncio.sleep(10)
    center.switch.hold(f"{CALLER}-a1", False)
    await asyncio.sleep(15)
    center.switch.put_down(CALLER)
    record = await _record(center)
    (made,) = record.recordings
    assert made.complete
    assert round(sum(_talked(record).values())) == 19
    assert made.started + made.seconds >= record.segments[-1].ended - 0.5


@in_virtual_time
async def test_a_caller_is_told_his_place_when_it_is_better_and_the_first_time() -> None:
    """asterisk/asterisk#1386: announce-position-only-up never announced anything."""
    caller = Heard(queue_of(position=True, position_only_up=True))
    for place in (4, 5, 4, 2, 1):
        caller.estimate = Estimate(place, 130, 180, 230)
        await caller.wait(31)
    assert [text for _, text in caller.said] == [
        "place_is, number_4",
        "place_is, number_2",
        "place_is, number_1",
    ]


@in_virtual_time
async def test_nobody_is_in_a_call_for_hours_after_both_have_hung_up() -> None:
    """signalwire/freeswitch#1973: two threads raced, and the member stayed Answered."""
    center = await _center(Phone(answers=1, talks=10))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(11)
    center.switch.put_down(CALLER)
    record = await _record(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert center.state_of("anna") is AgentState.READY
    assert record.ended - record.arrived < 13
