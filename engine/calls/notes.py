"""What a story notes of its call while it happens.

The notes of a call, in order, are the call: ``record.py`` folds them into its record, the journal
keeps them through a crash, and ``adoption.py`` reads from them where a story has to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acd.messages import CallbackFirst, Why, WhyWaiting
from acd.queues import Destination, OfferMode, Step
from dialer.dispositions import Disposition
from dialer.plan import AttemptPlan
from engine.call_record import TALK, VOICEMAIL, WHOLE_CALL, CallOutcome, Gap, SegmentKind
from engine.calls.conferences import notes as conferences
from engine.calls.mailboxes import notes as mailboxes
from engine.calls.note import Note as Note
from engine.calls.supervising import notes as supervising
from engine.calls.talk import notes as talk
from engine.calls.talk import recording_notes as recordings
from engine.ivr.position import Place
from engine.store.codec import Codec


@dataclass(frozen=True, slots=True)
class Arrived(Note):
    """The call reached the application; ``at`` is when its channel was born, ``answered`` when the
    dialplan answered to hold it."""

    channel: str
    entry: str
    did: str
    caller: str
    caller_name: str = ""
    endpoint: str = ""
    sip_call_id: str = ""
    answered: float | None = None


@dataclass(frozen=True, slots=True)
class Routed(Note):
    """The dialplan said where the number leads: ``kind`` is 'flow' or 'queue'."""

    route: str
    kind: str
    target: str
    language: str
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Answered(Note):
    """We answered the caller's channel."""


@dataclass(frozen=True, slots=True)
class LanguageSet(Note):
    """The caller is spoken to in another language from now on."""

    language: str


@dataclass(frozen=True, slots=True)
class NodeEntered(Note):
    """The flow came to a node, by exit ``via`` of the one before ('' at the start).

    ``variables`` are what it has gathered that is not secret, ``shared`` those of the whole call,
    ``outer`` the flows that called this one. ``version`` is that of the flows (``FlowSet``),
    ``milestone`` the name the visit is reported under, '' for none.
    """

    flow: str
    node: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    type: str = ""
    via: str = ""
    milestone: str = ""
    version: str = ""
    shared: Mapping[str, Any] = field(default_factory=dict)
    outer: tuple[Place, ...] = ()

    @property
    def passed(self) -> NodeEntered:
        """What is kept of it at the nodes that follow: not what the flow knew then, which may be
        much, and is only needed where the call is."""
        return replace(self, variables={}, shared={}, outer=())


@dataclass(frozen=True, slots=True)
class FlowLeft(Note):
    """The flow is over, or stopped: the visit of its last node ends, by exit ``via``."""

    via: str


@dataclass(frozen=True, slots=True)
class Tagged(Note):
    """The flow keeps these with the call: in its record, and on the screen of its agent."""

    values: Mapping[str, Any]
    script: str = ""
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class ArmChosen(Note):
    """The call takes part in an experiment, in this arm."""

    experiment: str
    arm: str


@dataclass(frozen=True, slots=True)
class SurveyTold(Note):
    """An answer to a question of a survey; ``recording`` of a spoken one."""

    survey: str
    question: str
    value: str
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Playing(Note):
    """A prompt list was started under this id."""

    playback: str


@dataclass(frozen=True, slots=True)
class SegmentBegan(Note):
    """The stretch before it ended, this one began."""

    kind: SegmentKind
    queue: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class VisitBegan(Note):
    """The caller began to wait in a queue: the stretch `queue` begins.

    With all that the distributor was told of him beside: ``since`` is when his age starts,
    ``customer`` his number in its one spelling, '' when he withholds it.
    """

    queue: str
    since: float
    offset_seconds: float = 0.0
    needs: tuple[Step, ...] = ()
    prefer: str = ""
    customer: str = ""
    prefer_seconds: float | None = None
    ring_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceChanged(Note):
    """He waits with another age, priority or need than he came with: he had his old place back, or
    the API said so. None: as it was."""

    since: float | None = None
    offset_seconds: float | None = None
    needs: tuple[Step, ...] | None = None


@dataclass(frozen=True, slots=True)
class VisitMoved(Note):
    """He waits in another queue from now on, with his age, by a rule of the one he was in.

    One note for the end of the one stay and the beginning of the other.
    """

    queue: str
    rule: str


@dataclass(frozen=True, slots=True)
class WaitExplained(Note):
    """Why he is not offered to anybody now."""

    queue: str
    because: WhyWaiting


@dataclass(frozen=True, slots=True)
class VisitEnded(Note):
    """The caller no longer waits, and reached nobody; ``outcome`` is why.

    ``to`` is where he is sent, unless by the exit of the flow; ``rule`` which overflow rule it was.
    """

    outcome: str
    to: Destination | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Told(Note):
    """An announcement to who waits: his ``position`` and a wait of ``low`` to ``high`` minutes,
    None what was not said (a ``high`` of None: no end). ``place`` was his position then, 0 for not
    known, as at entry."""

    place: int
    position: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class OfferBegan(Note):
    """An agent is offered the caller, perhaps one of several: the stretch `ring` begins, unless it
    is a preview or a reservation, whose phone rings only after ``OfferTaken``.

    ``offer`` is the id of the agent's leg, too, unless ``line`` is the channel of his line, which
    stays connected.
    """

    offer: str
    queue: str
    agent: str
    endpoint: str
    because: Why
    mode: OfferMode = OfferMode.RING
    line: str = ""

    @property
    def leg(self) -> str:
        """The agent's channel."""
        return self.line or self.offer


@dataclass(frozen=True, slots=True)
class OfferTaken(Note):
    """An agent took what he was shown, or whom he was held for has answered: now his phone
    rings."""

    offer: str


@dataclass(frozen=True, slots=True)
class OfferEnded(Note):
    """The offer ended with an ``acd.messages.OfferOutcome`` but not an answer; he waits on.

    ``reason`` is what an agent said who did not want it.
    """

    offer: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TalkBegan(Note):
    """The agent answered, and the two are together in ``bridge``: the offer and the wait are over,
    and other offers lost the race.

    One note for all of it, so that no crash can fall between its parts. ``at`` is when the agent
    answered; the note comes when the bridge is made.
    """

    offer: str
    agent: str
    queue: str
    bridge: str
    line: str = ""
    recording: str | None = None  # of an earlier version's journal: now it has notes of its own

    @property
    def leg(self) -> str:
        """The agent's channel."""
        return self.line or self.offer


@dataclass(frozen=True, slots=True)
class TalkEnded(Note):
    """All are apart again: the stretch `closing` begins. ``to`` is where the caller goes on to who
    was sent there, None for the usual end."""

    by: str
    to: Destination | None = None


@dataclass(frozen=True, slots=True)
class MessageBegan(Note):
    """The caller speaks into this recording: a message instead of to an agent of ``queue`` or, by
    its ``kind``, an answer of a survey or a greeting. With ``review`` he is asked whether it is to
    be kept. ``mailbox`` is where a message goes, '' for the queue's own."""

    recording: str
    queue: str
    kind: str = VOICEMAIL
    review: bool = False
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class RecordingDropped(Note):
    """A recording of this call is not kept: its file is deleted."""

    recording: str


@dataclass(frozen=True, slots=True)
class RecordingWanted(Note):
    """What is to be recorded of this call from now on: ``start``, ``stop``, ``pause``, ``resume``
    (``engine.ivr.messages.Record``). ``why`` says who wants it, '' for its flow; a pause ends by
    itself at ``until``, None for never."""

    do: str
    why: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class RecordingBegan(Note):
    """A recording that runs beside the story begins; ``kind`` as in ``call_record.RecordingMade``:
    of the whole call with its menus, a room that the caller is in, or a talk and its sides."""

    recording: str
    kind: str = WHOLE_CALL


@dataclass(frozen=True, slots=True)
class ErrandEnded(Note):
    """What the flow sent the call on is over, by this exit of its node; ``values`` it brought."""

    by: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrandTaken(Note):
    """The flow has heard how its errand ended, and goes on at the same node."""


@dataclass(frozen=True, slots=True)
class CallbackAsked(Note):
    """A customer is to be called back: a contact without a channel begins to wait in ``queue``.

    ``since`` is when its age started, with the call ``parent``; ``expires`` when it is given up.
    """

    number: str
    queue: str
    since: float
    first: CallbackFirst
    expires: float
    did: str = ""
    language: str = ""
    parent: str = ""
    offset_seconds: float = 0.0
    needs: tuple[Step, ...] = ()
    prefer: str = ""


@dataclass(frozen=True, slots=True)
class CallbackDue(Note):
    """The customer is not called before ``due``: customers are not called at this hour."""

    due: float


@dataclass(frozen=True, slots=True)
class OfferAccepted(Note):
    """An agent took a callback, and hears the customer's phone ring from now on."""

    offer: str


@dataclass(frozen=True, slots=True)
class NumberDialed(Note):
    """A number outside is dialed or, without a queue, an agent's phone; its leg is ``leg``: the
    stretch `dialing` begins."""

    leg: str
    number: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class NumberRang(Note):
    """The phone of who is dialed says that it rings."""

    leg: str


@dataclass(frozen=True, slots=True)
class NumberAnswered(Note):
    """Who was dialed is on the line; the customer of a callback or of a campaign is its caller from
    now on."""

    leg: str


@dataclass(frozen=True, slots=True)
class NumberMissed(Note):
    """Who was dialed is not on the line, for the reason ``why``; ``tried`` says that it counts as
    an attempt. He is not dialed again before ``due``.

    ``cause`` is Q.850, ``tech_cause`` the SIP status, 0 when it was not the network that ended it.
    """

    why: str
    tried: bool
    due: float = 0.0
    cause: int = 0
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class AttemptBegan(Note):
    """A campaign calls a lead: a contact without a channel, until its customer has answered."""

    plan: AttemptPlan


@dataclass(frozen=True, slots=True)
class WhoAnswered(Note):
    """It was listened to who or what answered an attempt (``engine.ports.AnsweredBy``)."""

    status: str
    cause: str = ""
    waits_since: float | None = None


@dataclass(frozen=True, slots=True)
class PersonFound(Note):
    """A person answered the attempt, or nobody looked: from ``at`` on he waits for us."""


@dataclass(frozen=True, slots=True)
class SpokenTo(Note):
    """Who answered the attempt hears ``prompts`` from now on, and not an agent."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessageLeft(Note):
    """The answering machine has heard all of it."""


@dataclass(frozen=True, slots=True)
class OptedOut(Note):
    """He wants to be called no more, and pressed ``key`` to say so."""

    key: str


@dataclass(frozen=True, slots=True)
class AttemptClosed(Note):
    """What came of an attempt, once, before ``Ended``. Causes as in ``NumberMissed``, or of the end
    of a call that was answered."""

    disposition: Disposition
    cause: int = 0
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class Forwarded(Note):
    """A caller and who was dialed for him were put together: the stretch `forwarded` begins."""

    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class ForwardEnded(Note):
    """They are apart again, or did not come together."""


@dataclass(frozen=True, slots=True)
class LineKept(Note):
    """An agent's own call stays connected: callers are brought to him on it. ``lent``: for one talk
    only."""

    agent: str
    lent: bool = False


@dataclass(frozen=True, slots=True)
class RecordingClosed(Note):
    """The file of a recording was looked at; ``kind`` and ``gaps`` as in
    ``call_record.RecordingMade``."""

    name: str
    path: str
    started: float
    seconds: float
    bytes: int
    complete: bool
    problem: str = ""
    kind: str = TALK
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Stepped(Note):
    """Something worth a line in the ladder: from ``source`` to ``target``."""

    source: str
    event: str
    target: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeSet(Note):
    """What the call would be called if it ended now."""

    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Ended(Note):
    """The call is over. ``by`` is caller, agent or engine; ``cause`` is Q.850."""

    by: str
    cause: int
    estimated: bool = False


KINDS = (
    Arrived,
    Routed,
    Answered,
    LanguageSet,
    NodeEntered,
    FlowLeft,
    Tagged,
    ArmChosen,
    SurveyTold,
    Playing,
    SegmentBegan,
    VisitBegan,
    PlaceChanged,
    VisitMoved,
    WaitExplained,
    VisitEnded,
    Told,
    OfferBegan,
    OfferTaken,
    OfferEnded,
    TalkBegan,
    TalkEnded,
    LineKept,
    MessageBegan,
    RecordingBegan,
    RecordingClosed,
    RecordingDropped,
    RecordingWanted,
    ErrandEnded,
    ErrandTaken,
    CallbackAsked,
    CallbackDue,
    OfferAccepted,
    NumberDialed,
    NumberRang,
    NumberAnswered,
    NumberMissed,
    AttemptBegan,
    WhoAnswered,
    PersonFound,
    SpokenTo,
    MessageLeft,
    OptedOut,
    AttemptClosed,
    Forwarded,
    ForwardEnded,
    *conferences.NOTES,
    Stepped,
    OutcomeSet,
    Ended,
    *talk.NOTES,
    *recordings.NOTES,
    *mailboxes.NOTES,
    *supervising.NOTES,
)
"""All notes there are."""

_NOTES = Codec(*KINDS)


def to_json(note: Note) -> dict[str, object]:
    """A note as a JSON object that names its kind."""
    return _NOTES.to_json(note)


def from_json(written: Mapping[str, object]) -> Note:
    """The note again. Raises ``UnknownMessage`` for what this version does not know."""
    note: Note = _NOTES.from_json(written)
    return note
