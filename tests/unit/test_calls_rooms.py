"""Callers who dial into a conference room: PINs, keys, names, and who is called in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.messages import AgentState
from dialplan.features import Action, Features
from dialplan.inbound import Route
from dialplan.rooms import MeetMe
from engine.call_record import CallOutcome, SegmentKind
from engine.calls.conferences.inviting import invite
from engine.calls.conferences.rooms import Room
from engine.calls.talk.parties import Role
from engine.ivr.doors import LOCKED_SECONDS, OUTSIDE_ATTEMPTS
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.small_center import ANNA, SmallCenter, Truth, opened, small_site
from tests.unit.test_calls_conference import ANA, BO, CY, come_back, hear_music, over, together
from tests.unit.virtual_time import in_virtual_time

TEAM, OUTSIDE = "1910", "+842873000001"
PIN, LEADER_PIN = "2468", "97531"
DAN = "100.4"


async def center_with(**room: Any) -> SmallCenter:
    """A center whose number 1910 leads to a room."""
    site = small_site()
    site.rooms["team"] = MeetMe("team", extension="800", **room)
    site.table[TEAM] = Route(TEAM, "room", "team", "en")
    center = await opened(site)
    center.switch.phones[OUTSIDE] = Phone(answers=2.0, presses=(3.0, "1"))
    return center


async def press(center: SmallCenter, caller: str, *keys: str) -> None:
    """One after the other, and time for what comes of it."""
    for key in keys:
        center.switch.press(caller, key)
        await asyncio.sleep(0.2)
    await asyncio.sleep(0.5)


async def come(center: SmallCenter, *callers: str, pin: str = "") -> None:
    """They dial in, one after the other, and are in the room."""
    for caller in callers:
        center.switch.arrive(caller, TEAM)
        await asyncio.sleep(0.5)
        await press(center, caller, *pin)
        await asyncio.sleep(3)


def room_of(center: SmallCenter) -> Room:
    """The only one."""
    [room] = center.switchboard.conferences
    return room


def heard(center: SmallCenter, caller: str) -> list[str]:
    """The prompts that he heard, in order."""
    plays = (c for c in center.switch.commands if c[:2] == ("play", caller))
    return [media.rpartition("/")[2] for play in plays for media in play[3:]]


def told_all(center: SmallCenter) -> list[tuple[str, ...]]:
    """What all in a room heard, each time."""
    all_ = (c[3:] for c in center.switch.commands if c[0] == "play_to_all")
    return [tuple(media.rpartition("/")[2] for media in each) for each in all_]


def silent(center: SmallCenter) -> set[str]:
    """Whom the others do not hear."""
    return {name for name, channel in center.switch.channels.items() if channel.muted}


async def leave(center: SmallCenter, *callers: str) -> None:
    """They hang up."""
    for caller in callers:
        center.switch.put_down(caller)
        await asyncio.sleep(0.2)


# -- coming in ----------------------------------------------------------------------------------


@in_virtual_time
async def test_who_knows_the_pin_comes_in_and_who_knows_the_leaders_leads() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN, until_leader=True)
    await come(center, ANA, BO, pin=f"{PIN}#")
    assert (together(center), hear_music(center)) == ({ANA, BO}, {ANA, BO})
    await come(center, CY, pin=LEADER_PIN)
    assert hear_music(center) == set()
    roles = {name: member.now.role for name, member in room_of(center).members.items()}
    assert roles == {ANA: Role.SPEAKER, BO: Role.SPEAKER, CY: Role.LEADER}
    await leave(center, CY, ANA, BO)
    await over(center)
    assert PIN not in "".join(center.journal.history).replace(ANA, "")
    record = center.books.of(ANA)
    assert record.outcome is CallOutcome.SELF_SERVED
    kinds = [segment.kind for segment in record.segments]
    assert kinds == [SegmentKind.IVR, SegmentKind.CONFERENCE]


@in_virtual_time
async def test_three_wrong_pins_lock_that_caller_out_for_a_while_and_nobody_else() -> None:
    center = await center_with(pin=PIN)
    center.switch.arrive(ANA, TEAM)
    await asyncio.sleep(0.5)
    for _ in range(3):
        await press(center, ANA, *"1357")
        await asyncio.sleep(2)
    await asyncio.sleep(3)
    assert heard(center, ANA)[-1] == "pin_locked"
    center.switch.arrive(BO, TEAM)
    await asyncio.sleep(3)
    assert heard(center, BO) == ["pin_locked"], "the same number, again"
    center.switch.arrive(CY, TEAM, caller="0907654321")
    await asyncio.sleep(0.5)
    await press(center, CY, *PIN)
    assert together(center) == {CY}
    await asyncio.sleep(LOCKED_SECONDS)
    await come(center, DAN, pin=PIN)
    assert together(center) == {CY, DAN}
    await leave(center, CY, DAN)
    await over(center)


@in_virtual_time
async def test_a_member_cannot_guess_the_leaders_pin_by_his_own_between() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN)
    for caller in (ANA, BO):
        center.switch.arrive(caller, TEAM)
        await asyncio.sleep(0.5)
        for wrong in ("11111", "22222")[: 2 if caller == ANA else 1]:
            await press(center, caller, *wrong)
            await asyncio.sleep(2)
        await press(center, caller, *f"{PIN}#")
        await asyncio.sleep(3)
    assert heard(center, BO)[-1] == "pin_locked"
    assert together(center) == {ANA}
    await leave(center, ANA)
    await over(center)


@in_virtual_time
async def test_a_member_who_comes_in_does_not_hide_those_who_guess() -> None:
    center = await center_with(pin=PIN)
    lockouts, now = center.switchboard.lockouts, center.clock.now()
    for _ in range(OUTSIDE_ATTEMPTS - 1):
        lockouts.attempted("room team outside", False, OUTSIDE_ATTEMPTS, LOCKED_SECONDS, now)
    await come(center, ANA, pin=PIN)
    assert together(center) == {ANA}
    center.switch.arrive(BO, TEAM, caller="0907654321")
    await asyncio.sleep(0.5)
    await press(center, BO, *"1357")
    await asyncio.sleep(3)
    assert heard(center, BO)[-1] == "pin_locked"
    await leave(center, ANA)
    await over(center)


@in_virtual_time
async def test_who_types_no_pin_is_let_go_and_locks_nobody_out() -> None:
    center = await center_with(pin=PIN)
    center.switch.arrive(ANA, TEAM)
    await asyncio.sleep(45)
    assert heard(center, ANA) == ["conference_pin"] * 3 + ["goodbye"]
    await come(center, BO, pin=PIN)
    assert together(center) == {BO}
    await leave(center, BO)
    await over(center)


@in_virtual_time
async def test_members_come_as_listeners_where_the_room_says_so() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN, listeners=True)
    await come(center, ANA, pin=LEADER_PIN)
    await come(center, BO, pin=f"{PIN}#")
    assert silent(center) == {BO}
    await press(center, BO, "1")
    assert silent(center) == {BO}
    assert heard(center, BO)[-1] == "conference_listens"
    assert center.switchboard.conferences.give_role("team", BO, Role.SPEAKER)
    await asyncio.sleep(1)
    assert silent(center) == set()
    assert heard(center, BO)[-1] == "conference_unmuted"
    await leave(center, ANA, BO)
    await over(center)


@in_virtual_time
async def test_who_comes_and_who_goes_is_told_in_words() -> None:
    center = await center_with(announce="spoken")
    await come(center, ANA, BO, CY)
    await leave(center, CY)
    await asyncio.sleep(1)
    assert told_all(center) == [
        ("conference_one_joined",),
        ("conference_one_joined",),
        ("conference_one_left",),
    ]
    await leave(center, ANA, BO)
    await over(center)


@in_virtual_time
async def test_who_comes_says_his_name_which_the_others_hear_and_which_is_not_kept() -> None:
    center = await center_with(announce="name")
    for caller in (ANA, BO, CY):
        center.switch.arrive(caller, TEAM)
        await asyncio.sleep(4)
        await press(center, caller, "#")
        await asyncio.sleep(3)
    assert together(center) == {ANA, BO, CY}
    names = [c[2] for c in center.switch.commands if c[0] == "record_message"]
    await press(center, BO, "#")
    await asyncio.sleep(3)
    assert told_all(center) == [
        (f"recording:{names[1]}", "conference_has_joined"),
        (f"recording:{names[2]}", "conference_has_joined"),
        (f"recording:{names[1]}", "conference_has_left"),
    ]
    assert center.switch.deleted == [names[1]]
    await leave(center, ANA, CY)
    await over(center)
    assert set(center.switch.deleted) == set(names)
    assert center.books.of(BO).recordings == ()


@in_virtual_time
async def test_a_name_is_not_kept_of_who_hangs_up_as_he_says_it_or_is_not_let_in() -> None:
    center = await center_with(announce="name", most_members=2)
    await come(center, ANA)
    await press(center, ANA, "#")
    await asyncio.sleep(3)
    await press(center, ANA, "4")
    for caller in (BO, CY):
        center.switch.arrive(caller, TEAM)
    await asyncio.sleep(4)
    await leave(center, BO)
    center.switch.press(CY, "#")
    await asyncio.sleep(3)
    names = [c[2] for c in center.switch.commands if c[0] == "record_message"]
    assert center.switch.deleted == names[1:2], "one waits for who was let in"
    await leave(center, ANA, CY)
    await over(center)
    assert set(center.switch.deleted) == set(names)


# -- keys ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_member_mutes_himself_and_is_told_what_others_hear_of_him() -> None:
    center = await center_with()
    await come(center, ANA, BO)
    await press(center, BO, "1")
    assert (silent(center), heard(center, BO)) == ({BO}, ["conference_muted"])
    await press(center, BO, "1")
    assert (silent(center), heard(center, BO)[1:]) == (set(), ["conference_unmuted"])
    assert heard(center, ANA) == []
    await leave(center, ANA, BO)
    await over(center)


@in_virtual_time
async def test_a_locked_room_lets_nobody_in_but_leaders_and_whom_they_call() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN)
    await come(center, ANA, pin=LEADER_PIN)
    await press(center, ANA, "4")
    await come(center, BO, pin=f"{PIN}#")
    assert heard(center, BO) == ["conference_pin", "conference_locked"]
    await come(center, CY, pin=LEADER_PIN)
    await press(center, ANA, "7", *OUTSIDE[1:], "#")
    await asyncio.sleep(7)
    assert len(together(center)) == 3
    await press(center, ANA, "4")
    await come(center, DAN, pin=f"{PIN}#")
    assert len(together(center)) == 4
    await press(center, ANA, "8")
    await over(center)


@in_virtual_time
async def test_a_leader_mutes_all_and_who_comes_then_is_not_heard_either() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN)
    await come(center, ANA, pin=LEADER_PIN)
    await come(center, BO, pin=f"{PIN}#")
    await press(center, ANA, "5")
    await come(center, CY, pin=f"{PIN}#")
    assert silent(center) == {BO, CY}
    await press(center, CY, "1")
    assert silent(center) == {BO}, "who wants to say something may"
    await press(center, ANA, "5")
    assert silent(center) == set()
    await leave(center, ANA, BO, CY)
    await over(center)


@in_virtual_time
async def test_a_leader_puts_out_who_came_last_and_ends_it_for_all() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN)
    await come(center, ANA, pin=LEADER_PIN)
    await come(center, BO, CY, pin=f"{PIN}#")
    await press(center, ANA, "6")
    assert together(center) == {ANA, BO}
    await press(center, BO, "6", "4", "5", "8")
    assert together(center) == {ANA, BO}, "he leads nothing"
    await press(center, ANA, "8")
    await over(center)
    assert heard(center, BO)[-1] == "conference_over"


@in_virtual_time
async def test_a_member_hears_how_many_there_are_and_which_keys_he_has() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN, keys={"count": "9", "lock": ""})
    await come(center, ANA, pin=LEADER_PIN)
    await press(center, ANA, "9")
    assert heard(center, ANA)[-1] == "conference_alone"
    await come(center, BO, pin=f"{PIN}#")
    await press(center, BO, "9")
    assert heard(center, BO)[-2:] == ["conference_count", "number_2"]
    await press(center, BO, "*")
    his = [prompt for prompt in heard(center, BO) if prompt.startswith("conference_key")]
    assert his == ["conference_key_mute", "conference_key_count", "conference_key_leave"]
    await press(center, ANA, "*", "4")
    leads = [prompt for prompt in heard(center, ANA) if prompt.startswith("conference_key")]
    assert "conference_key_end" in leads
    assert "conference_key_lock" not in leads
    assert not room_of(center).locked
    await leave(center, ANA, BO)
    await over(center)


@in_virtual_time
async def test_who_waits_alone_hears_his_music_again_after_a_word() -> None:
    center = await center_with()
    await come(center, ANA)
    center.switch.commands.clear()
    await press(center, ANA, "2")
    await asyncio.sleep(3)
    done = [command[0] for command in center.switch.commands if command[1] == ANA]
    assert done == ["play", "start_music"]
    await press(center, ANA, "2", "9")  # the second key cuts the word
    await asyncio.sleep(3)
    assert center.switch.channels[ANA].music
    done = [command[0] for command in center.switch.commands if command[1] == ANA]
    assert done[2:] == ["play", "stop_playback", "start_music"]
    await leave(center, ANA)
    await over(center)


# -- the end ------------------------------------------------------------------------------------


@in_virtual_time
async def test_others_go_on_without_their_leader_where_the_room_says_so() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN, until_leader=True)
    await come(center, ANA, pin=LEADER_PIN)
    await come(center, BO, CY, pin=f"{PIN}#")
    await leave(center, ANA)
    center = await come_back(center)
    await asyncio.sleep(2)
    assert (together(center), hear_music(center)) == ({BO, CY}, set())
    await leave(center, BO, CY)
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_it_is_over_for_all_after_its_longest_time_whoever_came_when() -> None:
    center = await center_with(longest_seconds=60.0)
    await come(center, ANA)
    await asyncio.sleep(20)
    await come(center, BO)
    await asyncio.sleep(15)
    center = await come_back(center)
    assert together(center) == {ANA, BO}
    await asyncio.sleep(20)
    assert together(center) == set()
    assert heard(center, BO)[-1] == "conference_over"
    await center.until_over()
    await center.kill()


# -- called in ----------------------------------------------------------------------------------


def invited(center: SmallCenter) -> str:
    """The call of who was called in."""
    [call] = [call for call in center.registry.calls.values() if call.standing.invited]
    return call.id


@in_virtual_time
async def test_a_leader_calls_somebody_in_who_hears_by_whom_and_accepts() -> None:
    center = await center_with()
    await come(center, ANA)
    await press(center, ANA, "7", *"02873000001", "#")
    call = invited(center)
    await asyncio.sleep(7)
    [leg] = [leg.id for leg in center.switch.legs_of(OUTSIDE)]
    assert together(center) == {ANA, leg}
    assert hear_music(center) == set()
    assert heard(center, leg)[:3] == ["conference_invited_by", "number_0", "number_9"]
    assert heard(center, ANA) == ["conference_calling"]
    center.switch.put_down(leg)
    await asyncio.sleep(1)
    assert hear_music(center) == {ANA}
    await leave(center, ANA)
    await over(center)
    record = center.books.of(call)
    assert (record.direction, record.outcome) == ("invited", CallOutcome.SELF_SERVED)
    kinds = [segment.kind for segment in record.segments]
    assert kinds == [SegmentKind.DIALING, SegmentKind.IVR, SegmentKind.CONFERENCE]


@pytest.mark.parametrize(
    ("phone", "told"),
    [
        (Phone(refuses=1.0, cause=BUSY), ["conference_not_coming", "called_busy"]),
        (Phone(), ["conference_not_coming", "called_no_answer"]),
        (Phone(answers=1.0, presses=(1.0, "2")), ["conference_not_coming"]),
        (Phone(answers=1.0, talks=1.0), ["conference_not_coming"]),
        (Phone(answers=1.0), ["conference_not_coming"]),
    ],
)
@in_virtual_time
async def test_the_room_is_told_of_who_does_not_come(phone: Phone, told: list[str]) -> None:
    center = await center_with()
    await come(center, ANA, BO)
    center.switch.phones[OUTSIDE] = phone
    assert invite(center.switchboard, "team", OUTSIDE, Role.SPEAKER) is not None
    call = invited(center)
    await asyncio.sleep(45)
    for caller in (ANA, BO):
        assert heard(center, caller) == told
    await leave(center, ANA, BO)
    await over(center)
    assert center.books.of(call).outcome in (CallOutcome.NOT_REACHED, CallOutcome.ABANDONED)


@in_virtual_time
async def test_a_number_that_must_not_be_called_is_not() -> None:
    center = await center_with()
    await come(center, ANA)
    await press(center, ANA, "7", "1", "1", "3", "#")
    await press(center, ANA, "7", "*")
    assert heard(center, ANA) == ["not_possible", "not_possible"]
    assert not [command for command in center.switch.commands if command[0] == "dial_number"]
    await leave(center, ANA)
    await over(center)


@in_virtual_time
async def test_a_phone_that_rings_for_a_room_stops_when_nobody_is_there_any_more() -> None:
    center = await center_with()
    center.switch.phones[OUTSIDE] = Phone()
    await come(center, ANA)
    await press(center, ANA, "7", *OUTSIDE[1:], "#")
    assert center.switch.legs_of(OUTSIDE)
    await leave(center, ANA)
    await asyncio.sleep(1)
    assert not center.switch.legs_of(OUTSIDE)
    await over(center)


@in_virtual_time
async def test_an_agent_who_is_called_in_is_offered_nobody_meanwhile() -> None:
    center = await center_with(accept_key="")
    center.log_in("anna")
    center.switchboard.online.add(ANNA)
    center.switch.phones[ANNA] = Phone(answers=1.0)
    await come(center, ANA)
    assert invite(center.switchboard, "team", "anna", Role.SPEAKER) is not None
    await asyncio.sleep(5)
    assert len(together(center)) == 2
    assert center.state_of("anna") is AgentState.TALKING
    [leg] = center.switch.legs_of(ANNA)
    center.switch.put_down(leg.id)
    await asyncio.sleep(1)
    assert center.state_of("anna") is AgentState.READY
    await leave(center, ANA)
    await over(center)


@pytest.mark.parametrize("dialed", ["*15800", "800"])
@in_virtual_time
async def test_an_agent_dials_a_room_at_his_phone_and_has_no_time_for_callers_there(
    dialed: str,
) -> None:
    center = await center_with(pin=PIN)
    center.site.features = Features({"*15": Action.ROOM})
    center.log_in("anna")
    center.switch.arrive(ANA, dialed, caller=ANNA, phone=ANNA)
    await asyncio.sleep(0.5)
    await press(center, ANA, *PIN)
    await asyncio.sleep(1)
    assert together(center) == {ANA}
    assert room_of(center).members[ANA].joined.agent == "anna"
    assert center.state_of("anna") is AgentState.TALKING
    center = await come_back(center)
    await asyncio.sleep(1)
    assert together(center) == {ANA}
    assert center.state_of("anna") is AgentState.TALKING
    await leave(center, ANA)
    await center.until_over()
    Truth(center, away=1).check()
    assert center.state_of("anna") is AgentState.READY
    await center.kill()


# -- when the engine dies -----------------------------------------------------------------------


@in_virtual_time
async def test_what_holds_in_a_room_outlives_the_engine_and_who_said_so() -> None:
    center = await center_with(pin=PIN, leader_pin=LEADER_PIN)
    await come(center, ANA, pin=LEADER_PIN)
    await come(center, BO, CY, pin=f"{PIN}#")
    await press(center, ANA, "4", "5")
    await leave(center, ANA)
    center = await come_back(center)
    await asyncio.sleep(1)
    room = room_of(center)
    assert (room.locked, room.hushed, room.led) == (True, True, True)
    assert silent(center) == {BO, CY}
    await leave(center, BO, CY)
    await center.until_over()
    Truth(center, away=1).check()
    await center.kill()


@pytest.mark.parametrize("after", [0.5, 2.2, 3.0, 6.0])
@in_virtual_time
async def test_somebody_who_is_called_in_comes_also_when_the_engine_dies_meanwhile(
    after: float,
) -> None:
    center = await center_with()
    center.switch.phones[OUTSIDE] = Phone(answers=2.0, presses=(4.5, "1"))
    await come(center, ANA)
    await press(center, ANA, "7", *OUTSIDE[1:], "#")
    await asyncio.sleep(after)
    center = await come_back(center, 0.3)
    await asyncio.sleep(10)
    [leg] = [leg.id for leg in center.switch.legs_of(OUTSIDE)]
    assert together(center) == {ANA, leg}
    await leave(center, ANA)
    center.switch.put_down(leg)
    await center.until_over()
    Truth(center, away=1).check()
    await center.kill()
