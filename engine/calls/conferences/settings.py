"""How it goes in a room, for whom, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass

from dialplan.rooms import MeetMe
from engine.calls.switchboard import Switchboard
from engine.calls.talk.parties import Role
from engine.ivr.messages import Confer


@dataclass(frozen=True, slots=True)
class Conferring:
    """What somebody who is brought into a room is asked for: ``accept_key`` '' for nothing."""

    confer: Confer
    accept_key: str


def conferring(sb: Switchboard, room: str, role: Role) -> Conferring:
    """For who is invited into this room, which may have no settings: then it is as usual."""
    settings = sb.site.rooms.get(room) or MeetMe(room)
    return Conferring(confer_of(settings, role), settings.accept_key)


def confer_of(room: MeetMe, role: Role) -> Confer:
    """For who comes into it as this."""
    keys = dict(room.keys)
    return Confer(
        room.name,
        leader=role is Role.LEADER,
        muted=room.muted,
        until_leader=room.until_leader,
        most_members=room.most_members,
        leave_key=keys.pop("leave", "#"),
        record=room.record,
        listener=role is Role.LISTENER,
        ends_with_leader=room.ends_with_leader,
        announce=room.announce,
        longest_seconds=room.longest_seconds,
        keys=keys,
    )
