"""What the distributor is told: what happened, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.messages.states import CallbackFirst, LeaveReason, OfferOutcome
from acd.queues import VOICE, QueueSettings, Step


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings in force from now on; sent first, and again after each reload.

    ``reasons`` are the pause reasons that may be given; none: any.
    """

    queues: tuple[QueueSettings, ...]
    agents: tuple[AgentSettings, ...]
    media: tuple[Medium, ...] = DEFAULT_MEDIA
    reasons: tuple[PauseReason, ...] = ()


@dataclass(frozen=True, slots=True)
class DayBegan:
    """Midnight: what is counted "today" begins anew."""


@dataclass(frozen=True, slots=True)
class HoursChanged:
    """A queue's calendar opened or closed it. Queues are open until told otherwise."""

    queue: str
    open: bool


@dataclass(frozen=True, slots=True)
class AgentLoggedIn:
    """An agent started to work, at the SIP ``endpoint`` (hot desk), ready or paused with
    ``pause_reason``.

    Again while logged in: he changed his desk, and is ready or paused as said now.
    """

    agent: str
    endpoint: str
    pause_reason: str | None = None


@dataclass(frozen=True, slots=True)
class AgentLoggedOut:
    """An agent stopped; while talking or in a wrap-up with an end it takes effect afterwards."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentReady:
    """An agent wants contacts again: ends a pause, *not responding*, or wrap-up."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentPaused:
    """An agent wants no more contacts; while talking or in wrap-up it takes effect afterwards.

    While he is being offered a contact the offer is withdrawn and the next agent gets it.
    """

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class WrapUpRequested:
    """An agent wants time after his talk with ``contact``, in the modes that ask for it."""

    agent: str
    contact: str


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    """An agent needs longer for his wrap-up after ``contact``."""

    agent: str
    contact: str


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    """An agent has finished his work after ``contact``, whatever he wants next."""

    agent: str
    contact: str


@dataclass(frozen=True, slots=True)
class DispositionSet:
    """What came of a contact, by the agent who talks or wraps up; the last one counts."""

    agent: str
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class ContactQueued:
    """A contact began to wait in ``queue``.

    ``since`` is when its age starts (seconds since the epoch), ``offset_seconds`` an age given to
    it beyond the queue's: both decide the order. The queue's longest wait counts from this event
    itself, so that an age kept from elsewhere does not throw the contact out at once.

    ``customer`` names who it is (a number), for `resume`. ``needs`` replace the queue's steps, with
    ``$language`` filled in. ``prefer`` is its own agent: it waits for him first, as long as a
    sticky queue says, or for ``prefer_seconds`` in any queue and whether he is there or not
    (`ONLY_HIM`: nobody else ever). ``callback`` marks a contact without a channel; such a one is
    neither offered nor dialed before ``not_before``. ``ring_seconds`` is how long each of its
    offers runs, where that is not the queue's.
    """

    contact: str
    queue: str
    since: float
    medium: str = VOICE
    customer: str = ""
    needs: tuple[Step, ...] = ()
    language: str = ""
    offset_seconds: float = 0.0
    prefer: str = ""
    callback: CallbackFirst | None = None
    not_before: float | None = None
    prefer_seconds: float | None = None
    ring_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """A waiting or offered contact is gone from its queue, not to an agent."""

    contact: str
    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class NeedsChanged:
    """A waiting contact needs something else from now on: its steps begin anew."""

    contact: str
    needs: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """A waiting contact's own age offset is another from now on."""

    contact: str
    offset_seconds: float


@dataclass(frozen=True, slots=True)
class CustomerReached:
    """A customer whom ``CallBack`` asked to dial, or for whom an agent is reserved, is on the line
    and waits: the phone of the agent held for him rings from now on."""

    contact: str


@dataclass(frozen=True, slots=True)
class CallbackPostponed:
    """A customer was not reached: the contact keeps its place, and is not due before ``until``."""

    contact: str
    until: float


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The agent took the contact: they talk from now on."""

    offer: str


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """The agent's side ended the offer: busy, rejected, unreachable, timed out at the phone, or
    cancelled for a fault of ours."""

    offer: str
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class WorkBegan:
    """An agent is with a contact that was not offered to him: one he called, was called by, or is
    brought to by somebody who talks with it.

    It takes its place in his capacity; ``queue`` says whose wrap-up follows, '' for none. With a
    queue while he talks without one: he was only consulted, and the contact is his from now on.
    ``rings``: it is he whom somebody wants (a consultation, a transfer to him), and his phone rings
    for it; told again without ``rings``, they talk. Several agents may be with one contact.
    """

    agent: str
    contact: str
    queue: str = ""
    medium: str = VOICE
    rings: bool = False


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The agent is out of the conversation with ``contact``.

    ``unheard``: he was gone before the two heard each other. That is no talk: no wrap-up follows,
    and he rests as after a rejection, so that his phone is not rung in a loop.
    ``missed``: he waited for a customer who was not reached. No talk, either: no wrap-up, nothing
    to say of it, and he is free at his old place. So he is, whatever is said here, when his phone
    rang for the contact outside any queue (``WorkBegan.rings``) and nothing came of it.
    """

    agent: str
    contact: str
    unheard: bool = False
    missed: bool = False


AcdEvent = (
    Configured
    | DayBegan
    | HoursChanged
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | WrapUpRequested
    | WrapUpExtended
    | WrapUpDone
    | DispositionSet
    | ContactQueued
    | ContactLeft
    | NeedsChanged
    | PriorityChanged
    | CustomerReached
    | CallbackPostponed
    | OfferAccepted
    | OfferRefused
    | WorkBegan
    | TalkEnded
)
