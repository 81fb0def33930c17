"""Notes of the line: stays in queues, and the offers that are made of him there."""

from __future__ import annotations

from dataclasses import replace

from acd.messages import ExpireReason
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.folding import contacts, stretches
from engine.calls.left import Left
from engine.calls.standing import Facts

_EXPIRED = frozenset(ExpireReason)


def take(s: Facts, note: n.Note, at: float) -> bool:
    """Fold it in, when it is one of these."""
    return _waited(s, note, at) or _offered(s, note, at)


def _waited(s: Facts, note: n.Note, at: float) -> bool:
    match note:
        case n.VisitBegan():
            s.visit, s.left = replace(note, at=at), None
            s.told = []
            s.since = note.since if s.since is None else s.since
            if s.channel:
                stretches.set_outcome(s, CallOutcome.ABANDONED)
            stretches.wait(s, at)
        case n.VisitMoved() if s.visit is not None:
            moved = replace(s.visit, at=at, queue=note.queue)
            stretches.close_visit(s, at, ExpireReason.OVERFLOW)
            s.visit, s.told = moved, []
            stretches.wait(s, at)
        case n.VisitEnded():
            stretches.close_visit(s, at, note.outcome)
            s.left = Left(note.outcome, note.to, note.rule)
            if note.outcome in _EXPIRED:
                stretches.set_outcome(s, CallOutcome.OVERFLOWED)
        case _:
            return False
    return True


def _offered(s: Facts, note: n.Note, at: float) -> bool:
    match note:
        case n.OfferBegan():
            s.offers[note.offer] = replace(note, at=at)
            stretches.wait(s, at)
        case n.OfferTaken():
            s.taken.add(note.offer)
            stretches.wait(s, at)
        case n.OfferEnded():
            if s.accepted is not None and s.accepted.offer == note.offer:
                s.accepted = s.taken_at = None
            stretches.close_offer(s, note.offer, at, note.outcome)
            stretches.wait(s, at)
        case n.OfferAccepted() if note.offer in s.offers:
            s.accepted = s.offers[note.offer]
            stretches.win(s, note.offer, at)
            if s.work is not None:
                s.taken_at = at
                contacts.hear_message(s, s.accepted, at)
        case _:
            return False
    return True
