"""A caller is put through to a number outside: it rings, they talk, or nobody is reached."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.call_record import CallOutcome, SegmentKind
from engine.ports import Down
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER, OUTSIDE = "100.1", "+842873000001"


async def center_with(phone: Phone, number: str = OUTSIDE) -> SmallCenter:
    """A queue that sends its callers to a number when nobody is there."""
    overflow: Any = [{"when": "waited", "over": 5, "to": {"number": number}}]
    center = await opened(small_site(1, overflow=overflow))
    center.switch.phones[OUTSIDE] = phone
    return center


@in_virtual_time
async def test_a_caller_hears_it_ring_and_talks_until_the_other_hangs_up() -> None:
    center = await center_with(Phone(rings=0.2, answers=4, talks=20))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(7)
    assert center.switch.channels[CALLER].ringing
    await asyncio.sleep(5)
    [leg] = center.switch.legs_of(OUTSIDE)
    assert sorted(center.switch.bridges[leg.bridge or ""]) == sorted([CALLER, leg.id])
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert (record.outcome, record.agent) == (CallOutcome.FORWARDED, None)
    assert [visit.outcome for visit in record.visits] == ["overflow"]
    talk = next(s for s in record.segments if s.kind is SegmentKind.FORWARDED)
    assert talk.ended - talk.started == pytest.approx(20, abs=0.1)
    await center.kill()


@in_virtual_time
async def test_a_caller_who_hangs_up_ends_the_call_at_the_other_end_too() -> None:
    center = await center_with(Phone(rings=0.2, answers=4))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(7)
    center.switch.put_down(CALLER)
    await center.until_over()
    Truth(center).check()
    center.switch.arrive("100.2", SUPPORT)
    await asyncio.sleep(15)
    center.switch.put_down("100.2")
    await center.until_over()
    Truth(center).check()
    assert center.books.of("100.2").outcome is CallOutcome.FORWARDED
    assert center.books.of("100.2").ended_by == "caller"
    await center.kill()


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        (Phone(rings=0.2, refuses=1, cause=BUSY, status=486), OUTSIDE),
        (Phone(rings=0.2), OUTSIDE),
        (Phone(registered=False), OUTSIDE),
        (Phone(), "+12015550123"),
    ],
)
@in_virtual_time
async def test_a_caller_who_reaches_nobody_there_is_told_so(phone: Phone, number: str) -> None:
    center = await center_with(phone, number)
    center.switch.arrive(CALLER, SUPPORT)
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.OVERFLOWED, "engine")
    assert any("all_busy" in step.detail for step in record.steps)
    await center.kill()


@in_virtual_time
async def test_a_switch_that_does_not_answer_costs_the_forwarding_only() -> None:
    center = await center_with(Phone(answers=1))
    center.switch.faults["dial_number"] = Down("no answer")
    center.switch.arrive(CALLER, SUPPORT)
    await center.until_over()
    Truth(center, strays_allowed=True).check()
    assert center.books.of(CALLER).outcome is CallOutcome.OVERFLOWED
    await center.kill()


@pytest.mark.parametrize("seconds", [6.0, 8.0, 12.0])
@in_virtual_time
async def test_a_caller_put_through_talks_on_when_the_engine_dies(seconds: float) -> None:
    center = await center_with(Phone(rings=0.2, answers=4, talks=20))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(seconds)
    await center.kill()
    await asyncio.sleep(1)
    center = center.successor()
    await center.start()
    await center.until_over()
    Truth(center, away=1).check()
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.FORWARDED
    assert [step.event for step in record.steps].count("dial") == 1
    await center.kill()


@in_virtual_time
async def test_a_number_outside_rings_as_long_as_the_queue_says() -> None:
    overflow: Any = [{"when": "waited", "over": 5, "to": {"number": OUTSIDE}}]
    center = await opened(small_site(1, overflow=overflow, transfer_ring_seconds=8))
    center.switch.phones[OUTSIDE] = Phone(rings=0.2)
    center.switch.arrive(CALLER, SUPPORT)
    await center.until_over()
    record = center.books.of(CALLER)
    rang = next(s for s in record.segments if s.kind is SegmentKind.DIALING)
    assert rang.ended - rang.started == pytest.approx(8, abs=0.1)
    await center.kill()
