"""Folds the notes of a call into its record, and into where the call stands now. Pure.

Times come from two clocks of one machine (Asterisk's event stamps and ours), so they may cross by
milliseconds: the fold never lets time run backwards, and so the segments tile the call exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from acd.messages import CallbackFirst, ExpireReason, OfferOutcome
from acd.queues import Destination, DestinationKind, OfferMode
from dialer.plan import AttemptMade, AttemptPlan, Mode
from engine.call_record import (
    CONFERENCE,
    CallOutcome,
    CallRecord,
    OfferMade,
    PartyStretch,
    QueueVisit,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
    TransferMade,
    VoicemailLeft,
)
from engine.calls import notes as n
from engine.calls.conferences import notes as c
from engine.calls.flows.course import FlowCourse
from engine.calls.lanes import ACD
from engine.calls.left import ANSWERED, OVER, SENT, Left
from engine.calls.mailboxes import notes as m
from engine.calls.mailboxes.leaving import greetings_made, marks_made, messages_left
from engine.calls.outbound.course import OUTCOMES, AttemptCourse
from engine.calls.supervising.accounting import audit_of
from engine.calls.supervising.notes import Supervised, SupervisionAsked
from engine.calls.talk import notes as t
from engine.calls.talk import recording_notes as recordings
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.parties import PartyKind
from engine.calls.talk.transferred import transfer_of
from engine.calls.why import as_json, say_waiting, say_why

_EXPIRED = frozenset(ExpireReason)
_REMARKS = (
    n.Routed,
    n.LanguageSet,
    n.NodeEntered,
    n.FlowLeft,
    n.Tagged,
    n.ArmChosen,
    n.SurveyTold,
    n.Playing,
    n.OutcomeSet,
    c.ConferenceMuted,
    c.ConferenceRole,
    c.ConferenceRuled,
    c.RecordingHandedOn,
    n.RecordingBegan,
    n.RecordingClosed,
    n.RecordingDropped,
    n.RecordingWanted,
    *recordings.NOTES,
    n.ErrandEnded,
    n.ErrandTaken,
    n.WaitExplained,
    n.Told,
    n.MessageBegan,
    n.PlaceChanged,
    n.LineKept,
    n.NumberRang,
    n.WhoAnswered,
    n.SpokenTo,
    n.MessageLeft,
    n.OptedOut,
    n.AttemptClosed,
    n.Stepped,
    m.MessageMarked,
    m.GreetingSet,
)
"""Notes that are no boundary of any stretch of time."""

CALLBACK: Final = "callback"
"""The entry of a contact without a channel."""
OUTBOUND: Final = "outbound"
"""The entry of a campaign's call, which has no channel either until it is answered."""
MESSAGE: Final = "voicemail"
"""The entry of a message that is work: a contact without a channel."""
SUPERVISION: Final = "supervision"
"""The entry of a supervisor whom we ring."""
INVITED: Final = "invited"
"""The entry of who is brought into a conference room, who has no channel either until then."""
_DIRECTIONS = {
    "inbound": "inbound",
    **{each: each for each in (CALLBACK, OUTBOUND, MESSAGE, INVITED)},
}

_FIRST = {
    Mode.PROGRESSIVE: CallbackFirst.RESERVED,
    Mode.PREVIEW: CallbackFirst.AGENT,
    Mode.MANUAL: CallbackFirst.AGENT,
}
"""In the other modes no agent is asked before the callee has answered."""
_ON_THE_WAY = {
    DestinationKind.QUEUE: SegmentKind.QUEUE,
    DestinationKind.AGENT: SegmentKind.DIALING,
    DestinationKind.PARK: SegmentKind.PARKED,
}
"""What the time of a caller is whom an agent has just sent on."""
_UNTOLD = (CallOutcome.ABANDONED, CallOutcome.NOT_REACHED)
"""What a campaign's call would be called if nothing said it better."""
_SILENT = (OfferMode.PREVIEW, OfferMode.RESERVED)
"""The offers for which no phone rings at first."""


@dataclass(slots=True)
class Standing:
    """A call as its notes tell it so far: what a story needs to go on after a crash."""

    call: str
    arrived: n.Arrived | None = None
    routed: n.Routed | None = None
    answered: float | None = None
    language: str = ""
    node: n.NodeEntered | None = None
    _node_noted: int = 0
    course: FlowCourse = field(default_factory=FlowCourse)
    playback: str = ""
    segment: n.SegmentBegan | None = None
    visit: n.VisitBegan | None = None
    stay: n.VisitBegan | None = None
    """The last stay in a queue that is over."""
    since: float | None = None
    """When his age started: with the first stay in a queue, and kept in those that follow."""
    offers: dict[str, n.OfferBegan] = field(default_factory=dict)
    """The offers that run, by their ids."""
    taken: set[str] = field(default_factory=set)
    """Of previews: those that were taken."""
    told: list[n.Told] = field(default_factory=list)
    """The announcements of the stay in a queue that he is in."""
    talk: n.TalkBegan | None = None
    """As it began; its agent and his leg are those of who has the contact now."""
    conversation: Conversation | None = None
    """Who is in the talk, and where."""
    parked: t.Parked | None = None
    """The slot that he waits in."""
    left: Left | None = None
    """How the last stay in a queue ended, until the story has gone on from there."""
    message: n.MessageBegan | None = None
    """What he speaks now, or spoke when an earlier run ended."""
    reviewed: n.MessageBegan | None = None
    """The message that he is asked about: whether to keep it."""
    returned: n.ErrandEnded | None = None
    """How the errand at this node of a flow ended, until the flow has gone on from there."""
    wanted: str = ""
    """What the flow wants recorded: 'start' the whole call, 'stop' nothing, '' as queues say."""
    paused: bool = False
    """Nothing may be recorded now, whatever is wanted."""
    recording: dict[str, n.RecordingBegan] = field(default_factory=dict)
    """By their kinds: recordings that run beside the story."""
    callback: n.CallbackAsked | None = None
    """Of a contact without a channel: who is to be called back."""
    work: m.MessageQueued | None = None
    """Of a message that is work: which one."""
    taken_at: float | None = None
    """When an agent took it."""
    supervision: SupervisionAsked | None = None
    """Of a supervisor whom we ring: whom he is to follow."""
    supervised: Supervised | None = None
    """Of a supervisor: whom he follows now, and how."""
    made: AttemptCourse | None = None
    """Of a campaign's call: what has come of it so far."""
    attempts: int = 0
    """How often its customer was called in vain."""
    due: float | None = None
    """When he may be called again."""
    accepted: n.OfferBegan | None = None
    """The agent who took it and waits for the customer."""
    dialed: n.NumberDialed | None = None
    """The number outside that is dialed."""
    rang: str = ""
    """The leg of who was dialed last, once his phone rang."""
    outside: str = ""
    """The leg of a customer whom we called, who has answered."""
    far: str = ""
    """The leg of who was dialed for the caller, and has answered."""
    dialed_agent: str = ""
    """The agent who was dialed for the caller, while his phone rings and they talk."""
    forwarded: n.Forwarded | None = None
    conference: c.ConferenceJoined | None = None
    """The room that he is in, and what holds there now."""
    invited: c.Invited | None = None
    """Of a contact without a channel: the room that he is to come into."""
    line: str = ""
    """The agent whose line this call is."""
    lent: bool = False
    """It is his line for one talk only."""
    agent: str | None = None
    outcome: CallOutcome | None = None
    ended: n.Ended | None = None
    last: float = 0.0
    segments: list[Segment] = field(default_factory=list)
    visits: list[QueueVisit] = field(default_factory=list)
    offers_made: list[OfferMade] = field(default_factory=list)
    recordings: list[RecordingMade] = field(default_factory=list)
    parties: list[PartyStretch] = field(default_factory=list)
    """Of talks that are over."""
    transfers: list[TransferMade] = field(default_factory=list)
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

    @property
    def ended_by(self) -> str:
        """Who ends the call if nothing follows: 'agent' after a talk, else 'engine'."""
        return "agent" if self.left is not None and self.left.reason == ANSWERED else "engine"

    @property
    def channel(self) -> str:
        """Where the caller is; a customer whom we call is nowhere, until he has answered."""
        if self.calls_out:
            return self.outside
        return self.arrived.channel if self.arrived else ""

    @property
    def calls_out(self) -> bool:
        """Whether it is we who call its customer: a callback, a campaign's call, who has left a
        message, or who is invited into a room; or a supervisor."""
        return any((self.callback, self.made, self.work, self.invited, self.supervision))

    @property
    def attempt(self) -> AttemptPlan | None:
        """The plan of a campaign's call."""
        return None if self.made is None else self.made.plan

    @property
    def first(self) -> CallbackFirst | None:
        """Whose phone rings first when the turn of a contact without a channel has come; None when
        its customer is on the line, or has never hung up."""
        if self.made is not None:
            return None if self.is_there else _FIRST.get(self.made.plan.mode)
        if self.outside:
            return None
        if self.work is not None:
            return CallbackFirst.AGENT
        return None if self.callback is None else self.callback.first

    @property
    def is_there(self) -> bool:
        """Whether the customer is on the line: a campaign's is when he was found to be a person."""
        return bool(self.channel) and (self.made is None or self.made.person is not None)

    def rings(self, offer: n.OfferBegan) -> bool:
        """Whether a phone rings for this offer, or did: not for a preview that nobody took, or
        while an agent is only held."""
        return offer.mode not in _SILENT or offer.offer in self.taken

    def take(self, note: n.Note) -> None:
        """Fold one more note in."""
        self.notes.append(note)
        if self.ended is None:
            self.course.take(note, max(self.last, note.at))
        if self.made is not None:
            self.made.take(note, gone=self.course.gone)
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
            case n.CallbackAsked() if self.arrived is None:
                self._ask_back(note, at)
            case m.MessageQueued() if self.arrived is None:
                self._queue_message(note, at)
            case SupervisionAsked() if self.arrived is None:
                self._ask_supervisor(note, at)
            case Supervised():
                self._supervise(note, at)
            case n.AttemptBegan() if self.arrived is None:
                self._begin_attempt(note.plan, at)
            case n.PersonFound():
                if self.visit is not None:  # nobody waited before him
                    self.visit = replace(self.visit, at=at)
                self._wait(at)
            case n.CallbackDue():
                self.due = note.due
            case n.VisitBegan():
                self.visit, self.left = replace(note, at=at), None
                self.told = []
                self.since = note.since if self.since is None else self.since
                if self.channel:
                    self._set_outcome(CallOutcome.ABANDONED)
                self._wait(at)
            case n.VisitMoved() if self.visit is not None:
                moved = replace(self.visit, at=at, queue=note.queue)
                self._close_visit(at, ExpireReason.OVERFLOW)
                self.visit, self.told = moved, []
                self._wait(at)
            case n.VisitEnded():
                self._close_visit(at, note.outcome)
                self.left = Left(note.outcome, note.to, note.rule)
                if note.outcome in _EXPIRED:
                    self._set_outcome(CallOutcome.OVERFLOWED)
            case n.OfferBegan():
                self.offers[note.offer] = replace(note, at=at)
                self._wait(at)
            case n.OfferTaken():
                self.taken.add(note.offer)
                self._wait(at)
            case n.OfferEnded():
                if self.accepted is not None and self.accepted.offer == note.offer:
                    self.accepted = self.taken_at = None
                self._close_offer(note.offer, at, note.outcome)
                self._wait(at)
            case n.OfferAccepted() if note.offer in self.offers:
                self.accepted = self.offers[note.offer]
                self._win(note.offer, at)
                if self.work is not None:
                    self.taken_at = at
                    self._hear_message(self.accepted, at)
            case m.MessageServed() if self.accepted is not None:
                self._serve_message(self.accepted, at)
            case n.NumberDialed():
                self.dialed, self.dialed_agent = note, note.agent
                self._dial(at)
            case n.NumberAnswered():
                self._reach(note, at)
            case n.NumberMissed():
                self._miss(note, at)
            case n.Forwarded():
                self.forwarded = note
                self._set_outcome(CallOutcome.FORWARDED)
                self._begin(SegmentKind.FORWARDED, at, agent=self.dialed_agent or None)
            case n.ForwardEnded():
                self.forwarded, self.left = None, Left(OVER)
                self.dialed, self.far, self.dialed_agent = None, "", ""
                self._begin(SegmentKind.CLOSING, at)
            case c.Invited() if self.arrived is None:
                self._invite(note, at)
            case c.ConferenceJoined():
                self.conference = note
                self._set_outcome(CallOutcome.SELF_SERVED)
                self._begin(SegmentKind.CONFERENCE, at)
            case c.ConferenceLeft():
                self.conference = None
                self._begin(SegmentKind.CLOSING, at)
            case n.TalkBegan():
                self._win(note.offer, at)
                self.accepted = None
                self._close_visit(at if self.taken_at is None else self.taken_at, ANSWERED, note.agent)
                self._begin_talk(note, at)
            case n.TalkEnded():
                self._give_on(note, at)
                self._end_talk(at)
                self.talk, self.left, self.returned = None, Left(ANSWERED), None
                self._send(note.to, at)
            case t.Parked():
                self.parked = note
                self._turn(SegmentKind.PARKED, at, self._talked_in)
            case t.Unparked():
                self.parked = None
            case t.Sent():
                self.returned = None
                self._send(note.to, at)
            case _ if isinstance(note, t.NOTES) and self.conversation is not None:
                self._give_on(note, at)
                self.conversation.take(note, at)
                self._follow_talk(at)
            case n.Ended() if self.ended is None:
                self._end_talk(at)
                self._close_segment(at)
                self.segment = None
                self.ended = note

    @property
    def _talked_in(self) -> str | None:
        """The queue of the last stay."""
        return self.stay.queue if self.stay is not None else None

    def _begin_talk(self, began: n.TalkBegan, at: float) -> None:
        self.talk, self.agent, self.left = began, began.agent, None
        self.dialed, self.far, self.dialed_agent, self.parked = None, "", "", None
        self._set_outcome(CallOutcome.ANSWERED)
        agent = Party(began.leg, PartyKind.AGENT, began.agent, at, line=bool(began.line))
        self.conversation = Conversation.begun(self.channel, began.bridge, agent)
        self._follow_talk(at)

    def _send(self, to: Destination | None, at: float) -> None:
        """He goes on to there: his time is on the way already."""
        if to is None:
            self._begin(SegmentKind.CLOSING, at)
            return
        self.left = Left(SENT, to)
        kind, queue, agent = _ON_THE_WAY.get(to.kind, SegmentKind.CLOSING), None, None
        if kind is SegmentKind.QUEUE:
            queue = to.name
        elif kind is SegmentKind.DIALING:
            agent = to.name
        elif kind is SegmentKind.PARKED:
            queue = self._talked_in
        self._begin(kind, at, queue, agent)

    def _turn(
        self, kind: SegmentKind, at: float, queue: str | None = None, agent: str | None = None
    ) -> None:
        """A new stretch, unless he is in such a one."""
        now = self.segment
        if now is None or (now.kind, now.queue, now.agent) != (kind, queue, agent):
            self._begin(kind, at, queue, agent)

    def _follow_talk(self, at: float) -> None:
        """What his time is now, and whose he is."""
        talk, conversation = self.talk, self.conversation
        if talk is None or conversation is None:
            return
        owner = conversation.parties.get(conversation.owner)
        if owner is None:
            self.talk = replace(talk, agent="", offer="", line="")
        elif owner.leg != talk.leg:
            offer = talk.offer if owner.line else owner.leg
            line = owner.leg if owner.line else ""
            self.talk = replace(talk, agent=owner.agent, offer=offer, line=line)
            self.agent = owner.agent
        spent = conversation.spends()
        self._turn(spent.kind, at, talk.queue or None, spent.agent or None)

    def _give_on(self, note: n.Note, at: float) -> None:
        """Whether the agent gives his caller on with this note, not yet taken by the talk."""
        if self.conversation is not None and self.talk is not None:
            made = transfer_of(self.conversation, self.talk.queue, note, at)
            self.transfers += [] if made is None else [made]

    def _end_talk(self, at: float) -> None:
        if self.conversation is not None:
            self.conversation.close(at)
            self.parties += self.conversation.stretches
            self.conversation = None

    def _remark(self, note: n.Note) -> None:
        match note:
            case n.Routed():
                self.routed = note
                self.language = note.language
            case n.LanguageSet():
                self.language = note.language
            case n.NodeEntered():
                self._enter(note)
            case n.Playing():
                self.playback = note.playback
            case n.Told():
                self.told.append(note)
            case n.OutcomeSet():
                self._set_outcome(note.outcome)
            case n.NumberRang():
                self.rang = note.leg
            case n.AttemptClosed() if self.outcome in _UNTOLD:
                self._set_outcome(OUTCOMES.get(note.disposition, self.outcome))
            case c.ConferenceMuted() if self.conference is not None:
                self.conference = replace(self.conference, muted=note.muted)
            case c.ConferenceRole() if self.conference is not None:
                self.conference = replace(self.conference, role=note.role)
            case c.ConferenceRuled() if self.conference is not None:
                self.conference = replace(
                    self.conference, locked=note.locked, hushed=note.hushed, led=note.led
                )
            case c.RecordingHandedOn():
                self.recording.pop(CONFERENCE, None)
            case n.MessageBegan():
                self.message, self.reviewed = note, None
            case n.ErrandEnded():
                self.returned, self.reviewed = note, None
            case n.ErrandTaken():
                self.returned = None
            case n.RecordingWanted():
                self._want(note.do)
            case n.RecordingBegan():
                self.recording[note.kind] = note
            case n.RecordingDropped():
                self.reviewed = None
                self._forget_recording(note.recording)
                self.recordings = [r for r in self.recordings if r.name != note.recording]
            case n.LineKept():
                self.line, self.lent = note.agent, note.lent
            case n.PlaceChanged() if self.visit is not None:
                self._change_place(self.visit, note)
            case n.RecordingClosed():
                self._close_recording(note)
            case n.Stepped():
                step = Step(note.at, note.source, note.event, note.target, note.detail)
                self.steps.append(step)
            case n.WaitExplained():
                text, data = say_waiting(note.because), as_json(note.because)
                self.steps.append(
                    Step(note.at, ACD, "waits on", ACD, f"{note.queue}: {text}", data)
                )

    def _enter(self, node: n.NodeEntered) -> None:
        if self.conversation is not None:  # a flow within the talk: he comes back to where he was
            return
        if self.node is not None:
            self.notes[self._node_noted] = self.node.passed
        self._node_noted = len(self.notes) - 1
        self.node, self.left, self.returned = node, None, None

    def _want(self, do: str) -> None:
        if do in ("pause", "resume"):
            self.paused = do == "pause"
        else:
            self.wanted = do

    def _close_recording(self, note: n.RecordingClosed) -> None:
        message = self.message
        if message is not None and message.recording == note.name:
            self.message, self.reviewed = None, message if message.review else None
        self._forget_recording(note.name)
        self._keep_recording(note)

    def _forget_recording(self, name: str) -> None:
        """It does not run (any more)."""
        for kind, began in list(self.recording.items()):
            if began.recording == name:
                del self.recording[kind]

    def _change_place(self, visit: n.VisitBegan, note: n.PlaceChanged) -> None:
        since, offset, needs = note.since, note.offset_seconds, note.needs
        self.since = self.since if since is None else since
        self.visit = replace(
            visit,
            since=visit.since if since is None else since,
            offset_seconds=visit.offset_seconds if offset is None else offset,
            needs=visit.needs if needs is None else needs,
        )

    def _ask_back(self, asked: n.CallbackAsked, at: float) -> None:
        self.callback, self.language, self.since = asked, asked.language, asked.since
        self.arrived = n.Arrived(at, "", CALLBACK, asked.did, asked.number)
        self.visit = n.VisitBegan(
            at,
            asked.queue,
            asked.since,
            asked.offset_seconds,
            asked.needs,
            asked.prefer,
            asked.number,
        )
        self._set_outcome(CallOutcome.NOT_REACHED)
        self._wait(at)

    def _queue_message(self, queued: m.MessageQueued, at: float) -> None:
        self.work, self.language, self.since = queued, queued.language, queued.since
        self.arrived = n.Arrived(at, "", MESSAGE, queued.did, queued.caller)
        self.visit = n.VisitBegan(
            at, queued.queue, queued.since, queued.offset_seconds, queued.needs
        )
        self._set_outcome(CallOutcome.DISMISSED)
        self._wait(at)

    def _hear_message(self, taken: n.OfferBegan, at: float) -> None:
        """The agent has it: his time."""
        self._begin(SegmentKind.TALK, at, taken.queue, taken.agent)

    def _serve_message(self, taken: n.OfferBegan, at: float) -> None:
        self._close_visit(at if self.taken_at is None else self.taken_at, ANSWERED, taken.agent)
        self.accepted, self.agent, self.left = None, taken.agent, Left(ANSWERED)
        self._set_outcome(CallOutcome.ANSWERED)
        self._begin(SegmentKind.CLOSING, at)

    def _invite(self, asked: c.Invited, at: float) -> None:
        self.invited, self.language = asked, asked.language
        self.arrived = n.Arrived(at, "", INVITED, asked.by, asked.number)
        self._set_outcome(CallOutcome.NOT_REACHED)
        self._begin(SegmentKind.SETUP, at)

    def _ask_supervisor(self, asked: SupervisionAsked, at: float) -> None:
        self.supervision = asked
        self.arrived = n.Arrived(at, "", SUPERVISION, asked.agent, asked.supervisor)
        self._set_outcome(CallOutcome.NOT_REACHED)
        self._begin(SegmentKind.SETUP, at)

    def _supervise(self, now: Supervised, at: float) -> None:
        self._set_outcome(CallOutcome.FEATURE)
        if self.supervised is None:
            self._begin(SegmentKind.SUPERVISION, at, agent=now.supervisor)
        self.supervised = now

    def _begin_attempt(self, plan: AttemptPlan, at: float) -> None:
        self.made, self.language = AttemptCourse(plan), plan.language
        self.arrived = n.Arrived(at, "", OUTBOUND, plan.caller_id, plan.number)
        self._set_outcome(CallOutcome.NOT_REACHED)
        self._begin(SegmentKind.SETUP, at)

    def _dial(self, at: float) -> None:
        queue = self.visit.queue if self.visit is not None else None
        agent = self.accepted.agent if self.accepted is not None else self.dialed_agent or None
        self._turn(SegmentKind.DIALING, at, queue, agent)

    def _reach(self, answered: n.NumberAnswered, at: float) -> None:
        self.dialed = None
        if not self.calls_out or self.outside:
            self.far = answered.leg
        else:
            self.outside, self.answered = answered.leg, at
            self._set_outcome(CallOutcome.ABANDONED)
            if self.accepted is None and self.is_there:
                self._wait(at)
            elif self.accepted is None:
                self._begin(SegmentKind.DETECTION, at)

    def _miss(self, missed: n.NumberMissed, at: float) -> None:
        self.dialed = None
        self.far = self.dialed_agent = ""
        if self.work is None:
            self.accepted = None
        self.attempts += missed.tried
        self.due = missed.due or None
        if self.work is not None and self.accepted is not None:
            self._hear_message(self.accepted, at)
        elif self.visit is not None:
            self._wait(at)
        else:
            self._begin(SegmentKind.CLOSING, at)

    def _win(self, offer: str, at: float) -> None:
        """This agent was the first to answer."""
        self._close_offer(offer, at, OfferOutcome.ANSWERED)
        for other in list(self.offers):
            self._close_offer(other, at, OfferOutcome.LOST_RACE)

    def _set_outcome(self, outcome: CallOutcome) -> None:
        """Whoever has talked with an agent was answered, whatever came after."""
        if self.outcome is not CallOutcome.ANSWERED:
            self.outcome = outcome

    def _wait(self, at: float) -> None:
        """In a queue the stretch is `ring` while a phone rings, of its agent when it is one; not
        while its customer is dialed, or it is listened to who he is."""
        visit = self.visit
        if visit is None or self.talk is not None or self.dialed is not None:
            return
        if self.channel and not self.is_there:
            return
        ringing = [offer.agent for offer in self.offers.values() if self.rings(offer)]
        kind = SegmentKind.RING if ringing else SegmentKind.QUEUE
        agent = ringing[0] if len(ringing) == 1 else None
        self._turn(kind, at, visit.queue, agent)

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
            self.stay = self.visit
            if self.made is None or self.is_there:  # whom we do not reach waits in no queue
                made = QueueVisit(self.visit.queue, self.visit.at, at, outcome, agent)
                self.visits.append(made)
            self.visit = None

    def _close_offer(self, offer: str, at: float, outcome: str) -> None:
        o = self.offers.pop(offer, None)
        if o is not None:
            why, because = say_why(o.because), as_json(o.because)
            made = OfferMade(o.offer, o.queue, o.agent, o.at, at, outcome, why, because)
            self.offers_made.append(made)

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
                note.kind,
                note.gaps,
            )
        )

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
