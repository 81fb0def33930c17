"""Agents whose phone stays connected: a beep instead of ringing, talk after talk on one leg."""

from __future__ import annotations

import asyncio

from acd.messages import AgentLoggedOut, AgentState
from acd.queues import Destination, DestinationKind
from engine.call_record import CallOutcome, CallRecord
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, SmallSite, opened, small_site
from tests.unit.small_center import Truth as _Truth
from tests.unit.virtual_time import in_virtual_time

LINE, CALLER, NEXT = "200.1", "100.1", "100.2"


class Truth(_Truth):
    """A line has answered long before any caller is brought to it."""

    def _talks_are_right(self, record: CallRecord) -> None:
        for offer in record.offers:
            assert self.switch.answer_of(offer.offer) is None, "his phone was rung"


def _site(**queue: object) -> SmallSite:
    site = small_site(2, **queue)
    site.agents["anna"] = site.agents["anna"].model_copy(update={"nailed_up": True})
    return site


async def _connected(**queue: object) -> SmallCenter:
    """Anna is on the line."""
    center = await opened(_site(**queue))
    center.switch.phones["3001"] = Phone()
    center.switch.arrive(LINE, LOGIN, "3001", "3001")
    await asyncio.sleep(5)
    assert center.state_of("anna") is AgentState.READY
    assert LINE in center.switch.channels
    return center


async def _over(center: SmallCenter, **truth: float) -> CallRecord:
    """Anna hangs up at last."""
    center.switch.put_down(LINE)
    await center.until_over()
    Truth(center, **truth).check()
    await center.kill()
    return center.books.of(CALLER)


def _beeps(center: SmallCenter) -> int:
    return len([c for c in center.switch.commands if c[0] == "play" and c[3] == "sound:beep"])


@in_virtual_time
async def test_an_agent_on_the_line_hears_a_beep_and_has_the_caller() -> None:
    center = await _connected(wrap_up=2)
    for call in (CALLER, NEXT):
        center.switch.arrive(call, SUPPORT)
        await asyncio.sleep(3)
        assert center.state_of("anna") is AgentState.TALKING
        [there] = center.switch.bridges.values()
        assert sorted(there) == sorted([call, LINE])
        center.switch.put_down(call)
        await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.READY
    assert LINE in center.switch.channels
    assert _beeps(center) == 2
    assert not [c for c in center.switch.commands if c[0] == "dial"]
    record = await _over(center)
    assert [(o.agent, o.outcome) for o in record.offers] == [("anna", "answered")]
    assert center.books.of(LINE).outcome is CallOutcome.FEATURE


@in_virtual_time
async def test_a_caller_who_waits_already_is_brought_to_the_line_as_the_agent_calls_in() -> None:
    center = await opened(_site())
    center.switch.phones["3001"] = Phone()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.arrive(LINE, LOGIN, "3001", "3001")
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    assert not [c for c in center.switch.commands if c[0] == "dial"]
    center.switch.put_down(CALLER)
    await _over(center)


@in_virtual_time
async def test_an_agent_on_the_line_ends_a_talk_with_a_key_and_stays() -> None:
    center = await _connected()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.press(LINE, "5")
    await asyncio.sleep(1)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.press(LINE, "*")
    await asyncio.sleep(1)
    assert center.state_of("anna") is AgentState.WRAP_UP
    record = await _over(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.ANSWERED, "agent")


@in_virtual_time
async def test_an_agent_who_hangs_up_his_line_is_logged_out() -> None:
    center = await _connected()
    await _over_line(center)
    assert center.state_of("anna") is AgentState.LOGGED_OUT
    assert center.switchboard.lines == {}
    await center.kill()


async def _over_line(center: SmallCenter) -> None:
    center.switch.put_down(LINE)
    await center.until_over()


@in_virtual_time
async def test_an_agent_who_hangs_up_in_a_talk_ends_it_and_is_logged_out_after_his_wrap_up() -> (
    None
):
    center = await _connected()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    record = await _over(center)
    assert (record.outcome, record.ended_by) == (CallOutcome.ANSWERED, "agent")
    assert center.state_of("anna") is AgentState.LOGGED_OUT


@in_virtual_time
async def test_a_line_whose_agent_is_logged_out_elsewhere_is_ended() -> None:
    center = await _connected()
    center.desk.post(AgentLoggedOut("anna"))
    await asyncio.sleep(5)
    assert center.switch.channels == {}
    await center.until_over()
    assert center.books.of(LINE).ended_by == "engine"
    await center.kill()


@in_virtual_time
async def test_an_agent_who_calls_in_again_has_the_new_line() -> None:
    center = await _connected()
    center.switch.arrive("200.2", LOGIN, "3001", "3001")
    await asyncio.sleep(6)
    assert list(center.switch.channels) == ["200.2"]
    assert center.state_of("anna") is AgentState.READY
    center.switch.put_down("200.2")
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_the_phone_of_an_agent_who_has_not_called_in_is_asked_to_answer() -> None:
    center = await opened(_site())
    center.switch.phones["3001"] = Phone(talks=5)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await center.until_over()
    dials = [command[1:] for command in center.switch.commands if command[0] == "dial"]
    assert dials == [(f"{CALLER}-a1", "3001", "auto_answer")]
    assert center.books.of(CALLER).outcome is CallOutcome.ANSWERED
    await center.kill()


async def _next(dead: SmallCenter) -> SmallCenter:
    await dead.kill()
    await asyncio.sleep(1)
    books, journal = dead.books, dead.journal
    center = SmallCenter(
        dead.switch, dead.site, books=books, lines=journal.lines, history=journal.history
    )
    await center.start()
    return center


@in_virtual_time
async def test_a_line_and_its_talk_outlive_the_engine() -> None:
    center = await _connected(wrap_up=2)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center = await _next(center)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.press(LINE, "*")  # to the story of the line, which knows whose it is
    await asyncio.sleep(4)
    assert center.state_of("anna") is AgentState.READY
    center.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.put_down(NEXT)
    record = await _over(center)
    assert record.ended_by == "agent"
    assert center.books.of(NEXT).outcome is CallOutcome.ANSWERED


@in_virtual_time
async def test_an_agent_who_hung_up_while_no_engine_was_there_is_logged_out() -> None:
    center = await _connected()
    await center.kill()
    center.switch.put_down(LINE)
    center = await _next(center)
    await center.until_over()
    assert center.state_of("anna") is AgentState.LOGGED_OUT
    await center.kill()


@in_virtual_time
async def test_a_caller_who_hangs_up_at_the_beep_leaves_the_line_to_the_next() -> None:
    center = await _connected(wrap_up=2)
    center.switch.latency = 0.1
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(0.45)
    center.switch.put_down(CALLER)
    await asyncio.sleep(5)
    center.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    center.switch.put_down(NEXT)
    await _over(center, slack=0.5)


@in_virtual_time
async def test_a_line_and_a_phone_that_ring_together_make_one_talk() -> None:
    center = await _connected(ring_width=2)
    center.switch.phones["3002"] = Phone(answers=1)
    center.log_in("binh")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    assert center.state_of("binh") is AgentState.READY
    center.switch.put_down(CALLER)
    await _over(center)


@in_virtual_time
async def test_a_conference_that_ends_with_its_leader_ends_by_his_key_too() -> None:
    center = await _connected()
    center.switch.phones["3002"] = Phone(answers=1)
    center.switchboard.online.add("3002")
    center.log_in("binh")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    call = center.registry.calls[CALLER]
    await ask(call, o.Invite(to=Destination(kind=DestinationKind.AGENT, name="binh")))
    await asyncio.sleep(3)
    await ask(call, o.EndWithLeader())
    center.switch.press(LINE, "*")
    await asyncio.sleep(3)
    assert list(center.switch.channels) == [LINE]
    await _over(center)
