"""What the end of a leg before an answer means: an agent's for his offer, a customer's for whether
he is tried again. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from acd.messages import OfferOutcome

# Q.850 causes as Asterisk gives them for a SIP answer: 486 -> 17, 603 -> 21, 480 -> 19, 404 -> 1,
# 410 -> 22, 484 -> 28, 500 -> 38, 501 -> 29, 502 -> 27, 503 -> 34, 504 -> 102.
_UNALLOCATED = 1
_USER_BUSY = 17
_NO_USER_RESPONDING = 18
NO_ANSWER: Final = 19
"""Q.850: it rang, and nobody answered; of a phone that is not there, too."""
_CALL_REJECTED = 21
_NUMBER_CHANGED = 22
_INVALID_FORMAT = 28
_CONGESTED = frozenset({27, 29, 34, 38, 41, 42, 44, 47, 102})  # out of order, no circuit, too late
_SIP_TEMPORARILY_UNAVAILABLE = 480
_SIP_NOT_FOR_US = frozenset({401, 403, 407})
"""The trunk refuses *us*: to Asterisk the same cause as when the callee rejects the call."""


def refused_offer(cause: int, tech_cause: int, rang: bool) -> OfferOutcome:
    """The outcome of an offer whose leg ended unanswered with this Q.850 cause and SIP status.

    A phone that never said "ringing" and gave no SIP answer was not there: Asterisk reports cause
    19 for it too, so the cause alone does not tell a dead phone from an agent who did not answer.
    """
    if cause == _USER_BUSY:
        return OfferOutcome.BUSY
    if cause == _CALL_REJECTED or tech_cause == _SIP_TEMPORARILY_UNAVAILABLE:
        return OfferOutcome.REJECTED
    if cause in (_NO_USER_RESPONDING, NO_ANSWER) and rang:
        return OfferOutcome.TIMED_OUT
    if rang:
        return OfferOutcome.REJECTED
    return OfferOutcome.UNREACHABLE


class Missed(StrEnum):
    """Why a number that was dialed is not on the line."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID = "invalid_number"  # nobody has it: dialing it again is in vain
    BARRED = "barred"  # our own rules do not let it be dialed
    CONGESTED = "congested"  # the network or our trunk has no room, or none for us
    UNREACHABLE = "unreachable"  # switched off, no way there, or the trunk is down
    AGENT_GONE = "agent_gone"  # who waited for him hung up first
    CANCELLED = "cancelled"
    GIVEN_UP = "given_up"  # it rang, and we hung up: nobody would have been free for him
    FAILED = "failed"  # a fault of ours or of the switch: it was not his


def missed_call(cause: int, tech_cause: int, rang: bool) -> Missed:
    """Why a call to outside ended unanswered, by its Q.850 cause and SIP status."""
    if cause == _USER_BUSY:
        return Missed.BUSY
    if cause == _CALL_REJECTED:
        return Missed.CONGESTED if tech_cause in _SIP_NOT_FOR_US else Missed.REJECTED
    if cause in (_UNALLOCATED, _NUMBER_CHANGED, _INVALID_FORMAT):
        return Missed.INVALID
    if cause in _CONGESTED:
        return Missed.CONGESTED
    if rang or tech_cause == _SIP_TEMPORARILY_UNAVAILABLE:
        return Missed.NO_ANSWER
    return Missed.UNREACHABLE
