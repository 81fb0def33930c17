"""How far typed keys fit what is asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from engine.ivr.schema import Gather

MENU_TERMINATOR = "#"  # ends a choice that could be longer, unless it is itself part of a choice


class Fit(Enum):
    """What the keys typed so far are; the names of VoiceXML 2.0 appendix D in brackets."""

    WRONG = "cannot become right any more"
    SHORT = "not yet complete"  # [not ready to terminate]
    ENOUGH = "complete, but could be longer"  # [can terminate]
    FULL = "complete, nothing can follow"  # [must terminate]


class Grammar(Protocol):
    """Which keys are asked for."""

    def fit(self, typed: str) -> Fit:
        """How ``typed`` (at least one key) fits."""

    def ends(self, typed: str, key: str) -> bool:
        """Whether ``key`` is a terminator after ``typed``: it ends the input, no part of it."""

    def swallows(self, key: str) -> bool:
        """Whether this key, pressed late out of habit, is a terminator that nobody needs."""


@dataclass(frozen=True, slots=True)
class Choices:
    """One of these keys or strings of keys; ``X`` in them is any digit."""

    keys: Collection[str]

    def chosen(self, typed: str) -> str | None:
        """The choice that was typed: one written in full before a pattern."""
        if typed in self.keys:
            return typed
        fitting = (keys for keys in self.keys if len(keys) == len(typed) and begins(keys, typed))
        return next(fitting, None)

    def fit(self, typed: str) -> Fit:
        """How ``typed`` fits one of the choices."""
        longer = any(len(keys) > len(typed) and begins(keys, typed) for keys in self.keys)
        if self.chosen(typed) is not None:
            return Fit.ENOUGH if longer else Fit.FULL
        return Fit.SHORT if longer else Fit.WRONG

    def ends(self, typed: str, key: str) -> bool:
        """``#`` after a choice that could be longer."""
        if key != MENU_TERMINATOR or not typed:
            return False
        return self.chosen(typed) is not None and self.fit(typed + key) is Fit.WRONG

    def swallows(self, key: str) -> bool:
        """Callers know no terminator of a menu."""
        return False


def begins(keys: str, typed: str) -> bool:
    """Whether ``typed`` is a beginning of ``keys``, in which ``X`` is any digit."""
    return len(typed) <= len(keys) and all(
        wanted == key or (wanted == "X" and key.isdigit())
        for wanted, key in zip(keys, typed, strict=False)
    )


@dataclass(frozen=True, slots=True)
class Digits:
    """So many digits."""

    least: int
    most: int
    terminator: str = ""

    @classmethod
    def of(cls, node: Gather) -> Digits:
        """Those of a node."""
        return cls(node.min_digits, node.max_digits, node.terminator)

    def fit(self, typed: str) -> Fit:
        """How ``typed`` fits the number of digits."""
        if not (typed.isascii() and typed.isdigit()) or len(typed) > self.most:
            return Fit.WRONG
        if len(typed) == self.most:
            return Fit.FULL
        return Fit.ENOUGH if len(typed) >= self.least else Fit.SHORT

    def ends(self, typed: str, key: str) -> bool:
        """A terminator, at any time."""
        return key in self.terminator

    def swallows(self, key: str) -> bool:
        """A terminator after the last possible digit."""
        return key in self.terminator
