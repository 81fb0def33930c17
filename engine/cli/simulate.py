"""`tongdai simulate`: days of a scenario, drawn and run, as tables or JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from math import inf, isnan
from random import Random
from typing import Any

from rich.console import Console
from rich.progress import Progress

from acd.simulation.confidence import Mean
from acd.simulation.scenario import Scenario
from acd.simulation.study import Row, Study, study
from acd.simulation.yardstick import Yardstick, yardstick
from engine.cli.simulation_tables import show_staffing, show_study


class BadStaffing(Exception):
    """`--agents` does not say how many agents of which group."""


def simulate_days(
    scenario: Scenario, agents: str | None, as_json: bool, console: Console, errors: Console
) -> None:
    """Run the days of ``scenario``, for each number of ``agents`` if so asked, and print them.

    Raises ``BadStaffing``.
    """
    group, scenarios = _staffed(scenario, agents) if agents else ("", [scenario])
    studies = list(zip(scenarios, _run(scenarios, errors), strict=True))
    if as_json:
        told = [_as_json(day, done) for day, done in studies]
        print(json.dumps(told if agents else told[0]))
    elif agents:
        show_staffing(group, studies, console)
    else:
        show_study(scenario, studies[0][1], yardstick(scenario), console)


def _staffed(scenario: Scenario, agents: str) -> tuple[str, list[Scenario]]:
    """The group that is varied, and the day with each number of agents in it."""
    found = re.fullmatch(r"(?:([a-z][a-z0-9_-]*)=)?(\d{1,4})(?:\.\.(\d{1,4}))?", agents)
    if found is None:
        raise BadStaffing(f"--agents {agents}: write it as 8..14, or with a group as day=8..14")
    first = next(iter(scenario.agents))
    group = found[1] or first
    if group not in scenario.agents or not (found[1] or len(scenario.agents) == 1):
        groups = ", ".join(scenario.agents)
        hint = f"say of which group, as {first}=8..14; groups here: {groups}"
        raise BadStaffing(f"--agents {agents}: {hint}")
    fewest, most = int(found[2]), int(found[3] or found[2])
    if fewest > most:
        raise BadStaffing(f"--agents {agents}: write the smaller number first")
    return group, [scenario.staffed(group, count) for count in range(fewest, most + 1)]


def _run(scenarios: list[Scenario], errors: Console) -> list[Study]:
    """All meet the same contacts, from the same seeds."""
    studies: list[Study] = []
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("simulating", total=sum(day.seeds for day in scenarios))

        def told(number: int, share: float) -> None:
            before = sum(done.days for done in studies)
            bar.update(task, completed=before + number + share)

        for day in scenarios:
            studies.append(study(day, map(Random, range(1, day.seeds + 1)), told))
    return studies


def _as_json(scenario: Scenario, done: Study) -> dict[str, Any]:
    return {
        "title": scenario.title,
        "agents": {name: group.count for name, group in scenario.agents.items()},
        "days": done.days,
        "queues": [_row(row) for row in done.queues],
        "intervals": [_row(row) for row in done.intervals],
        "yardstick": _yardstick(yardstick(scenario)),
    }


def _row(row: Row) -> dict[str, Any]:
    figures = {name: _mean(mean) for name, mean in row.figures.items()}
    return {"queue": row.queue, "start": row.start, "end": row.end, **figures}


def _mean(mean: Mean | None) -> dict[str, float | None] | None:
    if mean is None:
        return None
    return {
        "mean": mean.mean,
        "half_width": None if isnan(mean.half_width) else mean.half_width,
    }


def _yardstick(theory: Yardstick | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(theory, tuple):
        return {"does_not_hold": list(theory)}
    return {name: None if value == inf else value for name, value in asdict(theory).items()}
