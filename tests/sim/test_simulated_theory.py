"""The simulator beside queueing theory: M/M/c and Erlang C, M/M/c+M and Erlang A.

Statistics need care here, because waits in a busy queue depend on each other for hours:

- Each day begins with as many contacts as the birth-death chain has in its steady state, and with
  an arrival: so every arrival sees the steady state (Palm's), and no warm-up has to be waited out.
- Days come in pairs, the second one with the dice of the first mirrored (antithetic variates, J. M.
  Hammersley, K. W. Morton, 1956), and the beginnings of all pairs are spread evenly over the steady
  state. The pairs are the samples of the 95 % interval; being spread evenly, their mean is rather
  nearer to the truth than the interval says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from heapq import heapreplace
from itertools import accumulate
from math import inf
from random import Random
from typing import NamedTuple

import pytest

from acd.erlang import erlang_a, erlang_c
from acd.messages import ContactQueued
from acd.simulation.confidence import Mean, mean_of, t_975
from acd.simulation.contacts import Contact, draw_contacts
from acd.simulation.day import Day
from acd.simulation.daylog import ABANDONED, Visit
from acd.simulation.scenario import Scenario

START = 8 * 3600.0
HANDLING, PATIENCE = 180.0, 120.0
PAIRS = 16
SIZES = {
    (1, 0.5): 150,
    (1, 0.8): 350,
    (1, 0.95): 700,
    (5, 0.5): 150,
    (5, 0.8): 400,
    (5, 0.95): 700,
    (20, 0.5): 150,
    (20, 0.8): 500,
    (20, 0.95): 800,
    (100, 0.5): 100,
    (100, 0.8): 900,
    (100, 0.95): 1000,
}
"""By agents and load, the contacts of a day: the busier a queue, the longer it remembers."""
RARE = 30
"""Below so many expected events there is no interval to speak of."""


class Mirror(Random):
    """The same dice, with every throw turned over."""

    def random(self) -> float:
        return 1.0 - super().random()


class Case(NamedTuple):
    agents: int
    load: float
    patience: float = inf

    @property
    def per_second(self) -> float:
        return self.agents * self.load / HANDLING


def scenario(case: Case) -> Scenario:
    arrivals = {
        "per_hour": case.per_second * 3600,
        "talk": {"type": "exponential", "mean": HANDLING},
    }
    if case.patience < inf:
        arrivals |= {"patience": {"type": "exponential", "mean": case.patience}}
    at_once = {"type": "fixed", "seconds": 0}
    return Scenario.model_validate(
        {
            "hours": 2 * SIZES[case.agents, case.load] / case.per_second / 3600,
            "queues": {"line": {"wrap_up": "none", "max_wait_seconds": 86400, "max_waiting": 9999}},
            "arrivals": {"line": arrivals},
            "agents": {"all": {"count": case.agents, "queues": ["line"], "pick_up": at_once}},
        }
    )


def steady(case: Case, share: float) -> int:
    """How many contacts are there, at most, in this share of the time."""
    weights, weight, number = [1.0], 1.0, 0
    while number < case.agents or weight > 1e-12 * max(weights):
        number += 1
        patient, talking = max(0, number - case.agents), min(number, case.agents)
        weight *= case.per_second / (talking / HANDLING + patient / case.patience)
        weights.append(weight)
    return bisect_left(list(accumulate(weights)), share * sum(weights))


def at_the_start(case: Case, names: Sequence[str], dice: Random) -> Iterator[Contact]:
    """Being memoryless, who is in the middle of a talk or a wait is as one who begins it."""
    for name in names:
        left = dice.expovariate(1 / case.patience) if case.patience < inf else inf
        queued = ContactQueued(name, "line", START)
        yield Contact(START, queued, dice.expovariate(1 / HANDLING), None, left)


def contacts(case: Case, share: float, dice: Random) -> list[Contact]:
    later = draw_contacts(scenario(case), dice)[: SIZES[case.agents, case.load] - 1]
    early = [f"early{number}" for number in range(steady(case, share))]
    return [*at_the_start(case, [*early, "first"], dice), *later]


def day(case: Case, share: float, dice: Random) -> list[Visit]:
    """What became of everybody who came."""
    log = Day(scenario(case), contacts(case, share, dice), dice).run()
    return [visit for visit in log.visits if not visit.contact.startswith("early")]


def pairs(case: Case) -> Iterator[tuple[list[Visit], list[Visit]]]:
    for number in range(PAIRS):
        seed = f"{case} {number}"
        share = (number + Random(f"{seed} share").random()) / PAIRS
        yield day(case, share, Random(seed)), day(case, 1 - share, Mirror(seed))


def test_each_caller_waits_as_long_as_the_plain_rule_says() -> None:
    """First come, first served, by the recursion of Kiefer and Wolfowitz: no statistics here."""
    for agents in (1, 5, 20):
        case, dice = Case(agents, 0.95), Random(agents)
        everybody = contacts(case, 0.5, dice)
        log = Day(scenario(case), everybody, dice).run()
        free, expected = [0.0] * agents, {}
        for contact in everybody:
            begins = max(contact.at, free[0])
            heapreplace(free, begins + contact.talk)
            expected[contact.queued.contact] = begins - contact.at
        assert {visit.contact: visit.waited for visit in log.visits} == expected
        assert max(expected.values()) > 100


CASES = [
    Case(agents, load, patience)
    for patience in (inf, PATIENCE)
    for agents in (1, 5, 20, 100)
    for load in (0.5, 0.8, 0.95)
]
FIGURES: dict[str, Callable[[Visit], float]] = {
    "delayed": lambda visit: visit.waited > 0,
    "wait": lambda visit: visit.waited,
    "abandoned": lambda visit: visit.how == ABANDONED,
}
JOINT_WIDTH = 4.07 / t_975(PAIRS - 1)
"""How much wider intervals are that hold all together in 95 of 100 cases: Student's t at
1 - 0.05 / (2 * 50), by Bonferroni, for the fifty or so that are compared."""


class Compared(NamedTuple):
    case: Case
    figure: str
    found: Mean
    theory: float

    @property
    def off(self) -> float:
        """In half widths of its 95 % interval."""
        return abs(self.found.mean - self.theory) / self.found.half_width


def theory(case: Case) -> dict[str, float]:
    if case.patience == inf:
        c = erlang_c(case.agents, case.per_second, HANDLING)
        return {"delayed": c.delayed, "wait": c.mean_wait_seconds}
    a = erlang_a(case.agents, case.per_second, HANDLING, case.patience)
    return {"delayed": a.delayed, "wait": a.mean_wait_seconds, "abandoned": a.abandoned}


@cache
def compare(case: Case) -> tuple[Compared, ...]:
    """Nothing, where even the delayed are too few to be counted."""
    days = [first + second for first, second in pairs(case)]
    said = theory(case)
    delayed = sum(visit.waited > 0 for visits in days for visit in visits)
    if said["delayed"] * sum(map(len, days)) < RARE:
        assert delayed < 3 * RARE
        return ()
    compared = []
    for name, value in said.items():
        found = mean_of([sum(map(FIGURES[name], visits)) / len(visits) for visits in days])
        assert found is not None
        compared.append(Compared(case, name, found, value))
    return tuple(compared)


def compare_all() -> list[Compared]:
    return [each for case in CASES for each in compare(case)]


@pytest.mark.parametrize("agents", [1, 5, 20, 100])
@pytest.mark.parametrize("patience", [inf, PATIENCE], ids=["erlang_c", "erlang_a"])
def test_a_simulated_line_is_as_the_theory_says(agents: int, patience: float) -> None:
    cases = [case for case in CASES if (case.agents, case.patience) == (agents, patience)]
    compared = [each for case in cases for each in compare(case)]
    assert {each.case.load for each in compared} >= {0.8, 0.95}
    assert [each for each in compared if each.off > JOINT_WIDTH] == []


def test_nineteen_of_twenty_intervals_hold_the_theory_each_by_itself() -> None:
    compared = compare_all()
    assert sum(each.off <= 1 for each in compared) >= 0.92 * len(compared)


def test_the_intervals_are_narrow_enough_to_be_missed() -> None:
    widths = sorted(each.found.half_width / each.theory for each in compare_all())
    assert widths[len(widths) // 2] < 0.15
