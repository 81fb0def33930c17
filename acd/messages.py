"""What the distributor is told (events, past tense) and what it decides (imperative).

Every message is a frozen value without a clock in it: the time of an event is the ``now`` handed to
``Acd.handle`` beside it, in seconds since the Unix epoch, never going backwards. Events are
journaled as they are handed in, so a journal replayed into a fresh ``Acd`` gives the same decisions
and the same state (``acd.journal``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.queues import VOICE, Destination, OfferMode, QueueSettings, Step


class AgentState(StrEnum):
    """What an agent does; the table of moves is in ``acd.agents``."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"


class OfferOutcome(StrEnum):
    """How an offer (one agent, one attempt) ended. Closed list."""

    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller_left"
    LOST_RACE = "lost_race"
    CANCELLED = "cancelled"


class LeaveReason(StrEnum):
    """Why a contact left the waiting line other than to an agent."""

    ABANDONED = "abandoned"  # by himself, before an agent
    MOVED = "moved"  # sent elsewhere by a flow, a supervisor or the API
    CALLBACK = "callback"  # wants to be called back: goes on waiting as a contact without a channel
    VOICEMAIL = "voicemail"  # leaves a message instead
    GIVEN_UP = "given_up"  # a callback, or a lead: not reached, or expired
    NO_AGENT = "no_agent"  # whom we dialed could not be given an agent in time: our fault, not his
    LOST = "lost"  # its channel is gone and nobody saw why (after a restart)


class ExpireReason(StrEnum):
    """Why the distributor itself sends a waiting contact out of a queue."""

    TIMEOUT = "timeout"  # waited max_wait_seconds
    FULL = "full"  # max_waiting contacts were already there
    NO_AGENTS = "no_agents"  # nobody is staffed and the queue does not hold callers for that
    UNMATCHED = "unmatched"  # its needs' steps are used up, and the queue insists on them
    OVERFLOW = "overflow"  # one of the queue's overflow rules


class CallbackFirst(StrEnum):
    """Whose phone rings first when the turn of a contact without a channel has come.

    *reserved*: an agent is held for it, his phone silent, while its customer is dialed.
    """

    AGENT = "agent"
    CUSTOMER = "customer"
    RESERVED = "reserved"


ONLY_HIM: Final = 1e9
"""``prefer_seconds`` of a contact that nobody but its agent may take: longer than any waits."""


class AlertKind(StrEnum):
    """What a supervisor should look at."""

    NOT_RESPONDING = "not_responding"
    PAUSE_TOO_LONG = "pause_too_long"
    WRAP_UP_TOO_LONG = "wrap_up_too_long"


# -- events --


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


# -- decisions --


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could have been chosen; ``detail`` is what he was compared by."""

    agent: str
    detail: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An agent (or, of a waiting contact's view, a contact) who was not chosen, and the rule."""

    who: str
    rule: str


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of an offer.

    The ``score`` of the contact (seconds of age, offsets in it), the ``need`` in force (empty: any
    agent of the queue), the ``strategy``, the first ``candidates`` in its order (winner first), the
    first of who was ``passed_over``, and which contacts with a better score this agent may not
    take: ``overtaken``.
    """

    strategy: str
    score: float
    need: str
    candidates: tuple[Candidate, ...]
    passed_over: tuple[PassedOver, ...] = ()
    overtaken: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyWaiting:
    """Why a contact waits on: its place, its score, the need in force, and each agent of the queue
    by the rule that keeps him from it (``agents``: rule, how many; ``examples``: the first ones).
    """

    position: int
    score: float
    need: str
    agents: tuple[tuple[str, int], ...]
    examples: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Bring this contact to this agent, for at most ``ring_seconds``.

    ``offer`` is ``<contact>-a<n>``, never reused. Of a contact without a channel that is dialed
    agent first, the customer is dialed once the agent has accepted. In mode ``reserved`` he is only
    held: dial the customer, and ring his phone once you have told ``CustomerReached``.
    """

    offer: str
    contact: str
    queue: str
    agent: str
    endpoint: str
    ring_seconds: float
    why: Why
    mode: OfferMode = OfferMode.RING


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Stop ringing for this offer; it ended with ``outcome``: timed out, caller left, cancelled, or
    lost race when another agent was first.

    A ``lost_race`` with an empty ``agent`` answers an ``OfferAccepted`` that came after the offer
    had ended otherwise: the leg must go, the outcome told before stands.
    """

    offer: str
    contact: str
    agent: str
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class CallBack:
    """The turn of a contact without a channel has come: dial its customer. Answer with
    ``CustomerReached``, ``CallbackPostponed`` or ``ContactLeft``."""

    contact: str
    queue: str


@dataclass(frozen=True, slots=True)
class Expire:
    """The contact is out of the queue by the queue's own rule; its story goes on at that exit, or
    at ``to``. ``rule`` says which overflow rule, as `expected_wait over 300`."""

    contact: str
    queue: str
    reason: ExpireReason
    to: Destination | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The contact waits in another queue now, with its age, because of an overflow rule."""

    contact: str
    source: str
    queue: str
    rule: str


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """Nobody could be offered this contact when it came, or when its needs were relaxed."""

    contact: str
    queue: str
    why: WhyWaiting


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """An agent's work after a contact is over; it began at ``since`` (seconds since the epoch)."""

    agent: str
    contact: str
    queue: str
    since: float


@dataclass(frozen=True, slots=True)
class Disposed:
    """What came of a contact is settled; ``by_default`` when the agent did not say."""

    agent: str
    contact: str
    queue: str
    code: str
    by_default: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """Somebody should look at this agent."""

    kind: AlertKind
    agent: str
    detail: str


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """An agent's state changed; ``reason`` is the pause reason, why he is *not responding*, or
    ``reserved`` while he is held for a customer who is being dialed.

    ``contact`` and ``queue`` are those of the new state: of several contacts, of the one that makes
    the state. The agent's day tiles by these: ``old`` of each is ``new`` of the one before,
    and ``old`` and ``new`` are equal when only the reason or the contact changed.
    """

    agent: str
    old: AgentState
    new: AgentState
    event: str
    reason: str = ""
    contact: str | None = None
    queue: str | None = None


AcdDecision = (
    Offer
    | Withdraw
    | CallBack
    | Expire
    | Moved
    | StillWaiting
    | WrappedUp
    | Disposed
    | Alert
    | AgentMoved
)
