"""What has come of an attempt so far, folded from its notes, and in the end in one word. Pure.

How the word is found, the first rule that fits:

- An agent and he were together: *connected*.
- Nobody answered: by the reason that he was missed for. An attempt that was never dialed is
  *cancelled*, and after a fault of ours *failed*.
- It was no person: by what it was.
- A broadcast's flow came to its own end with him, or to a milestone, or put him through, took his
  message or booked his callback: *served*.
- He was told that nobody is free, or was still there when his time was over, or it was we who ended
  it, or nobody saw how it ended: *abandoned*. So it counts against the cap also when a crash or a
  fault of ours was the reason. In a broadcast his time is over when no flow has begun by then.
- Else he has *hung up*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dialer.dispositions import Disposition
from dialer.plan import AttemptMade, AttemptPlan, Mode
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.conferences.notes import ConferenceJoined
from engine.calls.outcomes import Missed

HUMAN: Final = "HUMAN"
MACHINE: Final = "MACHINE"
SILENCE: Final = "SILENCE"
FAX: Final = "FAX"
SIT: Final = "SIT"
"""Of ``engine.ports.AnsweredBy``; what it is not sure of is taken for a person."""

NO_PERSON: Final = {
    MACHINE: Disposition.MACHINE,
    SILENCE: Disposition.SILENT,
    FAX: Disposition.FAX,
    SIT: Disposition.INVALID,
}

OUTCOMES: Final = {
    Disposition.SERVED: CallOutcome.SELF_SERVED,
    Disposition.ABANDONED: CallOutcome.OVERFLOWED,
    Disposition.CANCELLED: CallOutcome.DISMISSED,
    Disposition.FAILED: CallOutcome.FAILED,
    Disposition.MACHINE: CallOutcome.NOT_REACHED,
    Disposition.MESSAGE_LEFT: CallOutcome.NOT_REACHED,
    Disposition.FAX: CallOutcome.NOT_REACHED,
    Disposition.INVALID: CallOutcome.NOT_REACHED,
    Disposition.SILENT: CallOutcome.NOT_REACHED,
}
"""What the whole call is called then, where its other notes do not say it."""

_MISSED: Final = {
    Missed.BUSY: Disposition.BUSY,
    Missed.NO_ANSWER: Disposition.NO_ANSWER,
    Missed.REJECTED: Disposition.REJECTED,
    Missed.INVALID: Disposition.INVALID,
    Missed.BARRED: Disposition.CANCELLED,
    Missed.CONGESTED: Disposition.CONGESTED,
    Missed.AGENT_GONE: Disposition.CANCELLED,
    Missed.CANCELLED: Disposition.CANCELLED,
    Missed.GIVEN_UP: Disposition.GIVEN_UP,
    Missed.FAILED: Disposition.FAILED,
}
_SERVED: Final = (
    CallOutcome.SELF_SERVED,
    CallOutcome.FORWARDED,
    CallOutcome.VOICEMAIL,
    CallOutcome.CALLBACK,
    CallOutcome.OUT_OF_HOURS,
)


@dataclass(slots=True)
class AttemptCourse:
    """One attempt so far. Times are seconds since the epoch, None for what has not happened."""

    plan: AttemptPlan
    dialed: float | None = None
    rang: float | None = None
    answered: float | None = None
    person: float | None = None
    connected: float | None = None
    agent: str = ""
    verdict: str = ""
    waits_since: float | None = None
    """Of a person who was listened to: when his greeting was over."""
    spoken: tuple[str, ...] = ()
    opted_out: bool = False
    missed: n.NumberMissed | None = None
    closed: n.AttemptClosed | None = None
    _message_left: bool = False
    _greeted: bool = False
    """A flow has begun with him."""
    _served: bool = False
    _ours: CallOutcome | None = None
    """That it was we who ended it, by a fault or by the API."""

    def take(self, note: n.Note, *, gone: bool) -> None:
        """Fold one more note in; ``gone``: he has hung up, and his flow goes on without him."""
        match note:
            case n.NumberDialed() if self.dialed is None:
                self.dialed = note.at
            case n.NumberRang() if self.answered is None:
                self.rang = note.at if self.rang is None else self.rang
            case n.NumberAnswered() if self.answered is None:
                self.answered = note.at
            case n.NumberMissed() if self.answered is None:
                self.missed = note
            case n.WhoAnswered():
                self.verdict, self.waits_since = note.status, note.waits_since or note.at
            case n.PersonFound():
                self.person = note.at
            case n.TalkBegan() if self.connected is None:
                self.connected, self.agent = note.at, note.agent
            case n.SpokenTo():
                self.spoken = note.prompts
            case n.MessageLeft():
                self._message_left = True
            case n.OptedOut():
                self.opted_out = True
            case n.Tagged() if self.plan.codes.get(note.disposition) == "suppress":
                self.opted_out = True
            case n.AttemptClosed():
                self.closed = note
            case _:
                self._serve(note, gone)

    def _serve(self, note: n.Note, gone: bool) -> None:
        match note:
            case n.OutcomeSet(outcome=CallOutcome.FAILED | CallOutcome.DISMISSED as ours):
                self._ours = ours
            case n.OutcomeSet(outcome=outcome):
                self._served = self._served or outcome in _SERVED
            case n.Forwarded() | ConferenceJoined():
                self._served = True
            case n.NodeEntered(milestone=milestone):
                self._greeted = True
                self._served = self._served or bool(milestone)
            case n.FlowLeft():
                self._served = self._served or not gone

    @property
    def is_listened_to(self) -> bool:
        """Whether he has answered, and it is not known yet who he is."""
        return self.answered is not None and not self.verdict and self.person is None

    # -- the end ------------------------------------------------------------------------------

    def close(self, ended: n.Ended) -> n.AttemptClosed:
        """The note that closes it, for a call that ended like this."""
        disposition = self._disposition(ended)
        if self.answered is None and self.missed is not None:
            cause, tech_cause = self.missed.cause, self.missed.tech_cause
        else:
            cause, tech_cause = ended.cause, 0
        return n.AttemptClosed(ended.at, disposition, cause, tech_cause)

    def _disposition(self, ended: n.Ended) -> Disposition:
        if self.connected is not None:
            return Disposition.CONNECTED
        if self.answered is None:
            return self._unanswered()
        if self.person is None and self.verdict in NO_PERSON:
            left = self.verdict == MACHINE and self._message_left
            return Disposition.MESSAGE_LEFT if left else NO_PERSON[self.verdict]
        if self._served:
            return Disposition.SERVED
        return Disposition.ABANDONED if self._is_dropped(ended) else Disposition.HUNG_UP

    def _unanswered(self) -> Disposition:
        missed = self.missed
        if missed is not None and missed.why == Missed.UNREACHABLE:
            # Causes without any SIP answer are the trunk's: nobody has asked the callee's network.
            silent = missed.cause and not missed.tech_cause
            return Disposition.CONGESTED if silent else Disposition.UNREACHABLE
        if missed is not None:
            return _MISSED[Missed(missed.why)]
        failed = self._ours is CallOutcome.FAILED or self.dialed is not None
        return Disposition.FAILED if failed else Disposition.CANCELLED

    def _is_dropped(self, ended: n.Ended) -> bool:
        """Whether a person had nobody to talk with, for a reason of ours."""
        if self._ours is not None or self.spoken or ended.estimated:
            return True
        if self.person is None or (self._greeted and self.plan.mode is Mode.BROADCAST):
            return False
        return ended.at > self.person + self.plan.wait_seconds

    def made(self) -> AttemptMade | None:
        """For the ledger; None while it is not closed."""
        closed = self.closed
        if closed is None:
            return None
        return AttemptMade(
            self.plan,
            closed.disposition,
            closed.at,
            dialed=self.dialed,
            rang=self.rang,
            answered=self.answered,
            person=self.person,
            connected=self.connected,
            agent=self.agent,
            cause=closed.cause,
            tech_cause=closed.tech_cause,
            verdict=self.verdict,
            spoken=self.spoken,
            opted_out=self.opted_out,
        )
