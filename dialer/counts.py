"""What a campaign counts: what its windows hold, the live view, and its goals. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialer.campaign import Goals


@dataclass(slots=True)
class Tally:
    """The calls of a quarter of an hour, which began ``at``: people who answered, of these
    abandoned, machines."""

    at: float
    answered: int = 0
    abandoned: int = 0
    machines: int = 0


@dataclass(slots=True)
class Today:
    """What the live view counts, since the engine began."""

    dialed: int = 0
    answered: int = 0
    people: int = 0
    connected: int = 0
    abandoned: int = 0
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs of the engine did for the campaign: for its goals, its whole life counts.

    ``began`` is when it first ran, None for never.
    """

    began: float | None = None
    dialed: int = 0
    connected: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)


def goal_reached(goals: Goals, past: Past, today: Today) -> str:
    """Which goal is reached, in words; '' for none."""
    dialed, connected = past.dialed + today.dialed, past.connected + today.connected
    if goals.dials is not None and dialed >= goals.dials:
        return f"{dialed} were dialed"
    if goals.contacts is not None and connected >= goals.contacts:
        return f"{connected} talked with an agent"
    for code, wanted in goals.codes.items():
        if past.codes.get(code, 0) + today.codes.get(code, 0) >= wanted:
            return f"{wanted} times {code}"
    return ""
