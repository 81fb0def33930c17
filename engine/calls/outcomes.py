"""What the end of an agent's leg before an answer means for the offer. Pure."""

from __future__ import annotations

from acd.messages import OfferOutcome

# Q.850 causes as Asterisk gives them for a SIP answer: 486 -> 17, 603 -> 21, 480 -> 19, 404 -> 1.
_USER_BUSY = 17
_NO_USER_RESPONDING = 18
_NO_ANSWER = 19
_CALL_REJECTED = 21
_SIP_TEMPORARILY_UNAVAILABLE = 480


def refused_offer(cause: int, tech_cause: int, rang: bool) -> OfferOutcome:
    """The outcome of an offer whose leg ended unanswered with this Q.850 cause and SIP status.

    A phone that never said "ringing" and gave no SIP answer was not there: Asterisk reports cause
    19 for it too, so the cause alone does not tell a dead phone from an agent who did not answer.
    """
    if cause == _USER_BUSY:
        return OfferOutcome.BUSY
    if cause == _CALL_REJECTED or tech_cause == _SIP_TEMPORARILY_UNAVAILABLE:
        return OfferOutcome.REJECTED
    if cause in (_NO_USER_RESPONDING, _NO_ANSWER) and rang:
        return OfferOutcome.TIMED_OUT
    if rang:
        return OfferOutcome.REJECTED
    return OfferOutcome.UNREACHABLE
