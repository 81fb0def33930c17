"""The parts of the simulator: durations, figures, confidence, the yardstick."""

from __future__ import annotations

import re
from itertools import pairwise
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from acd.messages import AgentState
from acd.queues import QueueSettings
from acd.simulation.confidence import mean_of, t_975
from acd.simulation.contacts import draw_contacts
from acd.simulation.daylog import ABANDONED, ANSWERED, DayLog, Stretch, Visit
from acd.simulation.durations import Duration
from acd.simulation.faults import faults
from acd.simulation.figures import Span, day_figures, percentile
from acd.simulation.scenario import HOUR, Arrivals, Break, Group, Kind, Scenario, Shift
from acd.simulation.yardstick import Yardstick, yardstick
from engine.cli.simulation_tables import sparkline

DURATIONS: list[tuple[dict[str, Any], float, float]] = [
    ({"type": "fixed", "seconds": 7}, 7, 0),
    ({"type": "exponential", "mean": 180}, 180, 1),
    ({"type": "lognormal", "mean": 200, "cv": 0.8}, 200, 0.8),
    ({"type": "gamma", "mean": 30, "cv": 0.5}, 30, 0.5),
    ({"type": "erlang", "mean": 60, "stages": 4}, 60, 0.5),
    ({"type": "measured", "seconds": [10, 20, 60]}, 30, (1400 / 3) ** 0.5 / 30),
]


def written(**changes: Any) -> dict[str, Any]:
    return {
        "queues": {"help": {"wrap_up": "none"}},
        "arrivals": {"help": {"per_hour": 60, "talk": {"type": "exponential", "mean": 180}}},
        "agents": {
            "day": {"count": 4, "queues": ["help"], "pick_up": {"type": "fixed", "seconds": 0}}
        },
    } | changes


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate(written(**changes))


@pytest.mark.parametrize(("duration", "mean", "cv"), DURATIONS, ids=lambda d: str(d)[:20])
def test_a_duration_has_the_mean_and_the_variation_it_says(
    duration: dict[str, Any], mean: float, cv: float
) -> None:
    read: Any = TypeAdapter(Duration).validate_python(duration)
    draw, dice = read.draw(), Random(1)
    drawn = [draw(dice) for _ in range(40_000)]
    found = sum(drawn) / len(drawn)
    spread = (sum((x - found) ** 2 for x in drawn) / len(drawn)) ** 0.5
    assert read.mean_seconds() == pytest.approx(mean)
    assert found == pytest.approx(mean, rel=0.02)
    assert spread / found == pytest.approx(cv, rel=0.05, abs=1e-9)


def test_students_t_is_that_of_the_tables() -> None:
    assert [t_975(n) for n in (1, 4, 30)] == [12.706, 2.776, 2.042]
    assert t_975(40) == pytest.approx(2.0211, abs=2e-4)
    assert t_975(120) == pytest.approx(1.9799, abs=1e-4)
    assert all(t_975(n) > t_975(n + 1) for n in range(1, 200))


def test_a_mean_of_five_days_has_its_interval() -> None:
    found = mean_of([10, 12, 14, 16, 18])
    assert found is not None
    assert found.mean == 14
    assert found.half_width == pytest.approx(2.776 * (10 / 5) ** 0.5)


def test_one_day_has_a_mean_and_no_interval_and_none_has_neither() -> None:
    one = mean_of([3.0])
    assert one is not None
    assert isnan(one.half_width)
    assert mean_of([]) is None


def test_a_percentile_is_a_wait_that_somebody_had() -> None:
    waits = [1.0, 2.0, 3.0, 4.0]
    assert [percentile(waits, p) for p in (0, 25, 50, 51, 100)] == [1.0, 1.0, 2.0, 3.0, 4.0]
    assert percentile([], 50) is None


def test_arrivals_follow_the_hours_and_the_kinds() -> None:
    kinds = [{"share": 3, "language": "vi"}, {"share": 1, "language": "en", "medium": "chat"}]
    day = scenario(
        hours=3,
        arrivals={
            "help": {
                "per_hour": [100, 0, 400],
                "talk": {"type": "fixed", "seconds": 60},
                "kinds": kinds,
            }
        },
    )
    everybody = [contact for seed in range(20) for contact in draw_contacts(day, Random(seed))]
    hours = [int(contact.at // HOUR) for contact in everybody]
    assert hours.count(8) == pytest.approx(2000, rel=0.1)
    assert hours.count(9) == 0
    assert hours.count(10) == pytest.approx(8000, rel=0.05)
    chats = [contact.queued for contact in everybody if contact.queued.medium == "chat"]
    assert len(chats) == pytest.approx(len(everybody) / 4, rel=0.1)
    assert {contact.language for contact in chats} == {"en"}
    one = draw_contacts(day, Random(1))
    assert all(a.at <= b.at for a, b in pairwise(one))
    assert len({contact.queued.contact for contact in one}) == len(one)


def test_figures_of_a_day_that_can_be_counted_by_hand() -> None:
    log = DayLog()
    log.visits = [
        Visit("a", "help", 0, 5, ANSWERED, "mai"),
        Visit("b", "help", 10, 40, ANSWERED, "mai"),
        Visit("c", "help", 20, 23, ABANDONED, ""),
        Visit("d", "help", 60, 70, ANSWERED, "mai"),
        Visit("e", "help", 70, 100, "timeout", ""),
        Visit("f", "other", 0, 1, ANSWERED, "mai"),
    ]
    log.waiting = {"g": ("help", 110.0)}
    log.stretches = [
        Stretch("mai", AgentState.READY, 0, 30),
        Stretch("mai", AgentState.TALKING, 30, 80),
        Stretch("mai", AgentState.OFFERED, 80, 85),
        Stretch("mai", AgentState.WRAP_UP, 85, 95),
        Stretch("mai", AgentState.PAUSED, 95, 120),
    ]
    target = {"percent": 80, "seconds": 20, "formula": "short_abandons_ignored"}
    queue = QueueSettings.model_validate({"name": "help", "service_level": target})
    (day,), intervals = day_figures(log, {"help": queue}, {"help": ["mai"]}, Span(0, 120, 60))
    assert (day.offered, day.answered, day.abandoned, day.flowed_out, day.waiting) == (
        6,
        3,
        1,
        1,
        1,
    )
    assert day.service_level == pytest.approx(2 / 3)
    assert (day.mean_wait, day.p50_wait, day.p90_wait) == (15, 10, 30)
    assert day.longest_wait == 30
    assert day.occupancy == pytest.approx(60 / 90)
    assert [part.offered for part in intervals] == [3, 3]
    assert [part.occupancy for part in intervals] == [0.5, 1.0]


def test_a_plain_line_has_erlang_c_as_its_yardstick() -> None:
    theory = yardstick(scenario())
    assert isinstance(theory, Yardstick)
    assert theory.model == "Erlang C"
    assert theory.delayed == pytest.approx(0.5094, abs=1e-3)
    assert theory.occupancy == pytest.approx(0.75)


def test_impatient_callers_have_erlang_a() -> None:
    day = written()
    day["arrivals"]["help"]["patience"] = {"type": "exponential", "mean": 120}
    theory = yardstick(Scenario.model_validate(day))
    assert isinstance(theory, Yardstick)
    assert theory.model == "Erlang A"
    assert 0 < theory.abandoned < 0.2


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("queues.help.wrap_up", 30, "a wrap-up follows the talk"),
        ("queues.help.needs", [{"need": "vi >= 3"}], "not every agent may serve"),
        ("arrivals.help.per_hour", [60, 70], "arrivals are not constant"),
        ("arrivals.help.talk", {"type": "fixed", "seconds": 9}, "talk times are not exponential"),
        ("arrivals.help.patience", {"type": "fixed", "seconds": 9}, "patience is not exponential"),
        ("agents.day.shift", {"start": "09:00", "end": "12:00"}, "not there all day"),
        ("agents.day.pick_up", {"type": "fixed", "seconds": 3}, "do not pick up at once"),
        ("agents.day.count", 0, "there is no agent"),
    ],
)
def test_the_yardstick_says_why_it_is_none(path: str, value: Any, reason: str) -> None:
    day = written()
    *parents, last = path.split(".")
    part = day
    for parent in parents:
        part = part[parent]
    part[last] = value
    reasons = yardstick(Scenario.model_validate(day))
    assert isinstance(reasons, tuple)
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_a_sound_scenario_has_no_faults() -> None:
    assert list(faults(scenario())) == []


def test_a_curve_has_a_bar_for_each_value_and_a_gap_for_none() -> None:
    assert sparkline([0, 0.5, None, 1], 1) == "▁▅ █"
    assert sparkline([0, 0], 0) == "▁▁"


def test_an_operator_finds_every_setting_of_a_scenario() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text()
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"```.*?```|`[^`\n]+`", page, re.S))))
    models = (Scenario, Arrivals, Kind, Group, Shift, Break)
    assert {name for model in models for name in model.model_fields} - told == set()
