"""The record of a call, and of an agent's day, as the ledger keeps them. PURE.

Times are seconds since the Unix epoch; what is numbered stands in its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer.plan import AttemptMade


class CallOutcome(StrEnum):
    """What became of a call, in one word."""

    ANSWERED = "answered"  # talked with an agent
    ABANDONED = "abandoned"  # hung up by himself before an agent, in the menu or in the queue
    OUT_OF_HOURS = "out_of_hours"  # ended by a closed or holiday branch
    OVERFLOWED = "overflowed"  # left a queue by its rules and reached nobody
    SELF_SERVED = "self_served"  # the flow came to its own end
    UNROUTED = "unrouted"  # no route for the number dialed
    FAILED = "failed"  # a fault of ours or of the switch
    VOICEMAIL = "voicemail"  # left a message instead of waiting
    CALLBACK = "callback"  # hung up to be called back, and keeps his place
    FORWARDED = "forwarded"  # was put through to a number outside
    NOT_REACHED = "not_reached"  # whom we called was not reached, or too late
    DISMISSED = "dismissed"  # we hung up before he reached anyone: the API, or a switch ending
    FEATURE = "feature"  # an agent's feature code


class SegmentKind(StrEnum):
    """What a stretch of a call's time was."""

    SETUP = "setup"  # arrived, not yet in a flow or queue; also held while the engine was away
    IVR = "ivr"
    QUEUE = "queue"  # waiting, nobody ringing
    RING = "ring"  # waiting, an agent's phone rings
    DIALING = "dialing"  # a number outside rings
    DETECTION = "detection"  # whom we called has answered: it is listened to who he is
    FORWARDED = "forwarded"  # talks with a number outside
    CONFERENCE = "conference"  # in a room with others, or alone in it
    TALK = "talk"
    HOLD = "hold"
    CONSULT = "consult"  # of an agent, or of whom he consults: they talk without the caller
    PARKED = "parked"  # waits in a slot for whoever picks him up
    SUPERVISION = "supervision"  # of a supervisor: he listens, whispers or joins in
    CLOSING = "closing"
    WRAP_UP = "wrap_up"  # the agent's, after the call's own end


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with one kind.

    All but wrap-up tile ``arrived``…``ended`` of the call exactly.
    """

    kind: SegmentKind
    started: float
    ended: float
    queue: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class PartyStretch:
    """A stretch of the stay of somebody who was brought to the caller: ``party`` is 'agent' or
    'number', ``name`` which one, ``leg`` his channel.

    The stretches of one leg tile from the first ring, or from the answer of an offer, to its end.
    """

    leg: str
    party: str
    name: str
    kind: SegmentKind
    started: float
    ended: float


class TransferHow(StrEnum):
    """In which way a caller was given on."""

    BLIND = "blind"  # sent there; the agent was out at once
    ATTENDED = "attended"  # the agent consulted somebody, and left him to the caller
    WARM = "warm"  # all were together before the agent left


@dataclass(frozen=True, slots=True)
class TransferMade:
    """An agent gave his caller on: to ``name``, which is an `agent`, `number`, `queue`, `flow` or
    `voicemail` (``target``), who had him then. ``queue`` is that of the talk.
    """

    at: float
    how: TransferHow
    agent: str
    target: str
    name: str
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class QueueVisit:
    """One stay in one queue."""

    queue: str
    entered: float
    left: float
    outcome: str  # answered, or a LeaveReason, or an ExpireReason
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class OfferMade:
    """One agent, one attempt; ``why`` in a sentence, and ``because`` as data (JSON)."""

    offer: str
    queue: str
    agent: str
    offered: float
    ended: float
    outcome: str
    why: str = ""
    because: str = ""


TALK: Final = "talk"
VOICEMAIL: Final = "voicemail"
SURVEY: Final = "survey"
GREETING: Final = "greeting"
CONFERENCE: Final = "conference"
WHOLE_CALL: Final = "call"
SIDE_IN: Final = "side_in"  # what the caller said
SIDE_OUT: Final = "side_out"  # what the caller heard


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a recording's time that its file lacks: nothing was written then."""

    began: float
    ended: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class RecordingMade:
    """The recording of a talk or, by its ``kind``, of a message, of a spoken answer in a survey,
    of a conference, of a whole call with its menus, or of one side of a talk.

    ``seconds`` and ``bytes`` are measured from the file, not believed. ``gaps`` are in their order.
    """

    name: str
    path: str
    started: float
    seconds: float
    bytes: int
    complete: bool
    problem: str = ""
    kind: str = TALK
    gaps: tuple[Gap, ...] = ()


class MessageState(StrEnum):
    """What became of a message."""

    NEW = "new"
    HEARD = "heard"
    SAVED = "saved"  # heard, and worth keeping
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class VoicemailLeft:
    """A message that the caller left in ``mailbox`` (``agent:an``, ``queue:support``) at ``at``,
    spoken into ``recording``."""

    recording: str
    mailbox: str
    caller: str
    language: str
    at: float
    seconds: float
    urgent: bool


@dataclass(frozen=True, slots=True)
class MessageMark:
    """What the agent ``by`` did with a message in this call: heard, saved or deleted it."""

    recording: str
    state: MessageState
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class GreetingMade:
    """The greeting of a mailbox that the agent ``by`` spoke in this call; '' for its prompt
    again."""

    mailbox: str
    recording: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Step:
    """One thing worth telling of a call, for the ladder: who (sip, ari, ivr, acd, agent), what,
    to whom. ``because`` is a decision's reason as data (JSON), where ``detail`` says it."""

    at: float
    source: str
    event: str
    target: str = ""
    detail: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What came of a talk: the agent's word for it, or the queue's when he gave none."""

    agent: str
    queue: str
    code: str
    by_default: bool
    at: float  # when it was settled: the end of the wrap-up, or of a talk without one


@dataclass(frozen=True, slots=True)
class NodeVisit:
    """One stay at a node of a flow; a call's stays never overlap.

    ``exit`` is how it went on from there: an exit of the node, ``hangup``, ``end``, ``called`` or
    ``sent_on`` (``engine.calls.flows.course``). ``milestone`` is the name it is reported under.
    """

    flow: str
    version: str
    node: str
    type: str
    entered: float
    left: float
    exit: str
    milestone: str = ""


@dataclass(frozen=True, slots=True)
class CallTag:
    """Something that the flow kept with the call; ``value`` is text, or JSON of what is not."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """An answer to a question of a survey; ``recording`` of a spoken one.

    ``agent`` and ``queue`` are those of the last talk before, None without one.
    """

    survey: str
    question: str
    value: str
    recording: str
    agent: str | None
    queue: str | None
    at: float


@dataclass(frozen=True, slots=True)
class ExperimentArm:
    """The arm of an experiment that the call takes part in."""

    experiment: str
    arm: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that somebody did, for those who look into it later. ``entry`` is its own id;
    ``who`` an agent or a user of the API, ``subject`` to whom or what, ``contact`` the call."""

    entry: str
    at: float
    who: str
    action: str
    subject: str
    contact: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is written of a call, once; its wrap-ups and dispositions come when they are settled."""

    call: str
    direction: str
    caller: str
    called: str
    language: str
    route: str
    flow: str
    arrived: float
    answered: float | None  # when we answered the caller's channel
    ended: float
    ended_by: str  # caller, agent, engine
    outcome: CallOutcome
    cause: int
    agent: str | None
    estimated_end: bool
    sip_call_id: str
    segments: tuple[Segment, ...]
    visits: tuple[QueueVisit, ...]
    offers: tuple[OfferMade, ...]
    recordings: tuple[RecordingMade, ...]
    steps: tuple[Step, ...]
    dispositions: tuple[Disposition, ...] = ()
    parent: str = ""  # of a callback: the call in which it was asked for
    flow_version: str = ""  # of the flows that it began with; '' when it was in none
    nodes: tuple[NodeVisit, ...] = ()
    tags: tuple[CallTag, ...] = ()
    answers: tuple[SurveyAnswer, ...] = ()
    arms: tuple[ExperimentArm, ...] = ()
    attempt: AttemptMade | None = None  # of a campaign's call
    parties: tuple[PartyStretch, ...] = ()  # of everybody but the caller
    transfers: tuple[TransferMade, ...] = ()
    voicemails: tuple[VoicemailLeft, ...] = ()  # that the caller left
    marks: tuple[MessageMark, ...] = ()  # on messages that an agent heard in it
    greetings: tuple[GreetingMade, ...] = ()
    audit: tuple[AuditEntry, ...] = ()  # of a supervisor's call: what he did


@dataclass(frozen=True, slots=True)
class AgentStretch:
    """A stretch of an agent's day: one state. An agent's stretches tile his day exactly."""

    agent: str
    state: str
    reason: str
    started: float
    ended: float
    queue: str | None = None
    call: str | None = None
