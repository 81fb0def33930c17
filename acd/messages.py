"""What the distributor is told (events, past tense) and what it decides (imperative).

Every message is a frozen value without a clock in it: the time of an event is the ``now`` handed to
``Acd.handle`` beside it, in seconds since the Unix epoch, never going backwards. Events are
journaled as they are handed in, so a journal replayed into a fresh ``Acd`` gives the same decisions
and the same state (``acd.journal``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from acd.queues import AgentSettings, QueueSettings


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
    LOST = "lost"  # its channel is gone and nobody saw why (after a restart)


class ExpireReason(StrEnum):
    """Why the distributor itself sends a waiting contact out of a queue."""

    TIMEOUT = "timeout"  # waited max_wait_seconds
    FULL = "full"  # max_waiting contacts were already there
    NO_AGENTS = "no_agents"  # nobody is staffed and the queue does not hold callers for that


# -- events --


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings in force from now on; sent first, and again after each reload."""

    queues: tuple[QueueSettings, ...]
    agents: tuple[AgentSettings, ...]


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
    """An agent stopped; while talking or in wrap-up it takes effect afterwards."""

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
class ContactQueued:
    """A contact began to wait in ``queue``.

    ``since`` is when its waiting age starts (seconds since the epoch); it decides the order. The
    queue's longest wait counts from this event itself, so that an age kept from elsewhere does not
    throw the contact out at once.
    """

    contact: str
    queue: str
    since: float


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """A waiting or offered contact is gone from its queue, not to an agent."""

    contact: str
    reason: LeaveReason


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
class TalkEnded:
    """The agent is out of the conversation with ``contact``."""

    agent: str
    contact: str


AcdEvent = (
    Configured
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | ContactQueued
    | ContactLeft
    | OfferAccepted
    | OfferRefused
    | TalkEnded
)


# -- decisions --


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of an offer: the ``rule``, the first ``candidates`` in its order (winner first),
    and which agents, though ready, were ``passed_over`` because of what (agent, outcome of his last
    offer)."""

    rule: str
    candidates: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring this agent for this contact, for at most ``ring_seconds``.

    ``offer`` is ``<contact>-a<n>``, never reused.
    """

    offer: str
    contact: str
    queue: str
    agent: str
    endpoint: str
    ring_seconds: float
    why: Why


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Stop ringing for this offer; it ended with ``outcome`` (timed out, caller left, cancelled).

    ``lost_race`` answers an ``OfferAccepted`` that came after the offer had ended otherwise: the
    leg must go, the outcome told before stands, and ``agent`` is empty.
    """

    offer: str
    contact: str
    agent: str
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class Expire:
    """The contact is out of the queue by the queue's own rule; its story goes on at that exit."""

    contact: str
    queue: str
    reason: ExpireReason


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """An agent's state changed; ``reason`` is the pause reason, or why he is *not responding*.

    ``contact`` and ``queue`` are those of the new state. The agent's day tiles by these: ``old`` of
    each is ``new`` of the one before, ``paused`` follows ``paused`` when only the reason changed.
    """

    agent: str
    old: AgentState
    new: AgentState
    event: str
    reason: str = ""
    contact: str | None = None
    queue: str | None = None


AcdDecision = Offer | Withdraw | Expire | AgentMoved
