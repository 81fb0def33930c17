"""Which number a caller wants to be called back at: read back, confirmed or typed anew. Pure.

Two stages. *Confirm*: he hears a number; 1 takes it, 2 leads to the other stage. *Enter*: he types
one, ended by ``#`` or by a while without a key, and hears it in *confirm*. Silence and wrong keys
are asked again; when the attempts are used up the dialog is dropped, and he waits on as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.calls import spoken

ATTEMPTS = 3
FIRST_KEY_SECONDS = 6.0
FURTHER_KEY_SECONDS = 4.0
LONGEST_SAYING_SECONDS = 60.0
"""When the end of a prompt is never told."""
LONGEST_NUMBER = 20

TAKE, CHANGE, END = "1", "2", "#"

Reach = Callable[[str], str | None]
"""The number as it will be dialed, or None for one that cannot be."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say this, in place of what is being said."""

    prompts: spoken.Prompts


@dataclass(frozen=True, slots=True)
class Hush:
    """He types: what is being said is cut."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The end: he wants to be called at this number."""

    number: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The end: he did not choose."""


Answer = Ask | Hush | Chosen | Dropped


class NumberDialog:
    """One dialog. ``spell`` gives the digits of a number as they are read to him."""

    def __init__(self, reach: Reach, spell: Callable[[str], str]) -> None:
        self._reach, self._spell = reach, spell
        self._number = ""  # to be confirmed; empty while he types
        self._typed = ""
        self._attempts = ATTEMPTS
        self._deadline = 0.0

    def begin(self, number: str, now: float) -> Ask:
        """Ask about the number he calls from, or for one when that cannot be called."""
        self._number = self._reach(number) or ""
        return self._ask(now)

    def next_deadline(self) -> float:
        """When ``late`` is to be called."""
        return self._deadline

    def said(self, now: float) -> None:
        """What was asked is over; he has so long for the first key."""
        if not self._typed:
            self._deadline = now + FIRST_KEY_SECONDS

    def pressed(self, key: str, now: float) -> Answer | None:
        """A key, also while something is said."""
        return self._confirm(key, now) if self._number else self._enter(key, now)

    def late(self, now: float) -> Answer:
        """No key came in time: the end of a number, or a silence."""
        return self._check(now) if self._typed else self._again(now)

    def _confirm(self, key: str, now: float) -> Answer:
        if key == TAKE:
            return Chosen(self._number)
        if key != CHANGE:
            return self._again(now)
        self._number = ""
        return self._ask(now)

    def _enter(self, key: str, now: float) -> Answer | None:
        if key == END:
            return self._check(now) if self._typed else self._again(now)
        if not key.isdigit():
            return None
        self._typed += key
        self._deadline = now + FURTHER_KEY_SECONDS
        if len(self._typed) == LONGEST_NUMBER:
            return self._check(now)
        return Hush() if len(self._typed) == 1 else None

    def _check(self, now: float) -> Answer:
        typed, self._typed = self._typed, ""
        self._number = self._reach(typed) or ""
        return self._ask(now) if self._number else self._again(now, "callback_wrong_number")

    def _again(self, now: float, *why: str) -> Answer:
        self._attempts -= 1
        return self._ask(now, *why) if self._attempts else Dropped()

    def _ask(self, now: float, *before: str) -> Ask:
        self._deadline = now + LONGEST_SAYING_SECONDS
        if not self._number:
            return Ask((*before, "callback_enter"))
        read = spoken.digits(self._spell(self._number))
        return Ask((*before, "callback_number", *read, "callback_confirm"))
