"""What a new engine makes of what the last one left, beside the sweep over every moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from acd.messages import AgentState
from engine.call_record import AuditEntry, CallOutcome
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"


async def _next(dead: SmallCenter) -> SmallCenter:
    """Kill an engine and start another one second later."""
    await dead.kill()
    await asyncio.sleep(1)
    center = dead.successor()
    await center.start()
    return center


@in_virtual_time
async def test_a_caller_in_a_queue_that_the_new_settings_do_not_have_leaves_it() -> None:
    center = await opened()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(10)
    del center.site.queues["support"]
    center = await _next(center)
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.OVERFLOWED
    assert [visit.outcome for visit in record.visits] == ["no_agents"]
    await center.kill()


@in_virtual_time
async def test_a_caller_who_hung_up_while_no_engine_was_there_rings_nobody() -> None:
    center = await opened()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(10)
    center.log_in("anna")
    center.switch.put_down(CALLER)
    center = await _next(center)
    assert [command for command in center.switch.commands if command[0] == "dial"] == []
    await center.until_over()
    assert center.state_of("anna") is AgentState.READY
    await center.kill()


@in_virtual_time
async def test_a_talk_is_taken_up_with_its_recording_through_two_deaths() -> None:
    center = await opened()
    center.switch.phones["3001"] = Phone(answers=2, talks=30)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(10)
    center = await _next(await _next(center))
    assert center.state_of("anna") is AgentState.TALKING
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert (record.ended_by, record.recordings[0].complete) == ("agent", True)
    assert len(record.offers) == 1
    await center.kill()


@in_virtual_time
async def test_an_agent_logged_in_by_his_phone_still_is_after_the_engine_died_in_between() -> None:
    center = await opened()
    center.switch.arrive("200.1", LOGIN, "3001", "3001")
    await asyncio.sleep(0.5)  # logged in; being told so
    center = await _next(center)
    await center.until_over()
    Truth(center, slack=1.1).check()
    assert center.state_of("anna") is AgentState.READY
    assert len({each.call for each in center.books.calls}) == 1
    await center.kill()


@in_virtual_time
async def test_callers_who_came_while_no_engine_was_there_are_served_in_their_order() -> None:
    center = await opened()
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    center.log_in("anna")
    await center.kill()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(1)
    center.switch.arrive("100.2", SUPPORT)
    center = await _next(center)
    await center.until_over()
    Truth(center).check()
    first, second = center.books.of(CALLER), center.books.of("100.2")
    assert first.offers[0].ended < second.offers[0].ended
    assert second.arrived - first.arrived == 1
    await center.kill()


async def _link_cut(center: SmallCenter) -> SmallCenter:
    """For a second the switch tells nothing."""
    center.link_down()
    await asyncio.sleep(1)
    center.link_up()
    return center


Blind = Callable[[SmallCenter], Awaitable[SmallCenter]]
blindly = pytest.mark.parametrize("blind", [_next, _link_cut])


async def _kinds(center: SmallCenter) -> list[str]:
    center.switch.put_down(CALLER)
    await center.until_over()
    Truth(center, slack=1).check()
    await center.kill()
    return [str(each.kind) for each in center.books.of(CALLER).segments]


@blindly
@pytest.mark.parametrize("held", [False, True])
@in_virtual_time
async def test_a_caller_whose_phone_did_something_unheard_meets_his_agent_as_it_is(
    held: bool, blind: Blind
) -> None:
    center = await opened(small_site(agents=1, wrap_up=0))
    center.switch.phones["3001"] = Phone(answers=1)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.hold(CALLER, held=not held)
    await asyncio.sleep(1)
    assert center.registry.calls[CALLER].standing.phone_held is not held
    center.link_down()
    center.switch.hold(CALLER, held=held)
    center = await blind(center)
    center.log_in("anna")
    await asyncio.sleep(5)
    [agent] = center.switch.legs_of("3001")
    assert (agent.music is not None, agent.muted) == (held, held)
    assert ("hold" in await _kinds(center)) is held


@blindly
@pytest.mark.parametrize("leg", [CALLER, f"{CALLER}-a1"])
@pytest.mark.parametrize("held", [False, True])
@in_virtual_time
async def test_a_talk_is_brought_to_what_a_phone_did_unheard(
    held: bool, leg: str, blind: Blind
) -> None:
    center = await opened(small_site(agents=1, wrap_up=0))
    center.switch.phones["3001"] = Phone(answers=1)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    if not held:
        center.switch.hold(leg, held=True)
        await asyncio.sleep(2)
    center.link_down()
    center.switch.hold(leg, held=held)
    center = await blind(center)
    await asyncio.sleep(3)
    [agent], caller = center.switch.legs_of("3001"), center.switch.channels[CALLER]
    left = agent if leg == CALLER else caller
    assert (left.music is not None, left.muted) == (held, held)
    kinds = await _kinds(center)
    assert kinds[kinds.index("talk") :] == (["talk", "hold"] if held else ["talk", "hold", "talk"])


@blindly
@in_virtual_time
async def test_a_hold_that_goes_on_unheard_is_one_stretch(blind: Blind) -> None:
    center = await opened(small_site(agents=1, wrap_up=0))
    center.switch.phones["3001"] = Phone(answers=1)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.hold(f"{CALLER}-a1", held=True)
    await asyncio.sleep(2)
    center = await blind(center)
    await asyncio.sleep(3)
    assert (await _kinds(center)).count("hold") == 1
    assert [step.event for step in center.books.of(CALLER).steps].count("hold") == 1


@in_virtual_time
async def test_days_not_yet_written_outlive_two_deaths_while_the_ledger_is_away() -> None:
    center = await opened(small_site(agents=1))
    center.books.away = True
    center.log_in("anna")
    await asyncio.sleep(10)
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(30)
    center = await _next(await _next(center))
    center.books.away = False
    await center.until_over()
    Truth(center, slack=1).check()
    days = [(each.state, each.ended - each.started) for each in center.books.stretches]
    assert [state for state, _ in days] == ["ready", "offered", "talking", "wrap_up"], days
    await center.kill()


@in_virtual_time
async def test_what_is_for_the_audit_log_outlives_the_engine_and_is_written_once() -> None:
    center = await opened()
    center.books.away = True
    entry = AuditEntry("e-1", center.clock.now(), "boss", "hang_up", "c-1", "c-1")
    center.clerk.file_audit(entry)
    center = await _next(center)
    center._compact()
    center = await _next(center)
    assert center.books.audit == []
    center.books.away = False
    await center.until_over()
    assert center.books.audit == [entry]
    center = await _next(center)
    await center.until_over()
    assert center.books.audit == [entry]
    await center.kill()
