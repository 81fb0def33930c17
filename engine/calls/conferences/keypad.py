"""What the keys of a member mean while he is in a room. Pure.

One key does one thing; only ``invite`` takes a number behind it, up to ``#``, and ``*`` drops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dialplan.rooms import LEADERS, RoomKey, keys_of

KEY_SECONDS: Final = 10.0
"""Until the next key of a number; then it is dropped."""
_LONGEST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a member wants; ``number`` is whom to invite, '' when he wants nobody after all."""

    what: RoomKey
    number: str = ""


class KeyPad:
    """The keys of one member; ``own`` are those that are not the usual ones, '' for none."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._does = {key: what for what, key in keys_of(own).items() if key}
        self._number: str | None = None
        self.deadline: float | None = None
        """When ``late`` is to be called: the number is not typed on."""

    def press(self, key: str, leads: bool, now: float) -> Pressed | None:
        """What follows from this key; None for nothing yet."""
        if self._number is not None:
            return self._type(self._number, key, now)
        what = self._does.get(key)
        if what is None or (what in LEADERS and not leads):
            return None
        if what is not RoomKey.INVITE:
            return Pressed(what)
        self._number, self.deadline = "", now + KEY_SECONDS
        return None

    def late(self) -> Pressed:
        """The number was not typed to its end."""
        self._number = self.deadline = None
        return Pressed(RoomKey.INVITE)

    def keys_of(self, leads: bool) -> list[tuple[RoomKey, str]]:
        """What there is for him, and by which key, in the order of ``RoomKey``."""
        does = {what: key for key, what in self._does.items()}
        his = (what for what in RoomKey if what in does and self._is_his(what, leads))
        return [(what, does[what]) for what in his]

    @staticmethod
    def _is_his(what: RoomKey, leads: bool) -> bool:
        return what is not RoomKey.MENU and (leads or what not in LEADERS)

    def _type(self, number: str, key: str, now: float) -> Pressed | None:
        if key == "*" or len(number) >= _LONGEST_NUMBER:
            return self.late()
        if key == "#":
            self._number = self.deadline = None
            return Pressed(RoomKey.INVITE, number)
        self._number, self.deadline = number + key, now + KEY_SECONDS
        return None
