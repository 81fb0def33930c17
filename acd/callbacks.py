"""Contacts without a channel whose customer is dialed before an agent's phone rings.

*Customer first.* Such a contact stands in line like any other. When its turn has come, and somebody
is free for it, its customer is dialed; meanwhile it keeps its place and no agent is held for it,
but no more customers are dialed, of whatever queues, than agents are free for them. Reached, it is
the next to be offered; not reached, it waits until it is due again.

*Reserved.* When its turn has come an agent is held for it, and then its customer is dialed: he has
somebody at his first word. Nobody hears how long a phone rings, so its wait is counted from when
he was reached.

(Dialed *agent first*, a callback is offered as any contact.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from acd import line, offers
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import CallBack
from acd.waiting import Contact


def dial(floor: Floor, contact: Contact) -> None:
    """Its turn has come."""
    floor.take_out_of_line(contact)
    contact.dialing = True
    floor.dialing[contact.contact] = None
    floor.decisions.append(CallBack(contact.contact, contact.queue))


def may_dial(floor: Floor, free: Collection[str]) -> bool:
    """Whether more agents are ``free`` for a contact than customers are being dialed whom any of
    these could take: then one is left for it."""
    dialing = (floor.group(floor.contacts[name]) for name in floor.dialing)
    return sum(not group.members.isdisjoint(free) for group in dialing) < len(free)


def reached(floor: Floor, contact: Contact, now: float) -> None:
    """The customer is on the line."""
    reserved = contact.reserves
    contact.reached = True
    if reserved:
        contact.entered, contact.estimate = now, None
        offers.ring_reserved(floor, contact, now)
    else:
        end_dialing(floor, contact)
        line.stand(floor, contact, now)


def postpone(floor: Floor, contact: Contact, until: float) -> None:
    """The customer was not reached."""
    contact.not_before = until
    end_dialing(floor, contact)
    floor.deadlines.set(Deadline(DeadlineKind.DUE, contact=contact.contact), until)


def end_dialing(floor: Floor, contact: Contact) -> None:
    """Its customer is not dialed any more: the turn of the next callback may have come."""
    contact.dialing = False
    del floor.dialing[contact.contact]
    floor.returned.update(next_in_turn(floor))


def next_in_turn(floor: Floor) -> Iterator[str]:
    """The first to be dialed of each group: what holds one of a group back holds all.

    Behind somebody who waits on the line nobody is: for him nobody is free.
    """
    for group in floor.groups.values():
        for _, _, name in group.line:
            contact = floor.contacts[name]
            if contact.is_to_be_dialed:
                yield name
            if not contact.passed_over:
                break
