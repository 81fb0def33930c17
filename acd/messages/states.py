"""The words that events and decisions share: states, outcomes, reasons. Closed lists."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
