"""The waiting line: contacts in their order, queue by queue, and the ready agents beside it.

Contacts are ordered by age (``since``), then by arrival. A contact that is being offered stands
aside in ``ringing`` and comes back to its own place when the offer fails.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from acd.messages import OfferOutcome
from acd.queues import QueueSettings

_P = TypeVar("_P", "Place", "Seat")


class Place(NamedTuple):
    """A contact's place in every line; sorts oldest first."""

    since: float
    arrival: int
    contact: str


class Seat(NamedTuple):
    """A ready agent's place among the others; sorts longest idle first."""

    idle_since: float
    agent: str


@dataclass(slots=True)
class Contact:
    """A contact in a queue, waiting or being offered."""

    contact: str
    queue: str
    since: float
    entered: float  # this queue
    arrival: int
    offer: str | None = None
    agent: str | None = None  # whom it is being offered to
    passed_over: dict[str, OfferOutcome] = field(default_factory=dict)  # agents, and why

    @property
    def place(self) -> Place:
        """Where it stands; never changes while it is in the queue."""
        return Place(self.since, self.arrival, self.contact)


@dataclass(slots=True)
class Queue:
    """One queue at work. All three lists are kept sorted, so each change costs a bisection."""

    settings: QueueSettings
    line: list[Place] = field(default_factory=list)  # waiting, nobody rings
    ringing: list[Place] = field(default_factory=list)  # being offered
    bench: list[Seat] = field(default_factory=list)  # ready agents, resting ones included
    staffed: int = 0  # agents logged in, whatever they do

    @property
    def size(self) -> int:
        """How many contacts have not reached an agent yet."""
        return len(self.line) + len(self.ringing)

    @property
    def turns_away(self) -> bool:
        """Whether nobody is staffed and callers are not held for that."""
        return self.staffed == 0 and not self.settings.hold_when_unstaffed

    def places(self) -> list[Place]:
        """Everybody in it, in order."""
        return sorted(self.line + self.ringing)


def put(places: list[_P], place: _P) -> None:
    """Insert into a sorted list."""
    insort(places, place)


def take(places: list[_P], place: _P) -> None:
    """Remove from a sorted list, where it must be."""
    index = bisect_left(places, place)
    assert places[index] == place
    del places[index]
