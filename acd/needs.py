"""Who may take a contact, step by step: its plan, and going on in it.

A plan is made when a contact enters a queue, when its needs change, and when a reload changed the
queue's steps: first its own agent, in a sticky queue or when it says how long; then the steps of
its needs; then every agent of the queue, unless the queue insists. A step ends after its seconds,
or at once when nobody staffed could serve it or the expected wait is over its guard; the last step
of a plan stays.
"""

from __future__ import annotations

from acd import estimates
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import ExpireReason
from acd.queues import NeedsEnd, QueueSettings, Step
from acd.skills import in_language
from acd.waiting import ALL_TIERS, Contact, Stage


def plan(settings: QueueSettings, contact: Contact) -> tuple[Stage, ...]:
    """The steps of a contact in this queue. Never empty."""
    stages = []
    if waits_for_its_own(settings, contact):
        stages.append(_own_agent(settings, contact))
    steps = contact.needs or settings.needs
    stages += [_stage(step, contact.language) for step in steps]
    if not steps or (stages[-1].seconds is not None and settings.needs_end is NeedsEnd.ANY):
        stages.append(Stage())
    return tuple(stages)


def waits_for_its_own(settings: QueueSettings, contact: Contact) -> bool:
    """Whether it waits for its own agent before anybody else may take it."""
    asked = contact.prefer_seconds is not None or settings.sticky is not None
    return bool(contact.prefer) and asked


def _own_agent(settings: QueueSettings, contact: Contact) -> Stage:
    """Only a contact that says itself how long waits for one who is not there."""
    seconds, insists = contact.prefer_seconds, contact.prefer_seconds is not None
    if seconds is None and settings.sticky is not None:
        seconds = settings.sticky.seconds
    return Stage("", seconds, not insists, None, contact.prefer)


def _stage(step: Step, language: str) -> Stage:
    return Stage(
        in_language(step.need, language),
        step.seconds,
        step.skip_if_unstaffed,
        step.max_expected_wait_seconds,
    )


def begin(floor: Floor, contact: Contact, now: float) -> bool:
    """Begin the contact's plan anew; it stands nowhere. False when no step of it is left."""
    queue = floor.queues[contact.queue]
    contact.plan, contact.step, contact.used_up = plan(queue.settings, contact), 0, False
    contact.tier = 0 if queue.settings.tier_seconds else ALL_TIERS
    return _settle(floor, contact, now, fresh=True)


def next_step(floor: Floor, contact: Contact, now: float) -> None:
    """The time of the step in force is over, wherever the contact stands."""
    waits = floor.is_waiting(contact)
    floor.take_out_of_line(contact)
    left = _go_on(contact) and _settle(floor, contact, now, fresh=True)
    if waits:
        _stand_again(floor, contact, left)


def next_tier(floor: Floor, contact: Contact, now: float) -> None:
    """One tier more of agents is asked."""
    waits = floor.is_waiting(contact)
    floor.take_out_of_line(contact)
    contact.tier += 1
    left = _settle(floor, contact, now)
    if waits:
        _stand_again(floor, contact, left)


def look_again(floor: Floor, contact: Contact, now: float) -> None:
    """Staff went, or the expected wait grew: perhaps the step in force is to be skipped now."""
    if floor.is_waiting(contact) and (_skips(floor, contact, now) or _opens(floor, contact)):
        floor.take_out_of_line(contact)
        _stand_again(floor, contact, _settle(floor, contact, now))


def _stand_again(floor: Floor, contact: Contact, left: bool) -> None:
    if left:
        floor.put_in_line(contact)
        floor.unexplained[contact.contact] = None
    else:
        floor.expire(contact, ExpireReason.UNMATCHED)


def _settle(floor: Floor, contact: Contact, now: float, *, fresh: bool = False) -> bool:
    """Go on to the first step that is not skipped, and set its clock. False: none is left.

    ``fresh``: the step in force has only begun.
    """
    before = contact.step
    while _skips(floor, contact, now):
        if not _go_on(contact):
            return False
    while _opens(floor, contact):
        contact.tier += 1
    if fresh or contact.step != before:
        _set_step_clock(floor, contact, now)
    _set_tier_clock(floor, contact, now)
    return True


def _go_on(contact: Contact) -> bool:
    """To the next step of the plan. A plan that is used up keeps its last."""
    contact.used_up = contact.step + 1 == len(contact.plan)
    contact.step += not contact.used_up
    return not contact.used_up


def _skips(floor: Floor, contact: Contact, now: float) -> bool:
    """Whether the step in force does not count now, and there is a way on."""
    stage = contact.stage
    if stage.seconds is None:
        return False
    group = floor.group_of(contact, stage.need, only=stage.only)
    crew = floor.crew(group)
    if stage.skip_if_unstaffed and not (crew.available if stage.only else crew.staffed):
        return True
    guard = stage.max_expected_wait_seconds
    if guard is None:
        return False
    estimate = estimates.estimate(floor, contact, now)
    return estimate is None or estimate.expected > guard


def _opens(floor: Floor, contact: Contact) -> bool:
    """Whether nobody of the tiers asked so far is staffed, and there are more."""
    if contact.tier >= _last_tier(floor, contact):
        return False
    return not floor.crew(floor.group(contact)).staffed


def _last_tier(floor: Floor, contact: Contact) -> int:
    """The last tier in which anybody could take it; all of them are asked at once by default."""
    if contact.tier == ALL_TIERS:
        return ALL_TIERS
    return floor.group_of(contact, contact.stage.need, only=contact.stage.only).tiers[1]


def _set_step_clock(floor: Floor, contact: Contact, now: float) -> None:
    deadline = Deadline(DeadlineKind.STEP, contact=contact.contact)
    if contact.stage.seconds is None:
        floor.deadlines.cancel(deadline)
    else:
        floor.deadlines.set(deadline, now + contact.stage.seconds)


def _set_tier_clock(floor: Floor, contact: Contact, now: float) -> None:
    deadline = Deadline(DeadlineKind.TIER, contact=contact.contact)
    if contact.tier >= _last_tier(floor, contact):
        floor.deadlines.cancel(deadline)
    elif floor.deadlines.at(deadline) is None:
        seconds = floor.queues[contact.queue].settings.tier_seconds
        floor.deadlines.set(deadline, now + seconds)
