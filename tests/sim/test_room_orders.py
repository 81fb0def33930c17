"""Random hours in a conference room: whoever comes, goes, leads, locks and mutes, in any order,
everybody hears what he should, and in the end nobody and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from dialplan.inbound import Route
from dialplan.rooms import MeetMe
from engine.calls.conferences.inviting import invite
from engine.calls.conferences.rooms import Room
from engine.calls.talk.parties import Role
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import run

TEAM, OUTSIDE = "1910", "+842873000001"
PIN, LEADER_PIN = "2468", "97531"
STEPS, SETTLED_SECONDS = 40, 6.0
_KEYS = "124568#"


class _Hour:
    """One room, and what happens in it by chance."""

    def __init__(self, center: SmallCenter, chance: Random) -> None:
        self.center, self.chance = center, chance
        self.came = 0

    def step(self) -> None:
        """One thing more."""
        acts: list[Callable[[], None]] = [
            *(self.comes, self.comes, self.goes, self.presses, self.presses, self.is_given_a_role),
            *(self.is_put_out, self.is_called_in, self.switch_is_lost),
        ]
        self.chance.choice(acts)()

    def comes(self) -> None:
        """Another caller, with one of the PINs."""
        self.came += 1
        caller, switch = f"100.{self.came}", self.center.switch
        switch.arrive(caller, TEAM, caller=f"09010000{self.came:02d}")
        loop = asyncio.get_running_loop()
        pin = self.chance.choice([f"{PIN}#", LEADER_PIN])
        for place, key in enumerate(pin):
            loop.call_later(0.3 + place * 0.1, switch.press, caller, key)

    def goes(self) -> None:
        """Somebody hangs up, in the room or before it."""
        if self.center.switch.channels:
            channel = self.chance.choice(sorted(self.center.switch.channels))
            self.center.switch.put_down(channel, self.chance.choice([0.0, 0.01, 0.2]))

    def presses(self) -> None:
        """Somebody presses some key."""
        if self.center.switch.channels:
            channel = self.chance.choice(sorted(self.center.switch.channels))
            self.center.switch.press(channel, self.chance.choice(_KEYS))

    def is_given_a_role(self) -> None:
        """The API makes somebody something else."""
        if (member := self._member()) is not None:
            role = self.chance.choice(list(Role))
            self.center.switchboard.conferences.give_role("team", member, role)

    def is_put_out(self) -> None:
        """The API puts somebody out."""
        if (member := self._member()) is not None:
            self.center.switchboard.conferences.kick("team", member)

    def is_called_in(self) -> None:
        """The API calls somebody in, who does this or that."""
        phones = [
            Phone(answers=1.0, presses=(1.0, "1")),
            Phone(answers=1.0, talks=4.0, presses=(1.0, "1")),
            Phone(refuses=1.0),
            Phone(),
        ]
        self.center.switch.phones[OUTSIDE] = self.chance.choice(phones)
        if self.center.switchboard.conferences.find("team") is not None:
            invite(self.center.switchboard, "team", OUTSIDE, Role.SPEAKER)

    def switch_is_lost(self) -> None:
        """The link to the switch is away for a moment."""
        self.center.link_down()
        asyncio.get_running_loop().call_later(0.1, self.center.link_up)

    def _member(self) -> str | None:
        room = self.center.switchboard.conferences.find("team")
        return self.chance.choice(sorted(room.members)) if room is not None else None


def _is_in_order(center: SmallCenter) -> None:
    """What the switch does is what the room says."""
    switch = center.switch
    for room in center.switchboard.conferences:
        here = {member.call.channel: member for member in room.members.values()}
        assert set(switch.bridges[room.bridge]) == set(here)
        for channel, member in here.items():
            assert bool(switch.channels[channel].music) is room.held, (channel, room.held)
            assert switch.channels[channel].muted is not member.heard, (channel, member.now)
        _rules_are_noted(room)


def _rules_are_noted(room: Room) -> None:
    rules = (room.locked, room.hushed, room.led)
    noted = {(m.now.locked, m.now.hushed, m.now.led) for m in room.members.values()}
    assert noted == {rules}


async def _hour(seed: int) -> None:
    chance = Random(seed)
    site = small_site()
    site.rooms["team"] = MeetMe(
        "team",
        pin=PIN,
        leader_pin=LEADER_PIN,
        until_leader=chance.random() < 0.5,
        ends_with_leader=chance.random() < 0.5,
        listeners=chance.random() < 0.3,
        most_members=chance.choice([3, 20]),
        longest_seconds=chance.choice([0.0, 60.0]),
        announce=chance.choice(["none", "tone", "spoken"]),
        record=chance.random() < 0.5,
    )
    site.table[TEAM] = Route(TEAM, "room", "team", "en")
    center = await opened(site)
    center.switch.latency = chance.choice([0.0, 0.002, 0.05])
    hour = _Hour(center, chance)
    try:
        for _ in range(STEPS):
            hour.step()
            await asyncio.sleep(chance.choice([0.0, 0.003, 0.3, 3.0]))
            if chance.random() < 0.2:
                await asyncio.sleep(SETTLED_SECONDS + 30 * (center.switch.latency > 0.01))
                if all(call.channel for call in center.registry.calls.values()):
                    _is_in_order(center)
        for channel in list(center.switch.channels):
            center.switch.put_down(channel)
        await center.until_over()
        Truth(center, slack=30.5, away=30.5, strays_allowed=True).check()
        assert list(center.switchboard.conferences) == []
    finally:
        await center.kill()


@pytest.mark.parametrize("group", range(4))
def test_whatever_happens_in_a_room_everybody_hears_what_he_should(group: int) -> None:
    failures = []
    for seed in range(group * 6, group * 6 + 6):
        try:
            run(_hour(seed))
        except Exception as error:
            failures.append(f"{seed}: {error!r:.400}")
    assert not failures, "\n".join(failures)
