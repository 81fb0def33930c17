"""One attempt while it is under way, as its campaign follows it. Pure.

It is in one of these stages::

    decided ─► held ─► dialed ─► answered ─► waiting ─► talking ─► (over)
       └──────────────►┘            └──────────────► leaving ─► (over)

*decided*: not yet dialed; in the modes that hold an agent first it waits for one. *held*: an agent
is held for it, or looks at it. *dialed*: it rings. *answered*: somebody finds out by whom.
*waiting*: a person waits for an agent. *leaving*: a machine, or a person whom no agent was there
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from dialer.leads import Candidate
from dialer.plan import AttemptPlan, Mode

HOLDS_AN_AGENT: Final = frozenset({Mode.PREVIEW, Mode.PROGRESSIVE, Mode.MANUAL})
"""Modes in which nobody is dialed before an agent is held for him."""


class Stage(IntEnum):
    """How far an attempt has come; the picture above says what follows what."""

    DECIDED = 0
    HELD = 1
    DIALED = 2
    ANSWERED = 3
    WAITING = 4
    TALKING = 5
    LEAVING = 6


@dataclass(slots=True)
class Attempt:
    """An attempt under way; ``candidate`` is None for one of the last run."""

    plan: AttemptPlan
    candidate: Candidate | None
    stage: Stage = Stage.DECIDED
    dialed: float | None = None
    answered: float | None = None
    given_up: bool = False
    person: bool = False
    talked: bool = False
    dropped: bool = False

    @property
    def holds(self) -> bool:
        """Whether an agent is to be held for it before anybody is dialed."""
        return self.plan.mode in HOLDS_AN_AGENT

    def rang(self, now: float) -> float:
        """Seconds since the dial."""
        return now - self.dialed if self.dialed is not None else 0.0
