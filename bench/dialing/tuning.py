"""``python -m bench.dialing.tuning``: what peers are best set to, for ``contestants.py``.

They are tuned on stationary worlds with seeds that are measured nowhere else: an advantage that no
live system has. Best is the highest utilisation whose abandonment keeps the cap; where no setting
keeps it, the least abandonment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.dialing.shifts import HOURS, Outcome, Shift, run_all

SEEDS = (101, 102)
CAPS = (0.03, 0.01)
INTENSITIES = (0.0, -20.0)
RATIOS = tuple(1 + step / 10 for step in range(64))
VICIDIAL, RATIO = "VICIdial ADAPT_AVERAGE, tuned", "fixed ratio, tuned"

Settings = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings, their mean utilisation, and the abandonment of all calls together."""

    settings: Settings
    utilisation: float
    abandonment: float


def settings_of_vicidial(n_agents: int) -> list[Settings]:
    """Maximum dial level and intensity: twelve."""
    levels = (2.0, 2.5, 3.0, 4.0, 5.0, 8.0 if n_agents >= 300 else 6.0)
    return [(level, intensity) for level in levels for intensity in INTENSITIES]


def tried(contestant: str, n_agents: int, cap: float, settings: Sequence[Settings]) -> list[Tried]:
    """Each of the settings, on every seed."""
    shifts = [
        Shift(contestant, "stationary", n_agents, cap, seed, each)
        for each in settings
        for seed in SEEDS
    ]
    outcomes: dict[Settings, list[Outcome]] = defaultdict(list)
    for shift, outcome in run_all(shifts):
        outcomes[shift.settings].append(outcome)
    return [_pooled(each, outcomes[each]) for each in settings]


def _pooled(settings: Settings, outcomes: Sequence[Outcome]) -> Tried:
    dropped = sum(each.abandoned for each in outcomes)
    lived = dropped + sum(each.connected for each in outcomes)
    busy = fmean(each.utilisation for each in outcomes)
    return Tried(settings, busy, dropped / max(1, lived))


def best_of_vicidial(n_agents: int, cap: float) -> Tried:
    """Of all twelve."""

    def worth(each: Tried) -> tuple[float, float]:
        return (each.utilisation, 0.0) if each.abandonment <= cap else (0.0, -each.abandonment)

    return max(tried(VICIDIAL, n_agents, cap, settings_of_vicidial(n_agents)), key=worth)


def best_ratio(n_agents: int, cap: float) -> Tried:
    """The highest that keeps the cap: the higher it is, the more are abandoned."""
    keeps, breaks = 0, len(RATIOS)
    while breaks - keeps > 1:
        middle = (keeps + breaks) // 2
        (found,) = tried(RATIO, n_agents, cap, [(RATIOS[middle],)])
        keeps, breaks = (middle, breaks) if found.abandonment <= cap else (keeps, middle)
    return tried(RATIO, n_agents, cap, [(RATIOS[keeps],)])[0]


def main() -> None:
    """Print the tables."""
    for name, best in ((VICIDIAL, best_of_vicidial), (RATIO, best_ratio)):
        print(name)
        for cap in CAPS:
            for n_agents in HOURS:
                found = best(n_agents, cap)
                figures = f"{100 * found.utilisation:.1f} % / {100 * found.abandonment:.2f} %"
                print(f"    ({cap}, {n_agents}): {found.settings},  # {figures}", flush=True)


if __name__ == "__main__":
    main()
