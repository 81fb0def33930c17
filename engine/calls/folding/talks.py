"""Notes of a talk: whose the contact is, where everybody is, and where the caller goes on to."""

from __future__ import annotations

from dataclasses import replace

from acd.queues import Destination, DestinationKind
from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.folding import stretches
from engine.calls.left import ANSWERED, SENT, Left
from engine.calls.standing import Facts
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.parties import PartyKind

_ON_THE_WAY = {
    DestinationKind.QUEUE: SegmentKind.QUEUE,
    DestinationKind.AGENT: SegmentKind.DIALING,
    DestinationKind.PARK: SegmentKind.PARKED,
}
"""What the time of a caller is whom an agent has just sent on."""


def take(s: Facts, note: n.Note, at: float) -> bool:
    """Fold it in, when it is one of these."""
    match note:
        case n.TalkBegan():
            stretches.win(s, note.offer, at)
            s.accepted = None
            entered = at if s.taken_at is None else s.taken_at
            s.taken_at = None
            stretches.close_visit(s, entered, ANSWERED, note.agent)
            begin_talk(s, note, at)
        case n.TalkEnded():
            end_talk(s, at)
            s.talk, s.left, s.returned = None, Left(ANSWERED), None
            send(s, note.to, at)
        case t.Parked():
            s.parked = note
            stretches.turn(s, SegmentKind.PARKED, at, _talked_in(s))
        case t.Unparked():
            s.parked = None
        case t.Sent():
            s.returned = None
            send(s, note.to, at)
        case t.PhoneHeld() if s.conversation is None:
            s.phone_held = note.held
        case _ if isinstance(note, t.NOTES) and s.conversation is not None:
            s.conversation.take(note, at)
            follow_talk(s, at)
        case _:
            return False
    return True


def _talked_in(s: Facts) -> str | None:
    """The queue of the last stay."""
    return s.stay.queue if s.stay is not None else None


def begin_talk(s: Facts, began: n.TalkBegan, at: float) -> None:
    """He and this agent are together."""
    s.talk, s.agent, s.left = began, began.agent, None
    s.dialed, s.far, s.dialed_agent, s.parked, s.line_taken = None, "", "", None, None
    stretches.set_outcome(s, CallOutcome.ANSWERED)
    agent = Party(began.leg, PartyKind.AGENT, began.agent, at, line=bool(began.line))
    s.conversation = Conversation.begun(s.channel, began.bridge, agent, phone_held=s.phone_held)
    follow_talk(s, at)


def follow_talk(s: Facts, at: float) -> None:
    """What his time is now, and whose he is."""
    talk, conversation = s.talk, s.conversation
    if talk is None or conversation is None:
        return
    owner = conversation.parties.get(conversation.owner)
    if owner is None:
        s.talk = replace(talk, agent="", offer="", line="")
    elif owner.leg != talk.leg:
        offer = talk.offer if owner.line else owner.leg
        line = owner.leg if owner.line else ""
        s.talk = replace(talk, agent=owner.agent, offer=offer, line=line)
        s.agent = owner.agent
    spent = conversation.spends()
    stretches.turn(s, spent.kind, at, talk.queue or None, spent.agent or None)


def send(s: Facts, to: Destination | None, at: float) -> None:
    """He goes on to there: his time is on the way already."""
    if to is None:
        stretches.begin(s, SegmentKind.CLOSING, at)
        return
    s.left = Left(SENT, to)
    kind, queue, agent = _ON_THE_WAY.get(to.kind, SegmentKind.CLOSING), None, None
    if kind is SegmentKind.QUEUE:
        queue = to.name
    elif kind is SegmentKind.DIALING:
        agent = to.name
    elif kind is SegmentKind.PARKED:
        queue = _talked_in(s)
    stretches.begin(s, kind, at, queue, agent)


def end_talk(s: Facts, at: float) -> None:
    """All are apart, if they were together."""
    if s.conversation is not None:
        s.conversation.close(at)
        s.parties += s.conversation.stretches
        s.phone_held, s.conversation = s.conversation.phone_held, None
