"""Who is offered whom: one matcher over all queues, by longest idle.

The rule in full: take the contacts of all queues in order of age; each gets, of the ready agents of
its queue who are not passed over for it, the one who has been idle longest. A contact that nobody
free may serve holds up nobody behind it. (Asking queue by queue, or caller by caller, cannot be
fair to agents of several queues.)

It holds after every event, so the next event can only break it around the agents who became free
and the contacts who came into line: only these are looked at, whatever else waits.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from acd.agents import READY, Agent
from acd.floor import Floor
from acd.messages import Why
from acd.waiting import Contact, Place, Queue

RULE = "longest_idle"
CANDIDATES_TOLD = 10  # of a thousand idle agents nobody reads more

_Candidate = tuple[Place, str]  # a contact's place, and the freed agent it was found for, or ""


def match(floor: Floor) -> Iterator[tuple[Contact, Agent, Why]]:
    """The offers to make now, in order. Each must be made before the next is asked for."""
    candidates = [*_returned(floor), *_freed(floor)]
    floor.returned.clear()
    floor.freed.clear()
    heapq.heapify(candidates)
    while candidates:
        place, freed = heapq.heappop(candidates)
        contact = floor.contacts[place.contact]
        found = None if contact.offer else _longest_idle(floor, contact)
        if found is not None:
            yield contact, *found
        if freed and (candidate := _oldest_for(floor, floor.agents[freed])):
            heapq.heappush(candidates, candidate)


def is_eligible(agent: Agent, contact: Contact) -> bool:
    """Whether a ready agent of the contact's queue may be offered it now."""
    return agent.resting is None and agent.name not in contact.passed_over


def _returned(floor: Floor) -> Iterator[_Candidate]:
    for name in floor.returned:
        contact = floor.contacts.get(name)
        if contact is not None and not contact.offer:
            yield contact.place, ""


def _freed(floor: Floor) -> Iterator[_Candidate]:
    for name in floor.freed:
        agent = floor.agents.get(name)
        if agent is not None and (candidate := _oldest_for(floor, agent)):
            yield candidate


def _oldest_for(floor: Floor, agent: Agent) -> _Candidate | None:
    """The oldest waiting contact that this agent may be offered."""
    if agent.state is not READY or agent.resting is not None:
        return None
    places = (_first_for(floor, queue, agent) for queue in floor.queues_of(agent))
    oldest = min((place for place in places if place is not None), default=None)
    return None if oldest is None else (oldest, agent.name)


def _first_for(floor: Floor, queue: Queue, agent: Agent) -> Place | None:
    for place in queue.line:
        if is_eligible(agent, floor.contacts[place.contact]):
            return place
    return None


def _longest_idle(floor: Floor, contact: Contact) -> tuple[Agent, Why] | None:
    """The winner of a waiting contact, with the reason."""
    eligible: list[str] = []
    passed_over: list[tuple[str, str]] = []
    for seat in floor.queues[contact.queue].bench:
        agent = floor.agents[seat.agent]
        if is_eligible(agent, contact):
            eligible.append(seat.agent)
        else:
            outcome = agent.resting or contact.passed_over[seat.agent]
            passed_over.append((seat.agent, outcome.value))
        if len(eligible) == CANDIDATES_TOLD:
            break
    if not eligible:
        return None
    return floor.agents[eligible[0]], Why(RULE, tuple(eligible), tuple(passed_over))
