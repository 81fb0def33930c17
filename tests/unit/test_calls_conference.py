"""Callers in a conference room: who hears whom, who waits, and what is left when they go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dialplan.inbound import Route
from engine.call_record import CONFERENCE, CallOutcome, RecordingMade, SegmentKind
from engine.ports import Down, LegGone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import MENU, SmallCenter, Truth, opened
from tests.unit.test_calls_flow import site_with
from tests.unit.virtual_time import in_virtual_time

LEADS = "1905"
ANA, BO, CY = "100.1", "100.2", "100.3"
EXITS = ("left", "full", "kicked", "ended", "bad_pin")


async def center_with(**room: Any) -> SmallCenter:
    """A number that leads into a room, and one for its leader."""
    node = {"type": "conference", "room": "weekly", **{name: name for name in EXITS}}
    pins = {"pin": "1", "leader_pin": "9"} if "until_leader" in room else {}
    flow = flow_of({"room": {**node, **pins, **room}, **ends(*EXITS)})
    site = site_with(flow)
    site.table[LEADS] = Route(LEADS, "flow", "test", "en")
    return await opened(site)


async def come(center: SmallCenter, *callers: str, pin: str = "") -> None:
    """They call, one after the other, and are in the room."""
    for caller in callers:
        center.switch.arrive(caller, MENU)
        await asyncio.sleep(0.5)
        if pin:
            center.switch.press(caller, pin)
            center.switch.press(caller, "#")
        await asyncio.sleep(3)


def together(center: SmallCenter) -> set[str]:
    """Who is in the room's bridge."""
    found = [members for members in center.switch.bridges.values() if members]
    assert len(found) <= 1
    return set(found[0]) if found else set()


def hear_music(center: SmallCenter) -> set[str]:
    """Who does."""
    return {name for name, channel in center.switch.channels.items() if channel.music}


def exits(center: SmallCenter, *callers: str) -> list[str]:
    """By which each has left the room."""
    records = [center.books.of(caller) for caller in callers]
    return [next(v.exit for v in record.nodes if v.node == "room") for record in records]


def recordings(center: SmallCenter, *callers: str) -> list[RecordingMade]:
    """What the records of these have, together."""
    return [made for caller in callers for made in center.books.of(caller).recordings]


async def over(center: SmallCenter) -> None:
    """Everybody is gone."""
    await center.until_over()
    Truth(center).check()
    assert list(center.switchboard.conferences) == []
    await center.kill()


@in_virtual_time
async def test_the_first_hears_music_until_the_second_comes_and_again_when_he_is_gone() -> None:
    center = await center_with()
    await come(center, ANA)
    assert (together(center), hear_music(center)) == ({ANA}, {ANA})
    await come(center, BO)
    assert (together(center), hear_music(center)) == ({ANA, BO}, set())
    center.switch.press(BO, "#")
    await asyncio.sleep(1)
    assert (together(center), hear_music(center)) == ({ANA}, {ANA})
    center.switch.put_down(ANA)
    await over(center)
    assert exits(center, BO) == ["left"]
    for caller in (ANA, BO):
        record = center.books.of(caller)
        assert record.outcome is CallOutcome.SELF_SERVED
        assert SegmentKind.CONFERENCE in [segment.kind for segment in record.segments]


@in_virtual_time
async def test_who_comes_is_announced_with_a_beep_and_who_goes_with_two() -> None:
    center = await center_with()
    await come(center, ANA, BO, CY)
    center.switch.put_down(CY)
    await asyncio.sleep(1)
    beeps = [command[3:] for command in center.switch.commands if command[0] == "play_to_all"]
    assert [len(media) for media in beeps] == [1, 1, 2]
    center.switch.put_down(ANA)
    center.switch.put_down(BO)
    await over(center)


@in_virtual_time
async def test_who_finds_the_room_full_goes_on_by_that_exit() -> None:
    center = await center_with(most_members="2")
    await come(center, ANA, BO, CY)
    assert together(center) == {ANA, BO}
    for caller in (ANA, BO):
        center.switch.put_down(caller)
    await over(center)
    assert exits(center, CY) == ["full"]


@in_virtual_time
async def test_everybody_waits_for_the_leader_and_goes_with_the_last_one() -> None:
    center = await center_with(until_leader="yes")
    await come(center, ANA, BO, pin="1")
    assert (together(center), hear_music(center)) == ({ANA, BO}, {ANA, BO})
    await come(center, CY, pin="9")
    assert (together(center), hear_music(center)) == ({ANA, BO, CY}, set())
    center.switch.put_down(CY)
    await over(center)
    assert exits(center, ANA, BO) == ["ended", "ended"]
    played = [command for command in center.switch.commands if command[0] == "play"]
    assert sum("conference_over" in str(command) for command in played) == 2


@in_virtual_time
async def test_a_member_who_is_put_out_goes_on_in_his_flow() -> None:
    center = await center_with()
    await come(center, ANA, BO)
    rooms = center.switchboard.conferences
    assert rooms.kick("weekly", BO)
    assert not rooms.kick("weekly", CY)
    assert not rooms.kick("monthly", ANA)
    await asyncio.sleep(1)
    assert together(center) == {ANA}
    center.switch.put_down(ANA)
    await over(center)
    assert exits(center, BO) == ["kicked"]


@in_virtual_time
async def test_who_is_muted_is_not_heard_and_is_heard_again_outside_the_room() -> None:
    center = await center_with(muted="yes")
    await come(center, ANA, BO)
    assert [center.switch.channels[caller].muted for caller in (ANA, BO)] == [True, True]
    center.switchboard.conferences.mute("weekly", ANA, False)
    await asyncio.sleep(0.5)
    assert [center.switch.channels[caller].muted for caller in (ANA, BO)] == [False, True]
    center.switch.press(BO, "#")
    await asyncio.sleep(0.5)
    assert not center.switch.channels[BO].muted
    center.switch.put_down(ANA)
    await over(center)


@in_virtual_time
async def test_a_switch_that_cannot_mute_costs_nobody_his_conference() -> None:
    center = await center_with()
    await come(center, ANA, BO)
    center.switch.faults["mute"] = Down("no answer")
    center.switchboard.conferences.mute("weekly", ANA, True)
    await asyncio.sleep(2)
    assert together(center) == {ANA, BO}
    [heard] = [room.members[ANA].heard for room in center.switchboard.conferences]
    assert heard
    for caller in (ANA, BO):
        center.switch.put_down(caller)
    await over(center)


@in_virtual_time
async def test_a_room_is_recorded_as_one_whoever_leaves_and_who_was_last_has_it() -> None:
    center = await center_with(record="yes")
    await come(center, ANA)
    assert center.switch.recordings == {}
    await come(center, BO, CY)
    await asyncio.sleep(10)
    center.switch.put_down(ANA)
    await asyncio.sleep(10)
    center.switch.put_down(BO)
    await asyncio.sleep(1)
    center.switch.put_down(CY)
    await over(center)
    assert [center.books.of(caller).recordings for caller in (ANA, BO)] == [(), ()]
    [made] = center.books.of(CY).recordings
    assert (made.name, made.kind, made.complete) == (f"{ANA}-k1", CONFERENCE, True)
    assert 20 < made.seconds < 30
    [gap] = made.gaps
    assert (gap.why, round(gap.ended - gap.began)) == ("alone", 1)


@in_virtual_time
async def test_a_room_is_not_recorded_while_somebody_is_there_who_refused_it() -> None:
    stop = {"type": "record", "do": "stop", "next": "room"}
    node = {"type": "conference", "room": "weekly", "left": "left", "full": "full"}
    refuses = flow_of({"no": stop, "room": node, **ends("left", "full")})
    refuses = refuses.model_copy(update={"name": "refuses"})
    center = await center_with(record="yes")
    center.site.flows["refuses"] = refuses
    center.site.table[LEADS] = Route(LEADS, "flow", "refuses", "en")
    await come(center, ANA, BO)
    center.switch.arrive(CY, LEADS)
    await asyncio.sleep(5)
    assert list(center.switch.paused) == [f"{ANA}-k1"]
    center.switch.press(CY, "#")
    await asyncio.sleep(1)
    assert center.switch.paused == {}
    for caller in (ANA, BO):
        center.switch.put_down(caller)
    await over(center)
    [made] = recordings(center, ANA, BO)
    assert [gap.why for gap in made.gaps] == ["refused"]
    assert made.complete, "what is missing is known"


@in_virtual_time
async def test_callers_whom_the_switch_does_not_let_in_are_saved() -> None:
    center = await center_with()
    center.switch.faults["join"] = Down("no answer")
    center.switch.arrive(ANA, MENU)
    await center.until_over()
    Truth(center, strays_allowed=True).check()
    assert center.books.of(ANA).outcome is CallOutcome.FAILED
    assert list(center.switchboard.conferences) == []
    await center.kill()


# -- when the engine dies -----------------------------------------------------------------------


async def come_back(center: SmallCenter, seconds: float = 1.0) -> SmallCenter:
    """The engine is killed, and is there again after a while."""
    await center.kill()
    await asyncio.sleep(seconds)
    again = center.successor()
    await again.start()
    return again


@in_virtual_time
async def test_a_conference_goes_on_while_no_engine_is_there_and_in_the_same_room() -> None:
    center = await center_with(record="yes", until_leader="yes")
    await come(center, ANA, pin="9")
    await come(center, BO, pin="1")
    center = await come_back(center)
    await asyncio.sleep(2)
    assert (together(center), hear_music(center)) == ({ANA, BO}, set())
    assert list(center.switch.recordings) == [f"{ANA}-k1"]
    await come(center, CY, pin="1")
    assert together(center) == {ANA, BO, CY}
    center.switch.put_down(ANA)
    await asyncio.sleep(3)
    await center.until_over()
    Truth(center, away=1).check()
    assert exits(center, BO, CY) == ["ended", "ended"]
    [made] = recordings(center, ANA, BO, CY)
    assert (made.name, made.complete) == (f"{ANA}-k1", True)
    await center.kill()


@pytest.mark.parametrize("members", [(ANA,), (ANA, BO)])
@in_virtual_time
async def test_a_room_that_all_left_while_no_engine_was_there_is_gone_at_once(
    members: tuple[str, ...],
) -> None:
    center = await center_with()
    await come(center, *members)
    [bridge] = center.switch.bridges
    await center.kill()
    for member in members:
        center.switch.put_down(member)
    await asyncio.sleep(1)
    center = center.successor()
    await center.start()
    await asyncio.sleep(1)
    assert bridge not in center.switch.bridges
    assert list(center.switchboard.conferences) == []
    await center.until_over()
    Truth(center, away=2, strays_allowed=True).check()
    await center.kill()


@in_virtual_time
async def test_who_is_in_a_room_when_the_engine_comes_back_is_not_asked_for_his_pin_again() -> None:
    center = await center_with(until_leader="yes")
    await come(center, ANA, pin="9")
    await come(center, BO, pin="1")
    center.switch.commands.clear()
    center = await come_back(center)
    await asyncio.sleep(30)
    assert together(center) == {ANA, BO}
    assert not [command for command in center.switch.commands if command[0] == "play"]
    center.switch.press(ANA, "#")
    await asyncio.sleep(1)
    await come(center, CY)
    assert CY not in together(center), "another one is asked"
    for caller in (ANA, BO, CY):
        center.switch.put_down(caller)
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_a_member_whose_end_is_told_before_his_story_goes_on_is_in_no_room() -> None:
    center = await center_with()
    await come(center, ANA, BO)
    await center.kill()
    again = center.successor()

    def link_up_as_he_goes() -> None:
        SmallCenter.link_up(again)
        center.switch.put_down(ANA, dying_seconds=0)
        again.registry.deliver(LegGone(again.clock.now(), ANA, 16))

    again.link_up = link_up_as_he_goes  # type: ignore[method-assign]
    await again.start()
    await asyncio.sleep(1)
    assert (together(again), hear_music(again)) == ({BO}, {BO})
    assert [list(room.members) for room in again.switchboard.conferences] == [[BO]]
    center.switch.put_down(BO)
    await again.until_over()
    await again.kill()


@in_virtual_time
async def test_a_leader_who_hangs_up_while_no_engine_is_there_ends_it_for_all() -> None:
    center = await center_with(record="yes", until_leader="yes")
    await come(center, ANA, pin="9")
    await come(center, BO, CY, pin="1")
    asyncio.get_running_loop().call_later(0.5, center.switch.put_down, ANA)
    center = await come_back(center)
    await center.until_over()
    Truth(center, away=1).check()
    assert exits(center, BO, CY) == ["ended", "ended"]
    assert [made.name for made in recordings(center, ANA, BO, CY)] == [f"{ANA}-k1"]
    await center.kill()


@pytest.mark.parametrize("gone", [(), (ANA,), (BO,), (ANA, BO)])
@in_virtual_time
async def test_whoever_hangs_up_while_no_engine_is_there_leaves_a_room_in_order(
    gone: tuple[str, ...],
) -> None:
    center = await center_with(muted="yes")
    await come(center, ANA, BO)
    for caller in gone:
        asyncio.get_running_loop().call_later(0.5, center.switch.put_down, caller)
    center = await come_back(center)
    left = {ANA, BO} - set(gone)
    await asyncio.sleep(1)
    assert (together(center), hear_music(center)) == (left, left if len(left) == 1 else set())
    for caller in left:
        assert center.switch.channels[caller].muted
        center.switch.put_down(caller)
    await center.until_over()
    Truth(center, away=1, strays_allowed=len(gone) == 2).check()
    await center.kill()


@in_virtual_time
async def test_who_is_in_a_room_when_the_engine_comes_back_leaves_it_by_his_key_at_once() -> None:
    center = await center_with()
    await come(center, ANA, BO)
    center = await come_back(center)
    await asyncio.sleep(0.5)
    center.switch.press(ANA, "#")
    await asyncio.sleep(1)
    assert together(center) == {BO}
    center.switch.put_down(BO)
    await center.until_over()
    kinds = [segment.kind for segment in center.books.of(BO).segments]
    assert kinds == [SegmentKind.CONFERENCE]
    await center.kill()
