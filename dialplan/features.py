"""Feature codes: what is dialed from an agent's phone to log in, pause, pick up, hear his messages.

What he presses while he talks is in ``dialplan.talk_codes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialplan.talk_codes import TalkCodes


class Action(StrEnum):
    """What a feature code asks for; in brackets what may be dialed behind it."""

    LOGIN = "login"  # [the extension of the agent who logs in at another's phone]
    LOGOUT = "logout"
    READY = "ready"
    PAUSE = "pause"  # [a digit: why]
    STATUS = "status"
    DONE = "done"  # with the work after a talk
    DISPOSITION = "disposition"  # digits: what came of the talk
    PICK_UP = "pick_up"  # [the slot of a parked caller]
    SUPERVISE = "supervise"  # the extension of an agent
    VOICEMAIL = "voicemail"
    ROOM = "room"  # digits: a conference room
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Feature:
    """A dialed feature code.

    ``what`` is that which stands behind the code: an extension, a slot, a room as dialed, a pause
    reason or a disposition by its name; '' for nothing.
    """

    action: Action
    what: str = ""


_DIGITS_BEHIND = frozenset({Action.LOGIN, Action.PICK_UP, Action.SUPERVISE, Action.ROOM})
_NEVER_ALONE = frozenset({Action.DISPOSITION, Action.SUPERVISE, Action.ROOM})


@dataclass(frozen=True, slots=True)
class Features:
    """The codes in use: ``codes`` by what is dialed, ``reasons`` by the digit after pause,
    ``dispositions`` by the digits after theirs; ``talk`` are the codes of those who talk."""

    codes: Mapping[str, Action] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    dispositions: Mapping[str, str] = field(default_factory=dict)
    talk: TalkCodes = field(default_factory=TalkCodes)

    def match(self, dialed: str) -> Feature | None:
        """The feature that ``dialed`` asks for; ``None`` when it is not a feature code."""
        for code, action in self.codes.items():
            if dialed.startswith(code):
                return self._feature(action, dialed.removeprefix(code))
        return None

    def _feature(self, action: Action, rest: str) -> Feature | None:
        if not rest:
            return None if action in _NEVER_ALONE else Feature(action)
        if action in _DIGITS_BEHIND and rest.isdecimal():
            return Feature(action, rest)
        named = {Action.PAUSE: self.reasons, Action.DISPOSITION: self.dispositions}
        what = named.get(action, {}).get(rest)
        return Feature(action, what) if what else None
