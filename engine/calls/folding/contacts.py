"""Notes of who calls and who is called: contacts without a channel, dialed numbers, rooms."""

from __future__ import annotations

from dataclasses import replace

from dialer.plan import AttemptPlan
from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.conferences import notes as c
from engine.calls.entries import CALLBACK, INVITED, MESSAGE, OUTBOUND, SUPERVISION
from engine.calls.folding import stretches
from engine.calls.left import ANSWERED, OVER, Left
from engine.calls.mailboxes import notes as m
from engine.calls.outbound.course import AttemptCourse
from engine.calls.standing import Facts
from engine.calls.supervising.notes import Supervised, SupervisionAsked


def take(s: Facts, note: n.Note, at: float) -> bool:
    """Fold it in, when it is one of these."""
    return _began(s, note, at) or _dialed(s, note, at) or _conferred(s, note, at)


def _began(s: Facts, note: n.Note, at: float) -> bool:
    match note:
        case n.Arrived():
            s.arrived, s.answered = note, note.answered
            s.segment = n.SegmentBegan(at, SegmentKind.SETUP)
        case n.CallbackAsked() if s.arrived is None:
            ask_back(s, note, at)
        case m.MessageQueued() if s.arrived is None:
            queue_message(s, note, at)
        case SupervisionAsked() if s.arrived is None:
            ask_supervisor(s, note, at)
        case n.AttemptBegan() if s.arrived is None:
            begin_attempt(s, note.plan, at)
        case c.Invited() if s.arrived is None:
            invite(s, note, at)
        case Supervised():
            supervise(s, note, at)
        case m.MessageServed() if s.accepted is not None:
            serve_message(s, s.accepted, at)
        case n.PersonFound():
            if s.visit is not None:  # nobody waited before him
                s.visit = replace(s.visit, at=at)
            stretches.wait(s, at)
        case n.CallbackDue():
            s.due = note.due
        case _:
            return False
    return True


def _dialed(s: Facts, note: n.Note, at: float) -> bool:
    match note:
        case n.NumberDialed():
            s.dialed, s.dialed_agent = note, note.agent
            dial(s, at)
        case n.LineTaken():
            s.line_taken, s.dialed_agent, s.parked = note, note.agent, None
        case n.NumberAnswered():
            reach(s, note, at)
        case n.NumberMissed():
            miss(s, note, at)
        case n.Forwarded():
            s.forwarded = note
            stretches.set_outcome(s, CallOutcome.FORWARDED)
            stretches.begin(s, SegmentKind.FORWARDED, at, agent=s.dialed_agent or None)
        case n.ForwardEnded():
            s.forwarded, s.left = None, Left(OVER)
            s.dialed, s.far, s.dialed_agent, s.line_taken = None, "", "", None
            stretches.begin(s, SegmentKind.CLOSING, at)
        case _:
            return False
    return True


def _conferred(s: Facts, note: n.Note, at: float) -> bool:
    match note:
        case c.ConferenceJoined():
            s.conference = note
            stretches.set_outcome(s, CallOutcome.SELF_SERVED)
            stretches.begin(s, SegmentKind.CONFERENCE, at)
        case c.ConferenceLeft():
            s.conference = None
            stretches.begin(s, SegmentKind.CLOSING, at)
        case _:
            return False
    return True


def ask_back(s: Facts, asked: n.CallbackAsked, at: float) -> None:
    s.callback, s.language, s.since = asked, asked.language, asked.since
    s.arrived = n.Arrived(at, "", CALLBACK, asked.did, asked.number)
    s.visit = n.VisitBegan(
        at,
        asked.queue,
        asked.since,
        asked.offset_seconds,
        asked.needs,
        asked.prefer,
        asked.number,
    )
    stretches.set_outcome(s, CallOutcome.NOT_REACHED)
    stretches.wait(s, at)


def queue_message(s: Facts, queued: m.MessageQueued, at: float) -> None:
    s.work, s.language, s.since = queued, queued.language, queued.since
    s.arrived = n.Arrived(at, "", MESSAGE, queued.did, queued.caller)
    s.visit = n.VisitBegan(at, queued.queue, queued.since, queued.offset_seconds, queued.needs)
    stretches.set_outcome(s, CallOutcome.DISMISSED)
    stretches.wait(s, at)


def hear_message(s: Facts, taken: n.OfferBegan, at: float) -> None:
    """The agent has it: his time."""
    stretches.begin(s, SegmentKind.TALK, at, taken.queue, taken.agent)


def serve_message(s: Facts, taken: n.OfferBegan, at: float) -> None:
    stretches.close_visit(s, at if s.taken_at is None else s.taken_at, ANSWERED, taken.agent)
    s.accepted, s.agent, s.left = None, taken.agent, Left(ANSWERED)
    stretches.set_outcome(s, CallOutcome.ANSWERED)
    stretches.begin(s, SegmentKind.CLOSING, at)


def invite(s: Facts, asked: c.Invited, at: float) -> None:
    s.invited, s.language = asked, asked.language
    s.arrived = n.Arrived(at, "", INVITED, asked.by, asked.number)
    stretches.set_outcome(s, CallOutcome.NOT_REACHED)
    stretches.begin(s, SegmentKind.SETUP, at)


def ask_supervisor(s: Facts, asked: SupervisionAsked, at: float) -> None:
    s.supervision = asked
    s.arrived = n.Arrived(at, "", SUPERVISION, asked.agent, asked.supervisor)
    stretches.set_outcome(s, CallOutcome.NOT_REACHED)
    stretches.begin(s, SegmentKind.SETUP, at)


def supervise(s: Facts, now: Supervised, at: float) -> None:
    stretches.set_outcome(s, CallOutcome.FEATURE)
    if s.supervised is None:
        stretches.begin(s, SegmentKind.SUPERVISION, at, agent=now.supervisor)
    s.supervised = now


def begin_attempt(s: Facts, plan: AttemptPlan, at: float) -> None:
    s.made, s.language = AttemptCourse(plan), plan.language
    s.arrived = n.Arrived(at, "", OUTBOUND, plan.caller_id, plan.number)
    stretches.set_outcome(s, CallOutcome.NOT_REACHED)
    stretches.begin(s, SegmentKind.SETUP, at)


def dial(s: Facts, at: float) -> None:
    queue = s.visit.queue if s.visit is not None else None
    agent = s.accepted.agent if s.accepted is not None else s.dialed_agent or None
    stretches.turn(s, SegmentKind.DIALING, at, queue, agent)


def reach(s: Facts, answered: n.NumberAnswered, at: float) -> None:
    s.dialed = None
    if not s.calls_out or s.outside:
        s.far = answered.leg
    else:
        s.outside, s.answered = answered.leg, at
        stretches.set_outcome(s, CallOutcome.ABANDONED)
        if s.accepted is None and s.is_there:
            stretches.wait(s, at)
        elif s.accepted is None:
            stretches.begin(s, SegmentKind.DETECTION, at)


def miss(s: Facts, missed: n.NumberMissed, at: float) -> None:
    s.dialed = s.line_taken = None
    s.far = s.dialed_agent = ""
    if s.work is None:
        s.accepted = None
    s.attempts += missed.tried
    s.due = missed.due or None
    if s.work is not None and s.accepted is not None:
        hear_message(s, s.accepted, at)
    elif s.visit is not None:
        stretches.wait(s, at)
    else:
        stretches.begin(s, SegmentKind.CLOSING, at)
