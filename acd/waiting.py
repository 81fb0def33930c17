"""The waiting line: contacts in their order, in groups that the same agents may serve.

A contact's score is ``offset + rate × age`` (`offset_seconds` of queue and contact; `rate` of the
queue), so priority is said in seconds of waiting. Within a group all contacts age equally fast, so
their order never changes and is kept sorted by a fixed *key*: the moment at which the score was or
will be zero. Between groups scores are compared at the moment of the decision.

A *group* is a queue, a medium, the need in force, the tiers that are open, and perhaps one agent
alone: whoever stands in it may be served by exactly its ``members``. When a contact's needs are
relaxed it goes over to another group, with its age.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from acd.messages import CallbackFirst, OfferOutcome
from acd.queues import VOICE, QueueSettings, Step

_P = TypeVar("_P", "Place", "Seat")

ALL_TIERS = 99


class Place(NamedTuple):
    """A contact's place in its group; sorts best first."""

    key: float
    arrival: int
    contact: str


class Seat(NamedTuple):
    """An agent with room for more, among the others; sorts the least busy, longest idle first."""

    load: int
    idle_since: float
    agent: str


class GroupKey(NamedTuple):
    """What the contacts of a group have in common."""

    queue: str
    medium: str
    need: str
    tier: int
    only: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Who of the agents of a group or a queue is there, at one ``staffing`` of the floor.

    ``staffed`` are logged in, ``available`` of these want contacts. ``shares`` says how much of the
    agents whom a group asks are of this crew, for the groups that were looked at.
    """

    staffing: int = -1
    staffed: frozenset[str] = frozenset()
    available: frozenset[str] = frozenset()
    shares: dict[GroupKey, float] = field(default_factory=dict)

    @property
    def serving(self) -> frozenset[str]:
        """Those who want contacts; while nobody does, those who are there."""
        return self.available or self.staffed


@dataclass(slots=True)
class Group:
    """Contacts that exactly ``members`` may serve. ``line`` holds those whom nobody rings for."""

    key: GroupKey
    members: frozenset[str]
    kept_out: Mapping[str, int]  # the other agents of the queue: how many by which rule
    rate: float
    tiers: tuple[int, int]  # the first and the last of its members
    line: list[Place] = field(default_factory=list)
    crew: Crew = field(default_factory=Crew)  # as last asked for (acd.floor)

    @property
    def is_flat(self) -> bool:
        """Whether all members are of one tier."""
        return self.tiers[0] == self.tiers[1]

    def score(self, key: float, now: float) -> float:
        """The score of a place with this ``key``, in seconds of age."""
        return self.rate * (now - key) if self.rate else -key


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a contact's plan: a step of its needs, or the wait for one agent ``only``."""

    need: str = ""
    seconds: float | None = None
    skip_if_unstaffed: bool = False
    max_expected_wait_seconds: float | None = None
    only: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a contact will wait from now on, in seconds: ``low`` to ``high`` about two times in
    three, ``expected`` in the mean. ``position`` is its place in its queue, from 1."""

    position: int
    low: float
    expected: float
    high: float


@dataclass(slots=True)
class Contact:
    """A contact in a queue, waiting or being offered."""

    contact: str
    queue: str
    since: float
    entered: float  # this queue
    arrival: int
    medium: str = VOICE
    customer: str = ""
    language: str = ""
    offset: float = 0.0
    needs: tuple[Step, ...] = ()
    prefer: str = ""
    callback: CallbackFirst | None = None
    prefer_seconds: float | None = None
    ring_seconds: float | None = None  # of its offers; None: the queue's
    reached: bool = False  # a callback whose customer is on the line
    dialing: bool = False  # a callback whose customer is being dialed
    not_before: float | None = None
    plan: tuple[Stage, ...] = (Stage(),)
    step: int = 0
    used_up: bool = False  # the plan, while it rang: it goes when nothing rings any more
    tier: int = ALL_TIERS
    path: tuple[str, ...] = ()  # the queues it came through by overflow
    offers: dict[str, str] = field(default_factory=dict)  # those that run: offer, agent
    passed_over: dict[str, OfferOutcome] = field(default_factory=dict)  # agents, and why
    estimate: Estimate | None = None  # at entry

    @property
    def stage(self) -> Stage:
        """The step in force."""
        return self.plan[self.step]

    @property
    def is_to_be_dialed(self) -> bool:
        """Whether its turn means that the customer is dialed before any agent is offered it."""
        return self.callback is CallbackFirst.CUSTOMER and not self.reached

    @property
    def reserves(self) -> bool:
        """Whether an offer of it only holds the agent, while its customer is being dialed."""
        return self.callback is CallbackFirst.RESERVED and not self.reached


@dataclass(slots=True)
class Queue:
    """One queue at work: who is in it, who may serve it, and what was counted today."""

    settings: QueueSettings
    contacts: set[str] = field(default_factory=set)
    aside: set[str] = field(default_factory=set)  # of these, who stands in no line just now
    members: set[str] = field(default_factory=set)  # agents of the settings who serve it
    groups: list[Group] = field(default_factory=list)
    crew: Crew = field(default_factory=Crew)  # as last asked for (acd.floor)
    closed: bool = False
    handling_mean: float = 0.0  # seconds of talk and wrap-up; 0 until the settings are adopted
    handling_seen: int = 0
    counts: dict[str, float] = field(default_factory=dict)  # fields of acd.estimates.Counts

    def place(self, contact: Contact) -> Place:
        """Where a contact stands; changes only with its offset or the settings."""
        return Place(self.key(contact.since, contact.offset), contact.arrival, contact.contact)

    def key(self, since: float, offset: float = 0.0) -> float:
        """Where somebody of this age stands, with an offset of his own."""
        offset, rate = offset + self.settings.offset_seconds, self.settings.rate
        return since - offset / rate if rate else -offset

    def score(self, contact: Contact, now: float) -> float:
        """Its score in seconds of age."""
        offset = contact.offset + self.settings.offset_seconds
        return offset + self.settings.rate * (now - contact.since)

    def count(self, what: str, amount: float = 1) -> None:
        """Add to today's counts."""
        self.counts[what] = self.counts.get(what, 0) + amount


def put(places: list[_P], place: _P) -> None:
    """Insert into a sorted list."""
    insort(places, place)


def take(places: list[_P], place: _P) -> None:
    """Remove from a sorted list, where it must be."""
    index = bisect_left(places, place)
    assert places[index] == place
    del places[index]
