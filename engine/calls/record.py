"""Folds the notes of a call into its record, and into where the call stands now. Pure.

Times come from two clocks of one machine (Asterisk's event stamps and ours), so they may cross by
milliseconds: the fold never lets time run backwards, and so the segments tile the call exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.messages import ExpireReason
from engine.calls import notes as n
from engine.ports import (
    CallOutcome,
    CallRecord,
    OfferMade,
    QueueVisit,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
)

_EXPIRED = frozenset(ExpireReason)
_REMARKS = (
    n.Routed,
    n.LanguageSet,
    n.NodeEntered,
    n.Playing,
    n.OutcomeSet,
    n.RecordingClosed,
    n.Stepped,
)
"""Notes that are no boundary of any stretch of time."""


@dataclass(slots=True)
class Standing:
    """A call as its notes tell it so far: what a story needs to go on after a crash."""

    call: str
    arrived: n.Arrived | None = None
    routed: n.Routed | None = None
    answered: float | None = None
    language: str = ""
    node: n.NodeEntered | None = None
    playback: str = ""
    segment: n.SegmentBegan | None = None
    visit: n.VisitBegan | None = None
    offer: n.OfferBegan | None = None
    talk: n.TalkBegan | None = None
    left_queue: str = ""
    """How the last stay in a queue ended, until the story has gone on from there."""
    agent: str | None = None
    outcome: CallOutcome | None = None
    ended: n.Ended | None = None
    last: float = 0.0
    segments: list[Segment] = field(default_factory=list)
    visits: list[QueueVisit] = field(default_factory=list)
    offers: list[OfferMade] = field(default_factory=list)
    recordings: list[RecordingMade] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    notes: list[n.Note] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """Where the story has to go on: 'new', 'ivr', 'queue', 'talk' or 'over'."""
        if self.ended is not None:
            return "over"
        if self.talk is not None:
            return "talk"
        if self.visit is not None:
            return "queue"
        return "ivr" if self.node is not None else "new"

    def take(self, note: n.Note) -> None:
        """Fold one more note in."""
        self.notes.append(note)
        if isinstance(note, _REMARKS):
            self._remark(note)
            return
        at = self.last = max(self.last, note.at)
        match note:
            case n.Arrived():
                self.arrived, self.answered = note, note.answered
                self.segment = n.SegmentBegan(at, SegmentKind.SETUP)
            case n.Answered():
                self.answered = at
            case n.SegmentBegan():
                self._begin(note.kind, at, note.queue, note.agent)
            case n.VisitBegan():
                self.visit = n.VisitBegan(at, note.queue)
                self.left_queue = ""
                self._set_outcome(CallOutcome.ABANDONED)
                self._begin(SegmentKind.QUEUE, at, note.queue)
            case n.VisitEnded():
                self._close_visit(at, note.outcome)
                self.left_queue = note.outcome
                if note.outcome in _EXPIRED:
                    self._set_outcome(CallOutcome.OVERFLOWED)
            case n.OfferBegan():
                self.offer = note
                self._begin(SegmentKind.RING, at, note.queue, note.agent)
            case n.OfferEnded() if self.offer is not None:
                self._begin(SegmentKind.QUEUE, at, self.offer.queue)
                self._close_offer(at, note.outcome)
            case n.TalkBegan():
                self._close_offer(at, "answered")
                self._close_visit(at, "answered", note.agent)
                self.talk, self.agent = note, note.agent
                self._set_outcome(CallOutcome.ANSWERED)
                self._begin(SegmentKind.TALK, at, note.queue, note.agent)
            case n.TalkEnded():
                self.talk = None
                self.left_queue = "answered"
                self._begin(SegmentKind.CLOSING, at)
            case n.Ended() if self.ended is None:
                self._close_segment(at)
                self.segment = None
                self.ended = note

    def _remark(self, note: n.Note) -> None:
        match note:
            case n.Routed():
                self.routed = note
                self.language = note.language
            case n.LanguageSet():
                self.language = note.language
            case n.NodeEntered():
                self.node = note
                self.left_queue = ""
            case n.Playing():
                self.playback = note.playback
            case n.OutcomeSet():
                self._set_outcome(note.outcome)
            case n.RecordingClosed():
                self._keep_recording(note)
            case n.Stepped():
                step = Step(note.at, note.source, note.event, note.target, note.detail)
                self.steps.append(step)

    def _set_outcome(self, outcome: CallOutcome) -> None:
        """Whoever has talked with an agent was answered, whatever came after."""
        if self.outcome is not CallOutcome.ANSWERED:
            self.outcome = outcome

    def _begin(
        self, kind: SegmentKind, at: float, queue: str | None = None, agent: str | None = None
    ) -> None:
        self._close_segment(at)
        self.segment = n.SegmentBegan(at, kind, queue, agent)

    def _close_segment(self, at: float) -> None:
        open_ = self.segment
        if open_ is None:
            return
        if at > open_.at:
            self.segments.append(Segment(open_.kind, open_.at, at, open_.queue, open_.agent))

    def _close_visit(self, at: float, outcome: str, agent: str | None = None) -> None:
        if self.visit is not None:
            self.visits.append(QueueVisit(self.visit.queue, self.visit.at, at, outcome, agent))
            self.visit = None

    def _close_offer(self, at: float, outcome: str) -> None:
        o = self.offer
        if o is not None:
            self.offers.append(OfferMade(o.offer, o.queue, o.agent, o.at, at, outcome, o.why))
            self.offer = None

    def _keep_recording(self, note: n.RecordingClosed) -> None:
        self.recordings.append(
            RecordingMade(
                note.name,
                note.path,
                note.started,
                note.seconds,
                note.bytes,
                note.complete,
                note.problem,
            )
        )

    def record(self) -> CallRecord:
        """The record of an ended call. Raises ``ValueError`` when it has not arrived or ended."""
        if self.arrived is None or self.ended is None:
            raise ValueError(f"call {self.call} is not over")
        arrived, routed, ended = self.arrived, self.routed, self.ended
        return CallRecord(
            call=self.call,
            direction="inbound" if arrived.entry == "inbound" else "internal",
            caller=arrived.caller,
            called=arrived.did,
            language=self.language,
            route=routed.route if routed else "",
            flow=routed.target if routed and routed.kind == "flow" else "",
            arrived=arrived.at,
            answered=self.answered,
            ended=max(ended.at, self.segments[-1].ended if self.segments else arrived.at),
            ended_by=ended.by,
            outcome=self.outcome or CallOutcome.ABANDONED,
            cause=ended.cause,
            agent=self.agent,
            estimated_end=ended.estimated,
            sip_call_id=arrived.sip_call_id,
            segments=tuple(self.segments),
            visits=tuple(self.visits),
            offers=tuple(self.offers),
            recordings=tuple(self.recordings),
            steps=tuple(self.steps),
        )


def fold(call: str, notes: Iterable[n.Note]) -> Standing:
    """The call as its notes tell it."""
    standing = Standing(call)
    for note in notes:
        standing.take(note)
    return standing
