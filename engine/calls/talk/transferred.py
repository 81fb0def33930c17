"""When a note of a talk means that an agent has given his caller on, and to whom. Pure."""

from __future__ import annotations

from typing import Final

from acd.queues import Destination, DestinationKind
from engine.call_record import TransferHow, TransferMade
from engine.calls import notes as n
from engine.calls.note import Note
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation, Party

_TARGETS: Final = frozenset(
    {
        DestinationKind.AGENT,
        DestinationKind.NUMBER,
        DestinationKind.QUEUE,
        DestinationKind.FLOW,
        DestinationKind.VOICEMAIL,
    }
)
DROPPED: Final = "dropped"
"""Why somebody left whom another one put out: he gave nothing on."""


def transfer_of(talk: Conversation, queue: str, note: Note, at: float) -> TransferMade | None:
    """What the ``note``, not yet taken by the ``talk`` of this ``queue``, gives on; else None.

    The contact is its owner's to give: somebody else who leaves a talk transfers nothing.
    """
    agent = talk.agent
    if not agent:
        return None
    match note:
        case n.TalkEnded(by="agent", to=Destination(kind=kind, name=name)) if kind in _TARGETS:
            return TransferMade(at, TransferHow.BLIND, agent, kind, name, queue or None)
        case t.PartyLeft(leg=leg, why=why) if leg == talk.owner and why != DROPPED:
            how, heir = _heir(talk)
            if heir is not None:
                return TransferMade(at, how, agent, heir.kind, heir.name, queue or None)
    return None


def rings_first(talk: Conversation, made: TransferMade) -> bool:
    """Whether a phone rings before somebody has the caller, and may ring in vain."""
    if made.how is TransferHow.BLIND:
        return made.target in (DestinationKind.AGENT, DestinationKind.NUMBER)
    return made.name in (party.name for party in talk.ringing)


def _heir(talk: Conversation) -> tuple[TransferHow, Party | None]:
    """Who has the caller when the owner leaves: an agent who is with him, whoever else is, or whom
    the owner consults."""
    others = [party for party in talk.present if party.leg != talk.owner]
    if others:
        return TransferHow.WARM, next((each for each in others if each.agent), others[0])
    consult = talk.consult
    consulted = talk.parties.get(consult.leg) if consult is not None else None
    return TransferHow.ATTENDED, consulted
