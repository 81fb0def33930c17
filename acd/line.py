"""Coming into a queue's line, staying in it, and leaving it for elsewhere by the queue's rules.

Rules are asked at entry, when an offer failed, and while the contact waits: those about agents when
the last one of a kind goes, those about numbers every few seconds. The queue's own limits
(``max_wait_seconds``, ``max_waiting``, ``hold_when_unstaffed``) come after the overflow rules, so
that a rule can send elsewhere what a limit would only send out.
"""

from __future__ import annotations

from collections.abc import Iterable

from acd import estimates, needs
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import ExpireReason, Moved
from acd.queues import DestinationKind, Overflow, OverflowAt, OverflowWhen
from acd.waiting import ALL_TIERS, Contact, Queue

CHECK_SECONDS = 5.0
"""How often rules about numbers are asked again for who waits."""

_AT_ENTRY = (OverflowAt.ENTRY, OverflowAt.BOTH)
_WHILE_WAITING = (OverflowAt.WAITING, OverflowAt.BOTH)
_ABOUT_AGENTS = (OverflowWhen.UNSTAFFED, OverflowWhen.ALL_PAUSED, OverflowWhen.CLOSED)
_BY_THE_CLOCK = (OverflowWhen.EXPECTED_WAIT, OverflowWhen.WAITING_PER_STAFFED)


# -- in ----------------------------------------------------------------------------------------


def enter(floor: Floor, contact: Contact, now: float) -> None:
    """The contact, which stands nowhere, comes to its queue."""
    queue = floor.queues[contact.queue]
    size = len(queue.contacts)
    floor.enlist(contact)
    queue.count("offered")
    contact.entered = now
    if not needs.begin(floor, contact, now):
        floor.expire(contact, ExpireReason.UNMATCHED)
        return
    for rule in queue.settings.overflow:
        if rule.at in _AT_ENTRY and _applies(floor, queue, contact, rule, size, now):
            send(floor, contact, rule, now)
            return
    if contact.callback is None and turns_away(floor, queue):
        floor.expire(contact, ExpireReason.NO_AGENTS)
    elif contact.callback is None and size >= queue.settings.max_waiting:
        floor.expire(contact, ExpireReason.FULL)
    else:
        set_clocks(floor, contact)
        if contact.not_before is not None and contact.not_before > now:
            floor.deadlines.set(_due(contact), contact.not_before)
        else:
            contact.not_before = None
            _begin_to_wait(floor, contact, now)


def _begin_to_wait(floor: Floor, contact: Contact, now: float) -> None:
    queue = floor.queues[contact.queue]
    told = estimates.uses_estimates(queue)
    contact.estimate = estimates.estimate(floor, contact, now) if told else None
    floor.put_in_line(contact)
    floor.unexplained[contact.contact] = None


def set_clocks(floor: Floor, contact: Contact) -> None:
    """What comes due for it by its time in this queue."""
    queue = floor.queues[contact.queue]
    longest = queue.settings.max_wait_seconds
    if contact.callback is None:  # it waits at home as long as it wants
        floor.deadlines.set(
            Deadline(DeadlineKind.MAX_WAIT, contact=contact.contact), contact.entered + longest
        )
    waits = [
        rule.over or 0.0
        for rule in _rules(queue, (OverflowWhen.WAITED,))
        if rule.at in _WHILE_WAITING
    ]
    deadline = Deadline(DeadlineKind.WAITED, contact=contact.contact)
    if waits:
        floor.deadlines.set(deadline, contact.entered + min(waits))
    else:
        floor.deadlines.cancel(deadline)
    check = Deadline(DeadlineKind.CHECK, contact=queue.settings.name)
    if _is_asked_again(queue, contact) and floor.deadlines.at(check) is None:
        floor.deadlines.set(check, contact.entered + CHECK_SECONDS)


def stand(floor: Floor, contact: Contact, now: float) -> None:
    """The contact, which nothing rings for, waits at its place, unless the rules send it out."""
    queue = floor.queues[contact.queue]
    if _send_by_rule(floor, contact, (OverflowWhen.WAITED, *_ABOUT_AGENTS), now):
        return
    if _is_over(contact, queue, now):
        floor.expire(contact, ExpireReason.TIMEOUT)
    elif contact.used_up:
        floor.expire(contact, ExpireReason.UNMATCHED)
    elif contact.callback is None and turns_away(floor, queue):
        floor.expire(contact, ExpireReason.NO_AGENTS)
    else:
        floor.put_in_line(contact)
        needs.look_again(floor, contact, now)


def _is_over(contact: Contact, queue: Queue, now: float) -> bool:
    return contact.callback is None and now >= contact.entered + queue.settings.max_wait_seconds


# -- while waiting -----------------------------------------------------------------------------


def turns_away(floor: Floor, queue: Queue) -> bool:
    """Whether nobody is staffed and callers are not held for that."""
    return not queue.settings.hold_when_unstaffed and not floor.crew(queue).staffed


def staff_left(floor: Floor, queues: Iterable[Queue], now: float) -> None:
    """Somebody went away or paused: whom these queues' rules now send elsewhere, goes."""
    for queue in queues:
        gone = turns_away(floor, queue)
        sent = any(_is_so(floor, queue, rule.when) for rule in _rules(queue, _ABOUT_AGENTS))
        if not (gone or sent or _has_steps(queue)):
            continue
        for contact in waiting(floor, queue, now):
            if _send_by_rule(floor, contact, _ABOUT_AGENTS, now):
                continue
            if gone and contact.callback is None:
                floor.expire(contact, ExpireReason.NO_AGENTS)
            else:
                needs.look_again(floor, contact, now)


def _has_steps(queue: Queue) -> bool:
    """Whether any contact of it may have more than one step or tier."""
    keys = (group.key for group in queue.groups)
    return any(key.need or key.only or key.tier != ALL_TIERS for key in keys)


def max_wait(floor: Floor, contact: Contact, now: float) -> None:
    """It waited long enough; ringing, it goes when the offer fails."""
    if not contact.offers and not _send_by_rule(floor, contact, (OverflowWhen.WAITED,), now):
        floor.expire(contact, ExpireReason.TIMEOUT)


def waited(floor: Floor, contact: Contact, now: float) -> None:
    """A rule about its own wait may apply now; the next one, later."""
    if not contact.offers and _send_by_rule(floor, contact, (OverflowWhen.WAITED,), now):
        return
    later = [
        rule.over or 0.0
        for rule in _rules(floor.queues[contact.queue], (OverflowWhen.WAITED,))
        if contact.entered + (rule.over or 0.0) > now
    ]
    if later:
        deadline = Deadline(DeadlineKind.WAITED, contact=contact.contact)
        floor.deadlines.set(deadline, contact.entered + min(later))


def check(floor: Floor, queue: Queue, now: float) -> None:
    """Ask the rules about numbers again, last come first: who came first has waited most."""
    for contact in reversed(waiting(floor, queue, now)):
        if not _send_by_rule(floor, contact, _BY_THE_CLOCK, now):
            needs.look_again(floor, contact, now)
    if any(_is_asked_again(queue, floor.contacts[name]) for name in queue.contacts):
        deadline = Deadline(DeadlineKind.CHECK, contact=queue.settings.name)
        floor.deadlines.set(deadline, now + CHECK_SECONDS)


def due(floor: Floor, contact: Contact, now: float) -> None:
    """A postponed callback may be offered now."""
    contact.not_before = None
    stand(floor, contact, now)


def waiting(floor: Floor, queue: Queue, now: float) -> list[Contact]:
    """Those of a queue who stand in line, best score first."""
    there = [floor.contacts[name] for name in queue.contacts if name in floor.standing]
    return sorted(there, key=lambda each: (-queue.score(each, now), each.arrival))


# -- rules -------------------------------------------------------------------------------------


def send(floor: Floor, contact: Contact, rule: Overflow, now: float) -> None:
    """Send the contact, which nothing rings for, where the rule says."""
    if rule.to.kind is not DestinationKind.QUEUE:
        floor.expire(contact, ExpireReason.OVERFLOW, rule.to, say(rule))
        return
    source = contact.queue
    floor.queues[source].count("flowed_out")
    floor.take_out_of_line(contact)
    floor.leave_queue(contact)
    contact.path = (*contact.path, source)
    contact.queue = rule.to.name
    floor.decisions.append(Moved(contact.contact, source, contact.queue, say(rule)))
    enter(floor, contact, now)


def say(rule: Overflow) -> str:
    """The rule in words, as `expected_wait over 300`."""
    return rule.when if rule.over is None else f"{rule.when} over {rule.over:g}"


def _send_by_rule(
    floor: Floor, contact: Contact, about: tuple[OverflowWhen, ...], now: float
) -> bool:
    """Send it elsewhere if a rule for who waits says so."""
    queue = floor.queues[contact.queue]
    for rule in _rules(queue, about):
        if rule.at in _WHILE_WAITING and _applies(
            floor, queue, contact, rule, len(queue.contacts) - 1, now
        ):
            send(floor, contact, rule, now)
            return True
    return False


def _rules(queue: Queue, about: tuple[OverflowWhen, ...]) -> list[Overflow]:
    return [rule for rule in queue.settings.overflow if rule.when in about]


def _is_asked_again(queue: Queue, contact: Contact) -> bool:
    """Whether anything about a contact that waits is to be asked again and again."""
    guarded = any(stage.max_expected_wait_seconds for stage in contact.plan)
    return guarded or any(rule.at in _WHILE_WAITING for rule in _rules(queue, _BY_THE_CLOCK))


def _applies(
    floor: Floor, queue: Queue, contact: Contact, rule: Overflow, others: int, now: float
) -> bool:
    """Whether the rule sends this contact away now; ``others`` are in the queue with it."""
    if contact.callback is not None:  # it waits at home
        return False
    if rule.to.kind is DestinationKind.QUEUE and not _may_go(floor, contact, rule.to.name):
        return False
    over = rule.over or 0.0
    match rule.when:
        case OverflowWhen.WAITING:
            return others >= over
        case OverflowWhen.EXPECTED_WAIT:
            estimate = estimates.estimate(floor, contact, now)
            return estimate is not None and estimate.expected > over
        case OverflowWhen.WAITING_PER_STAFFED:
            staffed = len(floor.crew(queue).staffed)
            return staffed > 0 and (others + 1) / staffed > over
        case OverflowWhen.WAITED:
            return now >= contact.entered + over
        case OverflowWhen.NONE_READY:
            open_ = floor.open.get(contact.medium, ())
            return not any(seat.agent in queue.members for seat in open_)
    return _is_so(floor, queue, rule.when)


def _is_so(floor: Floor, queue: Queue, when: OverflowWhen) -> bool:
    """Whether a rule about the queue's agents or hours applies, to whomever."""
    crew = floor.crew(queue)
    match when:
        case OverflowWhen.UNSTAFFED:
            return not crew.staffed
        case OverflowWhen.ALL_PAUSED:
            return bool(crew.staffed) and not crew.available
        case _:
            return when is OverflowWhen.CLOSED and queue.closed


def _may_go(floor: Floor, contact: Contact, queue: str) -> bool:
    """Not where it has been already, and not where there is nothing."""
    return queue in floor.queues and queue != contact.queue and queue not in contact.path


def _due(contact: Contact) -> Deadline:
    return Deadline(DeadlineKind.DUE, contact=contact.contact)
