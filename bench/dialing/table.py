"""The section `pacing`: how busy each policy keeps agents, and whom it abandons for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.dialing.contestants import CONTESTANTS
from bench.dialing.shifts import HOURS, SEEDS, Outcome, Shift, run_all

OURS = "predictive"
TOLERANCE = 1.02
"""No shift may abandon more than the cap times this."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table: a world under a cap, and the utilisation that is aimed at."""

    title: str
    world: str
    cap: float
    aims: Mapping[int, float]


PARTS = (
    Part(
        "Answer rate 0.30, cap 3 %",
        "stationary",
        0.03,
        {5: 78.5, 10: 83.5, 20: 88, 50: 93, 100: 95, 300: 97},
    ),
    Part(
        "Answer rate 0.30, 0.15, 0.40, talk 120 s, 75 s; cap 3 %",
        "shifting",
        0.03,
        {5: 75, 10: 81, 20: 87, 50: 92, 100: 94.5, 300: 96.5},
    ),
    Part(
        "Answer rate 0.30, cap 1 %",
        "stationary",
        0.01,
        {5: 74, 10: 79, 20: 85, 50: 90, 100: 93, 300: 96},
    ),
)
Results = Mapping[tuple[str, int], Sequence[Outcome]]
"""By contestant and number of agents: one outcome for each seed."""


async def show(console: Console) -> None:
    """Measure all, and print."""
    measure(console, tuple(HOURS), SEEDS)


async def show_quick(console: Console) -> None:
    """The same with three numbers of agents and one seed each: a minute."""
    measure(console, (5, 20, 100), dict.fromkeys(HOURS, 1))


def measure(console: Console, sizes: Sequence[int], seeds: Mapping[int, int]) -> None:
    """Run every policy on the same calls, and print one table for each part."""
    costs: dict[int, list[float]] = defaultdict(list)
    for part in PARTS:
        results = _results(part, sizes, seeds, console)
        console.print(_table(part, results, sizes))
        console.print(_worst(part, results, sizes))
        for size in sizes:
            costs[size] += [outcome.ms for outcome in results[OURS, size]]
    said = ", ".join(f"{size} agents {median(costs[size]):.2f} ms" for size in sizes)
    console.print(f"A decision of {OURS} takes (median): {said}")


def _results(
    part: Part, sizes: Sequence[int], seeds: Mapping[int, int], console: Console
) -> Results:
    shifts = [
        Shift(name, part.world, size, part.cap, seed)
        for size in sizes
        for name in CONTESTANTS
        for seed in range(1, seeds[size] + 1)
    ]
    found: dict[tuple[str, int], list[Outcome]] = defaultdict(list)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(part.title, total=len(shifts))
        for shift, outcome in run_all(shifts, lambda: bar.advance(task)):
            found[shift.contestant, shift.n_agents].append(outcome)
    return found


def _table(part: Part, results: Results, sizes: Sequence[int]) -> Table:
    title = f"{part.title}: utilisation ± sd / abandoned % (seeds over the cap)"
    table = Table("agents", title=title, title_justify="left")
    for size in sizes:
        table.add_column(str(size), justify="right")
    for name in CONTESTANTS:
        table.add_row(name, *(cell(results[name, size], part.cap) for size in sizes))
    table.add_section()
    table.add_row("aim", *(f"{part.aims[size]:.1f}" for size in sizes))
    return table


def cell(outcomes: Sequence[Outcome], cap: float) -> str:
    """As ``88.1±0.4 / 2.87 (1/5)``; abandonment is that of all seeds' calls together."""
    busy = [100 * outcome.utilisation for outcome in outcomes]
    spread = f"±{stdev(busy):.1f}" if len(busy) > 1 else ""
    dropped = sum(outcome.abandoned for outcome in outcomes)
    share = 100 * dropped / max(1, dropped + sum(outcome.connected for outcome in outcomes))
    over = sum(outcome.abandonment > cap for outcome in outcomes)
    return f"{fmean(busy):.1f}{spread} / {share:.2f}" + (f" ({over}/{len(busy)})" if over else "")


def _worst(part: Part, results: Results, sizes: Sequence[int]) -> str:
    worst = max(outcome.abandonment for size in sizes for outcome in results[OURS, size])
    least = 100 * part.cap * TOLERANCE
    return f"The worst shift of {OURS} abandoned {100 * worst:.3f} % (aim: at most {least:.2f} %)\n"
