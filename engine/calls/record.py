"""Folds the notes of a call into its record, and into where the call stands now. Pure.

Times come from two clocks of one machine (Asterisk's event stamps and ours), so they may cross by
milliseconds: the fold never lets time run backwards, and so the segments tile the call exactly.
"""

from __future__ import annotations

from collections.abc import Iterable

from dialer.plan import AttemptMade
from engine.call_record import CallOutcome, CallRecord, VoicemailLeft
from engine.calls import notes as n
from engine.calls.entries import CALLBACK, INVITED, MESSAGE, OUTBOUND
from engine.calls.folding import contacts, remarks, stretches, talks, transfers, visits
from engine.calls.mailboxes.leaving import greetings_made, marks_made, messages_left
from engine.calls.standing import Facts
from engine.calls.supervising.accounting import audit_of

_DIRECTIONS = {
    "inbound": "inbound",
    **{each: each for each in (CALLBACK, OUTBOUND, MESSAGE, INVITED)},
}


class Standing(Facts):
    """A call as its notes tell it so far: what a story needs to go on after a crash."""

    def take(self, note: n.Note) -> None:
        """Fold one more note in."""
        self.notes.append(note)
        if self.ended is None:
            self.course.take(note, max(self.last, note.at))
        if self.made is not None:
            self.made.take(note, gone=self.course.gone)
        if isinstance(note, remarks.REMARKS):
            remarks.take(self, note)
            return
        at = self.last = max(self.last, note.at)
        transfers.take(self, note, at)
        if contacts.take(self, note, at) or visits.take(self, note, at):
            return
        if talks.take(self, note, at):
            return
        match note:
            case n.Answered():
                self.answered = at
            case n.SegmentBegan():
                stretches.begin(self, note.kind, at, note.queue, note.agent)
            case n.Ended() if self.ended is None:
                talks.end_talk(self, at)
                stretches.close_segment(self, at)
                self.segment = None
                self.ended = note

    def record(self) -> CallRecord:
        """The record of an ended call. Raises ``ValueError`` when it has not arrived or ended."""
        if self.arrived is None or self.ended is None:
            raise ValueError(f"call {self.call} is not over")
        arrived, routed, ended, course = self.arrived, self.routed, self.ended, self.course
        until = max(ended.at, self.segments[-1].ended if self.segments else arrived.at)
        return CallRecord(
            call=self.call,
            direction=_DIRECTIONS.get(arrived.entry, "internal"),
            parent=self._parent,
            caller=arrived.caller,
            called=arrived.did,
            language=self.language,
            route=routed.route if routed else "",
            flow=routed.target if routed and routed.kind == "flow" else "",
            arrived=arrived.at,
            answered=self.answered,
            ended=until,
            ended_by=ended.by,
            outcome=self.outcome or CallOutcome.ABANDONED,
            cause=ended.cause,
            agent=self.agent,
            estimated_end=ended.estimated,
            sip_call_id=arrived.sip_call_id,
            segments=tuple(self.segments),
            visits=tuple(self.visits),
            offers=tuple(self.offers_made),
            recordings=tuple(self.recordings),
            steps=tuple(self.steps),
            flow_version=course.version,
            nodes=course.visits(until),
            tags=course.call_tags(),
            answers=tuple(course.answers.values()),
            arms=course.experiment_arms(),
            attempt=self.attempt_made(),
            parties=tuple(self.parties),
            transfers=tuple(self.transfers),
            voicemails=self.messages_left(),
            marks=tuple(marks_made(self.notes)),
            greetings=tuple(greetings_made(self.notes)),
            audit=audit_of(self.call, self.notes, until),
        )

    @property
    def _parent(self) -> str:
        asked = self.callback or self.work
        return asked.parent if asked is not None else ""

    @property
    def touches_mailboxes(self) -> bool:
        """Whether what is in mailboxes changes with its record."""
        return bool(self.messages_left()) or any(marks_made(self.notes))

    def messages_left(self) -> tuple[VoicemailLeft, ...]:
        """The messages that the caller has left so far."""
        caller = self.arrived.caller if self.arrived is not None else ""
        return tuple(messages_left(self.recordings, self.notes, caller, self.language))

    def attempt_made(self) -> AttemptMade | None:
        """What came of a campaign's call, once it is closed; None of any other."""
        return None if self.made is None else self.made.made()


def fold(call: str, notes: Iterable[n.Note]) -> Standing:
    """The call as its notes tell it."""
    standing = Standing(call)
    for note in notes:
        standing.take(note)
    return standing
