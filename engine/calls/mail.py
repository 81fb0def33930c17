"""What a story is told from outside the phone: by an agent's screen, over the API, by another
story, by a host that it asked, or by who listens to its caller."""

from __future__ import annotations

from dataclasses import dataclass

from engine.calls.talk.parties import Watch
from engine.lookups.result import LookupResult


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """The agent takes a contact that was offered to him as a preview: his phone may ring now."""

    offer: str


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """The agent does not want this contact, whether his phone rings for it or not; ``reason`` is
    what he says to it."""

    offer: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    """The customer need not be called back; ``why`` in a few words."""

    why: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A campaign's call that still rings is to be hung up: no agent would be free for its
    callee."""


@dataclass(frozen=True, slots=True)
class AttemptCancelled:
    """A campaign's call whose callee has not answered is not wanted; ``why`` in a few words."""

    why: str


@dataclass(frozen=True, slots=True)
class LookupDone:
    """The request that a flow made as number ``lookup`` ended."""

    lookup: int
    name: str
    result: LookupResult


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak while somebody listens."""


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """He has said something: the nearest of the phrases asked for, None for none of them."""

    phrase: str | None
    confidence: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """Nobody listens to him: there is no recogniser, or it failed."""


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Something is wanted of him in his conference room: his ``conferences.Member`` says what."""


@dataclass(frozen=True, slots=True)
class WatchWanted:
    """A supervisor wants to be with his agent in another way; ``Watch.GONE`` to stop."""

    watch: Watch


@dataclass(frozen=True, slots=True)
class TakeOverWanted:
    """A supervisor wants his agent's talk for himself."""


ScreenMail = OfferTaken | OfferDeclined
CampaignMail = GivenUp | AttemptCancelled
FlowMail = LookupDone | SpeechStarted | SpeechHeard | SpeechLost | RoomChanged
SupervisorMail = WatchWanted | TakeOverWanted
