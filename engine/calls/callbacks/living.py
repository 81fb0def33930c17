"""The callbacks that live: found by number, taken over by a customer who calls, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.calls.call import Call
from engine.calls.mail import CallbackCancelled
from engine.calls.notes import CallbackAsked
from engine.calls.switchboard import Switchboard

BY_HIMSELF: Final = "he called by himself"


def callbacks(sb: Switchboard) -> Iterator[Call]:
    """All of them."""
    return (call for call in sb.registry.calls.values() if call.standing.callback is not None)


def find(sb: Switchboard, queue: str, number: str) -> Call | None:
    """The callback of this number (E.164) in this queue, while its customer is not on the line."""
    for call in callbacks(sb):
        asked, standing = call.standing.callback, call.standing
        waits = standing.visit is not None and not call.channel
        if asked and waits and (asked.queue, asked.number) == (queue, number):
            return call
    return None


def take_over(sb: Switchboard, queue: str, customer: str) -> float | None:
    """A customer calls by himself: the age of the callback that he waits for, which ends.

    None when he waits for none, or is being dialed.
    """
    known = find(sb, queue, customer) if customer else None
    if known is None or known.standing.dialed is not None or known.standing.visit is None:
        return None
    cancel(known, BY_HIMSELF)
    return known.standing.visit.since


def has_called(sb: Switchboard, asked: CallbackAsked) -> bool:
    """Whether the customer waits in that queue by himself: an engine that died took it over."""
    visits = [c.standing.visit for c in sb.registry.calls.values() if not c.standing.calls_out]
    return (asked.queue, asked.number) in [(v.queue, v.customer) for v in visits if v is not None]


def cancel(call: Call, why: str) -> None:
    """The customer need not be called any more."""
    call.deliver(CallbackCancelled(why))


def age_of(call: Call, sb: Switchboard) -> float | None:
    """When the age of a waiting contact began, as the desk has it: perhaps he had his old place."""
    for queue in sb.desk.acd.queues(sb.desk.time):
        for place in queue.waiting:
            if place.contact == call.id:
                return place.since
    return call.standing.since
