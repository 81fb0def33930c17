"""The conference rooms: who is in which, what holds there, and what each of them hears.

A room is there while somebody is in it. Everybody in it is in its bridge. Who has nobody to talk
with, being alone or waiting for the leader, hears music. What a member has to do or to hear is done
by his own story, which is woken for it; only music is given and taken from here.

What holds in a room is noted with each member, so that it outlives every one of them; after a crash
the rooms are made again from the notes of the calls that are in them.
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
from engine.calls.conferences.notes import ConferenceJoined, ConferenceRuled, RecordingHandedOn
from engine.calls.mail import RoomChanged
from engine.calls.names import room_bridge
from engine.calls.talk.parties import Role
from engine.calls.talk.recording_notes import RecordingPaused, RecordingResumed
from engine.ports import Pbx, PbxError

log = structlog.get_logger("conference")

KICKED: Final = "kicked"
ENDED: Final = "ended"
_MUSIC = "default"


@dataclass(slots=True)
class Member:
    """Somebody in a room; ``held`` when he hears music, None when nobody knows (after a crash).

    What is wanted of him, and not done yet: ``out`` (``kicked`` or ``ended``), ``mute``, ``role``;
    ``hears`` are prompts for him alone.
    """

    call: Call
    joined: ConferenceJoined
    held: bool | None = False
    out: str = ""
    mute: bool | None = None
    role: Role | None = None
    hears: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def now(self) -> ConferenceJoined:
        """As he is in it now."""
        return self.call.standing.conference or self.joined

    @property
    def leads(self) -> bool:
        """Whether he is a leader."""
        return self.now.role is Role.LEADER

    @property
    def heard(self) -> bool:
        """Whether what he says is for the others."""
        return not self.now.muted and self.now.role is not Role.LISTENER

    def wake(self) -> None:
        """Something is wanted of him."""
        self.call.deliver(RoomChanged())


@dataclass(slots=True)
class Room:
    """One room. ``lock`` is held by who changes something in it. ``locked``, ``hushed`` and ``led``
    as in ``ConferenceRuled``; ``until`` is when it is over at the latest, 0 for never.

    ``recorder`` is the member with whose call it is recorded, ``silenced`` whether that is paused,
    None when nobody knows. ``names`` are the recorded names that are just played, by playback.
    """

    name: str
    bridge: str
    until: float = 0.0
    members: dict[str, Member] = field(default_factory=dict)
    locked: bool = False
    hushed: bool = False
    led: bool = False
    recorder: str = ""
    silenced: bool | None = None
    names: dict[str, str] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def waits(self) -> bool:
        """For a leader, who has not been there."""
        return not self.led and any(each.now.until_leader for each in self.members.values())

    @property
    def held(self) -> bool:
        """Whether there is nobody to talk with."""
        return self.waits or len(self.members) < 2

    @property
    def is_refused(self) -> bool:
        """Whether somebody in it does not want to be recorded, or must not be now."""
        standings = (member.call.standing for member in self.members.values())
        return any(standing.wanted == "stop" or standing.paused for standing in standings)

    @property
    def is_left_by_its_leaders(self) -> bool:
        """Whether it is over for who is still there."""
        members = self.members.values()
        wanted = any(member.now.ends_with_leader for member in members)
        return self.led and wanted and not any(member.leads for member in members)

    # -- what its members and the API want ------------------------------------------------------

    def rule(
        self, *, locked: bool | None = None, hushed: bool | None = None, led: bool | None = None
    ) -> None:
        """What holds here from now on; None is as it was."""
        self.locked = self.locked if locked is None else locked
        self.hushed = self.hushed if hushed is None else hushed
        self.led = self.led if led is None else led
        for member in self.members.values():
            call = member.call
            call.note(ConferenceRuled(call.now(), self.locked, self.hushed, self.led))

    def hush(self, muted: bool) -> None:
        """Nobody but leaders is heard, nor who comes later; or all are heard again."""
        self.rule(hushed=muted)
        for member in self.members.values():
            if not member.leads:
                member.mute = muted
                member.wake()

    def end(self) -> None:
        """It is over for all."""
        for member in self.members.values():
            put_out(member, ENDED)

    def last_but(self, by: Member) -> Member | None:
        """Who came last, of those who do not lead."""
        others = (m for m in self.members.values() if m is not by and not m.leads)
        return max(others, key=lambda member: member.joined.at, default=None)

    def tell(self, *prompts: str) -> None:
        """Each of them hears this alone."""
        for member in self.members.values():
            member.hears.append(prompts)
            member.wake()


def put_out(member: Member, why: str) -> None:
    """He has to leave: ``kicked``, or ``ended``."""
    member.out = member.out or why
    member.wake()


class Conferences:
    """All rooms, by name."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def room(self, name: str, now: float, longest_seconds: float = 0.0) -> Room:
        """The room of this name; a new one when nobody is there."""
        if name not in self._rooms:
            until = now + longest_seconds if longest_seconds else 0.0
            self._rooms[name] = Room(name, room_bridge(name, now), until)
        return self._rooms[name]

    def find(self, name: str) -> Room | None:
        """The room of this name, if somebody is there."""
        return self._rooms.get(name)

    def member(self, name: str, call: str) -> Member | None:
        """Who is in that room with this call."""
        room = self.find(name)
        return None if room is None else room.members.get(call)

    def enter(self, room: Room, call: Call, joined: ConferenceJoined) -> Member:
        """Somebody is in the room from now on."""
        member = room.members[call.id] = Member(call, joined)
        if member.leads and not room.led:
            room.rule(led=True)
        log.info("conference_joined", room=room.name, members=len(room.members))
        return member

    def leave(self, room: Room, member: Member) -> None:
        """Somebody is out of it; the last one takes it with him."""
        room.members.pop(member.call.id, None)
        if not room.members and self._rooms.get(room.name) is room:
            del self._rooms[room.name]
        if room.is_left_by_its_leaders:
            room.end()
        log.info("conference_left", room=room.name, members=len(room.members))

    async def settle(self, room: Room, pbx: Pbx) -> None:
        """Music for who has nobody to talk with, and for nobody else. Under the room's lock."""
        for member in list(room.members.values()):
            if member.held is not room.held:
                member.held = room.held
                with suppress(PbxError):  # he has just hung up
                    await _give_music(pbx, member.call.channel, room.held)

    def take_up(self, calls: Iterable[Call]) -> set[str]:
        """After a crash: make the rooms again, all at once, before their members go on and new
        ones come. Those who hung up meanwhile count for whether there was a leader. Returns the
        bridges of rooms in which nobody is left."""
        empty: set[str] = set()
        left: dict[str, list[Call]] = {}
        for call in calls:
            joined = call.standing.conference
            if joined is None:
                continue
            known = Room(joined.room, joined.bridge, joined.until)
            room = self._rooms.setdefault(joined.room, known)
            room.led = room.led or joined.led or joined.role is Role.LEADER
            room.locked, room.hushed = room.locked or joined.locked, room.hushed or joined.hushed
            left.setdefault(room.name, []).append(call)
            if not call.end_told:
                room.members.setdefault(call.id, Member(call, joined, held=None))
        for room in self:
            if not room.members:
                del self._rooms[room.name]
                empty.add(room.bridge)
                continue
            keep_one_recording(room, left[room.name])
            if room.is_left_by_its_leaders:
                room.end()
        return empty

    # -- for the API --------------------------------------------------------------------------

    def kick(self, name: str, call: str) -> bool:
        """Put somebody out; False when he is not in that room."""
        member = self.member(name, call)
        if member is not None:
            put_out(member, KICKED)
        return member is not None

    def mute(self, name: str, call: str, muted: bool) -> bool:
        """The others hear him no more, or again; False when he is not in that room."""
        member = self.member(name, call)
        if member is not None:
            member.mute = muted
            member.wake()
        return member is not None

    def give_role(self, name: str, call: str, role: Role) -> bool:
        """He is something else in it from now on; False when he is not in that room."""
        member = self.member(name, call)
        if member is not None:
            member.role = role
            member.wake()
        return member is not None


def keep_one_recording(room: Room, calls: Iterable[Call]) -> None:
    """Of the calls that have, or had, the room's recording, one member's keeps it: a crash may have
    fallen into the handing on, or its keeper hung up meanwhile."""
    having = [call for call in calls if CONFERENCE in call.standing.recording]
    if not having:
        return
    began = having[0].standing.recording[CONFERENCE]
    staying = (call.id for call in having if call.id in room.members)
    hand_on(room, having[0], to=next(staying, None) or next(iter(room.members)))
    for call in having:
        if call.id != room.recorder:
            call.note(RecordingHandedOn(call.now(), began.recording))


def hand_on(room: Room, keeper: Call, to: str) -> None:
    """The recording that this call has goes on with that of the member ``to``, and what its file
    lacks so far."""
    room.recorder = to
    call, began = room.members[to].call, keeper.standing.recording[CONFERENCE]
    if CONFERENCE in call.standing.recording:
        return
    call.note(began)
    for note in list(keeper.standing.notes):
        if isinstance(note, RecordingPaused | RecordingResumed):
            call.note(note)


async def _give_music(pbx: Pbx, channel: str, wanted: bool) -> None:
    if wanted:
        await pbx.start_music(channel, _MUSIC)
    else:
        await pbx.stop_music(channel)
