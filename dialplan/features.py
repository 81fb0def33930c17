"""Feature codes: what is dialed from an agent's phone to log in, pause, switch the emergency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What a feature code asks for."""

    LOGIN = "login"
    LOGOUT = "logout"
    READY = "ready"
    PAUSE = "pause"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Feature:
    """A dialed feature code.

    ``reason`` is why an agent pauses, in a word. ``agent`` is the extension of the agent who logs
    in at another's phone (``*103001``); empty when it is the phone's own.
    """

    action: Action
    reason: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """The codes in use: ``codes`` by what is dialed, ``reasons`` by the digit after pause."""

    codes: Mapping[str, Action] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def match(self, dialed: str) -> Feature | None:
        """The feature that ``dialed`` asks for; ``None`` when it is not a feature code."""
        for code, action in self.codes.items():
            if dialed.startswith(code):
                return self._feature(action, dialed.removeprefix(code))
        return None

    def _feature(self, action: Action, rest: str) -> Feature | None:
        if not rest:
            return Feature(action)
        if action is Action.LOGIN and rest.isdecimal():
            return Feature(action, agent=rest)
        if action is Action.PAUSE and rest in self.reasons:
            return Feature(action, reason=self.reasons[rest])
        return None
