"""The floor as JSON types, and back. Indexes are not written: they follow from the rest."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from acd import reload
from acd.agent_settings import Medium, PauseReason
from acd.agents import Agent
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.waiting import Contact, Queue

_QUEUES = TypeAdapter(list[Queue])
_AGENTS = TypeAdapter(list[Agent])
_CONTACTS = TypeAdapter(list[Contact])
_MEDIA = TypeAdapter(list[Medium])
_REASONS = TypeAdapter(list[PauseReason])

_FOLLOWS: dict[str, Any] = {
    "queues": {"__all__": {"contacts", "aside", "members", "groups", "crew"}},
    "agents": {"__all__": {"name", "levels", "groups", "seat", "opened"}},
}


def dump(floor: Floor) -> dict[str, Any]:
    """The whole state between two events."""
    queues, agents = list(floor.queues.values()), list(floor.agents.values())
    memory = [[*key, *age] for key, age in floor.remembered.items()]
    return {
        "offers_made": floor.offers_made,
        "arrivals": floor.arrivals,
        "day_began": floor.day_began,
        "media": _MEDIA.dump_python(list(floor.media.values()), mode="json"),
        "reasons": _REASONS.dump_python(list(floor.reasons.values()), mode="json"),
        "queues": _QUEUES.dump_python(queues, mode="json", exclude=_FOLLOWS["queues"]),
        "agents": _AGENTS.dump_python(agents, mode="json", exclude=_FOLLOWS["agents"]),
        "contacts": _CONTACTS.dump_python(list(floor.contacts.values()), mode="json"),
        "deadlines": [[at, *map(str, deadline)] for at, deadline in floor.deadlines.all()],
        "remembered": memory,
    }


def load(snapshot: dict[str, Any]) -> Floor:
    """The floor that was dumped. Raises ``ValueError`` when it is not one of ours."""
    floor = Floor(
        offers_made=snapshot["offers_made"],
        arrivals=snapshot["arrivals"],
        day_began=snapshot["day_began"],
        media={medium.name: medium for medium in _MEDIA.validate_python(snapshot["media"])},
        reasons={each.name: each for each in _REASONS.validate_python(snapshot["reasons"])},
        remembered={(q, who): (since, to) for q, who, since, to in snapshot["remembered"]},
    )
    for queue in _QUEUES.validate_python(snapshot["queues"]):
        floor.queues[queue.settings.name] = queue
    for agent in _AGENTS.validate_python(snapshot["agents"]):
        floor.agents[agent.name] = agent
    for contact in _CONTACTS.validate_python(snapshot["contacts"]):
        floor.contacts[contact.contact] = contact
        floor.enlist(contact)
    for at, kind, who, what in snapshot["deadlines"]:
        floor.deadlines.set(Deadline(DeadlineKind(kind), who, what), at)
    reload.reindex(floor)
    for contact in floor.contacts.values():
        if not contact.offers and not contact.dialing and contact.not_before is None:
            floor.put_in_line(contact)
    _nothing_happened(floor)
    return floor


def _nothing_happened(floor: Floor) -> None:
    """A snapshot is taken between two events, when all is matched."""
    floor.freed.clear()
    floor.returned.clear()
    floor.thinned.clear()
