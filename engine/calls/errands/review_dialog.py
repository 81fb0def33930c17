"""What a caller does with the message that he has spoken: hears it, speaks it anew, keeps it. Pure.

He is asked, hears it when he wants to, and is asked again. ``1`` keeps it, ``2`` plays it, ``3``
records it again, ``4`` deletes it, ``5`` keeps it as urgent. Silence and wrong keys are asked
again; when the attempts are used up it is kept: what he has said was meant for somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ATTEMPTS: Final = 3
FIRST_KEY_SECONDS: Final = 6.0
LONGEST_SAYING_SECONDS: Final = 900.0
"""When the end of what is played is never told."""


class Verdict(StrEnum):
    """What becomes of it."""

    KEEP = "keep"
    AGAIN = "again"
    DELETE = "delete"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Ask:
    """Say this, in place of what is being said."""

    prompt: str = "voicemail_review"


@dataclass(frozen=True, slots=True)
class Listen:
    """Play his message, and the question after it."""


Answer = Ask | Listen | Verdict

_VERDICTS = {"1": Verdict.KEEP, "3": Verdict.AGAIN, "4": Verdict.DELETE, "5": Verdict.URGENT}
_LISTEN = "2"


class ReviewDialog:
    """One dialog about one message, asked by this prompt."""

    def __init__(self, prompt: str = "voicemail_review") -> None:
        self._prompt = prompt
        self._attempts = ATTEMPTS
        self._deadline = 0.0

    def begin(self, now: float) -> Answer:
        """The question."""
        return self._say(Ask(self._prompt), now)

    def next_deadline(self) -> float:
        """When ``late`` is to be called."""
        return self._deadline

    def said(self, now: float) -> None:
        """What was played is over; he has so long for a key."""
        self._deadline = now + FIRST_KEY_SECONDS

    def pressed(self, key: str, now: float) -> Answer:
        """A key, also while something is played."""
        if key == _LISTEN:
            return self._say(Listen(), now)
        return _VERDICTS.get(key) or self.late(now)

    def late(self, now: float) -> Answer:
        """No key, or a wrong one."""
        self._attempts -= 1
        return self._say(Ask(self._prompt), now) if self._attempts else Verdict.KEEP

    def _say(self, answer: Ask | Listen, now: float) -> Answer:
        self._deadline = now + LONGEST_SAYING_SECONDS
        return answer
