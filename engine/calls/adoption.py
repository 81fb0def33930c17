"""Holds the calls we know against what the switch has: after a crash, a lost link, and in audits.

What a call missed is put into its mailbox as if it had just been told: an answer, the end of a
leg. The stories need no second way of hearing things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

import structlog

from acd.messages import (
    AgentState,
    CallBack,
    CallbackFirst,
    CallbackPostponed,
    Candidate,
    ContactLeft,
    CustomerReached,
    LeaveReason,
    Moved,
    Offer,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
    Why,
    Withdraw,
)
from acd.queues import OfferMode
from acd.views import ContactState
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.names import call_of, is_foreign, is_ours, is_room, kind_of
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.registry import Registry
from engine.calls.switchboard import SiteView
from engine.desk import Desk
from engine.ports import LegAnswered, LegGone, LegRinging, Snapshot

log = structlog.get_logger("adoption")

RING_SECONDS = 60.0
"""Asterisk's own limit for such a leg; the distributor's deadline comes before it."""


def square_up(desk: Desk, calls: Mapping[str, Call], site: SiteView) -> None:
    """After a crash: the desk's journal and the calls' notes may differ by the one step that the
    crash fell into. What the calls do not know of is taken back, so nobody waits for it.

    It counts as of the last run's end (``desk.time``): what ended while we were away comes after.
    """
    placed = {
        place.contact: (queue.name, place)
        for queue in desk.acd.queues(desk.time)
        for place in queue.waiting
        if not is_foreign(place.contact)
    }
    for contact in placed:
        if contact not in calls or calls[contact].standing.visit is None:
            desk.post(ContactLeft(contact, LeaveReason.LOST), desk.time)
    _end_forgotten_talks(desk, calls)
    for call in calls.values():
        queue, place = placed.get(call.id, ("", None))
        visit = call.standing.visit
        if visit is not None and place is not None and visit.queue != queue:
            call.deliver(Moved(call.id, visit.queue, queue, "before the crash"))
        _square_offers(desk, call, dict(place.offers) if place else {}, site)
        if visit is not None and place is None and not _is_accepted(desk, call):
            stand_in_line(call, desk, desk.time)
        if place is not None and place.state is ContactState.DIALING:
            _square_dialing(desk, call, queue)


def _square_dialing(desk: Desk, call: Call, queue: str) -> None:
    """The desk had a customer called: what came of it was noted, or nothing yet."""
    standing = call.standing
    if standing.outside:
        desk.post(CustomerReached(call.id), desk.time)
    elif standing.due is not None and standing.due > desk.time and standing.dialed is None:
        desk.post(CallbackPostponed(call.id, standing.due), desk.time)
    elif standing.dialed is None:
        call.deliver(CallBack(call.id, queue))


def _end_forgotten_talks(desk: Desk, calls: Mapping[str, Call]) -> None:
    """Talks that no call knows of: it is over, or its agent was gone at once, or his phone was to
    ring, and never did."""
    for view in desk.acd.agents():
        for task in view.tasks:
            by_name = task.state is AgentState.OFFERED and not task.offer
            if not (task.state is AgentState.TALKING or by_name) or is_foreign(task.contact):
                continue
            call = calls.get(task.contact)
            if call is None or not _knows_talk(call, view.name):
                desk.post(TalkEnded(view.name, task.contact), desk.time)


def _knows_talk(call: Call, agent: str) -> bool:
    conversation, offers = call.standing.conversation, _open_offers(call)
    supervised = call.standing.supervised
    if supervised is not None and supervised.supervisor == agent:
        return True
    if call.standing.dialed_agent == agent:
        return True
    if conversation is not None and conversation.of_agent(agent) is not None:
        return True
    if call.standing.conference is not None and call.standing.conference.agent == agent:
        return True
    return any(offer.agent == agent for offer in offers)


def _open_offers(call: Call) -> list[n.OfferBegan]:
    """Those that ring, and the one whose agent waits for a customer."""
    standing = call.standing
    return [*standing.offers.values(), *filter(None, [standing.accepted])]


def _is_accepted(desk: Desk, call: Call) -> bool:
    return any(desk.talks(offer.agent, call.id) for offer in _open_offers(call))


def _square_offers(desk: Desk, call: Call, made: Mapping[str, str], site: SiteView) -> None:
    """Offers that only the call has are withdrawn; of those that only the desk has (by id, with
    the agent) the end was noted, or not even the beginning."""
    standing = call.standing
    outcome = OfferOutcome.LOST_RACE if _is_accepted(desk, call) else OfferOutcome.CANCELLED
    for offer in standing.offers.values():
        if offer.offer not in made and not desk.talks(offer.agent, call.id):
            call.deliver(Withdraw(offer.offer, call.id, offer.agent, outcome))
    ended = {offer.offer: offer.outcome for offer in standing.offers_made}
    for name, agent in made.items():
        if name in ended:
            desk.post(OfferRefused(name, OfferOutcome(ended[name])), desk.time)
        elif name not in standing.offers:
            call.deliver(_offer_again(desk, call, name, agent, site))


def _offer_again(desk: Desk, call: Call, offer: str, agent: str, site: SiteView) -> Offer:
    """An offer that was decided and never noted; its ring time has begun and goes on."""
    view = next(view for view in desk.acd.agents() if view.name == agent)
    queue = next(task.queue for task in view.tasks if task.offer == offer)
    settings, his = site.queues.get(queue), site.agents.get(agent)
    mode = settings.offer_mode if settings else OfferMode.RING
    if call.standing.first is CallbackFirst.RESERVED:
        mode = OfferMode.RESERVED
    elif his is not None and his.nailed_up:
        mode = OfferMode.NAILED_UP
    why = Why("offered before the crash", 0.0, "", (Candidate(agent, ""),))
    return Offer(offer, call.id, queue, agent, view.endpoint, RING_SECONDS, why, mode)


class Witness(Protocol):
    """Who may know what became of a channel while we were not looking."""

    def end_of(self, channel: str) -> LegGone | None: ...
    def answer_of(self, channel: str) -> float | None: ...


class Adoption:
    """Compares the registry's calls with a snapshot. ``grace_seconds``: legs and calls younger than
    that at the time of the snapshot may be on their way, and are left alone."""

    def __init__(self, registry: Registry, witness: Witness, grace_seconds: float) -> None:
        self._registry = registry
        self._witness = witness
        self._grace = grace_seconds

    def compare(self, snapshot: Snapshot) -> set[str]:
        """Bring every call up to date. Returns legs and bridges of ours that no call wants."""
        for call in list(self._registry.calls.values()):
            self._catch_up(call, snapshot)
        for seen in snapshot.channels:
            if seen.arrival is not None:
                self._registry.arrived(seen.arrival)
        return self._strays(snapshot)

    def _catch_up(self, call: Call, snapshot: Snapshot) -> None:
        standing = call.standing
        states = {seen.channel: seen.state for seen in snapshot.channels}
        bridges = {seen.bridge: seen.channels for seen in snapshot.bridges}
        if not self._grace and standing.visit is not None:  # a crash: made for the talk to come
            made = (name for name in bridges if call_of(name) == call.id and kind_of(name) == "b")
            call.bridge = next(made, None)
        elif call.bridge not in bridges and not standing.offers:
            call.bridge = None  # it ended with its switch
        if standing.talk is not None:
            call.in_bridge = bridges.get(standing.talk.bridge)
        elif standing.conference is not None:
            call.in_bridge = bridges.get(standing.conference.bridge)
        for seen in snapshot.channels:
            if seen.answered_by is not None and _is_listened_to(call, seen.channel):
                call.deliver(seen.answered_by)
        missed: list[LegGone] = []
        for leg, since in _connected(call):
            if leg not in states and self._should_be_there(since, snapshot):
                missed.append(replace(self._end_of(leg, since, snapshot), answered=None))
        answered: list[LegAnswered] = []
        for leg, since in _ringing(call):
            if states.get(leg) == "Up":
                answered.append(LegAnswered(self._answer_of(leg, snapshot), leg))
            elif states.get(leg) == "Ringing" and _rings_unheard(call, leg):
                call.deliver(LegRinging(snapshot.at, leg))
            elif leg not in states and self._should_be_there(since, snapshot):
                missed.append(_judged(call, self._end_of(leg, since, snapshot)))
        for end in sorted(missed, key=lambda each: each.at):  # who went first ended the call
            if end.answered is not None:
                call.deliver(LegAnswered(end.answered, end.channel))
            if end.answered_by is not None and _is_listened_to(call, end.channel):
                call.deliver(end.answered_by)
            call.deliver(end)
        for answer in answered:  # after who went before
            call.deliver(answer)

    def _should_be_there(self, since: float, snapshot: Snapshot) -> bool:
        """Not on its way any more, or of a switch that ended, and every leg with it."""
        return since <= snapshot.at - self._grace or since < snapshot.started

    def _answer_of(self, leg: str, snapshot: Snapshot) -> float:
        """After a crash as it was; else just now, and to read a long file costs all calls time."""
        seen = None if self._grace else self._witness.answer_of(leg)
        return seen or snapshot.at

    def _end_of(self, channel: str, since: float, snapshot: Snapshot) -> LegGone:
        seen = self._witness.end_of(channel)
        log.info("ended_unseen", channel=channel, witnessed=seen is not None)
        latest = snapshot.started if since < snapshot.started else snapshot.at
        return seen or LegGone(latest, channel, 0, 0, estimated=True)

    def _strays(self, snapshot: Snapshot) -> set[str]:
        horizon = snapshot.at - self._grace
        legs = {s.channel for s in snapshot.channels if s.created <= horizon}
        names = legs | {seen.bridge for seen in snapshot.bridges}
        conferences = (call.standing.conference for call in self._registry.calls.values())
        rooms = {joined.bridge for joined in conferences if joined is not None}
        empty = {name for name in names if is_room(name)} - rooms
        return empty | {name for name in names if is_ours(name) and self._is_unwanted(name)}

    def _is_unwanted(self, name: str) -> bool:
        """Of no live call, or the leg of an offer that is over and became no talk, or of somebody
        who was dialed for a talk that is over; or what an engine that is gone listened with, or
        had a talk in."""
        call = self._registry.calls.get(call_of(name))
        if call is None:
            return True
        match kind_of(name):
            case "e" | "v":
                return not self._grace
            case "b":
                return not self._grace and name not in _bridges(call)
            case "c":
                return name not in _dialed(call)
        wanted = [*_in_talk(call)]
        wanted += [offer.leg for offer in _open_offers(call)]
        over = any(offer.offer == name for offer in call.standing.offers_made)
        return over and name not in wanted


def _bridges(call: Call) -> set[str | None]:
    """Those that it is in, or will be."""
    conversation, forwarded = call.standing.conversation, call.standing.forwarded
    used: set[str | None] = {call.bridge}
    if conversation is not None:
        used |= set(conversation.bridges())
    return used if forwarded is None else used | {forwarded.bridge}


def _in_talk(call: Call) -> Iterator[str]:
    """The legs of everybody who was brought to the caller, or has just parked him."""
    if call.parting is not None:
        yield call.parting.party.leg
    if call.standing.conversation is not None:
        yield from call.standing.conversation.parties


def _dialed(call: Call) -> set[str]:
    """The legs of who was dialed, outside any offer, and is still wanted."""
    standing = call.standing
    dialed = standing.dialed.leg if standing.dialed else ""
    return {standing.outside, standing.far, dialed, *_in_talk(call)}


def _connected(call: Call) -> Iterator[tuple[str, float]]:
    """The legs that talk or wait, and since when they are there."""
    standing = call.standing
    if call.channel and not call.end_told:
        answered = standing.answered if standing.calls_out else None
        yield call.channel, call.arrived.at if answered is None else answered
    if standing.conversation is not None:
        parties = standing.conversation.parties.values()
        yield from ((party.leg, party.since) for party in parties if not party.rings)
    if standing.accepted is not None:
        yield standing.accepted.leg, standing.accepted.at
    if standing.line_taken is not None:
        yield standing.line_taken.line, standing.line_taken.at
    if standing.far:
        yield standing.far, standing.last


def _judged(call: Call, end: LegGone) -> LegGone:
    """The end of a leg that rang while we were away. Whether it rang nobody heard, so why it ended
    is no news, and nobody is blamed; but whom a campaign called, and who answered nobody, is not
    called again as if nothing had been."""
    standing = call.standing
    mine = standing.attempt is not None and not call.channel and standing.dialed is not None
    if mine and (end.answered is not None or standing.rang == end.channel):
        return end
    return replace(end, answered=None, estimated=True)


def _is_listened_to(call: Call, channel: str) -> bool:
    made = call.standing.made
    return made is not None and made.is_listened_to and channel == call.channel


def _rings_unheard(call: Call, leg: str) -> bool:
    """Whether this is the leg of who is dialed, and nobody heard it begin to ring."""
    dialed = call.standing.dialed
    return dialed is not None and dialed.leg == leg != call.standing.rang


def _ringing(call: Call) -> Iterator[tuple[str, float]]:
    """The legs that ring, and since when."""
    standing = call.standing
    if standing.conversation is not None:
        yield from ((party.leg, party.since) for party in standing.conversation.ringing)
    if standing.dialed is not None:
        yield standing.dialed.leg, standing.dialed.at
    for offer in standing.offers.values():
        if standing.rings(offer):
            yield offer.leg, offer.at
