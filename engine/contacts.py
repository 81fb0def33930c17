"""Contacts of media that have no story here yet: a chat, a mail, a task of another program.

That program brings them by the API, takes offers for its agents, and asks what became of them.
Their state is the distributor's, so a crash loses none; only how the last ones ended is kept here,
and why they are offered. Their ids have a colon (``chat:4711``), which no call's id has.
"""

from __future__ import annotations

from acd.core import IllegalEvent
from acd.messages import (
    AcdDecision,
    ContactLeft,
    ContactQueued,
    Expire,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    Withdraw,
)
from engine.calls.names import is_foreign
from engine.desk import Desk

_REMEMBERED = 1_000


class Contacts:
    """Attends the desk for contacts without a story.

    ``offers`` are those that run, with why (of this run of the engine); ``ended`` the queues' own
    ends of the last contacts.
    """

    def __init__(self, desk: Desk) -> None:
        self.offers: dict[str, Offer] = {}
        self.ended: dict[str, Expire] = {}
        self._desk = desk

    def take_up(self) -> None:
        """After a start: those that an earlier run left waiting go on waiting."""
        for queue in self._desk.acd.queues(self._desk.time):
            for place in queue.waiting:
                if is_foreign(place.contact):
                    self._desk.attend(place.contact, self._take)

    def queue(self, event: ContactQueued) -> None:
        """A contact begins to wait. Raises ``IllegalEvent``."""
        self.ended.pop(event.contact, None)
        self._desk.attend(event.contact, self._take)
        try:
            self._desk.post(event)
        except IllegalEvent:
            if not self._waits(event.contact):
                self._desk.release(event.contact)
            raise

    def leave(self, contact: str, reason: LeaveReason) -> None:
        """A waiting contact is gone, not to an agent."""
        self._desk.post(ContactLeft(contact, reason))
        self._release(contact)

    def accept(self, offer: str, contact: str) -> bool:
        """Its agent takes it; False when somebody else was faster."""
        decisions = self._desk.post(OfferAccepted(offer))
        if any(isinstance(each, Withdraw) and each.offer == offer for each in decisions):
            return False
        self._release(contact)
        return True

    def decline(self, offer: str) -> None:
        """Its agent does not want it: the next one is asked."""
        self.offers.pop(offer, None)
        self._desk.post(OfferRefused(offer, OfferOutcome.REJECTED))

    def _take(self, decision: AcdDecision) -> None:
        match decision:
            case Offer():
                self.offers[decision.offer] = decision
            case Withdraw():
                self.offers.pop(decision.offer, None)
            case Expire():
                self._release(decision.contact)
                self.ended[decision.contact] = decision
                if len(self.ended) > _REMEMBERED:
                    del self.ended[next(iter(self.ended))]

    def _waits(self, contact: str) -> bool:
        queues = self._desk.acd.queues(self._desk.time)
        return any(place.contact == contact for queue in queues for place in queue.waiting)

    def _release(self, contact: str) -> None:
        self._desk.release(contact)
        for offer in [o for o in self.offers.values() if o.contact == contact]:
            del self.offers[offer.offer]
