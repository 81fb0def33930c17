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
from math import fsum, sqrt

from acd.floor import Floor
from acd.service_level import service_level as share_kept
from acd.waiting import Contact, Crew, Estimate, Group, Queue

LEARNED_FROM = 50
"""Handling times that the mean follows; until so many were seen, all count alike."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the contacts of a queue since midnight; waits in seconds.

    ``flowed_out`` are those that overflowed, asked for a callback, left a message or were moved,
    and whom we dialed and did not reach, or had no agent for: neither is his abandoning.
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
    crew = floor.crew(group)
    if not crew.serving:
        return None
    queue, place = floor.queues[contact.queue], position(floor, contact)
    if _is_served_at_once(floor, contact):
        return Estimate(place, 0.0, 0.0, 0.0)
    ahead = _ahead(floor, crew, queue, queue.place(contact)[:2], now)
    return _estimate(queue, len(crew.serving), ahead, place)


def _is_served_at_once(floor: Floor, contact: Contact) -> bool:
    """Whether somebody has room for it now; at work, and it waits already, he keeps his room for a
    better one."""
    members, waits = floor.group(contact).members, floor.is_waiting(contact)
    return any(
        seat.agent in members
        and seat.agent not in contact.passed_over
        and not (waits and floor.agents[seat.agent].tasks)
        for seat in floor.open.get(contact.medium, ())
    )


def estimate_for_newcomer(floor: Floor, queue: Queue, now: float) -> Estimate | None:
    """The same for a contact of the queue that would come now and that all of its agents may
    serve."""
    crew = floor.crew(queue)
    if not crew.serving:
        return None
    ahead = _ahead(floor, crew, queue, (queue.key(now), floor.arrivals + 1), now)
    return _estimate(queue, len(crew.serving), ahead, len(queue.contacts) + 1)


def position(floor: Floor, contact: Contact) -> int:
    """Its place in its queue by score, from 1."""
    queue = floor.queues[contact.queue]
    mine = queue.place(contact)
    before = sum(bisect_left(group.line, mine) for group in queue.groups)
    return 1 + before + sum(queue.place(floor.contacts[name]) < mine for name in queue.aside)


def _ahead(floor: Floor, crew: Crew, queue: Queue, place: tuple[float, int], now: float) -> float:
    """Handling seconds in front of this place of the queue (key, arrival), each weighed by the
    share of the agents that are asked of this crew. Abandoning ones are taken off as they were
    today."""
    (mine, arrival), rate = place, queue.settings.rate
    score = rate * (now - mine) if rate else -mine

    parts = []
    for group in floor.groups.values():
        other = floor.queues[group.key.queue]
        key = mine if other is queue else _key(group, score, now)
        if before := bisect_left(group.line, (key, arrival)):
            share = _share(floor, crew, group)
            parts.append(before * share * (1 - abandonment(other)) * handling(other))
    return fsum(parts)


def _share(floor: Floor, crew: Crew, group: Group) -> float:
    """How much of the agents whom this group asks are of the crew."""
    if group.key not in crew.shares:
        theirs = group.members & floor.available or group.members
        crew.shares[group.key] = len(crew.serving & theirs) / len(theirs) if theirs else 0.0
    return crew.shares[group.key]


def _key(group: Group, score: float, now: float) -> float:
    """Where in its line this score stands."""
    return now - score / group.rate if group.rate else -score


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
    """The share of today's contacts for whom the queue's target was kept, by its formula."""
    today = counts(queue)
    return share_kept(
        queue.settings.service_level.formula,
        answered=today.answered,
        answered_in_time=today.answered_in_time,
        abandoned=today.abandoned,
        abandoned_in_time=today.abandoned_in_time,
        abandoned_short=today.abandoned_short,
    )


def uses_estimates(queue: Queue) -> bool:
    """Whether anything of the queue's settings asks for expected waits."""
    settings = queue.settings
    return (
        (settings.announcements is not None and settings.announcements.expected_wait)
        or (settings.callback is not None and settings.callback.offer_over_seconds is not None)
        or any(rule.when == "expected_wait" for rule in settings.overflow)
        or any(step.max_expected_wait_seconds is not None for step in settings.needs)
    )
