"""What a story notes of its call while it happens.

The notes of a call, in order, are the call: ``record.py`` folds them into its record, the journal
keeps them through a crash, and ``adoption.py`` reads from them where a story has to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acd.queues import Destination
from engine.call_record import TALK, VOICEMAIL, WHOLE_CALL, CallOutcome, Gap, SegmentKind
from engine.calls.conferences import notes as conferences
from engine.calls.mailboxes import notes as mailboxes
from engine.calls.note import Note as Note
from engine.calls.outbound import notes as outbound
from engine.calls.outbound.notes import *  # noqa: F403 - told as ``n.…`` by every story
from engine.calls.queueing import notes as queueing
from engine.calls.queueing.notes import *  # noqa: F403
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
class RequestSent(Note):
    """The flow is about to send a request, at the node where the call is, that must not be sent
    twice: written before it is sent."""


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
class LineKept(Note):
    """An agent's own call stays connected: callers are brought to him on it. ``lent``: for one talk
    only."""

    agent: str
    lent: bool = False


@dataclass(frozen=True, slots=True)
class LineTaken(Note):
    """The ``line`` of an agent, the channel of his own call, is this caller's: they are about to be
    together."""

    agent: str
    line: str


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
    *queueing.NOTES,
    *outbound.NOTES,
    Arrived,
    Routed,
    Answered,
    LanguageSet,
    NodeEntered,
    RequestSent,
    FlowLeft,
    Tagged,
    ArmChosen,
    SurveyTold,
    Playing,
    SegmentBegan,
    TalkBegan,
    TalkEnded,
    LineKept,
    LineTaken,
    MessageBegan,
    RecordingBegan,
    RecordingClosed,
    RecordingDropped,
    RecordingWanted,
    ErrandEnded,
    ErrandTaken,
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
