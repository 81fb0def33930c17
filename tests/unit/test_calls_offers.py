"""How an offer reaches agents: several phones at once, by themselves, or first on a screen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from acd.messages import AgentLoggedOut, AgentPaused, AgentReady, AgentState
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.calls.mail import OfferDeclined, OfferTaken
from engine.ports import Gone
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER, NEXT = "100.1", "100.2"
NAMES = ("anna", "binh", "chi")


async def _center(*phones: Phone, **queue: Any) -> SmallCenter:
    """Agents at phones that behave like this, longest idle first."""
    center = await opened(small_site(len(phones), **queue))
    for number, phone in enumerate(phones):
        center.switch.phones[str(3001 + number)] = phone
        center.log_in(NAMES[number])
        await asyncio.sleep(1)
    return center


async def _record(center: SmallCenter, **truth: Any) -> CallRecord:
    await center.until_over()
    Truth(center, **truth).check()
    await center.kill()
    return center.books.of(CALLER)


def _offers(record: CallRecord) -> dict[str, str]:
    return {offer.agent: offer.outcome for offer in record.offers}


def _commands(center: SmallCenter, name: str) -> list[tuple[str, ...]]:
    return [command[1:] for command in center.switch.commands if command[0] == name]


# -- several at once ----------------------------------------------------------------------------


@in_virtual_time
async def test_all_phones_ring_the_first_answer_wins_and_the_others_show_no_missed_call() -> None:
    center = await _center(Phone(), Phone(answers=2, talks=5), Phone(), ring_width=1000)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(1)
    assert [center.state_of(name) for name in NAMES] == [AgentState.OFFERED] * 3
    await asyncio.sleep(2)
    assert center.state_of("binh") is AgentState.TALKING
    assert center.state_of("anna") is center.state_of("chi") is AgentState.READY
    record = await _record(center)
    assert _offers(record) == {"anna": "lost_race", "binh": "answered", "chi": "lost_race"}
    elsewhere = {leg for leg, *how in _commands(center, "hang_up") if how}
    assert elsewhere == {f"{CALLER}-a1", f"{CALLER}-a3"}
    assert len(record.recordings) == 1
    ring, talk = record.segments[:2]
    assert (ring.kind, ring.agent, talk.agent) == (SegmentKind.RING, None, "binh")


@in_virtual_time
async def test_two_who_answer_in_the_same_moment_make_one_talk() -> None:
    center = await _center(Phone(answers=2, talks=5), Phone(answers=2, talks=5), ring_width=2)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    assert sorted(center.state_of(name) for name in NAMES[:2]) == ["ready", "talking"]
    assert [len(there) for there in center.switch.bridges.values()] == [2]
    record = await _record(center)
    assert sorted(_offers(record).values()) == ["answered", "lost_race"]
    assert len(center.books.wrap_ups) == 1


@in_virtual_time
async def test_the_winner_hangs_up_before_he_is_heard_and_the_caller_is_offered_again() -> None:
    center = await _center(
        Phone(answers=2, talks=0.001), Phone(answers=6, talks=5), ring_width=2, wrap_up=20
    )
    center.switch.latency = 0.02
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert record.outcome is CallOutcome.ANSWERED
    outcomes = [(offer.agent, offer.outcome) for offer in record.offers]
    assert outcomes[:2] == [("anna", "rejected"), ("binh", "lost_race")]
    assert ("binh", "answered") in outcomes[2:]
    assert [visit.outcome for visit in record.visits] == ["answered"]


@in_virtual_time
async def test_who_was_put_back_stands_before_those_who_came_after_him() -> None:
    center = await _center(Phone(answers=2, talks=0.001), wrap_up=5)
    center.switch.latency = 0.02
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(1)
    center.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(2)
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    record = await _record(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert record.offers[-1].ended < center.books.of(NEXT).offers[-1].ended


@in_virtual_time
async def test_who_was_put_back_keeps_the_place_that_he_was_given_back() -> None:
    center = await _center(Phone(answers=2, talks=0.001), resume_seconds=300, wrap_up=0)
    center.desk.post(AgentPaused("anna", "lunch"))
    center.switch.latency = 0.02
    center.switch.arrive("100.0", SUPPORT, "0901234567")
    await asyncio.sleep(9)
    center.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(9)
    center.switch.put_down("100.0")
    center.switch.arrive(CALLER, SUPPORT, "0901234567")
    await asyncio.sleep(9)
    center.desk.post(AgentReady("anna"))
    await asyncio.sleep(2.5)
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    record = await _record(center)
    assert [offer.outcome for offer in record.offers] == ["rejected", "answered"]
    assert record.offers[-1].ended < center.books.of(NEXT).offers[0].offered


@in_virtual_time
async def test_a_caller_who_hangs_up_as_two_phones_ring_frees_both_and_blames_nobody() -> None:
    center = await _center(Phone(), Phone(), ring_width=2, max_misses=1)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(4)
    center.switch.put_down(CALLER)
    await asyncio.sleep(0.1)
    assert center.switch.channels == {}
    assert [center.state_of(name) for name in NAMES[:2]] == [AgentState.READY] * 2
    record = await _record(center)
    assert _offers(record) == {"anna": "caller_left", "binh": "caller_left"}


@in_virtual_time
async def test_one_of_two_phones_refuses_and_the_other_rings_on() -> None:
    center = await _center(
        Phone(refuses=1, cause=BUSY), Phone(answers=9, talks=5), ring_width=2, busy_seconds=60
    )
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert _offers(record) == {"anna": "busy", "binh": "answered"}
    ringing = [(s.agent, round(s.ended - s.started)) for s in record.segments[:2]]
    assert ringing == [(None, 1), ("binh", 8)]


@in_virtual_time
async def test_a_phone_that_unregisters_while_two_ring_leaves_the_other_ringing() -> None:
    center = await _center(Phone(), Phone(answers=9, talks=5), ring_width=2)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(4)
    center.switch.unregister("3001")
    record = await _record(center)
    assert _offers(record) == {"anna": "unreachable", "binh": "answered"}
    assert center.state_of("anna") is AgentState.NOT_RESPONDING


@in_virtual_time
async def test_an_agent_who_logs_out_while_all_phones_ring_is_let_go_alone() -> None:
    center = await _center(Phone(), Phone(answers=9, talks=5), ring_width=2)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(4)
    center.desk.post(AgentLoggedOut("anna"))
    await asyncio.sleep(0.1)
    assert [leg.id for leg in center.switch.legs_of("3001")] == []
    assert _offers(await _record(center)) == {"anna": "cancelled", "binh": "answered"}


@in_virtual_time
async def test_a_bridge_that_cannot_be_joined_is_our_fault_and_frees_the_agent() -> None:
    center = await _center(Phone(answers=2))
    center.switch.faults["join"] = Gone("no such bridge")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    assert center.state_of("anna") is AgentState.WRAP_UP
    record = await _record(center, slack=5)
    assert (record.outcome, record.ended_by) == (CallOutcome.ANSWERED, "engine")
    assert ("hand_over", CALLER, "engine-down", "s") in center.switch.commands


# -- phones that answer by themselves -----------------------------------------------------------


@in_virtual_time
async def test_a_phone_is_asked_to_answer_by_itself() -> None:
    center = await _center(Phone(talks=5), offer_mode="auto_answer")
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert _commands(center, "dial") == [(f"{CALLER}-a1", "3001", "auto_answer")]
    assert _offers(record) == {"anna": "answered"}


@in_virtual_time
async def test_a_phone_that_does_not_obey_rings_like_any_other() -> None:
    center = await _center(Phone(obeys=False, answers=4, talks=5), offer_mode="auto_answer")
    center.switch.arrive(CALLER, SUPPORT)
    record = await _record(center)
    assert record.offers[0].ended - record.offers[0].offered == pytest.approx(4, abs=0.1)


# -- previews -----------------------------------------------------------------------------------


async def _previewed() -> SmallCenter:
    center = await _center(
        Phone(talks=5), Phone(talks=5), offer_mode="preview", retry_seconds=60, ring_seconds=20
    )
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    return center


@in_virtual_time
async def test_an_agent_takes_what_he_is_shown_and_only_then_his_phone_rings() -> None:
    center = await _previewed()
    assert center.state_of("anna") is AgentState.OFFERED
    assert _commands(center, "dial") == []
    assert center.tell_offer(OfferTaken(f"{CALLER}-a1"))
    record = await _record(center)
    assert _commands(center, "dial") == [(f"{CALLER}-a1", "3001", "auto_answer")]
    assert _offers(record) == {"anna": "answered"}
    kinds = [(s.kind, round(s.ended - s.started)) for s in record.segments]
    assert kinds[0] == (SegmentKind.QUEUE, 3)
    assert (SegmentKind.TALK, 5) in kinds


@in_virtual_time
async def test_an_agent_declines_what_he_is_shown_and_the_next_one_is_asked() -> None:
    center = await _previewed()
    assert center.tell_offer(OfferDeclined(f"{CALLER}-a1"))
    await asyncio.sleep(1)
    assert center.state_of("binh") is AgentState.OFFERED
    center.tell_offer(OfferTaken(f"{CALLER}-a2"))
    record = await _record(center)
    assert _offers(record) == {"anna": "rejected", "binh": "answered"}


@in_virtual_time
async def test_a_preview_that_nobody_looks_at_goes_to_the_next_agent() -> None:
    center = await _previewed()
    await asyncio.sleep(20)
    assert not center.tell_offer(OfferTaken(f"{CALLER}-a1")), "it was withdrawn"
    assert center.tell_offer(OfferTaken(f"{CALLER}-a2"))
    assert _offers(await _record(center)) == {"anna": "timed_out", "binh": "answered"}


@in_virtual_time
async def test_a_preview_taken_twice_rings_once() -> None:
    center = await _previewed()
    for _ in range(2):
        center.tell_offer(OfferTaken(f"{CALLER}-a1"))
    assert len(_commands(center, "dial")) <= 1
    record = await _record(center)
    assert len(_commands(center, "dial")) == 1
    assert _offers(record) == {"anna": "answered"}


@in_virtual_time
async def test_a_caller_who_hangs_up_while_an_agent_reads_of_him_rings_nobody() -> None:
    center = await _previewed()
    center.switch.put_down(CALLER)
    assert _offers(await _record(center)) == {"anna": "caller_left"}
    assert _commands(center, "dial") == []


@in_virtual_time
async def test_an_agent_declines_on_his_screen_while_his_phone_rings() -> None:
    center = await _center(Phone(), Phone(answers=1, talks=5), retry_seconds=60)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.tell_offer(OfferDeclined(f"{CALLER}-a1"))
    await asyncio.sleep(0.1)
    assert center.switch.legs_of("3001") == []
    assert _offers(await _record(center)) == {"anna": "rejected", "binh": "answered"}


# -- why ----------------------------------------------------------------------------------------


@in_virtual_time
async def test_an_offer_and_a_wait_tell_why_in_a_sentence_and_as_data() -> None:
    center = await _center(Phone(answers=1, talks=5), Phone(answers=1, talks=40))
    for call in (CALLER, NEXT, "100.3"):
        center.switch.arrive(call, SUPPORT)
        await asyncio.sleep(0.5)
    record = await _record(center)
    [offer] = record.offers
    assert offer.why == "idle the longest of 2 (idle 2 s); before binh (idle 1 s)"
    assert [each["agent"] for each in json.loads(offer.because)["candidates"]] == ["anna", "binh"]
    waited = [s for s in center.books.of("100.3").steps if s.event == "waits on"]
    assert waited
    assert "number 2 in line" in waited[0].detail  # the one before him rings just now
    assert json.loads(waited[0].because)["position"] == 2
