"""What the API shows of agents and queues: frozen pictures, taken when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import fsum
from typing import NamedTuple

from acd import estimates
from acd.agents import OFFERED, READY, TALKING, WRAP_UP, Agent, Task
from acd.deadlines import Deadline, DeadlineKind
from acd.estimates import Counts
from acd.floor import Floor
from acd.messages import AgentState
from acd.waiting import Contact, Queue

_Spent = tuple[float, float]  # seconds on contacts, and idle


@dataclass(frozen=True, slots=True)
class TaskView:
    """What an agent does for one contact: offered (by ``offer``), talking or wrap_up.

    ``until`` is when a ring or a wrap-up ends by itself; None for never.
    """

    contact: str
    queue: str
    medium: str
    state: AgentState
    since: float
    offer: str
    until: float | None
    disposition: str


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent. ``since`` is when the state began (seconds since the epoch).

    ``pending`` is the state that a wish of his leads to after talk and wrap-up, when that is not
    ready; ``pending_reason`` its pause reason. ``contact`` and ``queue`` are those of the task that
    makes the state; ``tasks`` are all of them. ``contacts_today`` and ``idle_today`` (seconds)
    count since midnight; ``resting`` is why he is passed over just now.
    """

    name: str
    state: AgentState
    reason: str
    since: float
    endpoint: str
    contact: str | None
    queue: str | None
    pending: AgentState | None
    pending_reason: str
    tasks: tuple[TaskView, ...] = ()
    resting: str = ""
    misses: int = 0
    contacts_today: int = 0
    idle_today: float = 0.0


class ContactState(StrEnum):
    """What happens to a contact in a queue just now."""

    WAITING = "waiting"
    RINGING = "ringing"  # at least one agent is being offered it
    DIALING = "dialing"  # a callback whose turn has come: its customer is being dialed
    POSTPONED = "postponed"  # a callback that is not due yet


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One contact in a queue, at its ``position`` (from 1).

    ``offers`` are those that run (offer, agent). ``step`` counts the steps of its needs from 0;
    ``need`` is the one in force. ``score`` is the age it is ordered by, offsets included.
    """

    contact: str
    since: float
    entered: float
    position: int
    state: ContactState
    medium: str
    score: float
    step: int
    need: str
    offers: tuple[tuple[str, str], ...]
    callback: bool

    @property
    def agent(self) -> str | None:
        """Whom it is being offered to; of several, the first."""
        return self.offers[0][1] if self.offers else None

    @property
    def offer(self) -> str | None:
        """The offer that runs; of several, the first."""
        return self.offers[0][0] if self.offers else None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its line in order, how many agents are logged in for it and ready, and today.

    ``expected_wait`` (seconds) is that of who would come now, None when nobody is staffed;
    ``longest_wait`` of who waits. ``service_level`` is the share of today's, 0 to 1, for whom
    the target was kept by its formula, None before the first; ``today`` are the counts behind it.
    """

    name: str
    waiting: tuple[WaitingView, ...]
    staffed: int
    ready: int
    open: bool = True
    expected_wait: float | None = None
    longest_wait: float = 0.0
    service_level: float | None = None
    occupancy: float | None = None
    today: Counts = field(default_factory=Counts)


class AgentGlance(NamedTuple):
    """An agent in short: his ``state`` since ``since``, and the ``queues`` he serves.

    ``queue`` is that of the task that makes the state, '' for none; ``reason`` and ``endpoint`` as
    in ``AgentView``.
    """

    name: str
    state: AgentState
    since: float
    queues: tuple[str, ...]
    queue: str
    reason: str
    resting: bool
    endpoint: str


class QueueGlance(NamedTuple):
    """A queue in short: how many stand in its line, and whether it is under its target today.

    Before the first contact of the day a queue is not under its target.
    """

    name: str
    waiting: int
    under_target: bool


class Glance(NamedTuple):
    """The floor in short, in the order of the settings."""

    agents: tuple[AgentGlance, ...]
    queues: tuple[QueueGlance, ...]


def agents(floor: Floor) -> tuple[AgentView, ...]:
    """Every agent, by name."""
    return tuple(_agent(floor, agent) for _, agent in sorted(floor.agents.items()))


def queues(floor: Floor, now: float) -> tuple[QueueView, ...]:
    """Every queue, in the order of the settings."""
    spent = {name: _spent(floor, floor.agents[name], now) for name in floor.staffed}
    return tuple(_queue(floor, queue, spent, now) for queue in floor.queues.values())


def glance(floor: Floor) -> Glance:
    """Who does what, and how the queues do, without details."""
    return Glance(
        tuple(
            AgentGlance(
                agent.name,
                agent.state,
                agent.since,
                agent.settings.queues,
                agent.queue or "",
                agent.reason,
                agent.resting is not None,
                agent.endpoint,
            )
            for agent in floor.agents.values()
        ),
        tuple(map(_queue_glance, floor.queues.values())),
    )


def _queue_glance(queue: Queue) -> QueueGlance:
    share, target = estimates.service_level(queue), queue.settings.service_level.percent
    waiting = len(queue.contacts) - len(queue.aside)
    return QueueGlance(queue.settings.name, waiting, share is not None and share * 100 < target)


def _agent(floor: Floor, agent: Agent) -> AgentView:
    pending, reason = None, ""
    if agent.is_occupied and not agent.wants_work:
        pending, reason = agent.when_free()
    return AgentView(
        agent.name,
        agent.state,
        agent.reason,
        agent.since,
        agent.endpoint,
        agent.contact,
        agent.queue,
        pending,
        reason,
        tuple(_task(floor, agent, task) for task in agent.tasks.values()),
        agent.resting or "",
        agent.misses,
        agent.contacts_today,
        agent.seconds_today.get(READY, 0.0),
    )


def _task(floor: Floor, agent: Agent, task: Task) -> TaskView:
    kind = DeadlineKind.RING if task.state is OFFERED else DeadlineKind.WRAP_UP
    until = floor.deadlines.at(Deadline(kind, agent.name, task.contact))
    return TaskView(
        task.contact,
        task.queue,
        task.medium,
        task.state,
        task.since,
        task.offer,
        until,
        task.disposition,
    )


def _queue(floor: Floor, queue: Queue, spent: Mapping[str, _Spent], now: float) -> QueueView:
    there = [floor.contacts[name] for name in queue.contacts]
    there.sort(key=lambda each: (-queue.score(each, now), each.arrival))
    newcomer = estimates.estimate_for_newcomer(floor, queue, now)
    free = [name for name in queue.members if floor.agents[name].state is READY]
    return QueueView(
        queue.settings.name,
        tuple(_waiting(floor, queue, each, n, now) for n, each in enumerate(there, 1)),
        len(floor.crew(queue).staffed),
        len(free),
        not queue.closed,
        (0.0 if free else newcomer.expected) if newcomer else None,
        max((now - each.entered for each in there), default=0.0),
        estimates.service_level(queue),
        _occupancy([spent[name] for name in floor.crew(queue).staffed]),
        estimates.counts(queue),
    )


def _waiting(floor: Floor, queue: Queue, contact: Contact, place: int, now: float) -> WaitingView:
    state = ContactState.POSTPONED
    if contact.offers:
        state = ContactState.RINGING
    elif contact.dialing:
        state = ContactState.DIALING
    elif floor.is_waiting(contact):
        state = ContactState.WAITING
    return WaitingView(
        contact.contact,
        contact.since,
        contact.entered,
        place,
        state,
        contact.medium,
        queue.score(contact, now),
        contact.step,
        contact.stage.need,
        tuple(contact.offers.items()),
        contact.callback is not None,
    )


def _spent(floor: Floor, agent: Agent, now: float) -> _Spent:
    """An agent's seconds of today on contacts, and idle."""
    talking, wrap_up, ready = (
        floor.seconds_in(agent, state, now) for state in (TALKING, WRAP_UP, READY)
    )
    return talking + wrap_up, ready


def _occupancy(spent: list[_Spent]) -> float | None:
    """The share of their time on contacts, of talk, wrap-up and idle, of a queue's agents today."""
    busy, idle = (fsum(seconds) for seconds in zip(*spent, strict=True)) if spent else (0.0, 0.0)
    return busy / (busy + idle) if busy + idle else None
