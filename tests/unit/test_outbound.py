"""A campaign calls a lead: the ways of an attempt, mode by mode, to a disposition."""

from __future__ import annotations

import asyncio

import pytest

from acd.messages import AgentPaused, AgentState
from dialer.dispositions import Disposition
from dialer.plan import Mode
from engine.call_record import CallOutcome, CallRecord
from engine.calls import notes as n
from engine.calls.mail import AttemptCancelled, GivenUp, OfferDeclined, OfferTaken
from engine.ports import LegGone
from tests.unit.fake_pbx import BUSY, NO_ANSWER, REJECTED, UNALLOCATED, Phone
from tests.unit.outbound_center import (
    ATTEMPT,
    CALLEE,
    dial,
    dialing_center,
    legs,
    made,
    outbound_site,
    recorded,
    says,
)
from tests.unit.small_center import ANNA, BINH, LOGIN, SUPPORT, SmallCenter
from tests.unit.virtual_time import in_virtual_time

ALONE = [Mode.POWER, Mode.PREDICTIVE]
EVERY_MODE = [*ALONE, Mode.PROGRESSIVE, Mode.PREVIEW, Mode.MANUAL]

to_agents = pytest.mark.parametrize("mode", EVERY_MODE)


def kinds(record: CallRecord) -> list[str]:
    return [segment.kind for segment in record.segments]


def talked(record: CallRecord) -> float:
    """When they were together."""
    return next(s.started for s in record.segments if s.kind == "talk")


# -- a person and an agent -----------------------------------------------------------------------


@pytest.mark.parametrize("mode", [*ALONE, Mode.PROGRESSIVE])
@in_virtual_time
async def test_who_answers_hears_an_agent_at_once(mode: Mode) -> None:
    center = await dialing_center()
    dial(center, mode)
    record = await recorded(center)
    attempt = record.attempt
    assert attempt is not None
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "anna")
    assert (record.outcome, record.caller, record.called) == (
        CallOutcome.ANSWERED,
        CALLEE,
        "1900",
    )
    assert attempt.dialed is not None
    assert attempt.rang is not None
    assert attempt.answered is not None
    assert attempt.connected is not None
    assert attempt.dialed < attempt.rang < attempt.answered == attempt.person
    assert 0 <= attempt.connected - attempt.answered < 0.2
    assert [visit.outcome for visit in record.visits] == ["answered"]
    assert record.recordings[0].complete


@in_virtual_time
async def test_a_progressive_call_holds_its_agent_before_anything_rings() -> None:
    center = await dialing_center()
    dial(center, Mode.PROGRESSIVE)
    await asyncio.sleep(1)
    assert center.state_of("anna") is AgentState.OFFERED
    assert legs(center, ANNA) == []
    assert len(legs(center, CALLEE)) == 1
    record = await recorded(center)
    assert kinds(record) == ["dialing", "ring", "talk"]


@in_virtual_time
async def test_an_agent_who_takes_a_preview_hears_the_callees_phone_ring() -> None:
    center = await dialing_center(offer_mode="preview")
    dial(center, Mode.PREVIEW)
    await asyncio.sleep(10)
    assert legs(center, ANNA) == legs(center, CALLEE) == []
    assert center.tell_offer(OfferTaken(f"{ATTEMPT}-a1"))
    await asyncio.sleep(1)
    assert center.switch.legs_of(ANNA)[0].ringing
    record = await recorded(center)
    assert record.attempt is not None
    assert record.attempt.disposition is Disposition.CONNECTED
    assert kinds(record) == ["queue", "ring", "dialing", "talk"]


@in_virtual_time
async def test_a_lead_that_is_skipped_goes_to_the_next_agent_with_the_reason_noted() -> None:
    center = await dialing_center(2, offer_mode="preview")
    dial(center, Mode.PREVIEW)
    await asyncio.sleep(1)
    [first] = center.registry.calls[ATTEMPT].standing.offers.values()
    center.tell_offer(OfferDeclined(first.offer, "known as rude"))
    await asyncio.sleep(1)
    [second] = center.registry.calls[ATTEMPT].standing.offers.values()
    assert second.agent != first.agent
    center.tell_offer(OfferTaken(second.offer))
    record = await recorded(center)
    assert record.agent == second.agent
    assert any("known as rude" in step.detail for step in record.steps)


@in_virtual_time
async def test_a_lead_that_nobody_else_may_see_goes_back_and_its_agent_is_free_at_once() -> None:
    center = await dialing_center(offer_mode="preview")
    dial(center, Mode.PREVIEW)
    await asyncio.sleep(1)
    center.tell_offer(OfferDeclined(f"{ATTEMPT}-a1", "not now"))
    attempt = await made(center)
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)
    assert center.state_of("anna") is AgentState.READY


@in_virtual_time
async def test_a_lead_is_shown_for_as_long_as_its_campaign_says() -> None:
    center = await dialing_center(offer_mode="preview")
    dial(center, Mode.PREVIEW, preview_seconds=90.0)
    await asyncio.sleep(85)
    assert center.state_of("anna") is AgentState.OFFERED
    attempt = await made(center)
    assert attempt.disposition is Disposition.CANCELLED
    assert attempt.ended - attempt.plan.decided == pytest.approx(90, abs=1)


@in_virtual_time
async def test_before_the_callee_is_dialed_his_trunk_and_the_law_are_asked_once_more() -> None:
    center = await dialing_center()
    asked: list[str] = []

    async def pace(trunk: str) -> None:
        asked.append(trunk)
        await asyncio.sleep(3)

    def permit(attempt: str) -> str:
        asked.append(attempt)
        return "he has opted out"

    center.switchboard.pace, center.switchboard.permit = pace, permit
    dial(center, Mode.PREDICTIVE)
    attempt = await made(center)
    assert asked == ["trunk", ATTEMPT]
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)


@in_virtual_time
async def test_a_lead_of_one_agent_waits_for_him_and_nobody_else() -> None:
    center = await dialing_center(2)
    dial(center, Mode.MANUAL, agent="binh")
    attempt = await made(center)
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "binh")


@in_virtual_time
async def test_who_answers_is_served_before_who_has_waited_long() -> None:
    center = await dialing_center()
    center.switch.phones[ANNA] = Phone(answers=0.1)
    center.switch.arrive("100.1", SUPPORT)
    await asyncio.sleep(1)
    center.switch.arrive("100.2", SUPPORT)
    center.switch.arrive("100.3", SUPPORT)
    await asyncio.sleep(30)
    dial(center, Mode.PREDICTIVE)
    loop = asyncio.get_running_loop()
    loop.call_later(5, center.switch.put_down, "100.1")
    for place, call in enumerate(("100.2", "100.3")):
        loop.call_later(60 + 30 * place, center.switch.put_down, call)
    attempt = await made(center)
    assert attempt.disposition is Disposition.CONNECTED
    assert attempt.connected is not None
    assert attempt.connected < talked(center.books.of("100.2"))


@in_virtual_time
async def test_a_person_whose_agent_is_gone_at_once_gets_another() -> None:
    center = await dialing_center(2)
    center.switch.phones[ANNA] = Phone(obeys=False, refuses=0.1, cause=REJECTED, status=603)
    dial(center, Mode.PREDICTIVE)
    attempt = await made(center)
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "binh")


@pytest.mark.parametrize("mode", [*ALONE, Mode.PROGRESSIVE])
@in_virtual_time
async def test_a_nailed_up_agent_hears_a_beep_when_the_person_is_there(mode: Mode) -> None:
    center = await dialing_center(0)
    agents = center.site.agents
    agents["anna"] = outbound_site().agents["anna"].model_copy(update={"nailed_up": True})
    center.in_force.put(center.site)
    center.switch.phones[ANNA] = Phone()
    center.switch.arrive("200.1", LOGIN, ANNA, ANNA)
    await asyncio.sleep(5)
    dial(center, mode)
    await asyncio.sleep(3)
    beeps = [c for c in center.switch.commands if c[0] == "play" and c[3] == "sound:beep"]
    assert beeps == []
    await asyncio.sleep(2)
    assert center.state_of("anna") is AgentState.TALKING
    asyncio.get_running_loop().call_later(20, center.switch.put_down, "200.1")
    await center.until_over()
    attempt = center.books.of(ATTEMPT).attempt
    assert attempt is not None
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "anna")
    await center.kill()


@in_virtual_time
async def test_a_queues_announcements_are_not_for_who_was_called() -> None:
    center = await dialing_center(announcements={"at_entry": ["hours"]})
    center.desk.post(AgentPaused("anna", "lunch"))
    dial(center, Mode.PREDICTIVE)
    await made(center)
    assert says(center) == ["dialer_dropped"]


# -- nobody is there in time -----------------------------------------------------------------------


@pytest.mark.parametrize("mode", ALONE)
@in_virtual_time
async def test_who_has_no_agent_within_two_seconds_is_told_who_called(mode: Mode) -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    dial(center, mode)
    record = await recorded(center)
    attempt = record.attempt
    assert attempt is not None
    assert attempt.disposition is Disposition.ABANDONED
    assert attempt.spoken == ("dialer_dropped",)
    assert says(center) == ["dialer_dropped"]
    spoke = next(s.at for s in record.steps if s.event == "say")
    assert attempt.answered is not None
    assert 1.5 < spoke - attempt.answered < 2.0
    assert [visit.outcome for visit in record.visits] == ["no_agent"]
    assert (record.outcome, record.ended_by) == (CallOutcome.OVERFLOWED, "engine")
    assert not attempt.opted_out


@in_virtual_time
async def test_who_presses_nine_is_called_no_more() -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=4, presses=(2.5, "9"))
    dial(center, Mode.PREDICTIVE)
    attempt = await made(center)
    assert attempt.opted_out
    assert says(center) == ["dialer_dropped", "dialer_opted_out"]


@in_virtual_time
async def test_another_key_means_nothing() -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=4, presses=(2.5, "1"))
    dial(center, Mode.PREDICTIVE)
    assert not (await made(center)).opted_out


@in_virtual_time
async def test_an_agent_whose_phone_rings_when_the_time_is_over_is_free_again() -> None:
    center = await dialing_center(offer_mode="ring")
    center.switch.phones[ANNA] = Phone(answers=3)
    dial(center, Mode.PREDICTIVE)
    await asyncio.sleep(6.5)
    assert legs(center, ANNA) == []
    assert center.state_of("anna") is AgentState.READY
    assert (await made(center)).disposition is Disposition.ABANDONED


@in_virtual_time
async def test_who_hangs_up_before_his_two_seconds_are_over_was_not_abandoned() -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=4, talks=1)
    dial(center, Mode.PREDICTIVE)
    attempt = await made(center)
    assert (attempt.disposition, attempt.spoken) == (Disposition.HUNG_UP, ())


@in_virtual_time
async def test_who_hangs_up_in_the_message_was_abandoned() -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=4, talks=2.2)
    dial(center, Mode.PREDICTIVE)
    assert (await made(center)).disposition is Disposition.ABANDONED


@in_virtual_time
async def test_the_held_agent_may_go_and_the_next_one_is_held_while_it_rings_on() -> None:
    center = await dialing_center(2)
    dial(center, Mode.PROGRESSIVE)
    await asyncio.sleep(1)
    [first] = center.registry.calls[ATTEMPT].standing.offers.values()
    center.desk.post(AgentPaused(first.agent, "lunch"))
    await asyncio.sleep(1)
    [second] = center.registry.calls[ATTEMPT].standing.offers.values()
    assert second.agent != first.agent
    attempt = await made(center)
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, second.agent)


@in_virtual_time
async def test_a_held_agent_who_goes_leaves_the_phone_ringing_its_time() -> None:
    center = await dialing_center()
    dial(center, Mode.PROGRESSIVE)
    await asyncio.sleep(1)
    center.desk.post(AgentPaused("anna", "lunch"))
    await asyncio.sleep(1)
    assert len(legs(center, CALLEE)) == 1
    attempt = await made(center)
    assert attempt.disposition is Disposition.ABANDONED


# -- not reached -----------------------------------------------------------------------------------


@to_agents
@pytest.mark.parametrize(
    ("phone", "disposition", "causes"),
    [
        (Phone(refuses=1, cause=BUSY, status=486), Disposition.BUSY, (17, 486)),
        (Phone(refuses=9, cause=REJECTED, status=603), Disposition.REJECTED, (21, 603)),
        (Phone(rings=None, refuses=1, cause=21, status=403), Disposition.CONGESTED, (21, 403)),
        (Phone(rings=None, refuses=1, cause=34, status=503), Disposition.CONGESTED, (34, 503)),
        (Phone(refuses=1, cause=UNALLOCATED, status=404), Disposition.INVALID, (1, 404)),
        (Phone(refuses=9, cause=NO_ANSWER, status=480), Disposition.NO_ANSWER, (19, 480)),
        (Phone(rings=None, refuses=1, cause=20, status=487), Disposition.UNREACHABLE, (20, 487)),
        (Phone(rings=None, refuses=9, cause=NO_ANSWER, status=0), Disposition.CONGESTED, (19, 0)),
        (Phone(), Disposition.NO_ANSWER, (16, 0)),
        (Phone(rings=None), Disposition.UNREACHABLE, (16, 0)),
        (Phone(rings=None, progresses=1), Disposition.NO_ANSWER, (16, 0)),
        (
            Phone(rings=None, progresses=1, refuses=9, cause=20, status=480),
            Disposition.NO_ANSWER,
            (20, 480),
        ),
        (
            Phone(rings=None, progresses=1, refuses=9, cause=20, status=487),
            Disposition.UNREACHABLE,
            (20, 487),
        ),
        (Phone(registered=False), Disposition.CONGESTED, (27, 0)),
    ],
)
@in_virtual_time
async def test_each_reason_not_to_be_reached_is_a_disposition_of_its_own(
    mode: Mode, phone: Phone, disposition: Disposition, causes: tuple[int, int]
) -> None:
    center = await dialing_center()
    center.switch.phones[CALLEE] = phone
    dial(center, mode)
    record = await recorded(center)
    attempt = record.attempt
    assert attempt is not None
    assert attempt.disposition is disposition
    assert (attempt.cause, attempt.tech_cause) == causes or attempt.answered is None
    assert record.outcome is CallOutcome.NOT_REACHED
    assert center.state_of("anna") is AgentState.READY
    assert record.visits == ()


@to_agents
@in_virtual_time
async def test_a_call_that_is_given_up_is_hung_up_and_nobody_is_held(mode: Mode) -> None:
    center = await dialing_center()
    dial(center, mode)
    await asyncio.sleep(2)
    center.registry.calls[ATTEMPT].deliver(GivenUp())
    await asyncio.sleep(0.1)
    assert legs(center, CALLEE) == []
    assert center.state_of("anna") is AgentState.READY
    assert (await made(center)).disposition is Disposition.GIVEN_UP


@to_agents
@in_virtual_time
async def test_a_call_that_is_cancelled_while_it_rings_is_not_the_callees_fault(mode: Mode) -> None:
    center = await dialing_center()
    dial(center, mode)
    await asyncio.sleep(2)
    await center.registry.dismiss(center.registry.calls[ATTEMPT])
    assert (await made(center)).disposition is Disposition.CANCELLED


@in_virtual_time
async def test_before_a_planned_end_of_the_switch_nobodys_phone_rings_on() -> None:
    center = await dialing_center()
    dial(center, Mode.POWER)
    await asyncio.sleep(2)
    await center.close_calls()
    assert legs(center, CALLEE) == []
    assert (await made(center)).disposition is Disposition.CANCELLED


@in_virtual_time
async def test_giving_up_a_call_that_is_answered_changes_nothing() -> None:
    center = await dialing_center()
    dial(center, Mode.POWER)
    await asyncio.sleep(4.5)
    center.registry.calls[ATTEMPT].deliver(GivenUp())
    center.registry.calls[ATTEMPT].deliver(AttemptCancelled("late"))
    assert (await made(center)).disposition is Disposition.CONNECTED


@in_virtual_time
async def test_who_answers_as_he_is_given_up_was_hung_up_on() -> None:
    center = await dialing_center()
    center.switch.latency = 0.01
    dial(center, Mode.POWER)
    await asyncio.sleep(1)
    [leg] = legs(center, CALLEE)
    center.registry.calls[ATTEMPT].deliver(GivenUp())
    asyncio.get_running_loop().call_later(0.003, center.switch.answer_phone, leg)
    attempt = await made(center)
    assert attempt.answered is not None
    assert attempt.disposition is Disposition.ABANDONED


@in_virtual_time
async def test_without_an_agent_a_progressive_call_is_never_dialed() -> None:
    center = await dialing_center()
    center.desk.post(AgentPaused("anna", "lunch"))
    dial(center, Mode.PROGRESSIVE)
    attempt = await made(center)
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)


@in_virtual_time
async def test_a_lead_that_nobody_takes_is_given_back() -> None:
    center = await dialing_center(offer_mode="preview", ring_seconds=30, max_misses=1)
    dial(center, Mode.PREVIEW)
    await asyncio.sleep(590)
    attempt = await made(center)
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)


@in_virtual_time
async def test_what_became_unlawful_while_the_agent_looked_is_not_dialed() -> None:
    center = await dialing_center(offer_mode="preview")
    center.switchboard.permit = lambda attempt: "opted out" if attempt == ATTEMPT else ""
    dial(center, Mode.PREVIEW)
    await asyncio.sleep(5)
    center.tell_offer(OfferTaken(f"{ATTEMPT}-a1"))
    attempt = await made(center)
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)
    assert center.state_of("anna") is AgentState.READY


@in_virtual_time
async def test_an_agent_who_hangs_up_while_it_rings_ends_his_attempt() -> None:
    center = await dialing_center()
    dial(center, Mode.MANUAL, agent="anna")
    await asyncio.sleep(2)
    [leg] = legs(center, ANNA)
    center.switch.put_down(leg)
    attempt = await made(center)
    assert attempt.disposition is Disposition.CANCELLED


@in_virtual_time
async def test_an_old_decision_to_dial_is_not_carried_out() -> None:
    center = await dialing_center()
    dial(center, Mode.POWER, decided=center.clock.now() - 60)
    attempt = await made(center)
    assert (attempt.disposition, attempt.dialed) == (Disposition.CANCELLED, None)


@in_virtual_time
async def test_a_fault_of_the_switch_after_the_answer_leaves_nobody_in_silence() -> None:
    center = await dialing_center()
    center.switch.faults["join"] = RuntimeError("broken")
    dial(center, Mode.POWER)
    attempt = await made(center)
    assert attempt.disposition in (Disposition.ABANDONED, Disposition.CONNECTED)


@in_virtual_time
async def test_several_calls_at_once_each_end_once() -> None:
    center: SmallCenter = await dialing_center(2)
    center.switch.phones[BINH] = Phone(answers=0.1)
    for number in range(2, 6):
        phone = f"+8490000000{number}"
        center.switch.phones[phone] = Phone(rings=0.2, answers=4, talks=10)
        dial(center, Mode.PREDICTIVE, attempt=f"ob-1.{number}", number=phone, dialed=phone)
    await center.until_over()
    ends = [center.books.of(f"ob-1.{number}").attempt for number in range(2, 6)]
    dispositions = sorted(end.disposition for end in ends if end is not None)
    assert dispositions == ["abandoned", "abandoned", "connected", "connected"]
    await center.kill()


@in_virtual_time
async def test_a_leg_of_ours_that_came_and_went_unseen_is_no_call() -> None:
    center = await dialing_center()
    now = center.clock.now()
    leg = f"{ATTEMPT}-c1.1"
    center.registry.missed(n.Arrived(now, leg, "inbound", "s", ""), LegGone(now, leg, 16))
    await center.until_over()
    assert center.books.calls == []
    await center.kill()
