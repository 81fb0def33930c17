"""Codes that an agent presses on his phone while he talks: hold, transfer, a third to it. Pure.

A ``Reader`` gets the keys of one phone. While they may become a code it keeps them; what is no code
after all is given back, for it is meant for who is at the other end (an answering machine, a bank's
menu). Some codes are followed by a *where*: an extension, a short code of ``places``, a number. It
ends with ``#``, or when no key comes for a while; ``*`` gives it up.

::

    idle --first key of a code--> code --its last key--> TalkCode, or where --#, silence--> TalkCode
                                       \\--no code after all, silence--> Passed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import permutations
from types import MappingProxyType
from typing import Final

from acd.queues import Destination

END, GIVE_UP = "#", "*"
"""The keys that end a *where*, and that forget it."""

LONGEST_WHERE: Final = 32
"""Keys; more than any number has (``dialplan.numbers``)."""


class TalkAction(StrEnum):
    """What a code asks of the talk in which it is pressed."""

    HOLD = "hold"  # and again: take the caller back
    MUTE = "mute"  # and again: be heard
    TRANSFER = "transfer"  # where
    CONSULT = "consult"  # where
    SWAP = "swap"
    COMPLETE = "complete"
    CANCEL = "cancel"
    MERGE = "merge"
    INVITE = "invite"  # where
    DROP = "drop"  # who came last
    LEAVE = "leave"
    PARK = "park"  # where: a slot, or none
    SECURE = "secure"  # where: a place that is a flow
    RECORD = "record"
    STOP_RECORDING = "stop_recording"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"

    @property
    def has_where(self) -> bool:
        """Whether more keys follow its code."""
        return self in _WITH_WHERE


_WITH_WHERE = frozenset(
    {
        TalkAction.TRANSFER,
        TalkAction.CONSULT,
        TalkAction.INVITE,
        TalkAction.PARK,
        TalkAction.SECURE,
    }
)

DEFAULT_CODES: Final[Mapping[str, TalkAction]] = MappingProxyType(
    {
        "#0": TalkAction.MUTE,
        "#1": TalkAction.HOLD,
        "#2": TalkAction.TRANSFER,
        "#3": TalkAction.CONSULT,
        "#4": TalkAction.SWAP,
        "#5": TalkAction.COMPLETE,
        "#6": TalkAction.CANCEL,
        "#7": TalkAction.MERGE,
        "#8": TalkAction.INVITE,
        "#9": TalkAction.PARK,
        "##1": TalkAction.RECORD,
        "##2": TalkAction.STOP_RECORDING,
        "##3": TalkAction.PAUSE_RECORDING,
        "##4": TalkAction.RESUME_RECORDING,
        "##5": TalkAction.SECURE,
        "##8": TalkAction.DROP,
        "##9": TalkAction.LEAVE,
    }
)
"""None begins with ``*``, which ends the talk of an agent whose line stays connected."""


@dataclass(frozen=True, slots=True)
class TalkCode:
    """A code was pressed; ``where`` are the keys after it, without the one that ended them."""

    action: TalkAction
    where: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """These keys are no code: they are for who is at the other end."""

    keys: str


Read = TalkCode | Passed | None
"""What came of a key: None when more have to come, or nothing was meant."""


@dataclass(frozen=True, slots=True)
class TalkCodes:
    """The ``codes`` in use; ``seconds`` between two keys end what is being pressed. ``places`` are
    short codes that a *where* may be, beside extensions and numbers."""

    codes: Mapping[str, TalkAction] = field(default_factory=lambda: DEFAULT_CODES)
    seconds: float = 3.0
    places: Mapping[str, Destination] = field(default_factory=dict)

    def reader(self) -> Reader:
        """Who reads one phone."""
        return Reader(self.codes, self.seconds)


class Reader:
    """The keys of one phone in one talk."""

    def __init__(self, codes: Mapping[str, TalkAction], seconds: float) -> None:
        self._codes, self._seconds = codes, seconds
        self._kept = ""
        self._action: TalkAction | None = None
        self._deadline: float | None = None

    def press(self, digit: str, now: float) -> Read:
        """A key, at key-up."""
        self._deadline = now + self._seconds
        if self._action is not None:
            return self._where(self._action, digit)
        kept, self._kept = self._kept, self._kept + digit
        if (action := self._codes.get(self._kept)) is not None:
            return self._begin(action)
        if self._may_become_one(self._kept):
            return None
        if kept and self._may_become_one(digit):
            self._kept = digit
            return Passed(kept)
        return Passed(self._forget())

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` is to be called, None while nothing is kept."""
        return self._deadline

    def on_deadline(self, now: float) -> Read:
        """No other key came in time: what was pressed is all."""
        if self._deadline is None or now < self._deadline:
            return None
        action, keys = self._action, self._forget()
        if action is None:
            return Passed(keys)
        return _ended(action, keys)

    def _begin(self, action: TalkAction) -> Read:
        if action.has_where:
            self._kept, self._action = "", action
            return None
        self._forget()
        return TalkCode(action)

    def _where(self, action: TalkAction, digit: str) -> Read:
        if digit == END:
            return _ended(action, self._forget())
        if digit == GIVE_UP:
            self._forget()
        elif len(self._kept) < LONGEST_WHERE:
            self._kept += digit
        return None

    def _may_become_one(self, keys: str) -> bool:
        return any(code.startswith(keys) for code in self._codes)

    def _forget(self) -> str:
        kept, self._kept = self._kept, ""
        self._action = self._deadline = None
        return kept


def _ended(action: TalkAction, where: str) -> TalkCode | None:
    """Only a parked caller needs no *where*: any other code without one was thought better of."""
    return TalkCode(action, where) if where or action is TalkAction.PARK else None


def ambiguous(codes: Mapping[str, TalkAction]) -> list[tuple[str, str]]:
    """Codes that could never be pressed, each with the shorter one that it begins with."""
    return [(code, short) for code, short in permutations(codes, 2) if code.startswith(short)]
