"""Calls from arrival to the queue: the menu, the hours, the route."""

from __future__ import annotations

import asyncio
import dataclasses

from engine.call_record import CallOutcome, SegmentKind
from engine.calls.record import fold
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import MENU, NOBODY, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"


async def _over(center: SmallCenter) -> None:
    await center.until_over()
    Truth(center).check()
    await center.kill()


def _commands(center: SmallCenter, name: str) -> list[tuple[str, ...]]:
    return [command[1:] for command in center.switch.commands if command[0] == name]


@in_virtual_time
async def test_a_caller_hears_the_menu_presses_a_key_and_waits_in_that_queue() -> None:
    center = await opened()
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1.5)  # into the first sentence of the menu
    center.switch.press(CALLER, "1")
    await asyncio.sleep(5)
    assert [
        queue.name for queue in center.desk.acd.queues(center.clock.now()) if queue.waiting
    ] == ["sales"]
    assert center.switch.channels[CALLER].music == "default"
    said = [media for _, _, *media in _commands(center, "play")]
    assert said == [
        ["sound:en/welcome"],
        ["sound:en/main_menu"],
        ["sound:en/connecting_sales"],
    ]
    center.switch.put_down(CALLER)
    await _over(center)
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.ABANDONED
    assert [(visit.queue, visit.outcome) for visit in record.visits] == [("sales", "abandoned")]


@in_virtual_time
async def test_a_caller_who_hangs_up_in_the_menu_abandoned_and_was_in_no_queue() -> None:
    center = await opened()
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1.5)
    center.switch.put_down(CALLER)
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.ABANDONED, "caller")
    assert record.visits == ()
    assert [segment.kind for segment in record.segments] == [SegmentKind.IVR]


@in_virtual_time
async def test_a_caller_who_says_nothing_reaches_the_queue_of_the_menu() -> None:
    center = await opened()
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(30)
    assert [
        queue.name for queue in center.desk.acd.queues(center.clock.now()) if queue.waiting
    ] == ["support"]
    center.switch.put_down(CALLER)
    await _over(center)


@in_virtual_time
async def test_a_caller_of_a_number_without_menu_waits_at_once_in_his_language() -> None:
    center = await opened(small_site(max_wait_seconds=5))
    center.switch.arrive(CALLER, SUPPORT)
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.OVERFLOWED, "engine")
    assert (record.route, record.flow, record.language) == ("1901", "", "vi")
    assert [visit.outcome for visit in record.visits] == ["timeout"]
    assert [media for _, _, *media in _commands(center, "play")] == [["sound:vi/all_busy"]]


@in_virtual_time
async def test_a_caller_of_a_number_that_nobody_has_is_told_so_in_every_language() -> None:
    center = await opened()
    center.switch.arrive(CALLER, NOBODY)
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.UNROUTED, "engine")
    said = [media for _, _, *media in _commands(center, "play")]
    assert said == [["sound:en/unknown_number"], ["sound:vi/unknown_number"]]
    assert record.ended - record.arrived >= 2


@in_virtual_time
async def test_a_caller_out_of_hours_hears_it_to_the_end() -> None:
    site = small_site()
    site.state = "closed"
    center = await opened(site)
    center.switch.arrive(CALLER, MENU)
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.OUT_OF_HOURS, "engine")
    assert record.visits == ()


@in_virtual_time
async def test_a_caller_who_hangs_up_during_the_closed_message_was_still_out_of_hours() -> None:
    site = small_site()
    site.state = "holiday"
    center = await opened(site)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    center.switch.put_down(CALLER)
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.OUT_OF_HOURS, "caller")


@in_virtual_time
async def test_a_caller_leaves_a_full_queue_and_one_that_nobody_serves() -> None:
    for settings, reason in (
        ({"max_waiting": 1}, "full"),
        ({"hold_when_unstaffed": False}, "no_agents"),
    ):
        center = await opened(small_site(max_wait_seconds=60, **settings))
        if reason == "full":
            center.switch.arrive("100.0", SUPPORT)
            await asyncio.sleep(0.1)
        center.switch.arrive(CALLER, SUPPORT)
        await _over(center)
        record = center.books.of(CALLER)
        assert record.outcome is CallOutcome.OVERFLOWED
        assert [visit.outcome for visit in record.visits] == [reason]


@in_virtual_time
async def test_a_call_that_is_told_twice_is_one_call() -> None:
    center = await opened()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(1)
    center._hear(center.switch.truth[0])
    center.switch.put_down(CALLER)
    await _over(center)
    center._hear(center.switch.truth[0])
    assert center.registry.calls == {}
    assert len(center.books.calls) == 1


@in_virtual_time
async def test_a_caller_whose_end_was_lost_with_the_link_is_found_gone_when_it_is_back() -> None:
    center = await opened()
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(20)
    center.switch.put_down(CALLER, dying_seconds=0.5)  # told: the hang-up; not told: the end
    await asyncio.sleep(0.1)
    center.link_down()
    await asyncio.sleep(1)
    center.link_up()
    await asyncio.sleep(0.1)
    assert center.registry.calls == {}
    await center.kill()


@in_virtual_time
async def test_callers_of_a_switch_that_restarted_are_over_and_agents_free() -> None:
    center = await opened()
    center.log_in("anna")
    center.switch.phones["3001"] = Phone(answers=1)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(30)
    center.link_down()
    center.switch.restart()
    center.link_up()
    await center.until_over()
    Truth(center, slack=1).check()
    record = center.books.of(CALLER)
    assert record.outcome is CallOutcome.ANSWERED
    assert record.estimated_end
    await center.kill()


def test_a_call_without_notes_stands_at_its_beginning() -> None:
    assert fold("100.1", []).stage == "new"


@in_virtual_time
async def test_a_caller_whose_queue_a_reload_removed_leaves_by_no_agents() -> None:
    center = await opened()
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1.5)
    without = dataclasses.replace(center.site)
    without.queues = {"support": center.site.queues["support"]}
    center.in_force.put(without)
    center.switch.press(CALLER, "1")  # for sales
    await _over(center)
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.OVERFLOWED, "engine")
    assert record.visits == ()
    assert _commands(center, "play")[-1][2:] == ("sound:en/sorry",)
