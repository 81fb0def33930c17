"""Who is offered whom: one matcher over all queues and media.

The rule in full: take the contacts of all queues in order of score; each gets, of the agents with
room who may serve it and are not passed over for it, the one whom its queue's strategy puts first.
A contact that nobody free may serve holds up nobody behind it. (Asking queue by queue, or caller by
caller, cannot be fair to agents of several queues.)

Whoever is at work already gets only the best contact of all that he may serve, whatever its medium:
when that one does not fit beside what he has, he is given nothing else meanwhile. So chats do not
pile up in front of a call. A medium of which he has as many as anybody may have holds nobody back.

Contacts of queues that ring several phones first get one each; then phones are added in the same
order. A callback that is dialed customer first takes no agent yet: no more of them are dialed than
agents are free for them.

The rule holds after every event, so the next event can only break it around the agents who got room
and the contacts who came into line: only these are looked at, whatever else waits.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import islice

from acd import callbacks, capacity, offers, strategies
from acd.agents import Agent
from acd.floor import Floor
from acd.messages import Candidate, PassedOver, Why
from acd.queues import Strategy
from acd.strategies import Choice
from acd.waiting import Contact, Group, Seat

CANDIDATES_TOLD = 5  # of a thousand idle agents nobody reads more

_Rank = tuple[float, int]  # sorts contacts: best score first, then first come
_Candidate = tuple[_Rank, str, str]  # a contact, and the freed agent it was found for, or ""


def match(floor: Floor, now: float) -> None:
    """Make the offers that are possible now, in order."""
    if (
        floor.standing
        and floor.at_work
        and len({queue.settings.rate for queue in floor.queues.values()}) > 1
    ):
        floor.freed.update(floor.at_work)  # the order changes while time goes by
    if floor.dialing:
        floor.returned.update(callbacks.next_in_turn(floor))  # who is free for whom has changed
    while floor.freed or floor.returned:
        _match(floor, now)
    if floor.widening:
        _widen(floor, now)
        floor.freed.clear()


def _match(floor: Floor, now: float) -> None:
    candidates = [*_returned(floor, now), *_freed(floor, now)]
    floor.returned.clear()
    floor.freed.clear()
    heapq.heapify(candidates)
    while candidates:
        _, name, freed = heapq.heappop(candidates)
        contact = floor.contacts[name]
        if floor.is_waiting(contact):
            serve(floor, contact, now)
        if freed and (candidate := _best_for(floor, floor.agents[freed], now)):
            heapq.heappush(candidates, candidate)


def serve(floor: Floor, contact: Contact, now: float) -> None:
    """Offer a waiting contact, or have its customer dialed, if somebody has room for it."""
    if contact.is_to_be_dialed and not _may_dial(floor, contact):
        return
    found = _choose(floor, contact, now)
    if found is None:
        return
    if contact.is_to_be_dialed:
        callbacks.dial(floor, contact)
    else:
        offers.make(floor, contact, found, why(floor, contact, found, now), now)


def _returned(floor: Floor, now: float) -> Iterator[_Candidate]:
    for name in floor.returned:
        group = floor.standing.get(name)
        if group is not None:
            contact = floor.contacts[name]
            yield _rank(floor, contact, group, now), name, ""


def _freed(floor: Floor, now: float) -> Iterator[_Candidate]:
    for name in floor.freed:
        agent = floor.agents.get(name)
        if agent is not None and (candidate := _best_for(floor, agent, now)):
            yield candidate


def _rank(floor: Floor, contact: Contact, group: Group, now: float) -> _Rank:
    return -group.score(floor.queues[contact.queue].place(contact).key, now), contact.arrival


def _best_for(floor: Floor, agent: Agent, now: float) -> _Candidate | None:
    """The best waiting contact that this agent may be offered now."""
    best = _first_for(floor, agent, now) if agent.opened else None
    if best is None or not agent.tasks:
        return best
    return best if floor.contacts[best[1]].medium in agent.opened else None


def _first_for(floor: Floor, agent: Agent, now: float) -> _Candidate | None:
    """The best waiting contact that this agent may serve, whether he has room for it or not."""
    best: _Candidate | None = None
    for group in agent.groups:
        if not group.line or (agent.tasks and _is_full(floor, agent, group)):
            continue
        for key, arrival, name in group.line:
            rank = (-group.score(key, now), arrival)
            if best is not None and best[0] < rank:
                break
            if _may_take(floor, agent, floor.contacts[name]):
                best = (rank, name, agent.name)
                break
    return best


def _is_full(floor: Floor, agent: Agent, group: Group) -> bool:
    return capacity.is_at_most(floor.media, agent, group.key.medium)


def _may_take(floor: Floor, agent: Agent, contact: Contact) -> bool:
    return _is_for(agent, contact) and (not contact.is_to_be_dialed or _may_dial(floor, contact))


def _is_for(agent: Agent, contact: Contact) -> bool:
    """Not for who just missed it, nor for who has still to do with it."""
    return agent.name not in contact.passed_over and contact.contact not in agent.tasks


def _may_dial(floor: Floor, contact: Contact) -> bool:
    """Whether more agents are free for this callback than customers are being dialed."""
    free = {seat.agent for seat in _seats(floor, contact, floor.group(contact))}
    return callbacks.may_dial(floor, free)


# -- the agent for a contact -------------------------------------------------------------------


def _choose(floor: Floor, contact: Contact, now: float) -> list[Agent] | None:
    """The first agents in the order of the queue's strategy, the winner first."""
    group = floor.group(contact)
    able = (
        agent
        for seat in _seats(floor, contact, group)
        if _is_able(floor, agent := floor.agents[seat.agent], contact, now)
    )
    settings = floor.queues[contact.queue].settings
    if settings.strategy is Strategy.LONGEST_IDLE and group.is_flat:  # that is how they sit
        found = list(islice(able, CANDIDATES_TOLD))
    else:
        choice = Choice(floor, contact, now)
        found = heapq.nsmallest(
            CANDIDATES_TOLD, able, key=lambda agent: strategies.sort_key(choice, agent)
        )
    return found or None


def _seats(floor: Floor, contact: Contact, group: Group) -> Iterator[Seat]:
    """The agents with room for it who may serve it, least busy and longest idle first."""
    seats, members = floor.open.get(contact.medium, ()), group.members
    if len(members) * 4 < len(seats):
        some = (floor.agents[name] for name in members)
        seats = sorted(agent.seat for agent in some if contact.medium in agent.opened)
    return (seat for seat in seats if seat.agent in members)


def _is_able(floor: Floor, agent: Agent, contact: Contact, now: float) -> bool:
    """Whether this agent, who has room, may be offered this contact now."""
    if not _is_for(agent, contact):
        return False
    if not agent.tasks:
        return True
    if contact.offers:  # rings elsewhere already, so it stands in no line
        first = _first_for(floor, agent, now)
        return first is None or _rank(floor, contact, floor.group(contact), now) < first[0]
    best = _best_for(floor, agent, now)
    return best is not None and best[1] == contact.contact


def _widen(floor: Floor, now: float) -> None:
    """Let more phones ring for contacts that ring already, best score first."""
    ringing = [floor.contacts[name] for name in floor.widening]
    for contact in sorted(ringing, key=lambda each: _rank(floor, each, floor.group(each), now)):
        if not floor.open.get(contact.medium):
            continue
        while contact.contact in floor.widening and (found := _choose(floor, contact, now)):
            offers.make(floor, contact, found, why(floor, contact, found, now), now)


# -- the reason --------------------------------------------------------------------------------


def why(floor: Floor, contact: Contact, found: list[Agent], now: float) -> Why:
    """Why the first of those found was chosen."""
    queue, choice = floor.queues[contact.queue], Choice(floor, contact, now)
    return Why(
        queue.settings.strategy,
        round(queue.score(contact, now), 3),
        contact.stage.need,
        tuple(Candidate(agent.name, strategies.detail(choice, agent)) for agent in found),
        tuple(_passed_over(floor, contact)),
        tuple(_overtaken(floor, contact, found[0], now)),
    )


def _passed_over(floor: Floor, contact: Contact) -> Iterator[PassedOver]:
    group = floor.group(contact)
    for name, outcome in contact.passed_over.items():
        yield PassedOver(name, f"{outcome} just now")
    for name, outcome in sorted(floor.resting.items()):
        if name in group.members and name not in contact.passed_over:
            yield PassedOver(name, f"rests: {outcome}")
    able = floor.queues[contact.queue].members
    for seat in floor.open.get(contact.medium, [])[:CANDIDATES_TOLD]:
        if seat.agent in able and seat.agent not in group.members:
            yield PassedOver(seat.agent, floor.kept_out(floor.agents[seat.agent], group.key))


def _overtaken(floor: Floor, contact: Contact, agent: Agent, now: float) -> Iterator[PassedOver]:
    """The first contacts of the queue with a better score, and why he may not take them."""
    mine, groups = floor.queues[contact.queue].place(contact), floor.queues[contact.queue].groups
    for place in islice(heapq.merge(*(group.line for group in groups)), CANDIDATES_TOLD):
        if place >= mine:
            return
        group = floor.standing[place.contact]
        yield PassedOver(
            place.contact, _why_not(floor, agent, floor.contacts[place.contact], group)
        )


def _why_not(floor: Floor, agent: Agent, contact: Contact, group: Group) -> str:
    if agent.name not in group.members:
        return floor.kept_out(agent, group.key)
    if agent.name in contact.passed_over:
        return f"{contact.passed_over[agent.name]} just now"
    return "no room for it"
