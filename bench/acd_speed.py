"""What a decision of the distributor costs, in a large center and in a small one, and a whole day.

A decision is one event handled or one deadline that is due, with everything that follows from it:
matching, offers and their reasons. Both centers run in turn in the same process, each with a line
that never empties: whoever is answered is followed by another. Skills are on: every queue asks for
a level, and relaxes after half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    Configured,
    ContactQueued,
    Offer,
    OfferAccepted,
    TalkEnded,
)
from acd.queues import QueueSettings, Step, WrapUp
from acd.simulation.study import one_day
from engine.cli.scenario_file import load_scenario
from engine.paths import CENTER

ROUNDS, DECISIONS = 9, 2000
SKILLS = 8
PICK_UP, TALK, WRAP_UP = 3.0, 180.0, 15.0
DAYS = 3


class Center:
    """So many agents in so many queues each, all busy, and so many contacts waiting."""

    def __init__(self, agents: int, queues: int, waiting: int, queues_each: int) -> None:
        self._acd = Acd()
        self._dice = Random(1)
        self._agenda: list[tuple[float, int, AcdEvent]] = []
        self._now = 0.0
        self._contacts = 0
        self._queues = [f"queue{number}" for number in range(queues)]
        people = tuple(self._agent(number, queues_each) for number in range(agents))
        self._tell(Configured(tuple(map(_queue, range(queues))), people))
        for agent in people:
            self._tell(AgentLoggedIn(agent.name, agent.name))
        for _ in range(waiting):
            self._arrive()
        self.run(4 * agents + waiting)

    def _agent(self, number: int, queues_each: int) -> AgentSettings:
        first = self._dice.randrange(len(self._queues))
        served = (self._queues + self._queues)[first : first + queues_each]
        levels = {f"skill{each}": self._dice.randint(1, 5) for each in range(SKILLS)}
        return AgentSettings(
            name=f"agent{number}",
            extension=f"{10000 + number}",
            queues=tuple(served),
            skills=levels,
        )

    def run(self, decisions: int) -> float:
        """Take so many decisions; the seconds that they took."""
        seconds = 0.0
        for _ in range(decisions):
            due = self._acd.next_deadline()
            if due is not None and due <= self._agenda[0][0]:
                self._now = due
                seconds += self._take(self._acd.on_deadline, due)
            else:
                self._now, _, event = heappop(self._agenda)
                seconds += self._tell(event)
                if isinstance(event, OfferAccepted):
                    self._arrive()
        return seconds

    def _arrive(self) -> None:
        """Somebody comes, a moment from now."""
        self._contacts += 1
        queue = self._dice.choice(self._queues)
        when = self._now + self._dice.uniform(0.0, PICK_UP)
        self._at(when, ContactQueued(f"contact{self._contacts}", queue, when))

    def _at(self, when: float, event: AcdEvent) -> None:
        heappush(self._agenda, (when, self._dice.getrandbits(60), event))

    def _tell(self, event: AcdEvent) -> float:
        return self._take(self._acd.handle, event, self._now)

    def _take(self, decide: Callable[..., list[AcdDecision]], *told: Any) -> float:
        began = perf_counter()
        decisions = decide(*told)
        seconds = perf_counter() - began
        for decision in decisions:
            if isinstance(decision, Offer):
                answered = self._now + self._dice.uniform(0.5, PICK_UP)
                self._at(answered, OfferAccepted(decision.offer))
                ended = answered + self._dice.expovariate(1 / TALK)
                self._at(ended, TalkEnded(decision.agent, decision.contact))
        return seconds

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(len(queue.waiting) for queue in self._acd.queues(self._now))


def _queue(number: int) -> QueueSettings:
    skill = f"skill{number % SKILLS}"
    return QueueSettings(
        name=f"queue{number}",
        needs=(Step(need=f"{skill} >= 4", seconds=30), Step(need=f"{skill} >= 2")),
        wrap_up=WrapUp(seconds=WRAP_UP),
        max_wait_seconds=86400,
        max_waiting=10000,
    )


def compare(queues_each: int) -> tuple[list[float], list[float]]:
    """Seconds per decision, round by round: of the large center and, in turn, of the small one."""
    large, small = Center(1000, 50, 2000, queues_each), Center(10, 5, 20, 5)
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for center, seconds in zip((large, small), figures, strict=True):
            seconds.append(center.run(DECISIONS) / DECISIONS)
    return figures


def day() -> tuple[int, float]:
    """A simulated day of a hundred agents: its contacts, and the seconds it took."""
    scenario, problems = load_scenario(CENTER / "scenarios" / "large-center.yaml")
    assert scenario is not None, problems
    taken = []
    for seed in range(DAYS):
        began = perf_counter()
        queues, _ = one_day(scenario, Random(seed))
        taken.append(perf_counter() - began)
    return sum(queue.offered for queue in queues), median(taken)


async def show(console: Console) -> None:
    """Measure, and print."""
    table = Table("agents serve", title=f"Cost per decision, median of {ROUNDS} rounds in turn")
    for name in ("1,000 agents, 2,000 waiting", "10 agents, 20 waiting", "ratio", "decisions/s"):
        table.add_column(name, justify="right")
    for queues_each, words in ((5, "5 queues each"), (50, "all 50 queues")):
        large, small = compare(queues_each)
        ratios = [one / other for one, other in zip(large, small, strict=True)]
        table.add_row(
            words,
            f"{1e6 * median(large):.0f} µs",
            f"{1e6 * median(small):.0f} µs",
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{1 / median(large):,.0f}",
        )
    console.print(table)
    contacts, seconds = day()
    console.print(f"A simulated day of 100 agents, {contacts:,} contacts: {seconds:.2f} s")
