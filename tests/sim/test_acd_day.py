"""A seeded day of a small center: thousands of callers, agents with human habits."""

from __future__ import annotations

import heapq
from collections import Counter
from functools import cache
from random import Random

import pytest

from acd.agent_settings import AgentSettings
from acd.journal import replay
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    Configured,
    ContactLeft,
    ContactQueued,
    Expire,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
)
from acd.queues import QueueSettings
from tests.acd_witness import Witness

CALLERS = 2500
QUEUES = (
    QueueSettings(name="sales", ring_seconds=15, wrap_up=10),
    QueueSettings(name="support", ring_seconds=20, wrap_up=20, max_wait_seconds=240),
    QueueSettings(name="vip", wrap_up=0, max_waiting=3, hold_when_unstaffed=False),
)
SERVES = (("sales",), ("support",), ("sales", "support"), ("sales", "support", "vip"))
REFUSALS = tuple(OfferOutcome(o) for o in ("rejected", "busy", "unreachable", "cancelled"))


class Day:
    """Callers and agents who act at random times; the distributor is asked at each."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.witness = Witness()
        self.agenda: list[tuple[float, int, AcdEvent]] = []
        self.exits: Counter[str] = Counter()
        self._number = 0

    def run(self) -> None:
        names = [f"agent{number:02}" for number in range(12)]
        people = (
            AgentSettings(name=name, extension=f"30{number:02}", queues=SERVES[number % 4])
            for number, name in enumerate(names)
        )
        self.witness.tell(Configured(QUEUES, tuple(people)), 0.0)
        for name in names:
            self._shift(name)
        self._arrivals()
        while self.agenda:
            now, _, event = heapq.heappop(self.agenda)
            while (due := self.witness.acd.next_deadline()) is not None and due <= now:
                self._live_on(self.witness.wake(due), due)
            self._live_on(self.witness.tell(event, now), now)

    def _at(self, when: float, event: AcdEvent) -> None:
        """In whole seconds, so that many things happen at the same moment."""
        self._number += 1
        when = float(round(when))
        heapq.heappush(self.agenda, (when, self._number, event))

    def _shift(self, name: str) -> None:
        start = self.random.uniform(0, 600)
        self._at(start, AgentLoggedIn(name, name))
        when = start
        while (when := when + self.random.expovariate(1 / 1500)) < 28000:
            self._at(when, AgentPaused(name, self.random.choice(["lunch", "training"])))
            self._at(when + self.random.uniform(60, 600), AgentReady(name))
        self._at(28800 + self.random.uniform(0, 300), AgentLoggedOut(name))

    def _arrivals(self) -> None:
        for number in range(CALLERS):
            when = self.random.uniform(0, 28500)
            queue = self.random.choices(QUEUES, (5, 4, 1))[0].name
            self._at(when, ContactQueued(f"c{number}", queue, when - self.random.uniform(0, 30)))
            patience = self.random.expovariate(1 / 300)
            self._at(when + patience, ContactLeft(f"c{number}", LeaveReason.ABANDONED))

    def _live_on(self, decisions: list[AcdDecision], now: float) -> None:
        for decision in decisions:
            if isinstance(decision, Offer):
                self._ring(decision, now)
            elif isinstance(decision, Expire):
                self.exits[decision.reason] += 1

    def _ring(self, offer: Offer, now: float) -> None:
        answer = now + self.random.uniform(1, offer.ring_seconds * 1.1)
        kind = self.random.random()
        if kind < 0.85:
            self._at(answer, OfferAccepted(offer.offer))
            talk = self.random.lognormvariate(4.3, 0.6)
            self._at(answer + talk, TalkEnded(offer.agent, offer.contact))
        elif kind < 0.95:
            self._at(answer, OfferRefused(offer.offer, self.random.choice(REFUSALS)))


@cache
def lived(seed: int) -> Day:
    """A whole day; takes seconds."""
    day = Day(seed)
    day.run()
    return day


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_loses_no_caller_and_books_no_agent_twice(seed: int) -> None:
    witness = lived(seed).witness
    witness.check_ends()
    assert not witness.queue_of
    assert not witness.offers
    ends = Counter(how for ends in witness.ends.values() for how in ends)
    assert ends.total() == CALLERS
    assert set(ends) == {"answered", "left", "timeout", "full", "no_agents"}
    assert ends["answered"] > CALLERS / 2
    assert set(witness.state.values()) == {"logged_out"}


def test_the_same_day_replayed_from_its_journal_is_the_same_day() -> None:
    witness = lived(1).witness
    assert replay(witness.journal).snapshot() == witness.acd.snapshot()
