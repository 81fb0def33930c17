"""The stretches of a call's time, its stays in queues, and the offers of it: begun and closed."""

from __future__ import annotations

from acd.messages import OfferOutcome
from engine.call_record import CallOutcome, OfferMade, QueueVisit, Segment, SegmentKind
from engine.calls import notes as n
from engine.calls.standing import Facts
from engine.calls.why import as_json, say_why


def begin(
    s: Facts, kind: SegmentKind, at: float, queue: str | None = None, agent: str | None = None
) -> None:
    """A stretch of this kind; the one before is over. A call that is over has no more of them."""
    if s.ended is not None:
        return
    close_segment(s, at)
    s.segment = n.SegmentBegan(at, kind, queue, agent)


def turn(
    s: Facts, kind: SegmentKind, at: float, queue: str | None = None, agent: str | None = None
) -> None:
    """A new stretch, unless he is in such a one."""
    now = s.segment
    if now is None or (now.kind, now.queue, now.agent) != (kind, queue, agent):
        begin(s, kind, at, queue, agent)


def close_segment(s: Facts, at: float) -> None:
    """The stretch that runs ends at ``at``."""
    open_ = s.segment
    if open_ is None:
        return
    if at > open_.at:
        s.segments.append(Segment(open_.kind, open_.at, at, open_.queue, open_.agent))


def wait(s: Facts, at: float) -> None:
    """In a queue the stretch is `ring` while a phone rings, of its agent when it is one; not
    while its customer is dialed, or it is listened to who he is."""
    visit = s.visit
    if visit is None or s.talk is not None or s.dialed is not None:
        return
    if s.channel and not s.is_there:
        return
    ringing = [offer.agent for offer in s.offers.values() if s.rings(offer)]
    kind = SegmentKind.RING if ringing else SegmentKind.QUEUE
    agent = ringing[0] if len(ringing) == 1 else None
    turn(s, kind, at, visit.queue, agent)


def set_outcome(s: Facts, outcome: CallOutcome) -> None:
    """Whoever has talked with an agent was answered, whatever came after."""
    if s.outcome is not CallOutcome.ANSWERED:
        s.outcome = outcome


def win(s: Facts, offer: str, at: float) -> None:
    """This agent was the first to answer."""
    close_offer(s, offer, at, OfferOutcome.ANSWERED)
    for other in list(s.offers):
        close_offer(s, other, at, OfferOutcome.LOST_RACE)


def close_visit(s: Facts, at: float, outcome: str, agent: str | None = None) -> None:
    """He is out of the queue, if he is in one."""
    if s.visit is not None:
        s.stay = s.visit
        if s.made is None or s.is_there:  # whom we do not reach waits in no queue
            made = QueueVisit(s.visit.queue, s.visit.at, at, outcome, agent)
            s.visits.append(made)
        s.visit = None


def close_offer(s: Facts, offer: str, at: float, outcome: str) -> None:
    """This offer ended so, if it runs."""
    o = s.offers.pop(offer, None)
    if o is not None:
        why, because = say_why(o.because), as_json(o.because)
        made = OfferMade(o.offer, o.queue, o.agent, o.at, at, outcome, why, because)
        s.offers_made.append(made)
