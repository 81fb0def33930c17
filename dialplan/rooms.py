"""Meet-me rooms: who may come into which, by which number and PIN, and how it goes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class RoomKey(StrEnum):
    """What a key may do; those of leaders last."""

    MENU = "menu"
    MUTE = "mute"  # himself, and again heard
    COUNT = "count"
    LEAVE = "leave"
    LOCK = "lock"
    MUTE_ALL = "mute_all"
    DROP_LAST = "drop_last"
    INVITE = "invite"
    END = "end"


KEYS: Final[Mapping[RoomKey, str]] = {
    RoomKey.MENU: "*",
    RoomKey.MUTE: "1",
    RoomKey.COUNT: "2",
    RoomKey.LEAVE: "#",
    RoomKey.LOCK: "4",
    RoomKey.MUTE_ALL: "5",
    RoomKey.DROP_LAST: "6",
    RoomKey.INVITE: "7",
    RoomKey.END: "8",
}
"""The usual ones."""
LEADERS: Final = frozenset(
    {RoomKey.LOCK, RoomKey.MUTE_ALL, RoomKey.DROP_LAST, RoomKey.INVITE, RoomKey.END}
)
"""Nothing happens when somebody else presses them."""


def keys_of(own: Mapping[str, str]) -> dict[RoomKey, str]:
    """The keys of a room with these of its own."""
    return {what: own.get(what, usual) for what, usual in KEYS.items()}


def key_twice(own: Mapping[str, str]) -> str:
    """The key that does two things in such a room, '' for none."""
    keys = [key for key in keys_of(own).values() if key]
    return next((key for key in keys if keys.count(key) > 1), "")


@dataclass(frozen=True, slots=True)
class MeetMe:
    """One room. ``extension`` is what agents dial for it, '' when no phone of theirs reaches it;
    numbers from outside lead there by the routes.

    ``pin`` lets a member in, ``leader_pin`` a leader. Without a ``pin`` everybody comes in; without
    a ``leader_pin`` everybody leads. Times in seconds, 0 for no end. ``announce`` is none, tone,
    spoken or name. ``keys`` are those that are not the usual ones, by what they do; ``accept_key``
    is pressed by who is invited, '' for none.
    """

    name: str
    extension: str = ""
    pin: str = ""
    leader_pin: str = ""
    listeners: bool = False
    muted: bool = False
    until_leader: bool = False
    ends_with_leader: bool = False
    most_members: int = 20
    longest_seconds: float = 0.0
    announce: str = "tone"
    record: bool = False
    accept_key: str = "1"
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def longest_pin(self) -> int:
        """Digits; 0 when there is none to be asked for."""
        return max(len(self.pin), len(self.leader_pin))

    def lets_in(self, typed: str) -> bool:
        """Whether this PIN is one of the room's."""
        return typed in (self.pin, self.leader_pin or self.pin)

    def makes_leader(self, typed: str) -> bool:
        """Whether who typed this PIN leads it."""
        return typed == self.leader_pin if self.leader_pin else True


def room_of(rooms: Mapping[str, MeetMe], dialed: str) -> MeetMe | None:
    """The room of this name, or that an agent dials so."""
    if not dialed:
        return None
    by_name = rooms.get(dialed)
    return by_name or next((room for room in rooms.values() if room.extension == dialed), None)
