"""What the distributor decides: what is to be done, and what has come of it."""

from __future__ import annotations

from dataclasses import dataclass

from acd.messages.states import AgentState, AlertKind, ExpireReason, OfferOutcome
from acd.queues import Destination, OfferMode


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
