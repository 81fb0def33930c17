"""The life of an offer: one agent, one contact, one attempt.

A contact may ring at several agents; the first who answers has it. An offer ends by exactly one of
these: accepted, refused at the agent's side, not answered within ``ring_seconds``, withdrawn
because the agent does not want it any more or another was first, or ended because the contact left.
What each means for the agent and for the contact:

================  ===================================  ==========================================
outcome           the agent                            the contact
================  ===================================  ==========================================
answered          talking                              out of the line
timed_out         free at the back, one miss more;     its place; passes him over for
                  not responding after max_misses      retry_seconds
rejected, busy    free at the back, rests for          its place
                  rejected_seconds or busy_seconds
                  (rejected: he is there, misses are
                  forgotten)
unreachable       not responding at once, or rests     its place
                  for unreachable_seconds
cancelled         free at his old place, or what he    its place; passes him over for
                  asked for                            retry_seconds if the fault was ours
caller_left       free at his old place, no miss       gone
lost_race         free at his old place, no miss       another agent's
================  ===================================  ==========================================

**Reserved.** For some contacts an agent is held while their customer is dialed; his phone is silent
and no ring time counts against him. Told that the customer is on the line, the offer becomes one
like any other, with its whole ring time. A customer who was not reached is a contact that left. An
agent whom nobody frees within ``RESERVED_SECONDS`` is ``cancelled``, without a miss.

**Skipped.** Who rejects a contact without a channel that he was only shown (a preview, agent first)
has looked at it and chosen: he keeps his place and does not rest, so the next one is his; this one
passes him over for ``retry_seconds``.

A contact whose longest wait ran out while it was ringing is not torn from the agent's phone: it
leaves by ``timeout`` when its last offer fails.
"""

from __future__ import annotations

from typing import Final

from acd import estimates, line
from acd.agents import OFFERED, TALKING, Agent, Task
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import Alert, AlertKind, CallbackFirst, Offer, OfferOutcome, Why, Withdraw
from acd.queues import OfferMode, QueueSettings
from acd.waiting import Contact

RESERVED_SECONDS: Final = 180.0
"""Nobody's phone rings so long that an agent is to be held for it: whoever holds him is lost."""


def make(floor: Floor, contact: Contact, agents: list[Agent], why: Why, now: float) -> None:
    """Ring the first of the ``agents`` for the contact, or hold him for it."""
    agent = agents[0]
    settings = floor.queues[contact.queue].settings
    ring_seconds = contact.ring_seconds or settings.ring_seconds
    floor.offers_made += 1
    offer = f"{contact.contact}-a{floor.offers_made}"
    floor.take_out_of_line(contact)
    contact.offers[offer] = agent.name
    keep_widening(floor, contact)
    agent.last_offered[contact.queue] = floor.offers_made
    task = Task(*_place(contact), OFFERED, now, offer, reserved=contact.reserves)
    floor.add_task(agent, task)
    held = RESERVED_SECONDS if task.reserved else ring_seconds
    floor.deadlines.set(_ring(agent.name, contact), now + held)
    floor.refresh(agent, "Offer", now)
    floor.decisions.append(
        Offer(
            offer,
            contact.contact,
            contact.queue,
            agent.name,
            agent.endpoint,
            ring_seconds,
            why,
            _mode(settings, contact, agent),
        )
    )


def _place(contact: Contact) -> tuple[str, str, str]:
    return contact.contact, contact.queue, contact.medium


def _mode(settings: QueueSettings, contact: Contact, agent: Agent) -> OfferMode:
    if contact.reserves:
        return OfferMode.RESERVED
    return OfferMode.NAILED_UP if agent.settings.nailed_up else settings.offer_mode


def ring_reserved(floor: Floor, contact: Contact, now: float) -> None:
    """The customer is on the line: what was held for him rings from now on."""
    seconds = contact.ring_seconds or floor.queues[contact.queue].settings.ring_seconds
    for name in contact.offers.values():
        agent = floor.agents[name]
        task = agent.tasks[contact.contact]
        task.reserved, task.since = False, now
        floor.deadlines.set(_ring(name, contact), now + seconds)
        floor.refresh(agent, "CustomerReached", now)
    keep_widening(floor, contact)


def find(floor: Floor, offer: str) -> tuple[Contact, Agent] | None:
    """Whom a running offer joins; None when it has ended, or never was."""
    contact = floor.contacts.get(contact_of(offer))
    if contact is None or offer not in contact.offers:
        return None
    return contact, floor.agents[contact.offers[offer]]


def contact_of(offer: str) -> str:
    """The contact's name, which its offers' ids begin with."""
    return offer.rpartition("-a")[0]


def accept(floor: Floor, contact: Contact, agent: Agent, now: float) -> None:
    """They talk. Whoever else was ringing was too late."""
    task = agent.tasks[contact.contact]
    _unring(floor, contact, agent)
    withdraw_all(floor, contact, OfferOutcome.LOST_RACE, "LostRace", now)
    queue = floor.queues[contact.queue]
    estimates.count_answered(queue, contact, now)
    floor.forget(contact)
    agent.misses, agent.not_responding = 0, ""  # he is there
    agent.contacts_today += 1
    task.advance(agent.name, "OfferAccepted", TALKING, now)
    task.reserved, task.talked_from = False, now
    floor.refresh(agent, "OfferAccepted", now)


def refuse(floor: Floor, contact: Contact, agent: Agent, outcome: OfferOutcome, now: float) -> None:
    """The agent's side ended it."""
    settings = floor.queues[contact.queue].settings
    _end(floor, contact, agent, "OfferRefused", now)
    if outcome is OfferOutcome.REJECTED:
        agent.misses = 0
    if outcome is OfferOutcome.TIMED_OUT:
        _miss(floor, contact, agent, now)
    elif outcome is OfferOutcome.CANCELLED or _is_skip(settings, contact, agent, outcome):
        floor.pass_over(contact, agent.name, outcome, now + settings.retry_seconds)
    elif outcome is OfferOutcome.UNREACHABLE and settings.unreachable_seconds is None:
        _stop_responding(floor, agent, "unreachable")
    else:
        _move_back(agent, now)
        floor.rest(agent, outcome, now + _rest_seconds(settings, outcome))
    floor.refresh(agent, "OfferRefused", now)
    _go_on(floor, contact, now)


def _is_skip(
    settings: QueueSettings, contact: Contact, agent: Agent, outcome: OfferOutcome
) -> bool:
    """Whether he was shown a contact whose customer is not on the line, and did not want it."""
    shown = _mode(settings, contact, agent) is OfferMode.PREVIEW
    agent_first = contact.callback is CallbackFirst.AGENT
    return outcome is OfferOutcome.REJECTED and agent_first and shown


def end_unmet(agent: Agent, task: Task, now: float) -> None:
    """He waited for somebody who did not come, or was called in vain: as if nothing had been.
    ``refresh`` after."""
    counted = task.state is TALKING and bool(task.queue)
    task.advance(agent.name, "TalkEnded", None, now)
    del agent.tasks[task.contact]
    agent.contacts_today = max(agent.contacts_today - counted, 0)


def fall_through(floor: Floor, agent: Agent, task: Task, now: float) -> None:
    """He answered and was gone before he was heard: as if he had rejected it. ``refresh`` after."""
    end_unmet(agent, task, now)
    _move_back(agent, now)
    queue = floor.queues.get(task.queue)
    if queue is not None:
        floor.rest(agent, OfferOutcome.REJECTED, now + queue.settings.rejected_seconds)


def _rest_seconds(settings: QueueSettings, outcome: OfferOutcome) -> float:
    seconds = {
        OfferOutcome.REJECTED: settings.rejected_seconds,
        OfferOutcome.UNREACHABLE: settings.unreachable_seconds,
    }
    return seconds.get(outcome) or settings.busy_seconds


def time_out(floor: Floor, agent: Agent, contact: Contact, now: float) -> None:
    """He did not answer within ``ring_seconds``, or nobody freed him who was reserved."""
    if agent.tasks[contact.contact].reserved:
        _release(floor, agent, contact, now)
        return
    _withdraw(floor, contact, agent, OfferOutcome.TIMED_OUT)
    _end(floor, contact, agent, "RingTimedOut", now)
    _miss(floor, contact, agent, now)
    floor.refresh(agent, "RingTimedOut", now)
    _go_on(floor, contact, now)


def _release(floor: Floor, agent: Agent, contact: Contact, now: float) -> None:
    """He was held too long, for no fault of his."""
    retry = floor.queues[contact.queue].settings.retry_seconds
    _withdraw(floor, contact, agent, OfferOutcome.CANCELLED)
    _end(floor, contact, agent, "OfferWithdrawn", now)
    floor.pass_over(contact, agent.name, OfferOutcome.CANCELLED, now + retry)
    floor.refresh(agent, "ReservedTooLong", now)
    _go_on(floor, contact, now)


def _miss(floor: Floor, contact: Contact, agent: Agent, now: float) -> None:
    """He let it ring."""
    settings = floor.queues[contact.queue].settings
    floor.pass_over(contact, agent.name, OfferOutcome.TIMED_OUT, now + settings.retry_seconds)
    agent.misses += 1
    _move_back(agent, now)
    if agent.misses >= settings.max_misses:
        plural = "s" if agent.misses > 1 else ""
        _stop_responding(floor, agent, f"missed {agent.misses} offer{plural}")


def _stop_responding(floor: Floor, agent: Agent, reason: str) -> None:
    """Told once, though several offers may fail one after the other."""
    if not agent.not_responding:
        agent.not_responding = reason
        floor.decisions.append(Alert(AlertKind.NOT_RESPONDING, agent.name, reason))


def _move_back(agent: Agent, now: float) -> None:
    """Whoever did not take it is not first again."""
    agent.idle_since = now


def take_back(floor: Floor, agent: Agent, now: float) -> None:
    """He does not want what rings for him any more: the contacts go on. ``refresh`` him after."""
    for task in [task for task in agent.tasks.values() if task.offer and task.state is OFFERED]:
        contact = floor.contacts[task.contact]
        _withdraw(floor, contact, agent, OfferOutcome.CANCELLED)
        _end(floor, contact, agent, "OfferWithdrawn", now)
        _go_on(floor, contact, now)


def withdraw_all(
    floor: Floor, contact: Contact, outcome: OfferOutcome, event: str, now: float
) -> None:
    """Nobody else rings for the contact any more: they are free as if nothing had been."""
    for name in list(contact.offers.values()):
        agent = floor.agents[name]
        _withdraw(floor, contact, agent, outcome)
        _end(floor, contact, agent, "OfferWithdrawn", now)
        floor.refresh(agent, event, now)


def _withdraw(floor: Floor, contact: Contact, agent: Agent, outcome: OfferOutcome) -> None:
    offer = agent.tasks[contact.contact].offer
    floor.decisions.append(Withdraw(offer, contact.contact, agent.name, outcome))


def _end(floor: Floor, contact: Contact, agent: Agent, event: str, now: float) -> None:
    """The offer is over, unanswered; agent and contact are yet to be told where to."""
    _unring(floor, contact, agent)
    agent.tasks.pop(contact.contact).advance(agent.name, event, None, now)


def _unring(floor: Floor, contact: Contact, agent: Agent) -> None:
    del contact.offers[agent.tasks[contact.contact].offer]
    floor.deadlines.cancel(_ring(agent.name, contact))
    keep_widening(floor, contact)


def keep_widening(floor: Floor, contact: Contact) -> None:
    """Note whether more phones may ring for it."""
    width = 1 if contact.reserves else floor.queues[contact.queue].settings.ring_width
    if 0 < len(contact.offers) < width:
        floor.widening[contact.contact] = None
    else:
        floor.widening.pop(contact.contact, None)


def _go_on(floor: Floor, contact: Contact, now: float) -> None:
    """An offer failed: the contact waits at its place, unless it still rings elsewhere."""
    if not contact.offers:
        line.stand(floor, contact, now)


def _ring(agent: str, contact: Contact) -> Deadline:
    return Deadline(DeadlineKind.RING, agent, contact.contact)
