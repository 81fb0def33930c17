"""How flows did: their nodes, the ways that callers went between them, and their milestones.

A stay at a node counts when it began in the time asked for. What goes on is in none of it: a call
is written when it has ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.store.columns import microseconds_of
from engine.store.queue_reports import Period
from engine.store.tables import node_visits

_DROPPED = "hangup"


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A node in the time asked for. ``share`` (0 to 1) is the part of the flow's calls that came
    to it; ``dropped`` counts those whose caller hung up there.

    The seconds are those of one stay, percentiles by nearest rank: without the talk at a node that
    leads to one, and without the time in the flow that a ``flow`` node calls. ``exits`` counts the
    stays by how they ended.
    """

    node: str
    type: str
    visits: int
    calls: int
    share: float
    dropped: int
    mean_seconds: float
    p50_seconds: float
    p90_seconds: float
    longest_seconds: float
    exits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """How many calls came to a milestone in an interval, and how often they did."""

    milestone: str
    started: float
    ended: float
    calls: int
    visits: int


@dataclass(frozen=True, slots=True)
class FlowReport:
    """A flow in the time asked for: how many calls it had, its nodes from the most visited."""

    flow: str
    calls: int
    nodes: list[NodeLine]
    milestones: list[MilestoneLine]


async def flow_report(connection: AsyncConnection, flow: str, period: Period) -> FlowReport:
    """The whole of a flow; ``period`` cuts its milestones into intervals."""
    asked = _in_flow(flow, period.since, period.until)
    exits: dict[str, dict[str, int]] = defaultdict(dict)
    taken = await ways_taken(connection, flow, period.since, period.until)
    for (node, exit_), count in taken.items():
        exits[node][exit_] = count
    rows = (await connection.execute(_nodes(asked))).mappings().all()
    milestones = [
        MilestoneLine(name, *period.bounds(place), in_calls, visits)
        for name, place, in_calls, visits in await connection.execute(_milestones(period, asked))
    ]
    total = (await connection.execute(_calls(asked))).scalar_one()  # last: never less than a row's
    nodes = [_line(row, exits[row["node"]], total) for row in rows]
    return FlowReport(flow, total, nodes, milestones)


def _line(row: RowMapping, exits: Mapping[str, int], total: int) -> NodeLine:
    return NodeLine(
        node=row["node"],
        type=row["type"],
        visits=row["visits"],
        calls=row["calls"],
        share=row["calls"] / total,
        dropped=exits.get(_DROPPED, 0),
        mean_seconds=int(row["spent"]) / row["visits"] / 1_000_000,
        p50_seconds=row["p50"] / 1_000_000,
        p90_seconds=row["p90"] / 1_000_000,
        longest_seconds=row["longest"] / 1_000_000,
        exits=exits,
    )


async def ways_taken(
    connection: AsyncConnection, flow: str, since: float, until: float
) -> dict[tuple[str, str], int]:
    """How often each node was left by each exit, the most frequent first."""
    visit, count = node_visits.c, func.count().label("times")
    query = (
        select(visit.node, visit.exit, count)
        .where(_in_flow(flow, since, until))
        .group_by(visit.node, visit.exit)
        .order_by(count.desc(), visit.node, visit.exit)
    )
    return {(node, exit_): times for node, exit_, times in await connection.execute(query)}


def _in_flow(flow: str, since: float, until: float) -> ColumnElement[bool]:
    visit = node_visits.c
    return and_(visit.flow == flow, visit.entered >= since, visit.entered < until)


def _calls(asked: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(distinct(node_visits.c.call))).where(asked)


def _nodes(asked: ColumnElement[bool]) -> Select[Any]:
    """Each node's stays, ordered by their length, of which the percentiles are picked by place."""
    visit = node_visits.c
    spent = (microseconds_of(visit.left) - microseconds_of(visit.entered)).label("spent")
    ordered = (
        select(
            visit.node,
            visit.type,
            visit.call,
            spent,
            func.row_number().over(partition_by=visit.node, order_by=spent).label("place"),
            func.count().over(partition_by=visit.node).label("visits"),
        )
        .where(asked)
        .subquery()
    )
    stay = ordered.c

    def percentile(percent: int) -> ColumnElement[int]:
        nearest = (stay.visits * percent + 99) // 100
        return func.max(stay.spent).filter(stay.place == nearest)

    return (
        select(
            stay.node,
            func.max(stay.type).label("type"),
            func.count().label("visits"),
            func.count(distinct(stay.call)).label("calls"),
            func.sum(stay.spent).label("spent"),
            percentile(50).label("p50"),
            percentile(90).label("p90"),
            func.max(stay.spent).label("longest"),
        )
        .group_by(stay.node)
        .order_by(func.count().desc(), stay.node)
    )


def _milestones(period: Period, asked: ColumnElement[bool]) -> Select[Any]:
    visit = node_visits.c
    place = period.place(visit.entered).label("place")
    return (
        select(visit.milestone, place, func.count(distinct(visit.call)), func.count())
        .where(asked, visit.milestone != "")
        .group_by(visit.milestone, place)
        .order_by(visit.milestone, place)
    )
