"""A flow puts its caller through, to a number or to an agent: how each of the two ends it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.messages import AgentState
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.ports import Down, Refused
from tests.unit.fake_pbx import BUSY, REJECTED, Phone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import ANNA, MENU, SUPPORT, SmallCenter, Truth, opened
from tests.unit.test_calls_conference import come_back
from tests.unit.test_calls_flow import CALLER, over, said, site_with
from tests.unit.virtual_time import in_virtual_time

OUTSIDE, AWAY = "+842873000001", "+12015550123"
EXITS = ("answered", "busy", "noanswer", "congestion", "rejected", "failed", "max_time")
QUEUE_EXITS = ("answered", "timeout", "full", "no_agents", "overflow")
CONGESTED, UNALLOCATED = 34, 1


async def center_with(phone: Phone, *, to: str = OUTSIDE, **transfer: Any) -> SmallCenter:
    """A caller in a flow that puts him through at once, and says by which exit he came back."""
    target = {} if "agent" in transfer else {"number": to}
    node = {"type": "transfer", "ring_seconds": "20", **target, **transfer}
    flow = flow_of({"put": node | {name: name for name in EXITS}, **ends(*EXITS)})
    center = await opened(site_with(flow))
    center.switch.phones[OUTSIDE] = phone
    return center


def exit_of(center: SmallCenter, record: CallRecord) -> str:
    """By which he went on, as he heard it, and as it is written."""
    [visit] = [visit for visit in record.nodes if visit.node == "put"]
    assert said(center)[-1] == visit.exit
    return visit.exit


async def put_through(center: SmallCenter) -> CallRecord:
    """To the end, nobody hangs up but the one who is called."""
    center.switch.arrive(CALLER, MENU)
    return await over(center)


# -- a number outside ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "by"),
    [
        (Phone(answers=4, talks=20), "answered"),
        (Phone(refuses=1, cause=BUSY, status=486), "busy"),
        (Phone(refuses=1, cause=REJECTED, status=603), "rejected"),
        (Phone(refuses=1, cause=CONGESTED, status=503), "congestion"),
        (Phone(refuses=1, cause=UNALLOCATED, status=404), "failed"),
        (Phone(), "noanswer"),
        (Phone(rings=None), "noanswer"),
        (Phone(registered=False), "failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@in_virtual_time
async def test_each_end_of_the_far_side_is_an_exit_of_its_own(phone: Phone, by: str) -> None:
    center = await center_with(phone)
    record = await put_through(center)
    assert exit_of(center, record) == by
    assert (record.outcome is CallOutcome.FORWARDED) is (by == "answered")


@in_virtual_time
async def test_a_number_that_no_rule_lets_out_is_not_dialed() -> None:
    center = await center_with(Phone(), to=AWAY)
    record = await put_through(center)
    assert exit_of(center, record) == "failed"
    assert "dial_number" not in [command[0] for command in center.switch.commands]


@in_virtual_time
async def test_the_longest_time_of_talk_ends_it_and_the_caller_goes_on() -> None:
    center = await center_with(Phone(answers=2), most_seconds="30")
    record = await put_through(center)
    assert exit_of(center, record) == "max_time"
    talk = next(s for s in record.segments if s.kind is SegmentKind.FORWARDED)
    assert talk.ended - talk.started == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize("seconds", [0.5, 2.0, 6.0])
@in_virtual_time
async def test_a_caller_who_hangs_up_ends_it_at_the_far_side_too(seconds: float) -> None:
    center = await center_with(Phone(rings=1, answers=4))
    asyncio.get_running_loop().call_later(seconds, center.switch.put_down, CALLER)
    record = await put_through(center)
    assert record.ended_by == "caller"
    assert (record.outcome is CallOutcome.FORWARDED) is (seconds > 4)


@pytest.mark.parametrize("seconds", [2.0, 6.0])
@in_virtual_time
async def test_a_talk_is_no_time_in_the_flow_when_the_engine_was_away(seconds: float) -> None:
    center = await center_with(Phone(rings=1, answers=4, talks=20))
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(seconds)
    center = await come_back(center)
    await center.until_over()
    kinds = [segment.kind for segment in center.books.of(CALLER).segments]
    assert kinds.count(SegmentKind.IVR) == 1  # what he hears after it
    assert kinds.index(SegmentKind.IVR) > kinds.index(SegmentKind.FORWARDED)
    await center.kill()


@in_virtual_time
async def test_after_a_transfer_that_outlived_an_engine_the_caller_can_talk_with_an_agent() -> None:
    put = {"type": "transfer", "number": OUTSIDE, "answered": "wait", "failed": "bye"}
    wait = {"type": "queue", "queue": "support", **dict.fromkeys(QUEUE_EXITS, "bye")}
    center = await opened(site_with(flow_of({"put": put, "wait": wait, **ends("bye")})))
    center.switch.phones[OUTSIDE] = Phone(answers=1, talks=10)
    center.switch.phones[ANNA] = Phone(answers=2, talks=10)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(5)
    center = await come_back(center)
    center.log_in("anna")
    await center.until_over()
    Truth(center, away=1).check()
    assert "hand_over" not in [command[0] for command in center.switch.commands]
    await center.kill()


@in_virtual_time
async def test_who_was_called_is_not_left_alone_when_the_engine_dies_as_they_part() -> None:
    put = {"type": "transfer", "number": OUTSIDE, "most_seconds": "10"}
    hold = {"type": "queue", "queue": "support", **dict.fromkeys(QUEUE_EXITS, "bye")}
    leads = {"answered": "hold", "max_time": "hold", "failed": "bye"}
    center = await opened(site_with(flow_of({"put": put | leads, "hold": hold, **ends("bye")})))
    center.switch.phones[OUTSIDE] = Phone(answers=1)
    append = center.journal.append

    def append_and_die(at: float, kind: str, data: Any) -> None:
        append(at, kind, data)
        if "ForwardEnded" in str(data):
            center.dead.set()

    center.journal.append = append_and_die  # type: ignore[method-assign]
    center.switch.arrive(CALLER, MENU)
    await center.dead.wait()
    center = await come_back(center)
    await asyncio.sleep(5)
    assert center.switch.legs_of(OUTSIDE) == []
    assert not any(center.switch.bridges.values())
    assert center.switch.channels[CALLER].music, "he waits for an agent"
    center.switch.put_down(CALLER)
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_two_transfers_of_one_call_are_two_calls_to_outside() -> None:
    again = {"type": "transfer", "number": OUTSIDE, "answered": "bye", "failed": "bye"}
    flow = flow_of({"put": again | {"answered": "more"}, "more": again, **ends("bye")})
    center = await opened(site_with(flow))
    center.switch.phones[OUTSIDE] = Phone(answers=1, talks=5)
    record = await put_through(center)
    assert [s.kind for s in record.segments].count(SegmentKind.FORWARDED) == 2


@pytest.mark.parametrize(("shown", "number"), [(True, "+84901234567"), (False, "1900")])
@in_virtual_time
async def test_the_callers_number_is_shown_where_the_flow_says_so(shown: bool, number: str) -> None:
    center = await center_with(Phone(answers=1, talks=1), show_caller="yes" if shown else "no")
    await put_through(center)
    [dialed] = [command for command in center.switch.commands if command[0] == "dial_number"]
    assert dialed[-1] == number


@in_virtual_time
async def test_a_switch_that_does_not_answer_costs_the_transfer_only() -> None:
    center = await center_with(Phone())
    center.switch.faults["dial_number"] = Down("no answer")
    center.switch.arrive(CALLER, MENU)
    await center.until_over()
    Truth(center, strays_allowed=True).check()
    assert exit_of(center, center.books.of(CALLER)) == "failed"
    await center.kill()


# -- what the called party hears first ----------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "by"),
    [
        (Phone(answers=2, presses=(0.5, "1"), talks=20), "answered"),
        (Phone(answers=2, presses=(9.0, "1"), talks=20), "answered"),
        (Phone(answers=2, presses=(13.0, "1")), "noanswer"),
        (Phone(answers=2, presses=(1.0, "2")), "noanswer"),
        (Phone(answers=2), "noanswer"),
        (Phone(answers=2, talks=3), "rejected"),
    ],
)
@in_virtual_time
async def test_who_is_called_accepts_with_a_key_after_what_he_hears(phone: Phone, by: str) -> None:
    center = await center_with(phone, whisper="who_calls", accept_key="1")
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(2.4)
    [leg] = center.switch.legs_of(OUTSIDE)
    assert center.switch.channels[CALLER].ringing
    assert leg.bridge is None
    heard = [command[1] for command in center.switch.commands if command[-1].endswith("who_calls")]
    assert heard == [leg.id]
    record = await over(center)
    assert exit_of(center, record) == by


@in_virtual_time
async def test_a_caller_is_put_through_though_nothing_could_be_said_before() -> None:
    center = await center_with(Phone(answers=2, talks=20), whisper="who_calls")
    center.switch.faults["play"] = Refused("no such file")
    record = await put_through(center)
    assert exit_of(center, record) == "answered"
    talk = next(s for s in record.segments if s.kind is SegmentKind.FORWARDED)
    assert talk.ended - talk.started == pytest.approx(20, abs=0.1)


@in_virtual_time
async def test_without_a_key_who_is_called_only_hears_it() -> None:
    center = await center_with(Phone(answers=2, talks=20), whisper="who_calls")
    record = await put_through(center)
    assert exit_of(center, record) == "answered"
    talk = next(s for s in record.segments if s.kind is SegmentKind.FORWARDED)
    assert talk.ended - talk.started == pytest.approx(19, abs=0.1)


@in_virtual_time
async def test_a_caller_who_hangs_up_while_the_other_is_told_leaves_nobody_connected() -> None:
    center = await center_with(Phone(answers=2), whisper="who_calls", accept_key="1")
    asyncio.get_running_loop().call_later(2.5, center.switch.put_down, CALLER)
    record = await put_through(center)
    assert record.ended_by == "caller"
    assert record.outcome is not CallOutcome.FORWARDED


# -- an agent -----------------------------------------------------------------------------------


async def center_with_anna(phone: Phone, **transfer: Any) -> SmallCenter:
    """The agent is logged in, at her own phone."""
    center = await center_with(Phone(), agent="anna", **transfer)
    center.log_in("anna")
    center.switch.phones[ANNA] = phone
    center.switchboard.online.add(ANNA)
    return center


@in_virtual_time
async def test_an_agent_is_offered_nothing_while_she_is_called_and_talks() -> None:
    center = await center_with_anna(Phone(answers=4, talks=20))
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(2)
    center.switch.arrive("100.2", SUPPORT)
    for state in (AgentState.OFFERED, AgentState.TALKING, AgentState.TALKING):
        assert center.state_of("anna") is state
        await asyncio.sleep(6)
    record = await over_both(center)
    assert exit_of_first(record) == "answered"
    talk = next(s for s in record.segments if s.kind is SegmentKind.TALK)
    assert talk.agent == "anna"
    waited = center.books.of("100.2")
    assert waited.offers[0].offered >= talk.ended


async def over_both(center: SmallCenter) -> CallRecord:
    """The second caller has talked with her, too."""
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(CALLER)


def exit_of_first(record: CallRecord) -> str:
    """By which he went on."""
    return next(visit.exit for visit in record.nodes if visit.node == "put")


@pytest.mark.parametrize(
    ("phone", "by"),
    [
        (Phone(refuses=1, cause=BUSY, status=486), "busy"),
        (Phone(refuses=1, cause=REJECTED, status=603), "rejected"),
        (Phone(), "noanswer"),
        (Phone(registered=False), "failed"),
    ],
)
@in_virtual_time
async def test_an_agent_who_does_not_come_to_the_phone_is_free_and_not_blamed(
    phone: Phone, by: str
) -> None:
    center = await center_with_anna(phone)
    record = await put_through(center)
    assert exit_of(center, record) == by
    [anna] = [view for view in center.desk.acd.agents() if view.name == "anna"]
    assert (anna.state, anna.contacts_today, anna.resting) == (AgentState.READY, 0, "")


@in_virtual_time
async def test_an_agent_who_talks_is_busy_and_one_who_is_nowhere_cannot_be_reached() -> None:
    center = await center_with_anna(Phone(answers=1, talks=100))
    center.switch.arrive("100.2", SUPPORT)
    await asyncio.sleep(5)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(5)
    assert said(center)[-1] == "busy"
    await center.until_over()
    await center.kill()
    center = await center_with(Phone(), agent="3001")
    assert exit_of(center, await put_through(center)) == "failed"
    center = await center_with(Phone(), agent="nobody")
    assert exit_of(center, await put_through(center)) == "failed"


@in_virtual_time
async def test_an_agent_who_is_not_logged_in_is_called_at_her_own_phone() -> None:
    center = await center_with(Phone(), agent="3001")
    center.switch.phones[ANNA] = Phone(answers=2, talks=5)
    center.switchboard.online.add(ANNA)
    assert exit_of(center, await put_through(center)) == "answered"


# -- by the caller's own trunk ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "by"),
    [(486, "busy"), (480, "noanswer"), (603, "rejected"), (503, "congestion"), (0, "failed")],
)
@in_virtual_time
async def test_a_caller_whom_his_trunk_did_not_put_through_goes_on(status: int, by: str) -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (3.0, status)
    record = await put_through(center)
    assert exit_of(center, record) == by


@in_virtual_time
async def test_a_caller_whom_his_trunk_put_through_is_gone_from_here() -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (3.0, 200)
    record = await put_through(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.FORWARDED, "engine")
    assert said(center) == []


@in_virtual_time
async def test_a_caller_whom_his_trunk_takes_away_without_a_word_was_put_through() -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (30.0, 486)
    asyncio.get_running_loop().call_later(2, center.switch.put_down, CALLER)
    record = await put_through(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.FORWARDED, "caller")


@in_virtual_time
async def test_a_caller_dismissed_while_his_trunk_is_asked_was_put_through_to_nobody() -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (30.0, 486)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(5)
    await center.registry.dismiss(center.registry.calls[CALLER])
    record = await over(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.DISMISSED, "engine")


@in_virtual_time
async def test_a_caller_whose_end_nobody_saw_while_his_trunk_was_asked_is_not_put_through() -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (30.0, 486)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(15)
    center.link_down()
    center.switch.put_down(CALLER)
    await asyncio.sleep(1)
    center.link_up()
    record = await over(center)
    assert record.estimated_end
    assert record.outcome is not CallOutcome.FORWARDED


@in_virtual_time
async def test_a_caller_whose_way_back_nobody_heard_is_found() -> None:
    center = await center_with(Phone(), refer="yes")
    center.switch.refers[OUTSIDE] = (10.0, 486)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(5)
    center.link_down()
    await asyncio.sleep(10)
    center.link_up()
    record = await over(center)
    assert exit_of(center, record) == "failed"
