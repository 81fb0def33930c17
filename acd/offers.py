"""The life of an offer: one agent, one contact, one attempt.

An offer ends by exactly one of these: accepted, refused at the agent's side, not answered within
``ring_seconds``, withdrawn because the agent does not want it any more, or ended because the
contact left. What each means for the agent and for the contact:

================  ===================================  ==========================================
outcome           the agent                            the contact
================  ===================================  ==========================================
answered          talking                              out of the line
timed_out         ready at the back, one miss more;    its place; passes him over for
                  not responding after max_misses      retry_seconds
rejected, busy    ready at the back, rests for         its place
                  retry_seconds (rejected: he is
                  there, misses are forgotten)
unreachable       not responding at once               its place
cancelled         ready at his old place, or what he   its place; passes him over for
                  asked for                            retry_seconds if the fault was ours
caller_left       ready at his old place, no miss      gone
================  ===================================  ==========================================

A contact whose longest wait ran out while it was ringing is not torn from the agent's phone: it
leaves by ``timeout`` when that offer fails.
"""

from __future__ import annotations

from acd.agents import NOT_RESPONDING, OFFERED, READY, TALKING, Agent
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import Offer, OfferOutcome, Why, Withdraw
from acd.waiting import Contact


def make(floor: Floor, contact: Contact, agent: Agent, why: Why, now: float) -> None:
    """Ring the agent for the contact."""
    settings = floor.queues[contact.queue].settings
    floor.offers_made += 1
    offer = f"{contact.contact}-a{floor.offers_made}"
    floor.step_aside(contact, offer, agent.name)
    floor.move(agent, "Offer", OFFERED, now, contact=contact.contact, queue=contact.queue)
    floor.deadlines.set(_ring(agent), now + settings.ring_seconds)
    floor.decisions.append(
        Offer(
            offer,
            contact.contact,
            contact.queue,
            agent.name,
            agent.endpoint,
            settings.ring_seconds,
            why,
        )
    )


def find(floor: Floor, offer: str) -> tuple[Contact, Agent] | None:
    """Whom a running offer joins; None when it has ended, or never was."""
    contact = floor.contacts.get(contact_of(offer))
    if contact is None or contact.offer != offer or contact.agent is None:
        return None
    return contact, floor.agents[contact.agent]


def contact_of(offer: str) -> str:
    """The contact's name, which its offers' ids begin with."""
    return offer.rpartition("-a")[0]


def accept(floor: Floor, contact: Contact, agent: Agent, now: float) -> None:
    """They talk."""
    _end(floor, contact, agent)
    floor.forget(contact)
    agent.misses = 0
    floor.move(agent, "OfferAccepted", TALKING, now, contact=contact.contact, queue=contact.queue)


def refuse(floor: Floor, contact: Contact, agent: Agent, outcome: OfferOutcome, now: float) -> None:
    """The agent's side ended it."""
    if outcome is OfferOutcome.TIMED_OUT:
        miss(floor, contact, agent, "OfferRefused", now)
        return
    _end(floor, contact, agent)
    retry = now + floor.queues[contact.queue].settings.retry_seconds
    if outcome is OfferOutcome.UNREACHABLE:
        floor.move(agent, "OfferRefused", NOT_RESPONDING, now, reason="unreachable")
    elif outcome is OfferOutcome.CANCELLED:
        floor.pass_over(contact, agent.name, outcome, retry)
        floor.move(agent, "OfferRefused", READY, now)
    else:
        if outcome is OfferOutcome.REJECTED:
            agent.misses = 0
        agent.idle_since = now
        floor.rest(agent, outcome, retry)
        floor.move(agent, "OfferRefused", READY, now)
    floor.stand_in_line(contact, now)


def time_out(floor: Floor, agent: Agent, now: float) -> None:
    """He did not answer within ``ring_seconds``."""
    contact = floor.contacts[str(agent.contact)]
    _withdraw(floor, contact, OfferOutcome.TIMED_OUT)
    miss(floor, contact, agent, "RingTimedOut", now)


def miss(floor: Floor, contact: Contact, agent: Agent, event: str, now: float) -> None:
    """He let it ring."""
    _end(floor, contact, agent)
    settings = floor.queues[contact.queue].settings
    floor.pass_over(contact, agent.name, OfferOutcome.TIMED_OUT, now + settings.retry_seconds)
    agent.misses += 1
    agent.idle_since = now
    if agent.misses >= settings.max_misses:
        plural = "s" if agent.misses > 1 else ""
        reason = f"missed {agent.misses} offer{plural}"
        floor.move(agent, event, NOT_RESPONDING, now, reason=reason)
    else:
        floor.move(agent, event, READY, now)
    floor.stand_in_line(contact, now)


def take_back(floor: Floor, agent: Agent, event: str, now: float) -> None:
    """He does not want it any more: he becomes what his status says, the contact goes on."""
    contact = floor.contacts[str(agent.contact)]
    _withdraw(floor, contact, OfferOutcome.CANCELLED)
    _end(floor, contact, agent)
    floor.stand_in_line(contact, now)  # first: if he is the last to leave, all leave in order
    floor.settle(agent, event, now)


def abandon(
    floor: Floor, contact: Contact, agent: Agent, outcome: OfferOutcome, event: str, now: float
) -> None:
    """The contact is gone: he is ready again as if nothing had been. The contact stands nowhere."""
    _withdraw(floor, contact, outcome)
    _end(floor, contact, agent)
    floor.move(agent, event, READY, now)


def _withdraw(floor: Floor, contact: Contact, outcome: OfferOutcome) -> None:
    floor.decisions.append(
        Withdraw(str(contact.offer), contact.contact, str(contact.agent), outcome)
    )


def _end(floor: Floor, contact: Contact, agent: Agent) -> None:
    floor.deadlines.cancel(_ring(agent))
    floor.step_back(contact)


def _ring(agent: Agent) -> Deadline:
    return Deadline(DeadlineKind.RING, agent.name)
