"""How queues did: what became of their contacts, how long these waited, and the work they made.

A contact counts, with its wait and all the work it made, in the interval in which it entered the
queue: so what was offered is what was answered, abandoned and flowed out, in every line. A wait is
the time in this queue, ringing included. All is asked of the ledger, so another target or formula
changes the past as well.

A message that is work waits for hours where a caller waits for seconds: messages are counted apart,
and are in no other figure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.queues import QueueSettings
from acd.service_level import Formula, ServiceLevel, service_level
from engine.call_record import SegmentKind
from engine.store.columns import microseconds_of
from engine.store.handling import HANDLED
from engine.store.tables import queue_visits, segments, transfers, wrap_ups

ANSWERED, ABANDONED = "answered", "abandoned"
"""Outcomes of a visit; every other one is a flow-out."""
_IS_MESSAGE = queue_visits.c.call.startswith("vm-")
"""How contacts are named that are messages (``engine.calls.names``)."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue in an interval. Shares are 0 to 1; None where there is nothing to divide by.

    ``service_level`` is counted by ``formula`` for ``target_seconds``. ``asa_seconds`` is the mean
    wait of the answered; the other waits are those of all contacts, percentiles by nearest rank.
    ``abandonment_rate`` leaves short abandons out of both sides, ``abandonment_rate_with_short``
    does not. ``aht_seconds`` is talk, hold, conference and wrap-up per answered contact.
    ``transfers_out`` counts the answered contacts that their agents gave on, as
    ``blind_to_queue`` or ``attended_to_agent``; ``transfers_in`` those that agents sent here.
    ``voicemails`` came as work, ``voicemails_answered`` of them were heard, after
    ``voicemail_wait_seconds`` on average.
    """

    queue: str
    started: float
    ended: float
    offered: int
    answered: int
    abandoned: int
    abandoned_short: int
    flow_outs: Mapping[str, int]
    answered_in_time: int
    abandoned_in_time: int
    service_level: float | None
    target_percent: float
    target_seconds: float
    formula: Formula
    short_abandon_seconds: float
    abandonment_rate: float | None
    abandonment_rate_with_short: float | None
    asa_seconds: float | None
    mean_wait_seconds: float
    longest_wait_seconds: float
    p50_wait_seconds: float
    p90_wait_seconds: float
    p95_wait_seconds: float
    talk_seconds: float
    hold_seconds: float
    conference_seconds: float
    wrap_up_seconds: float
    aht_seconds: float | None
    transfers_out: Mapping[str, int]
    transfers_in: int
    voicemails: int = 0
    voicemails_answered: int = 0
    voicemail_wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The time asked for: from ``since`` to before ``until``, in intervals of equal length.

    ``interval_seconds`` None makes one interval of it all. The last one may be shorter.
    """

    since: float
    until: float
    interval_seconds: float | None = None

    def place(self, moment: ColumnElement[float]) -> ColumnElement[int]:
        """The number of the interval that a time column is in, from 0."""
        first, width = _whole(self.since), _whole(self.interval_seconds or self.until - self.since)
        return (microseconds_of(moment) - first) // width

    def bounds(self, place: int) -> tuple[float, float]:
        """Beginning and end of an interval."""
        if self.interval_seconds is None:
            return self.since, self.until
        started = self.since + place * self.interval_seconds
        return started, min(started + self.interval_seconds, self.until)


@dataclass(frozen=True, slots=True)
class Targets:
    """The target of each queue: its own, with what was ``asked`` for in place of some fields of it.

    A queue without settings, for it may be gone by now, has the default one.
    """

    queues: Mapping[str, QueueSettings]
    asked: Mapping[str, object] = field(default_factory=dict)

    def of(self, queue: str) -> ServiceLevel:
        """The target of this queue."""
        settings = self.queues.get(queue)
        own = settings.service_level if settings else ServiceLevel()
        return own.model_copy(update=self.asked)


_Place = tuple[str, int]
"""A queue's name and the number of an interval."""


@dataclass(slots=True)
class _Tally:
    """A queue in an interval: ``waits`` in microseconds by how the visit ended, ``work`` in
    microseconds by kind, the contacts that were given on, and sent here; and of messages the
    waits."""

    waits: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    work: Counter[str] = field(default_factory=Counter)
    given: dict[str, int] = field(default_factory=dict)
    sent_here: int = 0
    messages: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


async def queue_lines(
    connection: AsyncConnection, period: Period, targets: Targets
) -> list[QueueLine]:
    """A line for each queue and interval in which contacts came, in this order."""
    tallies: dict[_Place, _Tally] = defaultdict(_Tally)
    for queue, place, outcome, wait in await connection.execute(_visits(period, _within(period))):
        tallies[queue, place].waits[outcome].append(wait)
    of_messages = (_entered_in(period), _IS_MESSAGE)
    for queue, place, outcome, wait in await connection.execute(_visits(period, of_messages)):
        tallies[queue, place].messages[outcome].append(wait)
    for query in (_talks(period), _wrap_ups(period)):
        for queue, place, kind, duration in await connection.execute(query):
            tallies[queue, place].work[kind] = int(duration)
    for queue, place, how, target, many in await connection.execute(_given_on(period)):
        tallies[queue, place].given[f"{how}_to_{target}"] = int(many)
    for queue, place, many in await connection.execute(_sent_here(period)):
        tallies[queue, place].sent_here = int(many)
    return [_line(at, period, tallies[at], targets.of(at[0])) for at in sorted(tallies)]


def _visits(period: Period, which: Sequence[ColumnElement[bool]]) -> Select[Any]:
    visit = queue_visits.c
    wait = microseconds_of(visit.left) - microseconds_of(visit.entered)
    columns = (visit.queue, period.place(visit.entered), visit.outcome, wait)
    return select(*columns).where(*which)


def _talks(period: Period) -> Select[Any]:
    """Without what callers do where no agent is: a hold by who was called, a meeting in a room."""
    kind, agent = segments.c.kind, segments.c.agent
    return _work(period, segments, kind).where(kind.in_(HANDLED), agent.is_not(None))


def _wrap_ups(period: Period) -> Select[Any]:
    return _work(period, wrap_ups, literal(SegmentKind.WRAP_UP.value))


def _work(period: Period, part: Table, kind: ColumnElement[str]) -> Select[Any]:
    visit, done = queue_visits.c, part.c
    place, named = period.place(visit.entered).label("place"), kind.label("kind")
    total = func.sum(microseconds_of(done.ended) - microseconds_of(done.started))
    return (
        select(visit.queue, place, named, total)
        .join_from(queue_visits, part, _follows(part, done.started))
        .where(*_within(period), visit.outcome == ANSWERED)
        .group_by(visit.queue, place, named)
    )


def _follows(part: Table, at: ColumnElement[float]) -> ColumnElement[bool]:
    """Each row of ``part`` belongs to the answered visit to its queue that it follows."""
    visit, again = queue_visits.c, _answered_again()
    return and_(
        part.c.call == visit.call,
        part.c.queue == visit.queue,
        at >= visit.left,
        or_(again.is_(None), at < again),
    )


def _given_on(period: Period) -> Select[Any]:
    """Queue, place, how, to what, how many."""
    visit, made = queue_visits.c, transfers.c
    place = period.place(visit.entered).label("place")
    return (
        select(visit.queue, place, made.how, made.target, func.count())
        .join_from(queue_visits, transfers, _follows(transfers, made.at))
        .where(*_within(period), visit.outcome == ANSWERED)
        .group_by(visit.queue, place, made.how, made.target)
    )


def _sent_here(period: Period) -> Select[Any]:
    """Queue, place, how many visits an agent's transfer began: the first one after it."""
    visit, made, before = queue_visits.c, transfers.c, queue_visits.alias("before").c
    was_elsewhere = exists().where(
        before.call == visit.call, before.seq < visit.seq, before.entered >= made.at
    )
    to_here = exists().where(
        made.call == visit.call,
        made.target == "queue",
        made.name == visit.queue,
        made.at <= visit.entered,
        ~was_elsewhere.correlate(queue_visits, transfers),
    )
    place = period.place(visit.entered).label("place")
    return (
        select(visit.queue, place, func.count())
        .where(*_within(period), to_here)
        .group_by(visit.queue, place)
    )


def _answered_again() -> ScalarSelect[Any]:
    """When the same call was next answered from the same queue, after a transfer back."""
    visit, later = queue_visits.c, queue_visits.alias("later")
    of_call = select(func.min(later.c.left)).where(
        later.c.call == visit.call,
        later.c.seq > visit.seq,  # with the call, the key: SQLite would take the queue's index
        later.c.queue == visit.queue,
        later.c.outcome == ANSWERED,
    )
    return of_call.correlate(queue_visits).scalar_subquery()


def _within(period: Period) -> tuple[ColumnElement[bool], ...]:
    return _entered_in(period), ~_IS_MESSAGE


def _entered_in(period: Period) -> ColumnElement[bool]:
    entered = queue_visits.c.entered
    return and_(entered >= period.since, entered < period.until)


def _line(at: _Place, period: Period, tally: _Tally, target: ServiceLevel) -> QueueLine:
    queue, place = at
    started, until = period.bounds(place)
    ended, work = tally.waits, tally.work
    answered, abandoned = ended.get(ANSWERED, ()), ended.get(ABANDONED, ())
    waits = sorted(wait for some in ended.values() for wait in some)
    heard = tally.messages.get(ANSWERED, ())
    counts = _counts(answered, abandoned, target)
    short = counts["abandoned_short"]
    return QueueLine(
        queue=queue,
        started=started,
        ended=until,
        offered=len(waits),
        **counts,
        flow_outs=_flow_outs(ended),
        service_level=service_level(target.formula, **counts),
        target_percent=target.percent,
        target_seconds=target.seconds,
        formula=target.formula,
        short_abandon_seconds=target.short_abandon_seconds,
        abandonment_rate=_share(len(abandoned) - short, len(waits) - short),
        abandonment_rate_with_short=_share(len(abandoned), len(waits)),
        asa_seconds=_mean(sum(answered), len(answered)),
        mean_wait_seconds=_mean(sum(waits), len(waits)) or 0.0,
        longest_wait_seconds=_seconds(waits[-1]) if waits else 0.0,
        p50_wait_seconds=_percentile(waits, 50),
        p90_wait_seconds=_percentile(waits, 90),
        p95_wait_seconds=_percentile(waits, 95),
        talk_seconds=_seconds(work[SegmentKind.TALK]),
        hold_seconds=_seconds(work[SegmentKind.HOLD]),
        conference_seconds=_seconds(work[SegmentKind.CONFERENCE]),
        wrap_up_seconds=_seconds(work[SegmentKind.WRAP_UP]),
        aht_seconds=_mean(work.total(), len(answered)),
        transfers_out=tally.given,
        transfers_in=tally.sent_here,
        voicemails=sum(map(len, tally.messages.values())),
        voicemails_answered=len(heard),
        voicemail_wait_seconds=_mean(sum(heard), len(heard)),
    )


def _counts(
    answered: Sequence[int], abandoned: Sequence[int], target: ServiceLevel
) -> dict[str, int]:
    return {
        "answered": len(answered),
        "answered_in_time": _up_to(target.seconds, answered),
        "abandoned": len(abandoned),
        "abandoned_in_time": _up_to(target.seconds, abandoned),
        "abandoned_short": _up_to(target.short_abandon_seconds, abandoned),
    }


def _flow_outs(ended: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {
        outcome: len(ended[outcome]) for outcome in sorted(ended.keys() - {ANSWERED, ABANDONED})
    }


def _up_to(seconds: float, waits: Sequence[int]) -> int:
    limit = _whole(seconds)
    return sum(wait <= limit for wait in waits)


def _percentile(ordered: Sequence[int], percent: int) -> float:
    """The shortest wait that so many percent of the contacts did not exceed."""
    return _seconds(ordered[ceil(len(ordered) * percent / 100) - 1]) if ordered else 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(microseconds: int, count: int) -> float | None:
    return _seconds(microseconds) / count if count else None


def _whole(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _seconds(microseconds: int) -> float:
    return microseconds / 1_000_000
