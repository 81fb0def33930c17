"""How the arms of experiments did: a call counts when it arrived in the time asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.store.tables import calls, experiment_arms, node_visits


@dataclass(frozen=True, slots=True)
class ArmLine:
    """An arm of an experiment: its calls, by what became of them, and how many of them came to
    each milestone. ``share`` (0 to 1) is its part of the experiment's calls."""

    experiment: str
    arm: str
    calls: int
    share: float
    outcomes: Mapping[str, int]
    milestones: Mapping[str, int]


_Counts = dict[tuple[str, str], dict[str, int]]


async def experiment_results(
    connection: AsyncConnection, since: float, until: float
) -> list[ArmLine]:
    """A line for each arm that calls of this time were in."""
    outcomes = await _counted(connection, _outcomes(since, until))
    milestones = await _counted(connection, _milestones(since, until))
    totals: Counter[str] = Counter()
    for (experiment, _), counts in outcomes.items():
        totals[experiment] += sum(counts.values())
    return [
        ArmLine(
            experiment,
            arm,
            calls=sum(counts.values()),
            share=sum(counts.values()) / totals[experiment],
            outcomes=counts,
            milestones=milestones.get((experiment, arm), {}),
        )
        for (experiment, arm), counts in sorted(outcomes.items())
    ]


async def _counted(connection: AsyncConnection, query: Select[Any]) -> _Counts:
    found: _Counts = defaultdict(dict)
    for experiment, arm, name, count in await connection.execute(query):
        found[experiment, arm][str(name)] = count
    return found


def _outcomes(since: float, until: float) -> Select[Any]:
    arm, call = experiment_arms.c, calls.c
    return (
        select(arm.experiment, arm.arm, call.outcome, func.count())
        .join_from(experiment_arms, calls)
        .where(call.arrived >= since, call.arrived < until)
        .group_by(arm.experiment, arm.arm, call.outcome)
        .order_by(call.outcome)
    )


def _milestones(since: float, until: float) -> Select[Any]:
    arm, call, visit = experiment_arms.c, calls.c, node_visits.c
    return (
        select(arm.experiment, arm.arm, visit.milestone, func.count(distinct(call.call)))
        .join_from(experiment_arms, calls)
        .join(node_visits, visit.call == call.call)
        .where(call.arrived >= since, call.arrived < until, visit.milestone != "")
        .group_by(arm.experiment, arm.arm, visit.milestone)
        .order_by(visit.milestone)
    )
