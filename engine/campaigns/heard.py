"""What the notes of an attempt's call mean to the dialer. Pure."""

from __future__ import annotations

from dialer import messages as d
from dialer.attempt import Attempt, Stage
from engine.calls import notes as n

_NOBODY = frozenset({"MACHINE", "FAX", "SIT", "SILENCE"})
"""What ``engine.ports.AnsweredBy`` tells of who is no person."""


def event_of(attempt: Attempt, note: n.Note) -> d.DialerEvent | None:
    """The event of a note; None of one that says nothing to the dialer.

    An offer before the callee is dialed holds an agent for him; what a person is told who waits is
    the apology that no agent is there.
    """
    name = attempt.plan.attempt
    match note:
        case n.OfferBegan(agent=agent) if attempt.stage < Stage.DIALED:
            return d.AttemptHeld(name, agent)
        case n.OfferEnded() if attempt.stage < Stage.DIALED:
            return d.AttemptLetGo(name)
        case n.NumberDialed():
            return d.AttemptDialed(name)
        case n.NumberAnswered():
            return d.AttemptAnswered(name)
        case n.PersonFound():
            return d.PersonFound(name)
        case n.WhoAnswered(status=status) if status in _NOBODY:
            return d.MachineFound(name)
        case n.SpokenTo() if attempt.stage is Stage.WAITING:
            return d.PersonDropped(name)
        case n.TalkBegan(agent=agent):
            return d.AttemptConnected(name, agent)
        case n.TalkEnded():
            return d.TalkOver(name)
        case n.AttemptClosed():
            return d.AttemptEnded(name, note.disposition, note.cause, note.tech_cause)
    return None
