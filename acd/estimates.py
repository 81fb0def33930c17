"""What the distributor expects and counts: waits, handling times, service level.

``expected_wait`` is a forecast with its spread. The model: agents who may serve a contact become
free one after the other, each after a handling time that is exponentially distributed around the
mean seen so far, so the time until the k-th of them is free is Erlang distributed (mean k·H/n,
variance k·(H/n)²; e.g. Kleinrock, Queueing Systems I, 1975, ch. 4). ``k`` counts who is ahead, each
by the share of the agents in question that he competes for.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, fields
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acd.floor import Floor
    from acd.waiting import Contact, Group, Queue

LEARNED_FROM = 50
"""Handling times that the mean follows; until so many were seen, all count alike."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a contact will wait from now on, in seconds: ``low`` to ``high`` about two times in
    three, ``expected`` in the mean. ``position`` is its place in its queue, from 1."""

    position: int
    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the contacts of a queue since midnight; waits in seconds.

    ``flowed_out`` are those that overflowed, asked for a callback, left a message or were moved.
    ``estimate_error`` is the mean of |expected − waited| over those answered whose wait was
    estimated at entry, ``estimate_bias`` the mean of expected − waited, ``estimates_held`` the
    share of them that came within the range.
    """

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    abandoned_short: int = 0
    flowed_out: int = 0
    waited: float = 0.0
    handled: int = 0
    handling: float = 0.0
    estimated: int = 0
    estimate_error: float = 0.0
    estimate_bias: float = 0.0
    estimates_held: float = 0.0


# -- expected wait -----------------------------------------------------------------------------


def estimate(floor: Floor, contact: Contact, now: float) -> Estimate | None:
    """How long this contact will wait from ``now`` on; None when nobody staffed may serve it."""
    need = contact.stage.need if not contact.stage.only else contact.plan[-1].need
    group = floor.group_of(contact, need)
    serving = group.members & floor.available or group.members & floor.staffed
    if not serving:
        return None
    queue = floor.queues[contact.queue]
    key = queue.place(contact).key
    score = group.score(key, now)
    ahead = _ahead(floor, serving, score, now)
    return _estimate(queue, len(serving), ahead, position(floor, contact, now))


def estimate_for_newcomer(floor: Floor, queue: Queue, now: float) -> Estimate | None:
    """The same for a contact of the queue that would come now and that all of its agents may
    serve."""
    serving = queue.members & floor.available or queue.members & floor.staffed
    if not serving:
        return None
    score = queue.settings.offset_seconds
    return _estimate(
        queue, len(serving), _ahead(floor, serving, score, now), len(queue.contacts) + 1
    )


def position(floor: Floor, contact: Contact, now: float) -> int:
    """Its place in its queue by score, from 1."""
    queue = floor.queues[contact.queue]
    score, arrival = queue.score(contact, now), contact.arrival
    before = sum(_better(group, score, now, arrival) for group in queue.groups)
    for name in queue.aside:
        other = floor.contacts[name]
        before += (-queue.score(other, now), other.arrival) < (-score, arrival)
    return before + 1


def _ahead(floor: Floor, serving: set[str] | frozenset[str], score: float, now: float) -> float:
    """Handling seconds in front of who has this score, each weighed by the share of the agents
    that are asked of these ``serving``. Abandoning ones are taken off as they were today."""
    seconds = 0.0
    for group in floor.groups.values():
        if not group.line:
            continue
        theirs = group.members & floor.available or group.members
        share = len(serving & theirs) / len(theirs) if theirs else 0.0
        if share:
            queue = floor.queues[group.key.queue]
            stay = 1 - abandonment(queue)
            seconds += _better(group, score, now) * share * stay * handling(queue)
    return seconds


def _better(group: Group, score: float, now: float, arrival: int = 0) -> int:
    """How many of its line have a better score, or the same and came before ``arrival``."""
    key = now - score / group.rate if group.rate else -score
    return bisect_left(group.line, (key, arrival))


def _estimate(queue: Queue, agents: int, ahead: float, place: int) -> Estimate:
    mean = handling(queue)
    turns = ahead / mean + 1  # how often somebody has to become free
    expected, spread = turns * mean / agents, sqrt(turns) * mean / agents
    return Estimate(place, max(expected - spread, 0.0), expected, expected + spread)


# -- what is learned and counted ---------------------------------------------------------------


def handling(queue: Queue) -> float:
    """Mean seconds of talk and wrap-up."""
    return queue.handling_mean or queue.settings.expected_handling_seconds


def learn_handling(queue: Queue, seconds: float) -> None:
    """One more contact was handled: a mean of all at first, later of about the last ones."""
    queue.count("handled")
    queue.count("handling", seconds)
    queue.handling_seen = min(queue.handling_seen + 1, LEARNED_FROM)
    old = handling(queue)
    queue.handling_mean = old + (seconds - old) / (queue.handling_seen + 1)


def abandonment(queue: Queue) -> float:
    """The share of today's contacts that left before an agent, by themselves."""
    counts = queue.counts
    ended = counts.get("answered", 0) + counts.get("abandoned", 0)
    return counts.get("abandoned", 0) / ended if ended else 0.0


def count_answered(queue: Queue, contact: Contact, now: float) -> None:
    """A contact reached an agent: count it, and how far off its estimate was."""
    waited = now - contact.entered
    queue.count("answered")
    queue.count("waited", waited)
    if waited <= queue.settings.service_level.seconds:
        queue.count("answered_in_time")
    told = contact.estimate
    if told is not None:
        queue.count("estimated")
        queue.count("estimate_error", abs(told.expected - waited))
        queue.count("estimate_bias", told.expected - waited)
        queue.count("estimates_held", told.low <= waited <= told.high)


def count_abandoned(queue: Queue, contact: Contact, now: float) -> None:
    """A contact left by itself."""
    level, waited = queue.settings.service_level, now - contact.entered
    queue.count("abandoned")
    if waited <= level.seconds:
        queue.count("abandoned_in_time")
    if waited < level.short_abandon_seconds:
        queue.count("abandoned_short")


def counts(queue: Queue) -> Counts:
    """Today's counts, means in place of sums."""
    raw = {field.name: queue.counts.get(field.name, 0) for field in fields(Counts)}
    estimated = raw["estimated"]
    for mean in ("estimate_error", "estimate_bias", "estimates_held"):
        raw[mean] = raw[mean] / estimated if estimated else 0.0
    return Counts(**raw)  # type: ignore[arg-type]


def service_level(queue: Queue) -> float | None:
    """The share of today's contacts answered in time: of answered and of abandoned ones that had
    waited longer than the target (a late abandon is a failure, an early one is nobody's)."""
    counts = queue.counts
    late = counts.get("abandoned", 0) - counts.get("abandoned_in_time", 0)
    of = counts.get("answered", 0) + late
    return counts.get("answered_in_time", 0) / of if of else None


def uses_estimates(queue: Queue) -> bool:
    """Whether anything of the queue's settings asks for expected waits."""
    settings = queue.settings
    return (
        (settings.announcements is not None and settings.announcements.expected_wait)
        or (settings.callback is not None and settings.callback.offer_over_seconds is not None)
        or any(rule.when == "expected_wait" for rule in settings.overflow)
        or any(step.max_expected_wait_seconds is not None for step in settings.needs)
    )
