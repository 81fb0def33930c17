"""Contacts without a channel whose customer is dialed before an agent is offered them.

Such a contact stands in line like any other. When its turn has come, and somebody is free for it,
its customer is dialed; meanwhile it keeps its place and no agent is held for it, but no more
customers are dialed than agents are free for them. Reached, it is the next to be offered; not
reached, it waits until it is due again. (Dialed agent first, a callback is offered as any contact.)
"""

from __future__ import annotations

from acd import line
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import CallBack
from acd.waiting import Contact


def dial(floor: Floor, contact: Contact) -> None:
    """Its turn has come."""
    floor.take_out_of_line(contact)
    contact.dialing = True
    floor.decisions.append(CallBack(contact.contact, contact.queue))


def may_dial(floor: Floor, contact: Contact, free: int) -> bool:
    """Whether more agents than customers that are being dialed are ``free`` for it."""
    there = floor.queues[contact.queue].aside
    return sum(floor.contacts[name].dialing for name in there) < free


def reached(floor: Floor, contact: Contact, now: float) -> None:
    """The customer is on the line."""
    contact.dialing, contact.reached = False, True
    line.stand(floor, contact, now)
    one_less(floor, contact.queue)


def postpone(floor: Floor, contact: Contact, until: float) -> None:
    """The customer was not reached."""
    contact.dialing, contact.not_before = False, until
    floor.deadlines.set(Deadline(DeadlineKind.DUE, contact=contact.contact), until)
    one_less(floor, contact.queue)


def one_less(floor: Floor, queue: str) -> None:
    """One customer less is being dialed: the turn of the next callback may have come."""
    for name in floor.queues[queue].contacts:
        if name in floor.standing and floor.contacts[name].is_to_be_dialed:
            floor.returned.add(name)
