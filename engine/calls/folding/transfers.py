"""Notes by which an agent gives his caller on: it counts once the other one has him."""

from __future__ import annotations

from engine.calls import notes as n
from engine.calls.note import Note
from engine.calls.standing import Facts
from engine.calls.talk import notes as t
from engine.calls.talk.transferred import rings_first, transfer_of


def take(s: Facts, note: Note, at: float) -> None:
    """Fold in what it tells, before the talk has taken it."""
    if s.giving is not None:
        _settle(s, note)
    if s.conversation is None or s.talk is None:
        return
    made = transfer_of(s.conversation, s.talk.queue, note, at)
    if made is not None and rings_first(s.conversation, made):
        s.giving = made
    elif made is not None:
        s.transfers.append(made)


def _settle(s: Facts, note: Note) -> None:
    """Whose phone rang for him has him, or was not reached."""
    match note:
        case n.TalkBegan() | n.Forwarded():
            _count(s)
        case t.PartyAnswered(leg=leg) if _is_given(s, leg):
            _count(s)
        case t.PartyLeft(leg=leg) if _is_given(s, leg):
            s.giving = None
        case n.TalkEnded() | t.Sent() | n.VisitBegan():
            s.giving = None


def _count(s: Facts) -> None:
    assert s.giving is not None
    s.transfers.append(s.giving)
    s.giving = None


def _is_given(s: Facts, leg: str) -> bool:
    party = s.conversation.parties.get(leg) if s.conversation is not None else None
    return party is not None and s.giving is not None and party.name == s.giving.name
