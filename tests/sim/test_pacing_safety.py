"""Callees, agents and networks do their worst: what abandonment can come to.

F are the calls that rang or waited after the last decision that placed more than progressive would.
At most F calls more are abandoned than the window allowed at that decision, and one more for each
ready agent who was taken away since (``dialer.policy.steering`` says why).
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing import Pace, PacingEvent, PacingState, Policy, Snapshot, predictive, progressive
from dialer.simulation.shape import STATIONARY, Shape, always, steps, uniform
from dialer.simulation.world import World


class Hostile:
    """A floor where everything that can go wrong is decided by the adversary, each second."""

    def __init__(self, n_agents: int, cap: float, dice: Random) -> None:
        self.policy = predictive(n_agents, cap)
        self.cap, self.dice, self.now = cap, dice, 0.0
        self.idle = [0.0] * n_agents
        self.busy: dict[str, list[float]] = {"talk": [], "wrap": []}
        self.ringing: list[float] = []
        self.waiting: list[float] = []
        self.answered = self.connected = self.abandoned = self.dialed = 0
        self.events: list[PacingEvent] = []
        self.allowed = 0.0

    def second(self, answers: float, ends: float, leave: float, tick: float) -> None:
        """The chances that a call is answered, a spell ends and a ready agent leaves, this tick."""
        self._decide(tick)
        self.now += tick
        self._agents(ends, leave)
        self._callees(answers)
        while self.idle and self.waiting:
            self.waiting.pop(0)
            self._connect()
        self.abandoned += len(dropped := [w for w in self.waiting if self.now - w >= 2.0])
        self.waiting = self.waiting[len(dropped) :]
        self.events += [("drop",)] * len(dropped)

    def _decide(self, tick: float) -> None:
        state = self._state(tick)
        pace = self.policy.decide(state)
        self.ringing = [since for i, since in enumerate(self.ringing) if i not in pace.give_up]
        floor = max(0, len(self.idle) - len(self.waiting) - len(self.ringing))
        self.dialed += pace.launch
        self.ringing += [self.now] * pace.launch
        if pace.launch > floor:
            in_flight = len(self.ringing) + len(self.waiting)
            self.allowed = self.cap * self.answered + in_flight

    def _state(self, tick: float) -> Snapshot:
        events, self.events = self.events, []
        return Snapshot(
            now=self.now,
            tick=tick,
            cap=self.cap,
            n_agents=len(self.idle) + sum(map(len, self.busy.values())),
            idle=[self.now - since for since in self.idle],
            talk=[self.now - since for since in self.busy["talk"]],
            wrap=[self.now - since for since in self.busy["wrap"]],
            ringing=[self.now - since for since in self.ringing],
            ring_ok=[self.now - since >= 15.0 for since in self.ringing],
            waiting=len(self.waiting),
            dialed=self.dialed,
            answered=self.answered,
            connected=self.connected,
            abandoned=self.abandoned,
            events=events,
        )

    def _agents(self, ends: float, leave: float) -> None:
        for state, then in (("wrap", self.idle), ("talk", self.busy["wrap"])):
            over = [since for since in self.busy[state] if self.dice.random() < ends]
            for since in over:
                self.busy[state].remove(since)
                then.append(self.now)
                self.events.append((state, self.now - since))
        stay = [since for since in self.idle if self.dice.random() >= leave]
        self.allowed += len(self.idle) - len(stay)
        self.idle = stay

    def _callees(self, answers: float) -> None:
        live = [since for since in self.ringing if self.dice.random() < answers]
        for since in live:
            self.ringing.remove(since)
            self.answered += 1
            self.events.append(("answer", self.now - since))
            self.waiting.append(self.now)
        for since in [since for since in self.ringing if self.now - since > 25.0]:
            self.ringing.remove(since)
            self.events.append(("fail", self.now - since, "no_answer"))

    def _connect(self) -> None:
        self.idle.pop(0)
        self.connected += 1
        self.busy["talk"].append(self.now)


moods = st.tuples(
    st.sampled_from([0.0, 0.005, 0.02, 0.06, 0.3, 1.0]),
    st.sampled_from([0.0, 0.01, 0.05, 0.3]),
    st.sampled_from([0.0, 0.0, 0.0, 0.02, 1.0]),
    st.sampled_from([0.3, 1.0, 1.0, 3.0]),
    st.integers(1, 150),
)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.sampled_from([0.01, 0.03]),
    st.integers(0, 99),
    st.lists(moods, min_size=1, max_size=5),
)
def test_abandonment_stays_within_the_window_and_what_rang_already(
    n_agents: int, cap: float, seed: int, day: list[tuple[float, float, float, float, int]]
) -> None:
    world = Hostile(n_agents, cap, Random(seed))
    for answers, ends, leave, tick, seconds in day:
        for _ in range(seconds):
            world.second(answers, ends, leave, tick)
            assert world.abandoned <= world.allowed


class Watched:
    """A policy whose states are kept at some moments."""

    def __init__(self, policy: Policy, *moments: float) -> None:
        self._policy = policy
        self._moments = list(moments)
        self.seen: list[PacingState] = []

    def decide(self, state: PacingState) -> Pace:
        """What the policy decides."""
        while self._moments and state.now >= self._moments[0]:
            self._moments.pop(0)
            self.seen.append(state)
        return self._policy.decide(state)

    def connected(self) -> int:
        """Calls connected between the first and the last moment."""
        return self.seen[-1].connected - self.seen[0].connected


@pytest.mark.parametrize("seed", [1, 2])
def test_a_campaign_whose_answers_triple_within_a_minute_recovers(seed: int) -> None:
    tripled = replace(STATIONARY, answer_rate=steps(0.15, (0.5, 0.45)))
    ten_minutes_later = 3600 + 600, 7199
    policy = Watched(predictive(20, 0.03), *ten_minutes_later)
    slow = Watched(progressive(), *ten_minutes_later)
    figures = World(20, policy, Random(seed), tripled).run(2)
    World(20, slow, Random(seed), tripled).run(2)
    assert figures.abandonment <= 0.03
    assert policy.connected() > slow.connected() * 1.05


class Timeless:
    """A policy that is asked by a clock that stands still."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def decide(self, state: PacingState) -> Pace:
        """What the policy decides."""
        assert isinstance(state, Snapshot)
        return self._policy.decide(replace(state, now=0.0, tick=0.0))


def test_by_a_clock_that_stands_still_nobody_is_believed_to_hang_up_at_once() -> None:
    figures = World(20, Timeless(predictive(20, 0.03)), Random(1)).run(0.4)
    assert figures.answered > 100
    assert figures.abandonment <= 0.03
    assert figures.utilisation > 0.8


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(replace(STATIONARY, tick=uniform(0.3, 3.0)), id="asked now and then"),
        pytest.param(replace(STATIONARY, present=steps(1, (0.4, 0.5), (0.6, 1))), id="lunch"),
        pytest.param(replace(STATIONARY, answer_rate=always(0.05)), id="a poor list"),
        pytest.param(replace(STATIONARY, give_up_after=None), id="every call rings to its end"),
    ],
)
def test_the_cap_holds_and_agents_work_more_than_with_progressive(shape: Shape) -> None:
    figures = World(20, predictive(20, 0.03), Random(7), shape).run(1)
    slow = World(20, progressive(), Random(7), shape).run(1)
    assert figures.abandonment <= 0.03 * 1.02
    assert figures.utilisation > slow.utilisation + 0.04
