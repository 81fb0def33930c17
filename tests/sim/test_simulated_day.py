"""Simulated days: the same seed is the same day, time tiles, and people do as the scenario says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from acd.messages import AgentState
from acd.simulation.day import simulate
from acd.simulation.daylog import ABANDONED, ANSWERED, DayLog, Stretch
from acd.simulation.scenario import HOUR, Scenario
from acd.simulation.study import one_day, study
from engine.cli.scenario_file import load_scenario

SCENARIOS = sorted((Path(__file__).parents[2] / "acd" / "scenarios").glob("*.yaml"))
SHOP = Path(__file__).parents[2] / "acd" / "scenarios" / "small-shop.yaml"


def loaded(path: Path) -> Scenario:
    scenario, problems = load_scenario(path)
    assert problems == []
    assert scenario is not None
    return scenario


def small(**changes: Any) -> Scenario:
    """One queue, three agents, four busy hours from 08:00."""
    written: dict[str, Any] = {
        "hours": 4,
        "queues": {"help": {"wrap_up": 30}},
        "arrivals": {
            "help": {
                "per_hour": 50,
                "talk": {"type": "exponential", "mean": 180},
                "patience": {"type": "exponential", "mean": 120},
            }
        },
        "agents": {"day": {"count": 3, "queues": ["help"]}},
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        part = written
        for parent in parents:
            part = part[parent]
        part[last] = value
    return Scenario.model_validate(written)


def of(log: DayLog, agent: str) -> list[Stretch]:
    return [stretch for stretch in log.stretches if stretch.agent == agent]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_day_tiles_and_loses_nobody(path: Path) -> None:
    log = simulate(loaded(path), Random(7))
    assert not log.waiting
    agents = {stretch.agent for stretch in log.stretches}
    for agent in agents:
        assert all(a.ended == b.began for a, b in pairwise(of(log, agent)))
    seen = [visit.contact for visit in log.visits]
    assert len(seen) == len(set(seen)) > 400
    answered = {visit.agent for visit in log.visits if visit.how == ANSWERED}
    assert answered == agents


def test_the_same_seed_is_the_same_day() -> None:
    days = [simulate(loaded(SHOP), Random(seed)) for seed in (4, 4, 5)]
    assert days[0].visits == days[1].visits != days[2].visits
    assert days[0].stretches == days[1].stretches


def test_other_staffing_meets_the_same_callers() -> None:
    shop = loaded(SHOP)
    few, many = (simulate(shop.staffed("morning", n), Random(3)) for n in (3, 6))
    arrived = [{(v.contact, v.entered) for v in log.visits} for log in (few, many)]
    assert arrived[0] == arrived[1]
    lost = [sum(v.how == ABANDONED for v in log.visits) for log in (few, many)]
    assert lost[0] > lost[1]


def test_a_figure_is_counted_once_in_the_day_and_once_in_its_interval() -> None:
    whole, intervals = one_day(loaded(SHOP), Random(2))
    for queue in whole:
        parts = [part for part in intervals if part.queue == queue.queue]
        assert len(parts) == 10
        for name in ("offered", "answered", "abandoned", "flowed_out"):
            assert sum(getattr(part, name) for part in parts) == getattr(queue, name)
        assert queue.offered == queue.answered + queue.abandoned + queue.flowed_out
        assert queue.longest_wait == max(part.longest_wait for part in parts)


def test_callers_of_the_warm_up_are_not_counted() -> None:
    (all_day,), _ = one_day(small(), Random(1))
    (later,), _ = one_day(small(warm_up_minutes=120), Random(1))
    assert later.start == 10 * HOUR
    assert 0 < later.offered < all_day.offered


def test_a_break_lasts_its_time_even_when_a_talk_delays_it() -> None:
    breaks = [{"at": "09:00", "until": "10:30", "minutes": 30, "reason": "lunch"}]
    log = simulate(small(agents__day__breaks=breaks), Random(5))
    begins = []
    for agent, planned in (("day1", 9.0), ("day2", 9.5), ("day3", 10.0)):
        (away,) = [s for s in of(log, agent) if s.state is AgentState.PAUSED]
        assert away.ended - away.began == pytest.approx(1800)
        assert away.began >= planned * HOUR
        begins.append(away.began - planned * HOUR)
    assert max(begins) > 0


def test_a_wrap_up_that_ends_early_does_not_cost_the_agent_his_break() -> None:
    scenario = small(
        queues__help__wrap_up={"mode": "until_done"},
        arrivals__help__per_hour=200,
        arrivals__help__wrap_up={"type": "fixed", "seconds": 60},
        agents__day__breaks=[{"at": "09:00", "minutes": 15}],
    )
    log = simulate(scenario, Random(5))
    for agent in ("day1", "day2", "day3"):
        assert [s.state for s in of(log, agent)].count(AgentState.PAUSED) == 1


def test_an_agent_works_his_shift_and_no_longer_than_his_last_talk() -> None:
    scenario = small(agents__day__shift={"start": "08:30", "end": "11:00"})
    log = simulate(scenario, Random(6))
    for agent in ("day1", "day2", "day3"):
        work = [s for s in of(log, agent) if s.state is not AgentState.LOGGED_OUT]
        assert work[0].began == 8.5 * HOUR
        assert all(s.state is not AgentState.READY for s in work if s.ended > 11 * HOUR)


def test_who_lets_it_ring_is_not_responding_until_he_notices() -> None:
    log = simulate(small(agents__day__missed=0.5, agents__day__count=6), Random(8))
    gone = [s for s in log.stretches if s.state is AgentState.NOT_RESPONDING]
    assert len(gone) > 5
    assert {round(s.ended - s.began, 6) for s in gone} == {60.0}
    assert any(v.how == ANSWERED for v in log.visits)


def test_a_caller_of_a_full_line_flows_out() -> None:
    (help_,), _ = one_day(
        small(queues__help__max_waiting=1, arrivals__help__per_hour=300), Random(1)
    )
    assert help_.flowed_out > 100


def test_overflow_to_another_queue_ends_one_visit_and_begins_another() -> None:
    scenario = small(
        queues={
            "help": {"overflow": [{"when": "waited", "over": 30, "to": {"queue": "spare"}}]},
            "spare": {},
        },
        agents={
            "day": {"count": 1, "queues": ["help"]},
            "spare": {"count": 2, "queues": ["spare"]},
        },
    )
    log = simulate(scenario, Random(1))
    moved = [v for v in log.visits if v.how == "moved"]
    then = {v.contact: v for v in log.visits if v.queue == "spare"}
    assert len(moved) > 10
    assert all(then[v.contact].entered == v.ended for v in moved)


def test_more_days_make_the_interval_narrower() -> None:
    few, many = (study(small(), map(Random, range(n))) for n in (4, 16))
    widths = [s.queues[0].figures["mean_wait"].half_width for s in (few, many)]  # type: ignore[union-attr]
    assert widths[0] > 1.5 * widths[1]


def test_progress_tells_the_share_of_each_day() -> None:
    told: list[tuple[int, float]] = []
    study(small(), map(Random, (1, 2)), lambda day, share: told.append((day, share)))
    assert {day for day, _ in told} == {0, 1}
    first = [share for day, share in told if day == 0]
    assert first == sorted(first)
    assert first[-1] == pytest.approx(1.0)
