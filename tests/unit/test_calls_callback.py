"""Customers who hang up, keep their place, and are called back: agent first and customer first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.messages import AgentState
from acd.queues import CallbackSettings, VoicemailSettings
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.calls.callbacks.booking import ask_for
from engine.calls.callbacks.living import callbacks
from tests.unit.fake_pbx import BUSY, NO_ANSWER, REJECTED, UNALLOCATED, Phone
from tests.unit.small_center import ANNA, BINH, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import EPOCH, in_virtual_time

CALLER, NUMBER, HOME = "100.1", "0901234567", "+84901234567"
CALLBACK = "cb-100.1"
GAP = 60.0

firsts = pytest.mark.parametrize("first", ["agent", "customer"])


async def center_with(first: str = "agent", **settings: Any) -> SmallCenter:
    """A queue that calls back at a key, one agent not there yet."""
    callback = CallbackSettings.model_validate(
        {"first": first, "confirm": False, "gap_seconds": GAP, "attempts": 2} | settings
    )
    center = await opened(small_site(2, callback=callback, wrap_up="none"))
    center.switch.phones[HOME] = Phone(rings=0.2, answers=4, talks=10)
    return center


async def ask(center: SmallCenter, channel: str = CALLER, number: str = NUMBER) -> None:
    """A caller waits, presses the key, hears that he is called back, and hangs up."""
    center.switch.arrive(channel, SUPPORT, number)
    await asyncio.sleep(5)
    center.switch.press(channel, "1")
    await asyncio.sleep(3)


async def over(center: SmallCenter) -> None:
    """Until everything is over, and nothing is left."""
    await center.until_over()
    Truth(center).check()


def kinds(record: CallRecord) -> list[str]:
    return [segment.kind for segment in record.segments]


# -- agent first ---------------------------------------------------------------------------------


@in_virtual_time
async def test_a_customer_is_called_back_when_an_agent_has_taken_him() -> None:
    center = await center_with()
    await ask(center)
    first = center.books.of(CALLER)
    assert (first.outcome, first.ended_by) == (CallOutcome.CALLBACK, "engine")
    assert [visit.outcome for visit in first.visits] == ["callback"]
    await asyncio.sleep(100)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.direction, record.parent) == ("callback", CALLER)
    assert (record.caller, record.called) == (HOME, SUPPORT)
    assert (record.outcome, record.agent) == (CallOutcome.ANSWERED, "anna")
    assert kinds(record)[:4] == ["queue", "ring", "dialing", "talk"]
    dialing = next(s for s in record.segments if s.kind is SegmentKind.DIALING)
    assert dialing.ended - dialing.started == pytest.approx(4, abs=0.1)
    assert [visit.outcome for visit in record.visits] == ["answered"]
    assert record.recordings[0].complete
    await center.kill()


@in_virtual_time
async def test_the_agents_phone_shows_the_customers_number_and_he_hears_it_ring() -> None:
    center = await center_with()
    await ask(center)
    center.switch.phones[ANNA] = Phone(answers=2)
    center.log_in("anna")
    await asyncio.sleep(4)
    leg = center.switch.legs_of(ANNA)[0]
    assert leg.ringing
    assert ("dial", leg.id, ANNA, HOME) in center.switch.commands
    dialed = next(c for c in center.switch.commands if c[0] == "dial_number")
    assert dialed[2:] == (HOME, "trunk", "1900")
    await asyncio.sleep(4)
    assert not leg.ringing
    assert center.state_of("anna") is AgentState.TALKING
    await over(center)
    await center.kill()


@in_virtual_time
async def test_who_asked_to_be_called_back_keeps_his_place_between_the_others() -> None:
    center = await center_with()
    center.switch.phones[ANNA] = Phone(answers=1, talks=5)
    center.switch.arrive("100.0", SUPPORT, "0911111111")
    await asyncio.sleep(1)
    await ask(center)
    center.switch.arrive("100.2", SUPPORT, "0922222222")
    await asyncio.sleep(1)
    center.log_in("anna")
    await over(center)
    answered = [center.books.of(call).visits[-1].left for call in ("100.0", CALLBACK, "100.2")]
    assert answered == sorted(answered)
    await center.kill()


@in_virtual_time
async def test_a_customer_not_reached_frees_the_agent_and_is_tried_again_at_his_place() -> None:
    center = await center_with()
    center.switch.phones[HOME] = Phone(rings=0.2, refuses=2, cause=BUSY, status=486)
    await ask(center)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await asyncio.sleep(10)
    assert center.state_of("anna") is AgentState.READY
    assert len(center.switch.legs_of(ANNA)) == 0
    center.switch.phones[HOME] = Phone(answers=3, talks=5)
    await over(center)
    record = center.books.of(CALLBACK)
    assert record.outcome is CallOutcome.ANSWERED
    dials = [step.at for step in record.steps if step.event == "dial"]
    assert GAP <= dials[1] - dials[0] <= GAP + 5
    assert [visit.outcome for visit in record.visits] == ["answered"]
    await center.kill()


@pytest.mark.parametrize(
    ("phone", "why", "attempts"),
    [
        (Phone(rings=0.2), "no_answer", 2),
        (Phone(rings=0.2, refuses=2, cause=BUSY, status=486), "busy", 2),
        (Phone(rings=0.2, refuses=2, cause=REJECTED, status=603), "rejected", 2),
        (Phone(rings=None, refuses=1, cause=NO_ANSWER, status=480), "no_answer", 2),
        (Phone(rings=None, refuses=1, cause=UNALLOCATED, status=404), "invalid_number", 1),
        (Phone(registered=False), "unreachable", 2),
    ],
)
@firsts
@in_virtual_time
async def test_who_is_never_reached_is_given_up(
    first: str, phone: Phone, why: str, attempts: int
) -> None:
    center = await center_with(first)
    center.switch.phones[HOME] = phone
    center.switch.phones[ANNA] = Phone(answers=1)
    await ask(center)
    center.log_in("anna")
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.outcome, record.ended_by) == (CallOutcome.NOT_REACHED, "engine")
    assert [visit.outcome for visit in record.visits] == ["given_up"]
    assert [step.event for step in record.steps].count("dial") == attempts
    assert why in [step.event for step in record.steps]
    assert center.state_of("anna") is AgentState.READY
    await center.kill()


@in_virtual_time
async def test_an_agent_who_hangs_up_before_the_answer_is_free_and_the_next_one_takes_it() -> None:
    center = await center_with()
    center.switch.phones[ANNA] = Phone(answers=1, talks=1)
    center.switch.phones[BINH] = Phone(answers=1)
    await ask(center)
    center.log_in("anna")
    await asyncio.sleep(3)
    center.switch.phones[ANNA] = Phone(registered=False)
    center.log_in("binh")
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.outcome, record.agent) == (CallOutcome.ANSWERED, "binh")
    await center.kill()


# -- customer first ------------------------------------------------------------------------------


@in_virtual_time
async def test_a_customer_who_is_called_first_hears_music_until_an_agent_answers() -> None:
    center = await center_with("customer")
    await ask(center)
    center.switch.phones[ANNA] = Phone(answers=3)
    center.log_in("anna")
    await asyncio.sleep(5.5)
    [leg] = center.switch.legs_of(HOME)
    assert leg.music == "default"
    assert center.state_of("anna") in (AgentState.OFFERED, AgentState.TALKING)
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.outcome, record.agent) == (CallOutcome.ANSWERED, "anna")
    assert kinds(record)[:4] == ["queue", "dialing", "ring", "talk"]
    assert center.switch.commands.count(("dial", f"{CALLBACK}-a1", ANNA, HOME)) == 1
    await center.kill()


@in_virtual_time
async def test_no_more_customers_are_called_than_agents_are_free() -> None:
    center = await center_with("customer")
    center.switch.phones["+84911111111"] = Phone(answers=4, talks=10)
    await ask(center)
    await ask(center, "100.2", "0911111111")
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await asyncio.sleep(10)
    dialed = [c[2] for c in center.switch.commands if c[0] == "dial_number"]
    assert dialed == [HOME]
    await over(center)
    assert center.books.of("cb-100.2").outcome is CallOutcome.ANSWERED
    await center.kill()


@in_virtual_time
async def test_a_called_customer_who_hangs_up_before_the_agent_has_abandoned() -> None:
    center = await center_with("customer")
    center.switch.phones[HOME] = Phone(answers=2, talks=3)
    center.switch.phones[ANNA] = Phone(rings=0.2)
    await ask(center)
    center.log_in("anna")
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.outcome, record.ended_by) == (CallOutcome.ABANDONED, "caller")
    assert [offer.outcome for offer in record.offers] == ["caller_left"]
    await center.kill()


@in_virtual_time
async def test_a_called_customer_may_leave_a_message_instead_of_waiting_again() -> None:
    center = await center_with("customer")
    queue = center.site.queues["support"]
    center.site.queues["support"] = queue.model_copy(update={"voicemail": VoicemailSettings()})
    center.switch.phones[ANNA] = Phone(rings=0.2)
    await ask(center)
    center.log_in("anna")
    await asyncio.sleep(7)
    [leg] = center.switch.legs_of(HOME)
    center.switch.press(leg.id, "2")
    await over(center)
    record = center.books.of(CALLBACK)
    assert (record.outcome, record.ended_by) == (CallOutcome.VOICEMAIL, "caller")
    assert [visit.outcome for visit in record.visits] == ["voicemail"]
    await center.kill()


# -- who it is, and when -------------------------------------------------------------------------


@firsts
@in_virtual_time
async def test_a_customer_who_calls_by_himself_gets_his_old_place_and_is_not_called_back(
    first: str,
) -> None:
    center = await center_with(first)
    center.switch.phones[ANNA] = Phone(answers=1, talks=5)
    await ask(center)
    center.switch.arrive("100.2", SUPPORT, "0922222222")
    await asyncio.sleep(100)
    center.switch.arrive("100.3", SUPPORT, NUMBER)
    await asyncio.sleep(1)
    assert list(callbacks(center.switchboard)) == []
    center.log_in("anna")
    await over(center)
    assert center.books.of("100.3").visits[0].left < center.books.of("100.2").visits[0].left
    record = center.books.of(CALLBACK)
    assert record.outcome is CallOutcome.DISMISSED
    assert [visit.outcome for visit in record.visits] == ["moved"]
    assert [c for c in center.switch.commands if c[0] == "dial_number"] == []
    await center.kill()


@in_virtual_time
async def test_who_asks_twice_is_called_once_and_keeps_the_older_place() -> None:
    center = await center_with()
    await ask(center)
    queue = center.site.queues["support"]
    known = ask_for(center.switchboard, queue, NUMBER, center.clock.now(), "vi")
    assert known is not None
    assert known.id == CALLBACK
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await over(center)
    assert [c[0] for c in center.switch.commands].count("dial_number") == 1
    assert center.books.of(CALLBACK).visits[0].entered < EPOCH + 20
    await center.kill()


@in_virtual_time
async def test_a_number_that_may_not_be_dialed_is_not_promised_a_callback() -> None:
    center = await center_with()
    center.switch.arrive(CALLER, SUPPORT, "anonymous")
    await asyncio.sleep(5)
    queue = center.site.queues["support"]
    assert ask_for(center.switchboard, queue, "+12015550123", EPOCH, "vi") is None
    center.switch.press(CALLER, "1")
    await asyncio.sleep(1)
    assert list(callbacks(center.switchboard)) == []
    center.switch.put_down(CALLER)
    await over(center)
    await center.kill()


@firsts
@in_virtual_time
async def test_customers_are_not_called_outside_the_hours(first: str) -> None:
    center = await center_with(first, calendar="office")
    await ask(center)
    center.site.state = "closed"
    await asyncio.sleep(60)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await asyncio.sleep(1800)
    assert [c for c in center.switch.commands if c[0] == "dial_number"] == []
    assert center.state_of("anna") is AgentState.READY
    center.site.state = "open"
    await asyncio.sleep(1800)
    await over(center)
    assert center.books.of(CALLBACK).outcome is CallOutcome.ANSWERED
    await center.kill()


@firsts
@in_virtual_time
async def test_customers_are_not_called_in_an_emergency_and_soon_after_it(first: str) -> None:
    center = await center_with(first, calendar="office")
    await ask(center)
    center.site.state = "emergency"
    await asyncio.sleep(60)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await asyncio.sleep(1800)
    assert [c for c in center.switch.commands if c[0] == "dial_number"] == []
    center.site.state = "open"
    await asyncio.sleep(360)
    assert [c for c in center.switch.commands if c[0] == "dial_number"] != []
    await over(center)
    assert center.books.of(CALLBACK).outcome is CallOutcome.ANSWERED
    await center.kill()


@in_virtual_time
async def test_a_callback_that_nobody_could_take_expires() -> None:
    center = await center_with(expires_seconds=300)
    await ask(center)
    await asyncio.sleep(301)
    await over(center)
    record = center.books.of(CALLBACK)
    assert record.outcome is CallOutcome.NOT_REACHED
    assert record.ended - record.arrived == pytest.approx(300, abs=1)
    await center.kill()


@in_virtual_time
async def test_a_planned_end_of_the_switch_leaves_the_callbacks_to_the_next_engine() -> None:
    center = await center_with()
    await ask(center)
    await center.close_calls()
    assert [call.id for call in callbacks(center.switchboard)] == [CALLBACK]
    await center.kill()


# -- the switch dies, the customer drops ---------------------------------------------------------


def _switch_dies(center: SmallCenter) -> None:
    center.link_down()
    center.switch.restart()
    center.link_up()


@firsts
@in_virtual_time
async def test_who_waited_when_the_switch_died_is_called_back_at_his_place(first: str) -> None:
    center = await center_with(first)
    center.switch.phones[ANNA] = Phone(answers=1, talks=5)
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(20)
    _switch_dies(center)
    await asyncio.sleep(5)
    center.switch.arrive("100.2", SUPPORT, "0922222222")
    await asyncio.sleep(5)
    center.log_in("anna")
    await center.until_over()
    lost, record = center.books.of(CALLER), center.books.of(CALLBACK)
    assert [visit.outcome for visit in lost.visits] == ["lost"]
    assert lost.outcome is CallOutcome.ABANDONED
    assert (record.outcome, record.parent) == (CallOutcome.ANSWERED, CALLER)
    his_turn = min(step.at for step in record.steps if step.event in ("offer", "dial"))
    assert his_turn < center.books.of("100.2").visits[0].left
    await center.kill()


@pytest.mark.parametrize("caller", ["anonymous", "+12015550123", "", "3001"])
@in_virtual_time
async def test_nobody_is_called_back_whose_number_is_not_known_or_not_allowed(caller: str) -> None:
    center = await center_with()
    center.switch.arrive(CALLER, SUPPORT, caller)
    await asyncio.sleep(20)
    _switch_dies(center)
    await asyncio.sleep(1)
    assert list(callbacks(center.switchboard)) == []
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_without_rescue_nobody_is_called_back() -> None:
    center = await center_with(rescue=False)
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(20)
    _switch_dies(center)
    await asyncio.sleep(1)
    assert list(callbacks(center.switchboard)) == []
    await center.kill()


@firsts
@in_virtual_time
async def test_a_callback_waits_on_through_the_death_of_the_switch_and_of_the_engine(
    first: str,
) -> None:
    center = await center_with(first)
    await ask(center)
    _switch_dies(center)
    await center.kill()
    await asyncio.sleep(60)
    center = center.successor()
    await center.start()
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await over(center)
    record = center.books.of(CALLBACK)
    assert record.outcome is CallOutcome.ANSWERED
    assert record.visits[0].entered < EPOCH + 20
    await center.kill()


async def resuming(resume_seconds: float = 300) -> SmallCenter:
    """A queue whose callers get their place back, one agent not there yet."""
    center = await opened(small_site(1, resume_seconds=resume_seconds, wrap_up="none"))
    center.switch.phones[ANNA] = Phone(answers=1, talks=5)
    return center


async def _drops_and_calls_again(center: SmallCenter, number: str, after: float) -> list[float]:
    """He waits a minute, another comes, he is cut off and calls again: when both are served."""
    center.switch.arrive(CALLER, SUPPORT, number)
    await asyncio.sleep(60)
    center.switch.arrive("100.2", SUPPORT, "0922222222")
    await asyncio.sleep(1)
    center.switch.put_down(CALLER)
    await asyncio.sleep(after)
    center.switch.arrive("100.3", SUPPORT, number)
    await asyncio.sleep(1)
    center.log_in("anna")
    await over(center)
    return [center.books.of(call).visits[0].left for call in ("100.3", "100.2")]


@in_virtual_time
async def test_who_was_cut_off_and_calls_again_has_his_old_place() -> None:
    center = await resuming()
    again, other = await _drops_and_calls_again(center, NUMBER, after=120)
    assert again < other
    await center.kill()


@pytest.mark.parametrize(("number", "after"), [("anonymous", 10.0), ("", 10.0), (NUMBER, 400.0)])
@in_virtual_time
async def test_who_withholds_his_number_or_calls_too_late_begins_anew(
    number: str, after: float
) -> None:
    center = await resuming()
    again, other = await _drops_and_calls_again(center, number, after)
    assert again > other
    await center.kill()


@in_virtual_time
async def test_a_place_that_was_had_back_is_kept_by_the_callback_too() -> None:
    callback = CallbackSettings(confirm=False)
    center = await opened(small_site(1, resume_seconds=300, wrap_up="none", callback=callback))
    center.switch.phones.update({ANNA: Phone(answers=1, talks=5), HOME: Phone(answers=2, talks=9)})
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(60)
    center.switch.put_down(CALLER)
    await asyncio.sleep(60)
    await ask(center, "100.3")
    [booked] = callbacks(center.switchboard)
    assert booked.standing.visit is not None
    assert booked.standing.visit.since == pytest.approx(EPOCH, abs=1)
    center.log_in("anna")
    await over(center)
    await center.kill()
