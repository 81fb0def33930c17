"""When the switch does not answer, or we have a fault: nobody is left in silence or booked."""

from __future__ import annotations

import asyncio

import pytest

from acd.messages import AgentState
from engine.call_record import CallOutcome
from engine.ports import Down, Gone, Refused
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import MENU, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
COMMANDS = (
    "answer",
    "play",
    "stop_playback",
    "start_music",
    "dial",
    "stop_music",
    "create_bridge",
    "join",
    "record",
    "stop_recording",
    "hang_up",
    "destroy_bridge",
    "hand_over",
)


async def _center(number: str = MENU) -> SmallCenter:
    center = await opened(small_site(max_wait_seconds=40, max_misses=9))
    center.switch.phones["3001"] = Phone(answers=2, talks=10)
    center.log_in("anna")
    center.switch.arrive(CALLER, number)
    asyncio.get_running_loop().call_later(1.5, center.switch.press, CALLER, "2")
    return center


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", [Down, Refused, Gone])
@in_virtual_time
async def test_whatever_a_command_comes_to_the_caller_is_let_go_and_the_agent_is_free(
    command: str, fault: type[Exception]
) -> None:
    center = await _center()
    center.switch.faults[command] = fault(f"{command} failed")
    asyncio.get_running_loop().call_later(45, center.switch.faults.clear)
    asyncio.get_running_loop().call_later(60, center.switch.put_down, CALLER)
    await center.until_over()
    await asyncio.sleep(60)  # an audit or two
    assert center.switch.leftovers() == []
    Truth(center, slack=60, strays_allowed=True).check()
    assert center.state_of("anna") in (AgentState.READY, AgentState.NOT_RESPONDING)
    await center.kill()


@in_virtual_time
async def test_a_caller_whose_story_fails_hears_that_we_are_sorry() -> None:
    center = await _center()
    center.switchboard.sounds.uris = None  # a fault of ours: what is called is not there
    await center.until_over()
    Truth(center, slack=0.1).check()
    assert ("hand_over", CALLER, "engine-down", "s") in center.switch.commands
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.FAILED, "engine")
    await center.kill()


@in_virtual_time
async def test_a_fault_as_the_two_are_put_together_frees_the_agent_at_once() -> None:
    center = await _center(SUPPORT)
    center.switch.faults["join"] = RuntimeError("a fault of ours")
    await asyncio.sleep(2.5)
    assert center.state_of("anna") is AgentState.WRAP_UP
    assert [leg for leg in center.switch.channels if leg != CALLER] == []
    await center.until_over()
    Truth(center, slack=0.1).check()
    assert center.books.of(CALLER).ended_by == "engine"
    await center.kill()


@in_virtual_time
async def test_a_fault_while_an_agent_is_rung_frees_him_and_the_line_at_once() -> None:
    center = await _center(SUPPORT)
    center.switch.faults["dial"] = RuntimeError("a fault of ours")
    await asyncio.sleep(0.5)
    assert center.state_of("anna") is AgentState.READY
    assert [queue.waiting for queue in center.desk.acd.queues(center.clock.now())] == [(), ()]
    await center.until_over()
    Truth(center, slack=0.1).check()
    assert [offer.outcome for offer in center.books.of(CALLER).offers] == ["cancelled"]
    await center.kill()


@in_virtual_time
async def test_while_the_switch_is_down_an_agent_is_not_rung_in_a_loop_nor_blamed() -> None:
    center = await _center(SUPPORT)
    center.switch.faults["dial"] = Down("no answer in 3 s")
    await asyncio.sleep(30)
    dials = [command for command in center.switch.commands if command[0] == "dial"]
    assert len(dials) <= 7
    assert center.state_of("anna") in (AgentState.READY, AgentState.OFFERED)
    center.switch.faults.clear()
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.ANSWERED
    assert {offer.outcome for offer in record.offers[:-1]} == {"cancelled"}
    await center.kill()


@in_virtual_time
async def test_one_call_with_a_fault_does_not_take_another_with_it() -> None:
    center = await _center(SUPPORT)
    center.switch.arrive("100.2", MENU)
    await asyncio.sleep(0.5)
    center.switch.faults["stop_playback"] = RuntimeError("a fault of ours")
    center.switch.press("100.2", "1")
    await center.until_over()
    Truth(center, slack=0.1).check()
    assert center.books.of("100.2").outcome is CallOutcome.FAILED
    assert center.books.of(CALLER).outcome is CallOutcome.ANSWERED
    await center.kill()
