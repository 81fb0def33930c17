"""Holds the calls we know against what the switch has: after a crash, a lost link, and in audits.

What a call missed is put into its mailbox as if it had just been told: an answer, the end of a
leg. The stories need no second way of hearing things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from acd.core import IllegalEvent
from acd.messages import (
    AgentState,
    ContactLeft,
    ContactQueued,
    Expire,
    ExpireReason,
    LeaveReason,
    Offer,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
    Why,
    Withdraw,
)
from acd.views import WaitingView
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.names import call_of, is_ours
from engine.calls.registry import Registry
from engine.desk import Desk
from engine.ports import LegAnswered, LegGone, Snapshot

log = structlog.get_logger("adoption")

RING_SECONDS = 60.0
"""Asterisk's own limit for such a leg; the distributor's deadline comes before it."""


def square_up(desk: Desk, calls: Mapping[str, Call]) -> None:
    """After a crash: the desk's journal and the calls' notes may differ by the one step that the
    crash fell into. What the calls do not know of is taken back, so nobody waits for it.

    It counts as of the last run's end (``desk.time``): what ended while we were away comes after.
    """
    placed = {place.contact: place for queue in desk.acd.queues() for place in queue.waiting}
    for call in calls.values():
        standing, place = call.standing, placed.get(call.id)
        ringing = standing.offer.offer if standing.offer is not None else None
        if ringing is not None and (place is None or place.offer != ringing):
            _withdraw(desk, call)
        if place is not None and place.offer is not None and place.offer != ringing:
            _settle_offer(desk, call, place)
        if standing.visit is not None and place is None and not _is_talking(desk, call.id):
            _stand_in_line(desk, call, standing.visit)
    for contact in placed:
        if contact not in calls or calls[contact].standing.visit is None:
            desk.post(ContactLeft(contact, LeaveReason.LOST), desk.time)
    for view in desk.acd.agents():
        if view.state is AgentState.TALKING and view.contact is not None:
            call_ = calls.get(view.contact)
            if call_ is None or call_.standing.stage not in ("queue", "talk"):
                desk.post(TalkEnded(view.name, view.contact), desk.time)


def _settle_offer(desk: Desk, call: Call, place: WaitingView) -> None:
    """An offer that is open only at the desk: its end was noted, or not even its beginning."""
    ended = [offer for offer in call.standing.offers if offer.offer == place.offer]
    if ended:
        desk.post(OfferRefused(ended[0].offer, OfferOutcome(ended[0].outcome)), desk.time)
    else:
        call.deliver(_offer_again(desk, place, call.standing.visit))


def _offer_again(desk: Desk, place: WaitingView, visit: n.VisitBegan | None) -> Offer:
    """An offer that was decided and never noted; its ring time has begun and goes on."""
    agent = next(view for view in desk.acd.agents() if view.name == place.agent)
    queue = visit.queue if visit is not None else agent.queue or ""
    why = Why("offered_before_the_crash", (agent.name,))
    return Offer(
        place.offer or "", place.contact, queue, agent.name, agent.endpoint, RING_SECONDS, why
    )


def _withdraw(desk: Desk, call: Call) -> None:
    """An offer that the desk no longer makes, unless its answer is what was not noted."""
    offer = call.standing.offer
    if offer is not None and not desk.talks(offer.agent, call.id):
        call.deliver(Withdraw(offer.offer, call.id, offer.agent, OfferOutcome.CANCELLED))


def _stand_in_line(desk: Desk, call: Call, visit: n.VisitBegan) -> None:
    """Back to his place, or out by `no_agents` when today's settings have no such queue."""
    try:
        desk.post(ContactQueued(call.id, visit.queue, since=visit.at), desk.time)
    except IllegalEvent:
        call.deliver(Expire(call.id, visit.queue, ExpireReason.NO_AGENTS))


def _is_talking(desk: Desk, contact: str) -> bool:
    return any(
        view.contact == contact and view.state is AgentState.TALKING for view in desk.acd.agents()
    )


Witness = Callable[[str], LegGone | None]
"""Who may know when a channel ended while we were not looking."""


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
        outlived = call.arrived.at < snapshot.started  # the switch ended, and every leg with it
        horizon = snapshot.at - (0.0 if outlived else self._grace)
        latest = snapshot.started if outlived else snapshot.at
        states = {seen.channel: seen.state for seen in snapshot.channels}
        bridges = {seen.bridge: seen.channels for seen in snapshot.bridges}
        if not self._grace and standing.talk is None:  # a crash: made for the talk to come
            call.bridge = next((name for name in bridges if call_of(name) == call.id), None)
        missed: list[LegGone] = []
        if call.arrived.at <= horizon and call.channel not in states and not call.end_told:
            missed.append(self._end_of(call.channel, latest))
        if standing.talk is not None:
            call.in_bridge = bridges.get(standing.talk.bridge)
            if standing.talk.at <= horizon and standing.talk.offer not in states:
                missed.append(self._end_of(standing.talk.offer, latest))
        elif standing.offer is not None:
            leg = standing.offer.offer
            if states.get(leg) == "Up":
                call.deliver(LegAnswered(snapshot.at, leg))
            elif standing.offer.at <= horizon and leg not in states:
                # Whether it rang nobody heard, so why it ended is no news: nobody is blamed.
                missed.append(replace(self._end_of(leg, latest), estimated=True))
        for end in sorted(missed, key=lambda each: each.at):  # who went first ended the call
            call.deliver(end)

    def _end_of(self, channel: str, now: float) -> LegGone:
        seen = self._witness(channel)
        log.info("ended_unseen", channel=channel, witnessed=seen is not None)
        return seen or LegGone(now, channel, 0, 0, estimated=True)

    def _strays(self, snapshot: Snapshot) -> set[str]:
        horizon = snapshot.at - self._grace
        legs = {s.channel for s in snapshot.channels if s.created <= horizon}
        names = legs | {seen.bridge for seen in snapshot.bridges}
        return {
            name for name in names if is_ours(name) and call_of(name) not in self._registry.calls
        }
