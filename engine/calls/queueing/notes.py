"""The notes of a line: stays in queues, offers, and who is to be called back."""

from __future__ import annotations

from dataclasses import dataclass

from acd.messages import CallbackFirst, Why, WhyWaiting
from acd.queues import Destination, OfferMode, Step
from engine.calls.note import Note

__all__ = [
    "CallbackAsked",
    "CallbackDue",
    "OfferAccepted",
    "OfferBegan",
    "OfferEnded",
    "OfferTaken",
    "PlaceChanged",
    "Told",
    "VisitBegan",
    "VisitEnded",
    "VisitMoved",
    "WaitExplained",
]


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
class OfferAccepted(Note):
    """An agent took a callback, and hears the customer's phone ring from now on."""

    offer: str


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


NOTES = (
    VisitBegan,
    PlaceChanged,
    VisitMoved,
    WaitExplained,
    VisitEnded,
    Told,
    OfferBegan,
    OfferTaken,
    OfferEnded,
    OfferAccepted,
    CallbackAsked,
    CallbackDue,
)
"""All of them."""
