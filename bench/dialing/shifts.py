"""Shifts that are run under every policy, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from time import perf_counter

from bench.dialing.contestants import CONTESTANTS
from dialer.pacing import Pace, PacingState, Policy
from dialer.simulation.shape import SHIFTING, STATIONARY
from dialer.simulation.world import World

SHAPES = {"stationary": STATIONARY, "shifting": SHIFTING}
HOURS = {5: 8.0, 10: 8.0, 20: 8.0, 50: 4.0, 100: 2.0, 300: 1.0}
SEEDS = {5: 8, 10: 6, 20: 5, 50: 4, 100: 4, 300: 3}
"""By number of agents: a small group needs more hours until its figures are no chance."""
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift: who paces it, and its world."""

    contestant: str
    world: str
    n_agents: int
    cap: float
    seed: int
    settings: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; ``ms`` is the median of what a decision took."""

    utilisation: float
    answered: int
    abandoned: int
    connected: int
    ms: float

    @property
    def abandonment(self) -> float:
        """Abandoned calls as a share of the live answers whose fate is known."""
        return self.abandoned / max(1, self.abandoned + self.connected)


class Timed:
    """A policy, and the seconds that each of its decisions took."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.seconds: list[float] = []

    def decide(self, state: PacingState) -> Pace:
        """As the policy decides."""
        began = perf_counter()
        pace = self._policy.decide(state)
        self.seconds.append(perf_counter() - began)
        return pace


def run(shift: Shift) -> Outcome:
    """The whole shift. The same seed has the same callees under every policy."""
    hours = HOURS[shift.n_agents]
    policy = Timed(CONTESTANTS[shift.contestant](shift.n_agents, shift.cap, hours, shift.settings))
    shape = replace(SHAPES[shift.world], cap=shift.cap)
    figures = World(shift.n_agents, policy, Random(shift.seed), shape).run(hours)
    return Outcome(
        utilisation=figures.utilisation,
        answered=figures.answered,
        abandoned=figures.abandoned,
        connected=figures.connected,
        ms=1000 * median(policy.seconds),
    )


def run_all(
    shifts: Sequence[Shift], told: Callable[[], None] = lambda: None
) -> Iterator[tuple[Shift, Outcome]]:
    """Each with its outcome, in order; ``told`` after each."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        for shift, outcome in zip(shifts, pool.map(run, shifts), strict=True):
            told()
            yield shift, outcome
