"""What a rule is, and how several are asked at once. Pure.

A rule tells the first moment from which it lets a call be made. Asked of a moment that is this same
moment, it allows it. The first moment that all allow is found by asking each in turn from where the
last one ended, until none moves it on: each moves it only as far as it must.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

LOOK_AHEAD_SECONDS: Final = 45 * 86400.0
"""A moment that is further away is as good as never."""


class Rule(Protocol):
    """One thing that is asked before somebody is called."""

    @property
    def name(self) -> str:
        """What it is about, as ``hours``: the ``rule`` of a refusal."""

    @property
    def by(self) -> str:
        """Who asks it: the name of a set of rules, or ``campaign``."""

    def earliest(self, moment: float) -> float | None:
        """The first moment, this one or later, that it allows; None if none comes."""

    def facts(self, moment: float) -> dict[str, object]:
        """What it looked at, as plain JSON types."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule that does not change with the hour: a list, a place, an agreement."""

    name: str
    by: str
    allowed: bool
    found: dict[str, object] = field(default_factory=dict)

    def earliest(self, moment: float) -> float | None:
        """``moment``, or never."""
        return moment if self.allowed else None

    def facts(self, moment: float) -> dict[str, object]:
        """What was found."""
        return self.found


def first_moment(rules: Sequence[Rule], now: float) -> float | None:
    """The first moment from ``now`` on that all these allow; None if none comes soon."""
    moment = now
    while True:
        later = moment
        for rule in rules:
            at = rule.earliest(later)
            if at is None or at > now + LOOK_AHEAD_SECONDS:
                return None
            later = at
        if later == moment:
            return moment
        moment = later


def told(rule: Rule, moment: float) -> dict[str, object]:
    """What a rule said, for the proof."""
    allowed = rule.earliest(moment) == moment
    return {"rule": rule.name, "by": rule.by, "allowed": allowed, **rule.facts(moment)}
