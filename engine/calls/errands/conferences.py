"""The conference rooms: who is in which, and what each of them hears.

A room is there while somebody is in it. Everybody in it is in its bridge. Who has nobody to talk
with, being alone or waiting for the leader, hears music; when the last leader leaves a room that
wants one, the others are told that it is over. What a member has to do is done by his own story,
which is woken for it; only music is given and taken from here.

After a crash the rooms are made again from the notes of the calls that are in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from engine.call_record import CONFERENCE
from engine.calls.call import Call
from engine.calls.mail import RoomChanged
from engine.calls.names import room_bridge
from engine.calls.notes import ConferenceJoined
from engine.ports import Pbx, PbxError

log = structlog.get_logger("conference")

KICKED: Final = "kicked"
ENDED: Final = "ended"
_MUSIC = "default"


@dataclass(slots=True)
class Member:
    """Somebody in a room; ``held`` when he hears music, None when nobody knows (after a crash).

    ``out``: he has to leave, as ``kicked`` or ``ended``. ``mute``: whether the others are to hear
    him, where that was asked for and is not done yet.
    """

    call: Call
    joined: ConferenceJoined
    held: bool | None = False
    out: str = ""
    mute: bool | None = None

    @property
    def muted(self) -> bool:
        """Whether the others do not hear him."""
        now = self.call.standing.conference
        return now is not None and now.muted


@dataclass(slots=True)
class Room:
    """One room. ``lock`` is held by who changes something in it; ``led``: a leader is, or was,
    there; ``recorder`` is the member with whose call it is recorded, ``silenced`` whether that is
    paused, None when nobody knows."""

    name: str
    bridge: str
    members: dict[str, Member] = field(default_factory=dict)
    led: bool = False
    recorder: str = ""
    silenced: bool | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def waits(self) -> bool:
        """For its leader."""
        members = self.members.values()
        led = any(member.joined.leader for member in members)
        return not led and any(member.joined.until_leader for member in members)

    @property
    def held(self) -> bool:
        """Whether there is nobody to talk with."""
        return self.waits or len(self.members) < 2

    @property
    def is_refused(self) -> bool:
        """Whether somebody in it does not want to be recorded, or must not be now."""
        standings = (member.call.standing for member in self.members.values())
        return any(standing.wanted == "stop" or standing.paused for standing in standings)


class Conferences:
    """All rooms, by name."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def room(self, name: str, now: float) -> Room:
        """The room of this name; a new one when nobody is there."""
        if name not in self._rooms:
            self._rooms[name] = Room(name, room_bridge(name, now))
        return self._rooms[name]

    def find(self, name: str) -> Room | None:
        """The room of this name, if somebody is there."""
        return self._rooms.get(name)

    def enter(self, room: Room, call: Call, joined: ConferenceJoined) -> Member:
        """Somebody is in the room from now on."""
        member = room.members[call.id] = Member(call, joined)
        room.led = room.led or joined.leader
        log.info("conference_joined", room=room.name, members=len(room.members))
        return member

    def leave(self, room: Room, member: Member) -> None:
        """Somebody is out of it; the last one takes it with him."""
        room.members.pop(member.call.id, None)
        if not room.members and self._rooms.get(room.name) is room:
            del self._rooms[room.name]
        if room.led and room.waits:
            self._end(room)
        log.info("conference_left", room=room.name, members=len(room.members))

    def _end(self, room: Room) -> None:
        """The last leader has left: it is over for all."""
        room.led = False
        for other in room.members.values():
            other.out = ENDED
            other.call.deliver(RoomChanged())

    async def settle(self, room: Room, pbx: Pbx) -> None:
        """Music for who has nobody to talk with, and for nobody else. Under the room's lock."""
        for member in list(room.members.values()):
            if member.held is not room.held:
                member.held = room.held
                with suppress(PbxError):  # he has just hung up
                    await _give_music(pbx, member.call.channel, room.held)

    def take_up(self, calls: Iterable[Call]) -> None:
        """After a crash: make the rooms again, all at once, before their members go on and new
        ones come. Those who hung up meanwhile count for whether there was a leader."""
        for call in calls:
            joined = call.standing.conference
            if joined is None:
                continue
            room = self._rooms.setdefault(joined.room, Room(joined.room, joined.bridge))
            room.led = room.led or joined.leader
            if not call.end_told:
                room.recorder = call.id if CONFERENCE in call.standing.recording else room.recorder
                room.members.setdefault(call.id, Member(call, joined, held=None))
        for room in self:
            if not room.members:
                del self._rooms[room.name]
            elif room.led and room.waits:
                self._end(room)

    # -- for the API --------------------------------------------------------------------------

    def kick(self, name: str, call: str) -> bool:
        """Put somebody out; False when he is not in that room."""
        member = self._member(name, call)
        if member is not None:
            member.out = member.out or KICKED
            member.call.deliver(RoomChanged())
        return member is not None

    def mute(self, name: str, call: str, muted: bool) -> bool:
        """The others hear him no more, or again; False when he is not in that room."""
        member = self._member(name, call)
        if member is not None:
            member.mute = muted
            member.call.deliver(RoomChanged())
        return member is not None

    def _member(self, name: str, call: str) -> Member | None:
        room = self.find(name)
        return None if room is None else room.members.get(call)


async def _give_music(pbx: Pbx, channel: str, wanted: bool) -> None:
    if wanted:
        await pbx.start_music(channel, _MUSIC)
    else:
        await pbx.stop_music(channel)
