"""What the API shows of agents and queues: frozen pictures, taken when asked for."""

from __future__ import annotations

from dataclasses import dataclass

from acd.agents import Agent, AgentStatus
from acd.floor import Floor
from acd.messages import AgentState
from acd.waiting import Queue


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent. ``since`` is when the state began (seconds since the epoch).

    ``pending`` is the state that a wish of his leads to after talk and wrap-up, when that is not
    ready; ``pending_reason`` its pause reason.
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


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One contact in a queue; ``agent`` whom it is being offered to, by ``offer``."""

    contact: str
    since: float
    entered: float
    agent: str | None
    offer: str | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its line in order, and how many agents are logged in for it and ready."""

    name: str
    waiting: tuple[WaitingView, ...]
    staffed: int
    ready: int


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
