"""What an agent does with a message at his phone: hears it, and says by a key what is next. Pure.

It is told to him, from whom and when, and played; then the keys are said. A key counts at any time.
``1`` tells it again, ``2`` saves it, ``3`` deletes it, ``4`` calls who left it, ``#`` leaves it as
heard, ``*`` is the end. Silence and wrong keys have the keys said again; when the attempts are used
up it is left as heard, if it was played to its end, else as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ATTEMPTS: Final = 3
FIRST_KEY_SECONDS: Final = 6.0
LONGEST_SAYING_SECONDS: Final = 900.0
"""When the end of what is played is never told."""


class Wish(StrEnum):
    """What is to be done next."""

    SAVE = "save"
    DELETE = "delete"
    CALL = "call"  # who left it
    NEXT = "next"
    END = "end"
    UNHEARD = "unheard"  # he has not heard it whole, nor said what is next
    GONE = "gone"  # he has hung up


@dataclass(frozen=True, slots=True)
class Tell:
    """From whom it is, and when; then the message."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The keys."""


Answer = Tell | Ask | Wish

KEYS: Final[Mapping[str, Wish]] = {
    "2": Wish.SAVE,
    "3": Wish.DELETE,
    "4": Wish.CALL,
    "#": Wish.NEXT,
    "*": Wish.END,
}
_AGAIN = "1"


class MessageDialog:
    """One dialog about one message; ``heard`` once it was played to its end."""

    def __init__(self, heard: bool = False) -> None:
        self.heard = heard
        self._attempts = ATTEMPTS
        self._telling = False
        self._deadline = 0.0

    def begin(self, now: float) -> Answer:
        """What is played first: the message, unless he has heard it."""
        return self._play(Ask() if self.heard else Tell(), now)

    def next_deadline(self) -> float:
        """When ``late`` is to be called."""
        return self._deadline

    def said(self, whole: bool, now: float) -> None:
        """What was played is over, to its end or not. After the message the keys follow at once."""
        self.heard = self.heard or (self._telling and whole)
        self._deadline = now if self._telling else now + FIRST_KEY_SECONDS

    def pressed(self, key: str, now: float) -> Answer:
        """A key, also while something is played."""
        if key == _AGAIN:
            return self._play(Tell(), now)
        return KEYS.get(key) or self._ask_again(now)

    def late(self, now: float) -> Answer:
        """The message is over, or no key came."""
        return self._play(Ask(), now) if self._telling else self._ask_again(now)

    def _ask_again(self, now: float) -> Answer:
        self._attempts -= 1
        if self._attempts:
            return self._play(Ask(), now)
        return Wish.NEXT if self.heard else Wish.UNHEARD

    def _play(self, answer: Tell | Ask, now: float) -> Answer:
        self._telling = isinstance(answer, Tell)
        self._deadline = now + LONGEST_SAYING_SECONDS
        return answer
