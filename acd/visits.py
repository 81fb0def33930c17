"""A contact's stay in a queue: how it begins, what may change meanwhile, how it is left.

Who left by himself, or was lost, may *resume*: when the same customer comes again, to the queue
that he left or to one through which he had come there, within its ``resume_seconds``, he has the
age of the place he lost.
"""

from __future__ import annotations

from math import isfinite

from acd import callbacks, estimates, line, needs, offers
from acd.agents import IllegalEvent
from acd.floor import Floor
from acd.messages import ContactQueued, LeaveReason, OfferOutcome
from acd.queues import Step
from acd.skills import NeedError, compile_need, in_language
from acd.waiting import Contact

_MAY_RESUME = (LeaveReason.ABANDONED, LeaveReason.LOST)
_MOST_REMEMBERED = 10_000


def begin(floor: Floor, event: ContactQueued, now: float) -> None:
    """A contact comes to a queue. Raises ``IllegalEvent``."""
    _require_new(floor, event)
    require_finite(event.contact, "ContactQueued", event.since, event.offset_seconds)
    require_medium(floor, event.contact, event.medium, "ContactQueued")
    require_readable(event.contact, event.needs, "ContactQueued")
    floor.arrivals += 1
    contact = Contact(
        event.contact,
        event.queue,
        min(event.since, _resumed(floor, event, now)),
        now,
        floor.arrivals,
        event.medium,
        event.customer,
        event.language,
        event.offset_seconds,
        event.needs,
        event.prefer,
        event.callback,
        event.prefer_seconds,
        event.ring_seconds,
        not_before=event.not_before,
    )
    floor.contacts[event.contact] = contact
    line.enter(floor, contact, now)


def leave(floor: Floor, contact: Contact, reason: LeaveReason, now: float) -> None:
    """The contact is gone, not to an agent."""
    queue = floor.queues[contact.queue]
    by_himself = reason is LeaveReason.ABANDONED
    outcome = OfferOutcome.CALLER_LEFT if by_himself else OfferOutcome.CANCELLED
    offers.withdraw_all(floor, contact, outcome, "ContactLeft", now)
    if by_himself:
        estimates.count_abandoned(queue, contact, now)
    else:
        queue.count("flowed_out")
    if reason in _MAY_RESUME:
        for name in (*contact.path, contact.queue):
            _remember(floor, contact, name, now)
    if contact.dialing:
        callbacks.end_dialing(floor, contact)
    floor.forget(contact)


def change_needs(floor: Floor, contact: Contact, steps: tuple[Step, ...], now: float) -> None:
    """It needs something else from now on."""
    contact.needs = steps
    settings = floor.queues[contact.queue].settings
    if needs.waits_for_its_own(settings, contact) and not contact.stage.only:
        contact.prefer = ""  # he was waited for already
    waits = floor.is_waiting(contact)
    floor.take_out_of_line(contact)
    needs.begin(floor, contact, now)
    line.set_clocks(floor, contact)
    if waits:
        floor.unexplained[contact.contact] = None
        line.stand(floor, contact, now)


def change_priority(floor: Floor, contact: Contact, offset: float) -> None:
    """Its own age offset is another, in seconds."""
    waits = floor.is_waiting(contact)
    floor.take_out_of_line(contact)
    contact.offset = offset
    if waits:
        floor.put_in_line(contact)


def _require_new(floor: Floor, event: ContactQueued) -> None:
    known = floor.contacts.get(event.contact)
    if known is not None:
        detail = f"it is in {known.queue} already"
        raise IllegalEvent(event.contact, "waiting", "ContactQueued", detail)
    if event.queue not in floor.queues:
        detail = f"there is no queue {event.queue}"
        raise IllegalEvent(event.contact, "unknown", "ContactQueued", detail)


def require_medium(floor: Floor, contact: str, medium: str, event: str) -> None:
    """Raise ``IllegalEvent`` unless there is such a medium."""
    if medium not in floor.media:
        detail = f"there is no medium {medium}: {', '.join(floor.media)}"
        raise IllegalEvent(contact, "unknown", event, detail)


def require_finite(contact: str, event: str, *seconds: float) -> None:
    """Raise ``IllegalEvent`` for an age that has no place in a line."""
    if not all(map(isfinite, seconds)):
        raise IllegalEvent(contact, "unknown", event, f"{seconds} are no seconds")


def require_readable(contact: str, steps: tuple[Step, ...], event: str) -> None:
    """Raise ``IllegalEvent`` when a need is no expression over skills."""
    for step in steps:
        try:
            compile_need(in_language(step.need, ""))
        except NeedError as error:
            detail = f"{step.need!r}, column {error.column}: {error}"
            raise IllegalEvent(contact, "unknown", event, detail) from error


def _resumed(floor: Floor, event: ContactQueued, now: float) -> float:
    """The age of the place that this customer lost a moment ago; his new one, if none."""
    place = floor.remembered.get((event.queue, event.customer))
    if place is None:
        return event.since
    for name in floor.queues:  # once, wherever he comes next
        floor.remembered.pop((name, event.customer), None)
    return place[0] if now <= place[1] else event.since


def _remember(floor: Floor, contact: Contact, name: str, now: float) -> None:
    queue = floor.queues.get(name)
    seconds = queue.settings.resume_seconds if queue else 0
    if not (seconds and contact.customer):
        return
    floor.remembered.pop((name, contact.customer), None)
    floor.remembered[name, contact.customer] = (contact.since, now + seconds)
    oldest = next(iter(floor.remembered))
    if len(floor.remembered) > _MOST_REMEMBERED or floor.remembered[oldest][1] < now:
        del floor.remembered[oldest]
