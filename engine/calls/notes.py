"""What a story notes of its call while it happens.

The notes of a call, in order, are the call: ``record.py`` folds them into its record, the journal
keeps them through a crash, and ``adoption.py`` reads from them where a story has to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.ports import CallOutcome, SegmentKind
from engine.store.codec import Codec


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened, ``at`` seconds since the epoch."""

    at: float


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
    """The flow came to a node. ``variables`` are what it has gathered that is not secret."""

    flow: str
    node: str
    variables: Mapping[str, str] = field(default_factory=dict)


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
    """The caller began to wait in a queue: the stretch `queue` begins."""

    queue: str


@dataclass(frozen=True, slots=True)
class VisitEnded(Note):
    """The caller no longer waits, and reached nobody; ``outcome`` is why."""

    outcome: str


@dataclass(frozen=True, slots=True)
class OfferBegan(Note):
    """An agent's phone is to ring: the stretch `ring` begins. ``offer`` is the id of that leg."""

    offer: str
    queue: str
    agent: str
    endpoint: str
    why: str


@dataclass(frozen=True, slots=True)
class OfferEnded(Note):
    """The offer ended with an ``acd.messages.OfferOutcome`` but not an answer; he waits on."""

    offer: str
    outcome: str


@dataclass(frozen=True, slots=True)
class TalkBegan(Note):
    """The agent answered: offer and wait are over, the two are put together in ``bridge``.

    One note for all of it, so that no crash can fall between its parts.
    """

    offer: str
    agent: str
    queue: str
    bridge: str
    recording: str | None


@dataclass(frozen=True, slots=True)
class TalkEnded(Note):
    """Caller and agent are apart again: the stretch `closing` begins."""

    by: str


@dataclass(frozen=True, slots=True)
class RecordingClosed(Note):
    """The file of a recording was looked at."""

    name: str
    path: str
    started: float
    seconds: float
    bytes: int
    complete: bool
    problem: str = ""


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


_NOTES = Codec(
    Arrived,
    Routed,
    Answered,
    LanguageSet,
    NodeEntered,
    Playing,
    SegmentBegan,
    VisitBegan,
    VisitEnded,
    OfferBegan,
    OfferEnded,
    TalkBegan,
    TalkEnded,
    RecordingClosed,
    Stepped,
    OutcomeSet,
    Ended,
)


def to_json(note: Note) -> dict[str, object]:
    """A note as a JSON object that names its kind."""
    return _NOTES.to_json(note)


def from_json(written: Mapping[str, object]) -> Note:
    """The note again. Raises ``UnknownMessage`` for what this version does not know."""
    note: Note = _NOTES.from_json(written)
    return note
