"""What a day was like, queue by queue and interval by interval.

Everything is counted in the interval in which a contact entered the queue, so that the contacts
offered there are those answered, abandoned, flowed out and waiting still. Waits are in one queue;
the speed of answer (mean and percentiles) is of those answered, the longest wait of all. Occupancy
is that of the agents who serve the queue, with all their contacts: talk and wrap-up over talk,
wrap-up and being ready; ringing and pauses count for neither.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from acd.messages import AgentState
from acd.queues import QueueSettings
from acd.service_level import service_level
from acd.simulation.daylog import ABANDONED, ANSWERED, WAITING, DayLog, Stretch, Visit

_BUSY = (AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Figures:
    """One queue, from ``start`` to ``end``. Waits in seconds, shares from 0 to 1; None where
    nobody is to be counted. ``flowed_out`` are those whom the queue's rules sent elsewhere,
    ``waiting`` those who were still there when the day ended."""

    queue: str
    start: float
    end: float
    offered: int
    answered: int
    abandoned: int
    flowed_out: int
    waiting: int
    service_level: float | None
    mean_wait: float | None
    p50_wait: float | None
    p90_wait: float | None
    p95_wait: float | None
    p99_wait: float | None
    longest_wait: float
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """The time that counts, and how long its intervals are."""

    start: float
    end: float
    interval: float

    def edges(self) -> list[float]:
        """Where intervals begin, and the end of the last one, which may be shorter."""
        count = ceil((self.end - self.start) / self.interval - 1e-9)
        return [*(self.start + n * self.interval for n in range(count)), self.end]


def day_figures(
    log: DayLog,
    queues: Mapping[str, QueueSettings],
    members: Mapping[str, Iterable[str]],
    span: Span,
) -> tuple[list[Figures], list[Figures]]:
    """Per queue: the whole ``span``, and (after one another) its intervals.

    ``members`` are the agents of each queue.
    """
    visits: dict[str, list[Visit]] = {name: [] for name in queues}
    for visit in (*log.visits, *log.open_visits(span.end)):
        if visit.queue in visits and span.start <= visit.entered < span.end:
            visits[visit.queue].append(visit)
    work = Work(log.stretches, span.edges())
    whole, intervals = [], []
    for name, settings in queues.items():
        agents = list(members.get(name, ()))
        busy = work.occupancy(agents)
        parts = _by_interval(visits[name], work.edges)
        for number, part in enumerate(parts):
            start, end = work.edges[number], work.edges[number + 1]
            intervals.append(_figures(settings, part, start, end, busy[number]))
        total = work.occupancy_of_all(agents)
        whole.append(_figures(settings, visits[name], span.start, span.end, total))
    return whole, intervals


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The smallest value that ``percent`` of the ``ordered`` values do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, ceil(percent / 100 * len(ordered)) - 1)]


class Work:
    """How long each agent was busy and idle in each interval."""

    def __init__(self, stretches: Iterable[Stretch], edges: list[float]) -> None:
        self.edges = edges
        self._seconds: dict[str, tuple[list[float], list[float]]] = {}
        for agent, state, began, ended in stretches:
            if state in _BUSY:
                self._spread(self._of(agent)[0], began, ended)
            elif state is AgentState.READY:
                self._spread(self._of(agent)[1], began, ended)

    def _of(self, agent: str) -> tuple[list[float], list[float]]:
        found = self._seconds.get(agent)
        if found is None:
            count = len(self.edges) - 1
            found = self._seconds[agent] = ([0.0] * count, [0.0] * count)
        return found

    def _spread(self, seconds: list[float], began: float, ended: float) -> None:
        edges = self.edges
        began, ended = max(began, edges[0]), min(ended, edges[-1])
        number = max(0, bisect_left(edges, began, 1) - 1)
        while began < ended:
            until = min(ended, edges[number + 1])
            seconds[number] += until - began
            began = until
            number += 1

    def occupancy(self, agents: Iterable[str]) -> list[float | None]:
        """Of these agents together, per interval."""
        known = [self._seconds[agent] for agent in agents if agent in self._seconds]
        return [
            _share(sum(busy[n] for busy, _ in known), sum(idle[n] for _, idle in known))
            for n in range(len(self.edges) - 1)
        ]

    def occupancy_of_all(self, agents: Iterable[str]) -> float | None:
        """Of these agents together, over all intervals."""
        known = [self._seconds[agent] for agent in agents if agent in self._seconds]
        return _share(sum(sum(busy) for busy, _ in known), sum(sum(idle) for _, idle in known))


def _share(busy: float, idle: float) -> float | None:
    return busy / (busy + idle) if busy + idle else None


def _by_interval(visits: Iterable[Visit], edges: list[float]) -> list[list[Visit]]:
    parts: list[list[Visit]] = [[] for _ in edges[1:]]
    length = edges[1] - edges[0]
    for visit in visits:
        parts[min(int((visit.entered - edges[0]) / length), len(parts) - 1)].append(visit)
    return parts


def _figures(
    settings: QueueSettings,
    visits: Sequence[Visit],
    start: float,
    end: float,
    occupancy: float | None,
) -> Figures:
    answered = sorted(visit.waited for visit in visits if visit.how == ANSWERED)
    abandoned = [visit.waited for visit in visits if visit.how == ABANDONED]
    waiting = sum(visit.how == WAITING for visit in visits)
    return Figures(
        settings.name,
        start,
        end,
        offered=len(visits),
        answered=len(answered),
        abandoned=len(abandoned),
        flowed_out=len(visits) - len(answered) - len(abandoned) - waiting,
        waiting=waiting,
        service_level=_service_level(settings, answered, abandoned),
        mean_wait=sum(answered) / len(answered) if answered else None,
        p50_wait=percentile(answered, 50),
        p90_wait=percentile(answered, 90),
        p95_wait=percentile(answered, 95),
        p99_wait=percentile(answered, 99),
        longest_wait=max((visit.waited for visit in visits), default=0.0),
        occupancy=occupancy,
    )


def _service_level(
    settings: QueueSettings, answered: Sequence[float], abandoned: Sequence[float]
) -> float | None:
    target = settings.service_level
    return service_level(
        target.formula,
        answered=len(answered),
        answered_in_time=sum(wait <= target.seconds for wait in answered),
        abandoned=len(abandoned),
        abandoned_in_time=sum(wait <= target.seconds for wait in abandoned),
        abandoned_short=sum(wait < target.short_abandon_seconds for wait in abandoned),
    )
