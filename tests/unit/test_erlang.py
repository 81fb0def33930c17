"""Erlang's formulas against published figures and the birth-death chain solved by force."""

from __future__ import annotations

from math import exp, inf

import pytest

from acd.erlang import ErlangA, erlang_a, erlang_b, erlang_c


def solved_by_force(
    agents: int, arrivals: float, handle: float, patience: float, size: int = 4000
) -> list[float]:
    """The probability of each number of callers present, in M/M/c+M."""
    weights = [1.0]
    for present in range(1, size):
        leaving = min(present, agents) / handle + max(0, present - agents) / patience
        weights.append(weights[-1] * arrivals / leaving)
    total = sum(weights)
    return [weight / total for weight in weights]


def answered_by_force(queue: ErlangA, seconds: float, steps: int = 4000) -> float:
    """The share answered in time: each place in the line followed step by step (Runge-Kutta)."""
    present = solved_by_force(
        queue.agents, queue.arrivals_per_second, queue.handle_seconds, queue.patience_seconds
    )
    places = 120
    onward = [queue.agents / queue.handle_seconds + n / queue.patience_seconds for n in range(200)]

    def slope(answered: list[float]) -> list[float]:
        # Who is n-th waits for one of n - 1 before him or an agent, or gives up.
        change = [0.0]
        for n in range(1, places):
            change.append(onward[n - 1] * answered[n - 1] - onward[n] * answered[n])
        return change

    def ahead(of: list[float], by: list[float], step: float) -> list[float]:
        return [a + step * b for a, b in zip(of, by, strict=True)]

    answered, step = [1.0] + [0.0] * (places - 1), seconds / steps
    for _ in range(steps):
        k1 = slope(answered)
        k2 = slope(ahead(answered, k1, step / 2))
        k3 = slope(ahead(answered, k2, step / 2))
        k4 = slope(ahead(answered, k3, step))
        sums = zip(k1, k2, k3, k4, strict=True)
        answered = ahead(answered, [a + 2 * b + 2 * c + d for a, b, c, d in sums], step / 6)
    at_once = sum(present[: queue.agents])
    return at_once + sum(present[queue.agents - 1 + n] * answered[n] for n in range(1, places))


# -- B ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agents", "erlangs", "lost"),
    [(1, 1.0, 0.5), (2, 1.0, 0.2), (10, 10.0, 0.2146), (5, 2.0, 0.0367), (0, 3.0, 1.0)],
)
def test_calls_are_lost_as_the_tables_of_erlang_b_say(
    agents: int, erlangs: float, lost: float
) -> None:
    assert erlang_b(agents, erlangs) == pytest.approx(lost, abs=5e-5)


def test_thousands_of_agents_neither_overflow_nor_lose_calls() -> None:
    assert erlang_b(9000, 10.0) == 0.0
    assert erlang_b(5000, 5000.0) == pytest.approx(0.0112, abs=2e-4)  # sqrt(2 / (pi * 5000))


# -- C ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agents", "delayed", "wait", "in_20_seconds"),
    [(11, 0.682, 122.8, 0.390), (12, 0.449, 40.4, 0.640), (14, 0.174, 7.8, 0.888)],
)
def test_a_hundred_calls_of_three_minutes_in_half_an_hour_wait_as_published(
    agents: int, delayed: float, wait: float, in_20_seconds: float
) -> None:
    queue = erlang_c(agents, 100 / 1800, 180)
    assert queue.delayed == pytest.approx(delayed, abs=6e-4)
    assert queue.mean_wait_seconds == pytest.approx(wait, abs=0.06)
    assert queue.answered_within(20) == pytest.approx(in_20_seconds, abs=6e-4)
    assert queue.occupancy == pytest.approx(10 / agents)


def test_one_agent_is_the_queue_of_the_textbook() -> None:
    queue = erlang_c(1, 0.005, 100)  # M/M/1 with half the load it can carry
    assert queue.delayed == pytest.approx(0.5)
    assert queue.mean_wait_seconds == pytest.approx(100)
    assert queue.answered_within(60) == pytest.approx(1 - 0.5 * exp(-60 * 0.005))


@pytest.mark.parametrize("agents", [9, 10])
def test_a_line_that_grows_for_ever_is_said_to_and_nobody_is_answered_in_time(agents: int) -> None:
    queue = erlang_c(agents, 100 / 1800, 180)
    assert (queue.delayed, queue.mean_wait_seconds, queue.occupancy) == (1.0, inf, 1.0)
    assert queue.answered_within(3600) == 0.0


# -- A ---------------------------------------------------------------------------------------------


def test_fifty_agents_with_impatient_callers_wait_as_published() -> None:
    """The example usually printed with Erlang A: 48 a minute, 1 minute each, patience 2."""
    queue = erlang_a(50, 48 / 60, 60, 120)
    assert queue.abandoned == pytest.approx(0.031, abs=5e-4)
    assert queue.mean_wait_seconds == pytest.approx(3.7, abs=0.05)
    assert queue.occupancy == pytest.approx(0.93, abs=5e-3)
    assert erlang_c(50, 48 / 60, 60).mean_wait_seconds == pytest.approx(20.8, abs=0.05)


CENTERS = [
    pytest.param(1, 0.004, 200, 100, id="one agent"),
    pytest.param(5, 0.02, 200, 60, id="five agents"),
    pytest.param(5, 0.05, 200, 60, id="twice what five agents can carry"),
    pytest.param(20, 0.095, 200, 1000, id="twenty agents, patient callers"),
    pytest.param(100, 0.5, 200, 30, id="a hundred agents, impatient callers"),
]


@pytest.mark.parametrize(("agents", "arrivals", "handle", "patience"), CENTERS)
def test_impatient_callers_fare_as_the_chain_solved_by_force_says(
    agents: int, arrivals: float, handle: float, patience: float
) -> None:
    queue = erlang_a(agents, arrivals, handle, patience)
    present = solved_by_force(agents, arrivals, handle, patience)
    waiting = sum(max(0, n - agents) * share for n, share in enumerate(present))
    busy = sum(min(n, agents) * share for n, share in enumerate(present))
    assert queue.delayed == pytest.approx(sum(present[agents:]))
    assert queue.mean_wait_seconds == pytest.approx(waiting / arrivals)
    assert queue.abandoned == pytest.approx(waiting / patience / arrivals)
    assert queue.occupancy == pytest.approx(busy / agents)


@pytest.mark.parametrize(("agents", "arrivals", "handle", "patience"), CENTERS)
@pytest.mark.parametrize("seconds", [1.0, 20.0, 90.0])
def test_the_share_answered_in_time_is_that_of_each_place_in_the_line(
    agents: int, arrivals: float, handle: float, patience: float, seconds: float
) -> None:
    queue = erlang_a(agents, arrivals, handle, patience)
    assert queue.answered_within(seconds) == pytest.approx(
        answered_by_force(queue, seconds, steps=600), abs=1e-7
    )


@pytest.mark.parametrize(("agents", "arrivals", "handle", "patience"), CENTERS)
def test_everybody_is_answered_or_gives_up_in_the_end(
    agents: int, arrivals: float, handle: float, patience: float
) -> None:
    queue = erlang_a(agents, arrivals, handle, patience)
    assert queue.answered_within(0) == pytest.approx(1 - queue.delayed)
    assert queue.answered_within(1e7) == pytest.approx(1 - queue.abandoned)


@pytest.mark.parametrize(("agents", "arrivals", "handle", "patience"), CENTERS)
def test_the_mean_wait_of_the_answered_follows_from_how_many_are_answered_when(
    agents: int, arrivals: float, handle: float, patience: float
) -> None:
    queue = erlang_a(agents, arrivals, handle, patience)
    answered, step = 1 - queue.abandoned, 0.5
    late = [1 - queue.answered_within(step * n) / answered for n in range(6000)]
    mean = step * (sum(late) - late[0] / 2)
    assert queue.mean_answered_wait_seconds == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("agents", [11, 14, 30])
def test_callers_with_endless_patience_wait_as_erlang_c_says(agents: int) -> None:
    endless, patient = erlang_c(agents, 1 / 18, 180), erlang_a(agents, 1 / 18, 180, 1e9)
    assert patient.delayed == pytest.approx(endless.delayed, rel=1e-4)
    assert patient.mean_wait_seconds == pytest.approx(endless.mean_wait_seconds, rel=1e-4)
    assert patient.mean_answered_wait_seconds == pytest.approx(endless.mean_wait_seconds, rel=1e-4)
    assert patient.answered_within(20) == pytest.approx(endless.answered_within(20), rel=1e-4)
    assert patient.abandoned < 1e-6


def test_a_hopeless_overload_of_thousands_loses_exactly_what_cannot_be_carried() -> None:
    queue = erlang_a(3000, 200, 300, 3600)  # sums far beyond what a float can hold
    assert queue.abandoned == pytest.approx(0.95)
    assert queue.occupancy == pytest.approx(1.0)
    assert queue.mean_wait_seconds == pytest.approx(0.95 * 3600)
    assert queue.answered_within(60) == pytest.approx(0.0, abs=1e-9)


def test_what_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        erlang_c(0, 1, 1)
    with pytest.raises(ValueError, match="must be positive"):
        erlang_a(1, 1, 1, inf)
