"""Feature codes that lead on: to a parked caller, a talk of others, messages, a room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from acd.messages import AgentState
from dialplan.features import Action
from dialplan.rooms import MeetMe
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.mailbox import Message
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time
from tests.unit.who_hears import heard_by

CALLER, CODE, OTHER = "100.1", "200.1", "200.2"


class _Truth(Truth):
    """Who is picked up talks on a line that was answered before."""

    def _talks_are_right(self, record: CallRecord) -> None:
        if all(stretch.leg != CODE for stretch in record.parties):
            super()._talks_are_right(record)


async def _center() -> SmallCenter:
    """Anna talks with a caller; binh, who may hear her, sits at 3002."""
    site = small_site(2, wrap_up=0)
    codes = {
        **site.features.codes,
        "*4": Action.PICK_UP,
        "*6": Action.SUPERVISE,
        "*7": Action.VOICEMAIL,
        "*8": Action.ROOM,
    }
    site.features = replace(site.features, codes=codes)
    site.agents["binh"] = site.agents["binh"].model_copy(update={"supervises": ("*",)})
    site.rooms["team"] = MeetMe("team", extension="800")
    center = await opened(site)
    center.switch.phones |= {"3001": Phone(answers=0.5), "3002": Phone(answers=1.0)}
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.log_in("binh")
    return center


async def _press(center: SmallCenter, channel: str, keys: str) -> None:
    for key in keys:
        center.switch.press(channel, key)
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)


async def _dial(center: SmallCenter, code: str, channel: str = CODE) -> None:
    center.switch.arrive(channel, code, "3002", "3002")
    await asyncio.sleep(2)


async def _next(center: SmallCenter) -> SmallCenter:
    """The engine dies, and another takes up."""
    await center.kill()
    successor = center.successor()
    await successor.start()
    await asyncio.sleep(3)
    return successor


async def _over(center: SmallCenter, strays_allowed: bool = False) -> None:
    for channel in list(center.switch.channels):
        center.switch.put_down(channel)
        await asyncio.sleep(0.1)
    await center.until_over()
    _Truth(center, slack=5, strays_allowed=strays_allowed).check()
    await center.kill()


def _said(center: SmallCenter) -> list[str]:
    played = [command for command in center.switch.commands if command[:2] == ("play", CODE)]
    return [media.rpartition("/")[2] for command in played for media in command[3:]]


async def _parked(center: SmallCenter) -> None:
    """In slot 12."""
    [anna] = center.switch.legs_of("3001")
    await _press(center, anna.id, "#912#")


@pytest.mark.parametrize("crashes", [False, True])
@in_virtual_time
async def test_who_dials_no_slot_hears_which_are_taken_and_presses_one(crashes: bool) -> None:
    center = await _center()
    await _parked(center)
    await _dial(center, "*4")
    assert _said(center) == ["parked_are", "number_12"]
    await _press(center, CODE, "12")
    if crashes:
        center = await _next(center)
    assert heard_by(center.switch, CODE) == {CALLER}
    assert center.state_of("binh") is AgentState.TALKING
    center.switch.put_down(CALLER)
    await asyncio.sleep(3)
    assert CODE not in center.switch.channels
    assert center.state_of("binh") is AgentState.READY
    await _over(center)
    assert center.books.of(CALLER).agent == "binh"
    assert center.books.of(CODE).outcome is CallOutcome.FEATURE


@in_virtual_time
async def test_who_picks_up_keeps_his_line_however_long_it_takes_to_connect_it() -> None:
    center = await _center()
    await _parked(center)
    center.switch.latency = 2.5
    await _dial(center, "*412")
    await asyncio.sleep(25)
    center.switch.latency = 0.0
    assert heard_by(center.switch, CODE) == {CALLER}
    center.switch.put_down(CALLER)
    await asyncio.sleep(10)
    assert center.state_of("binh") is AgentState.READY
    await _over(center)
    assert center.books.of(CALLER).agent == "binh"


@pytest.mark.parametrize("leaves", ["", CODE, CALLER])
@in_virtual_time
async def test_who_picks_up_has_his_caller_from_the_next_engine_when_one_dies_at_it(
    leaves: str,
) -> None:
    center = await _picking_up()
    before = len(center.moments)
    await _dial(center, "*412")
    until_join = center.moments[before:].index("join") + 1
    await center.kill()
    center = await _picking_up()
    center.die_after(until_join)
    await _dial(center, "*412")
    await center.kill()
    center.switch.put_down(leaves)
    await asyncio.sleep(1)
    center = await _next(center)
    [binh] = [view for view in center.desk.acd.agents() if view.name == "binh"]
    if leaves:
        assert (binh.state, binh.contacts_today) == (AgentState.READY, 0)
    else:
        assert heard_by(center.switch, CODE) == {CALLER}
        assert binh.state is AgentState.TALKING
    await center.kill()


async def _picking_up() -> SmallCenter:
    center = await _center()
    await _parked(center)
    return center


@in_virtual_time
async def test_who_picks_up_nobody_of_them_after_all_is_hung_up_on() -> None:
    center = await _center()
    await _parked(center)
    await _dial(center, "*4")
    await asyncio.sleep(15)
    assert CODE not in center.switch.channels
    await _dial(center, "*49", OTHER)
    assert center.switchboard.parking.all() == {"12": CALLER}
    await _over(center)


@in_virtual_time
async def test_who_picks_up_may_put_the_caller_on_hold_and_park_him_again() -> None:
    center = await _center()
    await _parked(center)
    await _dial(center, "*412")
    await _press(center, CODE, "#1")
    assert center.switch.channels[CALLER].music
    await _press(center, CODE, "#1#93#")
    assert center.switchboard.parking.all() == {"3": CALLER}
    assert CODE not in center.switch.channels
    await _over(center)


@pytest.mark.parametrize("crashes", [False, True])
@in_virtual_time
async def test_a_supervisor_listens_to_the_agent_whose_number_he_dials(crashes: bool) -> None:
    center = await _center()
    await _dial(center, "*63001")
    if crashes:
        center = await _next(center)
    [anna] = center.switch.legs_of("3001")
    assert heard_by(center.switch, CODE) == {CALLER, anna.id}
    assert heard_by(center.switch, CALLER) == {anna.id}
    await _over(center, strays_allowed=crashes)  # the dead engine's ears
    kinds = [segment.kind for segment in center.books.of(CODE).segments]
    assert SegmentKind.SUPERVISION in kinds


class _NoMessages:
    """Mailboxes that nobody has left anything in."""

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message]:
        return []


@in_virtual_time
async def test_an_agent_listens_to_his_messages() -> None:
    center = await _center()
    center.switchboard.mailboxes = _NoMessages()  # type: ignore[assignment]  # nothing else is asked
    await _dial(center, "*7")
    await asyncio.sleep(20)
    assert _said(center)[0] == "mailbox_empty"
    assert CODE not in center.switch.channels
    await _over(center)


@pytest.mark.parametrize("crashes", [False, True])
@in_virtual_time
async def test_agents_meet_in_a_room_that_they_dial(crashes: bool) -> None:
    center = await _center()
    await _dial(center, "*8800")
    await _dial(center, "*8800", OTHER)
    await asyncio.sleep(5)
    if crashes:
        center = await _next(center)
    assert heard_by(center.switch, CODE) == {OTHER}
    await _over(center)


@in_virtual_time
async def test_a_room_that_there_is_not_is_told() -> None:
    center = await _center()
    await _dial(center, "*8801")
    assert _said(center) == ["not_possible"]
    await _over(center)
