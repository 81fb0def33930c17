"""What is known of a call so far: where it stands, and what goes into its record. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from acd.messages import CallbackFirst
from acd.queues import OfferMode
from dialer.plan import AttemptPlan, Mode
from engine.call_record import (
    CallOutcome,
    OfferMade,
    PartyStretch,
    QueueVisit,
    RecordingMade,
    Segment,
    Step,
    TransferMade,
)
from engine.calls import notes as n
from engine.calls.conferences import notes as c
from engine.calls.flows.course import FlowCourse
from engine.calls.left import ANSWERED, Left
from engine.calls.mailboxes import notes as m
from engine.calls.outbound.course import AttemptCourse
from engine.calls.supervising.notes import Supervised, SupervisionAsked
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation

_FIRST = {
    Mode.PROGRESSIVE: CallbackFirst.RESERVED,
    Mode.PREVIEW: CallbackFirst.AGENT,
    Mode.MANUAL: CallbackFirst.AGENT,
}
"""In the other modes no agent is asked before the callee has answered."""
_SILENT = (OfferMode.PREVIEW, OfferMode.RESERVED)
"""The offers for which no phone rings at first."""


@dataclass(slots=True)
class Facts:
    """A call as its notes tell it so far; they are folded in by ``engine.calls.record``."""

    call: str
    arrived: n.Arrived | None = None
    routed: n.Routed | None = None
    answered: float | None = None
    language: str = ""
    node: n.NodeEntered | None = None
    node_noted: int = 0
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
    phone_held: bool = False
    """His own phone has put us on hold, whoever he is with."""
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
    sent: bool = False
    """A request that must not be sent twice may have been sent from this node of a flow."""
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
    """The agent who was dialed for the caller, while his phone rings and they talk; or to whose
    line he is brought."""
    line_taken: n.LineTaken | None = None
    """The line that he is brought to."""
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
    giving: TransferMade | None = None
    """A transfer to somebody whose phone still rings."""
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
