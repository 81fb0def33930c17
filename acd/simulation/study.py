"""Several simulated days of one scenario, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from acd.simulation.confidence import Mean, mean_of
from acd.simulation.day import Progress, simulate
from acd.simulation.durations import Dice
from acd.simulation.figures import Figures, Span, day_figures
from acd.simulation.scenario import MINUTE, Scenario

FIGURES = tuple(field.name for field in fields(Figures))[3:]
"""The names of the figures that are averaged over days."""


@dataclass(frozen=True, slots=True)
class Row:
    """A queue from ``start`` to ``end`` (seconds since midnight): each figure's mean over the days;
    None for a figure that no day had."""

    queue: str
    start: float
    end: float
    figures: Mapping[str, Mean | None]


@dataclass(frozen=True, slots=True)
class Study:
    """What ``days`` days were like: per queue, and per queue and interval."""

    days: int
    queues: tuple[Row, ...]
    intervals: tuple[Row, ...]


def study(
    scenario: Scenario, dice: Iterable[Dice], progress: Callable[[int, float], None] | None = None
) -> Study:
    """Simulate one day for each of ``dice``; ``progress`` is told the day and its share done."""
    days = []
    for number, one in enumerate(dice):
        days.append(one_day(scenario, one, _of_day(progress, number)))
    whole = [day[0] for day in days]
    intervals = [day[1] for day in days]
    return Study(len(days), _rows(whole), _rows(intervals))


def one_day(
    scenario: Scenario, dice: Dice, progress: Progress | None = None
) -> tuple[list[Figures], list[Figures]]:
    """The figures of one day, as ``day_figures`` has them; the warm-up is left out."""
    log = simulate(scenario, dice, progress)
    start = scenario.start + scenario.warm_up_minutes * MINUTE
    span = Span(start, scenario.end, scenario.interval_minutes * MINUTE)
    members: dict[str, list[str]] = {}
    for agent, _, _ in scenario.people():
        for queue in agent.queues:
            members.setdefault(queue, []).append(agent.name)
    return day_figures(log, scenario.queues, members, span)


def _of_day(progress: Callable[[int, float], None] | None, day: int) -> Progress | None:
    return None if progress is None else lambda share: progress(day, share)


def _rows(days: Sequence[Sequence[Figures]]) -> tuple[Row, ...]:
    return tuple(_row(same) for same in zip(*days, strict=True))


def _row(days: Sequence[Figures]) -> Row:
    first = days[0]
    figures = {}
    for name in FIGURES:
        values = [value for day in days if (value := getattr(day, name)) is not None]
        figures[name] = mean_of(values)
    return Row(first.queue, first.start, first.end, figures)
