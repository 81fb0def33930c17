"""What happened beside what would have: queue by queue, agent by agent, and who changed hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from acd.messages import AgentState, Configured
from acd.queues import QueueSettings
from acd.simulation.course import Course
from acd.simulation.daylog import ANSWERED, DayLog
from acd.simulation.figures import Figures, Span, day_figures
from acd.simulation.history import History
from acd.simulation.whatif import Change, WhatIf


@dataclass(frozen=True, slots=True)
class Hands:
    """What became of a contact: ``how`` its last visit ended, and its agent ('' for none)."""

    queue: str
    how: str
    agent: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two days. ``contacts`` counts what each agent answered."""

    queues: Mapping[str, Figures]
    contacts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both days, and each contact that went another way: what was, what would have been (None: it
    would not have come). ``refused`` is what people could not have done then, and how often;
    ``absent`` are agents of the new settings who never logged in that day."""

    start: float
    end: float
    was: Side
    would_be: Side
    changed: Mapping[str, tuple[Hands | None, Hands | None]]
    refused: Mapping[str, int]
    absent: tuple[str, ...]


def compare(history: History, change: Change) -> Comparison:
    """Run the day again with its settings changed. Service levels of both sides are by the new
    targets. Raises ``ValueError`` when the journal holds no day: no settings, or no time.
    """
    before = history.configured
    if before is None or history.end <= history.start:
        raise ValueError("there is no day in this journal: no settings, or nothing after them")
    after = change(before)
    run = WhatIf(history, change)
    course = run.run()
    was, would_be = _hands(history.course), _hands(course)
    names = dict.fromkeys([*was, *would_be])
    changed = {
        name: (was.get(name), would_be.get(name))
        for name in names
        if was.get(name) != would_be.get(name)
    }
    targets = {queue.name: queue for queue in (*before.queues, *after.queues)}
    return Comparison(
        history.start,
        history.end,
        _side(history, history.course.log, before, targets),
        _side(history, course.log, after, targets),
        changed,
        dict(run.refused),
        _absent(after, course.log),
    )


def _hands(course: Course) -> dict[str, Hands]:
    visits = (*course.log.visits, *course.log.open_visits(0.0))
    return {visit.contact: Hands(visit.queue, visit.how, visit.agent) for visit in visits}


def _side(
    history: History, log: DayLog, settings: Configured, targets: Mapping[str, QueueSettings]
) -> Side:
    span = Span(history.start, history.end, history.end - history.start)
    members: dict[str, list[str]] = {}
    for agent in settings.agents:
        for queue in agent.queues:
            members.setdefault(queue, []).append(agent.name)
    queues = {queue.name: targets[queue.name] for queue in settings.queues}
    whole, _ = day_figures(log, queues, members, span)
    answered = Counter(visit.agent for visit in log.visits if visit.how == ANSWERED)
    contacts = {agent.name: answered[agent.name] for agent in settings.agents}
    return Side({figures.queue: figures for figures in whole}, contacts | dict(answered))


def _absent(settings: Configured, log: DayLog) -> tuple[str, ...]:
    there: set[str] = set(_logged_in(log))
    return tuple(agent.name for agent in settings.agents if agent.name not in there)


def _logged_in(log: DayLog) -> Iterable[str]:
    return (s.agent for s in log.stretches if s.state is not AgentState.LOGGED_OUT)
