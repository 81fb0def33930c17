"""An agent's side of a call: rings, answers, refuses, talks, hangs up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from acd.messages import AgentPaused, AgentState
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.ports import Refused
from tests.unit.fake_pbx import BUSY, NO_ANSWER, REJECTED, FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, ended, opened, small_site
from tests.unit.virtual_time import EPOCH, in_virtual_time

CALLER = "100.1"


async def _center(*phones: Phone, **queue: object) -> SmallCenter:
    """Agents logged in at phones that behave like this, in that order."""
    center = await opened(small_site(len(phones), **queue))
    for number, phone in enumerate(phones):
        name = ("anna", "binh", "chi")[number]
        center.switch.phones[str(3001 + number)] = phone
        center.log_in(name)
        await asyncio.sleep(1)
    return center


async def _record(center: SmallCenter) -> CallRecord:
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(CALLER)


def _offers(record: CallRecord) -> list[tuple[str, str]]:
    return [(offer.agent, offer.outcome) for offer in record.offers]


@in_virtual_time
async def test_an_agent_answers_talks_and_hangs_up() -> None:
    center = await _center(Phone(answers=3, talks=20))
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert (record.outcome, record.ended_by, record.agent) == ("answered", "agent", "anna")
    assert _offers(record) == [("anna", "answered")]
    ring, talk, *_ = record.segments
    assert (ring.kind, talk.kind) == (SegmentKind.RING, SegmentKind.TALK)
    assert ring.ended - ring.started == pytest.approx(3)
    [(_, wrap_up)] = center.books.wrap_ups
    assert (wrap_up.started, wrap_up.ended) == (talk.ended, talk.ended + 10)
    assert record.recordings[0].complete
    assert ended(center.switch, CALLER).at >= talk.ended


@in_virtual_time
async def test_a_caller_hangs_up_in_the_talk_and_the_agent_wraps_up_from_then() -> None:
    center = await _center(Phone(answers=3))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(10)
    center.switch.put_down(CALLER)
    record = await _record(center)
    assert (record.outcome, record.ended_by) == ("answered", "caller")
    assert record.segments[-1].ended == ended(center.switch, CALLER).at
    [(_, wrap_up)] = center.books.wrap_ups
    assert wrap_up.started == record.ended
    assert [(step.source, step.detail) for step in record.steps if step.event == "BYE"] == [
        ("sip", "caller")
    ]


@in_virtual_time
async def test_a_caller_hangs_up_while_an_agent_rings_and_the_agent_is_not_blamed() -> None:
    center = await _center(Phone(), max_misses=1)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.put_down(CALLER)
    await asyncio.sleep(0.1)
    assert center.switch.channels == {}
    assert center.state_of("anna") is AgentState.READY
    record = await _record(center)
    assert _offers(record) == [("anna", "caller_left")]
    assert record.outcome is CallOutcome.ABANDONED


@in_virtual_time
async def test_an_agent_who_picks_up_as_the_caller_hangs_up_has_not_rejected_him() -> None:
    center = await _center(Phone())
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.put_down(CALLER, dying_seconds=0.5)
    await asyncio.sleep(0.1)
    center.switch.answer_phone(f"{CALLER}-a1")
    record = await _record(center)
    assert _offers(record) == [("anna", "caller_left")]


@pytest.mark.parametrize(
    ("phone", "outcome", "state"),
    [
        (Phone(refuses=1, cause=BUSY, status=486), "busy", AgentState.READY),
        (Phone(refuses=1, cause=REJECTED, status=603), "rejected", AgentState.READY),
        (Phone(refuses=1, cause=NO_ANSWER, status=480), "rejected", AgentState.READY),
        (Phone(refuses=5, cause=NO_ANSWER, status=0), "timed_out", AgentState.READY),
        (
            Phone(rings=None, refuses=5, cause=NO_ANSWER, status=0),
            "unreachable",
            AgentState.NOT_RESPONDING,
        ),
        (Phone(registered=False), "unreachable", AgentState.NOT_RESPONDING),
        (Phone(), "timed_out", AgentState.READY),
    ],
)
@in_virtual_time
async def test_when_one_agent_does_not_take_the_call_the_next_one_gets_it(
    phone: Phone, outcome: str, state: AgentState
) -> None:
    center = await _center(phone, Phone(answers=2, talks=5), retry_seconds=60)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(0.2)
    center.switch.arrive("100.2", SUPPORT)  # behind him, and rings the second agent meanwhile
    record = await _record(center)
    assert _offers(record)[0] == ("anna", outcome)
    assert _offers(record)[-1] == ("binh", "answered")
    assert center.state_of("anna") is state


@in_virtual_time
async def test_a_caller_whose_agent_refused_keeps_his_place_before_those_behind() -> None:
    center = await _center(Phone(refuses=1), retry_seconds=5)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(0.5)
    center.switch.arrive("100.2", SUPPORT)
    await asyncio.sleep(3)
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    record = await _record(center)
    assert record.offers[-1].ended < center.books.of("100.2").offers[-1].ended
    assert [visit.queue for visit in record.visits] == ["support"]


@in_virtual_time
async def test_a_phone_that_unregisters_while_it_rings_loses_the_call_at_once() -> None:
    center = await _center(Phone(), Phone(answers=1, talks=5))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(4)
    center.switch.unregister("3001")
    record = await _record(center)
    assert _offers(record) == [("anna", "unreachable"), ("binh", "answered")]
    assert record.offers[1].offered - record.offers[0].offered == pytest.approx(4, abs=0.1)
    assert center.state_of("anna") is AgentState.NOT_RESPONDING


@in_virtual_time
async def test_an_agent_who_pauses_while_he_rings_passes_the_caller_on() -> None:
    center = await _center(Phone(), Phone(answers=1, talks=5))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(4)
    center.desk.post(AgentPaused("anna", "lunch"))
    record = await _record(center)
    assert _offers(record) == [("anna", "cancelled"), ("binh", "answered")]
    assert center.state_of("anna") is AgentState.PAUSED


@in_virtual_time
async def test_an_agent_who_answers_while_the_link_is_down_gets_his_caller() -> None:
    center = await _center(Phone(answers=3, talks=20))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(2.5)
    center.link_down()
    await asyncio.sleep(1)
    center.link_up()
    await center.until_over()
    Truth(center, away=1).check()
    assert _offers(center.books.of(CALLER)) == [("anna", "answered")]
    await center.kill()


@in_virtual_time
async def test_a_phone_that_holds_the_talk_makes_a_stretch_of_hold() -> None:
    center = await _center(Phone(answers=1))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.hold(f"{CALLER}-a1", True)
    await asyncio.sleep(4)
    center.switch.hold(f"{CALLER}-a1", False)
    await asyncio.sleep(2)
    center.switch.put_down(CALLER)
    record = await _record(center)
    kinds = [segment.kind for segment in record.segments]
    assert kinds == [SegmentKind.RING, SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.TALK]
    assert record.segments[2].ended - record.segments[2].started == pytest.approx(4)


# -- recordings -------------------------------------------------------------------------------


async def _recorded(folder: Path | None = None) -> SmallCenter:
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), folder)
    switch.phones["3001"] = Phone(answers=1, talks=20)
    center = await opened(pbx=switch)
    center.log_in("anna")
    return center


@in_virtual_time
async def test_a_recording_is_as_long_as_its_talk_by_its_file(tmp_path: Path) -> None:
    center = await _recorded(tmp_path)
    center.switch.arrive(CALLER, SUPPORT)
    [made] = (await _record(center)).recordings
    assert made.complete
    assert made.seconds == pytest.approx(20, abs=0.1)
    assert made.bytes == (tmp_path / f"{CALLER}-r1.wav").stat().st_size


@in_virtual_time
async def test_a_talk_whose_recording_could_not_start_goes_on_and_says_so() -> None:
    center = await _recorded()
    center.switch.faults["record_call"] = Refused("no such format")
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert not record.recordings[0].complete
    assert "could not be started" in record.recordings[0].problem


@in_virtual_time
async def test_a_recording_that_ended_early_is_not_complete() -> None:
    center = await _recorded()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.lose_recording(f"{CALLER}-r1", "no audio")
    record = await _record(center)
    assert record.recordings[0].problem == "Asterisk reports: no audio"


@in_virtual_time
async def test_half_a_file_is_not_complete_whatever_is_reported(tmp_path: Path) -> None:
    center = await _recorded(tmp_path)
    center.switch.recording_share = 0.5
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert not record.recordings[0].complete
    assert record.recordings[0].problem.startswith("10.0 s of 20.0 s")
