"""Simulated days as people read them in a terminal: tables, and lines of small bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from acd.simulation.scenario import Scenario
from acd.simulation.study import Row, Study
from acd.simulation.yardstick import Yardstick
from engine.cli.simulated_figures import Figures, clock
from engine.tables import Table

_BARS = "▁▂▃▄▅▆▇█"
_WAITS = ("mean_wait", "p50_wait", "p90_wait", "p95_wait", "p99_wait", "longest_wait")
_FIGURES = Figures(shares=frozenset({"service_level", "occupancy"}), seconds=frozenset(_WAITS))
_TITLES = {
    "flowed_out": "flowed out",
    "service_level": "service level",
    "mean_wait": "ASA",
    "longest_wait": "longest",
    **{name: name.removesuffix("_wait") for name in _WAITS[1:-1]},
}


def show_study(
    scenario: Scenario, done: Study, theory: Yardstick | tuple[str, ...], console: Console
) -> None:
    """Queue by queue, the day as a curve, interval by interval, and what theory says."""
    console.print(_queues(scenario, done))
    console.print(_curves(done))
    console.print(_intervals(done))
    console.print(_theory(done, theory) if isinstance(theory, Yardstick) else _no_theory(theory))


def show_staffing(group: str, studies: Sequence[tuple[Scenario, Study]], console: Console) -> None:
    """What each number of agents leads to, and the fewest that keep every target."""
    columns = ("service_level", "mean_wait", "p90_wait", "abandoned", "flowed_out", "occupancy")
    table = _table(f"Agents in `{group}`", ("agents", "queue", "target"), columns)
    enough = None
    for scenario, done in studies:
        kept = [_keeps(scenario, row) for row in done.queues]
        count = scenario.agents[group].count
        if enough is None and all(kept):
            enough = count
        for row, keeps in zip(done.queues, kept, strict=True):
            style = "" if keeps else "yellow"
            cells = [_FIGURES.mean(name, row.figures[name]) for name in columns]
            table.add_row(str(count), row.queue, _target(scenario, row.queue), *cells, style=style)
        table.add_section()
    console.print(table)
    if enough is None:
        console.print("none of them keeps every target")
    else:
        console.print(f"{enough} are the fewest that keep every target")


def _keeps(scenario: Scenario, row: Row) -> bool:
    level = row.figures["service_level"]
    return level is None or 100 * level.mean >= scenario.queues[row.queue].service_level.percent


def _target(scenario: Scenario, queue: str) -> str:
    target = scenario.queues[queue].service_level
    return f"{target.percent:g} % in {target.seconds:g} s"


def _queues(scenario: Scenario, done: Study) -> Table:
    title = f"{scenario.title or 'The day'}: means of {done.days} days ± 95 % interval"
    names = ("offered", "answered", "abandoned", "flowed_out", "service_level", *_WAITS)
    table = _table(title, ("queue", "target"), (*names, "occupancy"))
    for row in done.queues:
        cells = [_FIGURES.mean(name, row.figures[name]) for name in (*names, "occupancy")]
        table.add_row(row.queue, _target(scenario, row.queue), *cells)
    return table


def _curves(done: Study) -> Table:
    """One line of bars per queue and figure: shares against 100 %, the rest against its highest."""
    first, last = done.intervals[0], done.intervals[-1]
    title = f"From {clock(first.start)} to {clock(last.end)}"
    table = _table(title, ("queue", "figure", "", "from", "to"), ())
    for row in done.queues:
        own = [each for each in done.intervals if each.queue == row.queue]
        for name in ("offered", "service_level", "mean_wait", "abandoned", "occupancy"):
            means = [mean.mean if (mean := each.figures[name]) else None for each in own]
            known = [value for value in means if value is not None]
            if known:
                ends = (_FIGURES.value(name, min(known)), _FIGURES.value(name, max(known)))
                bars = sparkline(means, 1.0 if name in _FIGURES.shares else max(known))
                table.add_row(row.queue, _TITLES.get(name, name), bars, *ends)
    return table


def sparkline(values: Iterable[float | None], highest: float) -> str:
    """A bar for each value, ``highest`` the tallest; a gap where there is none."""
    return "".join(" " if value is None else _bar(value, highest) for value in values)


def _bar(value: float, highest: float) -> str:
    level = int(value / highest * len(_BARS)) if highest else 0
    return _BARS[max(0, min(level, len(_BARS) - 1))]


def _intervals(done: Study) -> Table:
    names = ("offered", "abandoned", "flowed_out", "service_level", *_WAITS, "occupancy")
    table = _table("Interval by interval, by the time of arrival", ("queue", "from"), names)
    queue = None
    for row in done.intervals:
        if queue not in (None, row.queue):
            table.add_section()
        queue = row.queue
        cells = [_FIGURES.mean(name, row.figures[name]) for name in names]
        table.add_row(row.queue, clock(row.start), *cells)
    return table


def _theory(done: Study, theory: Yardstick) -> Table:
    """Abandons of theory are a share, so here they are one of both."""
    (row,) = done.queues
    offered, abandoned = row.figures["offered"], row.figures["abandoned"]
    table = _table("Beside the theory", ("",), ("service_level", "mean_wait", "occupancy"))
    table.add_column("abandoned", justify="right")
    share = abandoned.mean / offered.mean if offered and abandoned and offered.mean else 0.0
    simulated = [
        _FIGURES.mean(n, row.figures[n]) for n in ("service_level", "mean_wait", "occupancy")
    ]
    table.add_row("simulated", *simulated, f"{share:.1%}")
    table.add_row(
        theory.model,
        _FIGURES.value("service_level", theory.service_level),
        _FIGURES.value("mean_wait", theory.mean_wait),
        _FIGURES.value("occupancy", theory.occupancy),
        f"{theory.abandoned:.1%}",
    )
    return table


def _no_theory(reasons: Iterable[str]) -> str:
    return f"Erlang's formulas are no yardstick here: {'; '.join(reasons)}"


def _table(title: str, texts: Iterable[str], figures: Iterable[str]) -> Table:
    table = Table(title=title)
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in figures:
        table.add_column(_TITLES.get(name, name), justify="right")
    return table
