"""What the API shows of agents and queues: frozen pictures, taken when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acd.agents import Agent, AgentStatus
from acd.estimates import Counts
from acd.floor import Floor
from acd.messages import AgentState
from acd.waiting import Queue


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
    ``longest_wait`` of who waits. ``service_level`` is the share, 0 to 1, answered within its
    seconds today, None before the first; ``today`` are the counts behind it.
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
    today: Counts = Counts()


def agents(floor: Floor) -> tuple[AgentView, ...]:
    """Every agent, by name."""
    return tuple(_agent(agent) for _, agent in sorted(floor.agents.items()))


def queues(floor: Floor) -> tuple[QueueView, ...]:
    """Every queue, in the order of the settings."""
    return tuple(
        QueueView(name, _waiting(floor, queue), queue.staffed, len(queue.bench))
        for name, queue in floor.queues.items()
    )


def _agent(agent: Agent) -> AgentView:
    pending, reason = None, ""
    if agent.is_occupied and agent.status is not AgentStatus.AVAILABLE:
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
    )


def _waiting(floor: Floor, queue: Queue) -> tuple[WaitingView, ...]:
    contacts = (floor.contacts[place.contact] for place in queue.places())
    return tuple(WaitingView(c.contact, c.since, c.entered, c.agent, c.offer) for c in contacts)
