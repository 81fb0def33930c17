"""The floor as JSON types, and back. Indexes are not written: they follow from the rest."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from acd.agents import LOGGED_OUT, READY, Agent
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.queues import QueueSettings
from acd.waiting import Contact, Queue, Seat, put

_QUEUES = TypeAdapter(list[QueueSettings])
_AGENTS = TypeAdapter(list[Agent])
_CONTACTS = TypeAdapter(list[Contact])


def dump(floor: Floor) -> dict[str, Any]:
    """The whole state between two events."""
    settings = [queue.settings for queue in floor.queues.values()]
    return {
        "offers_made": floor.offers_made,
        "arrivals": floor.arrivals,
        "queues": _QUEUES.dump_python(settings, mode="json"),
        "agents": _AGENTS.dump_python(list(floor.agents.values()), mode="json"),
        "contacts": _CONTACTS.dump_python(list(floor.contacts.values()), mode="json"),
        "deadlines": [[at, *map(str, deadline)] for at, deadline in floor.deadlines.all()],
    }


def load(snapshot: dict[str, Any]) -> Floor:
    """The floor that was dumped. Raises ``ValueError`` when it is not one of ours."""
    floor = Floor(offers_made=snapshot["offers_made"], arrivals=snapshot["arrivals"])
    for settings in _QUEUES.validate_python(snapshot["queues"]):
        floor.queues[settings.name] = Queue(settings)
    for agent in _AGENTS.validate_python(snapshot["agents"]):
        floor.agents[agent.name] = agent
        _seat(floor, agent)
    for contact in _CONTACTS.validate_python(snapshot["contacts"]):
        floor.contacts[contact.contact] = contact
        queue = floor.queues[contact.queue]
        put(queue.ringing if contact.offer else queue.line, contact.place)
    for at, kind, who, what in snapshot["deadlines"]:
        floor.deadlines.set(Deadline(DeadlineKind(kind), who, what), at)
    return floor


def _seat(floor: Floor, agent: Agent) -> None:
    for queue in floor.queues_of(agent):
        queue.staffed += agent.state is not LOGGED_OUT
        if agent.state is READY:
            put(queue.bench, Seat(agent.idle_since, agent.name))
