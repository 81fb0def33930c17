"""What the ledger tells: the questions of the CLI, the API and the demo, each answered in SQL.

Times are seconds since the epoch, durations seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Result,
    RowMapping,
    ScalarSelect,
    Select,
    Table,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.messages import AgentState
from engine.call_record import CallOutcome, CallRecord, Disposition, Segment, SegmentKind
from engine.store import attempts, message_changes
from engine.store.agent_reports import AgentLine, agent_lines, offers_by_agent
from engine.store.campaign_reports import CampaignLine, Progress, campaign_lines, progress
from engine.store.columns import Moment, is_key, microseconds_of
from engine.store.experiment_reports import ArmLine, experiment_results
from engine.store.flow_reports import FlowReport, flow_report, ways_taken
from engine.store.handling import HANDLED, handling_by_agent
from engine.store.ledger import Ledger
from engine.store.queue_reports import Period, QueueLine, Targets, queue_lines
from engine.store.survey_reports import By, QuestionLine, survey_results
from engine.store.tables import (
    PARTS,
    agent_stretches,
    calls,
    dispositions,
    recordings,
    segments,
    wrap_ups,
)

_PLACE = case((recordings.c.place != "", recordings.c.place), else_=recordings.c.path).label("path")


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call in one line. ``waited`` is queue and ring, ``talked`` is talk, hold and conference
    with an agent."""

    call: str
    arrived: float
    caller: str
    called: str
    language: str
    route: str
    outcome: CallOutcome
    ended_by: str
    agent: str | None
    seconds: float
    ivr: float
    waited: float
    talked: float
    recordings: int


@dataclass(frozen=True, slots=True)
class AgentDay:
    """How long an agent was in one state within the time asked for, and how often."""

    agent: str
    state: str
    seconds: float
    times: int


@dataclass(frozen=True, slots=True)
class RecordingLine:
    """A recording and the call it belongs to."""

    call: str
    caller: str
    agent: str | None
    name: str
    path: str
    started: float
    seconds: float
    bytes: int
    complete: bool
    problem: str
    kind: str


class Reports:
    """Questions to an open ledger; each raises ``LedgerDown`` when it cannot be asked."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def calls(self, limit: int = 50, since: float = 0.0) -> list[CallLine]:
        """The newest ``limit`` calls that arrived at ``since`` or later, newest first."""
        query = (
            _call_lines()
            .where(calls.c.arrived >= since)
            .order_by(calls.c.arrived.desc(), calls.c.call.desc())
            .limit(limit)
        )
        return [CallLine(**row) for row in await self._rows(query)]

    async def call(self, call: str) -> CallRecord | None:
        """The record of one call as it was written, with its wrap-ups and dispositions. The lead's
        data are not in the plan of its attempt."""
        if not is_key(call):
            return None
        async with self._ledger.reading() as connection:
            rows = await _ask(connection, select(calls).where(calls.c.call == call))
            if not rows:
                return None
            parts: dict[str, Any] = {
                field: tuple(
                    [part(**row) for row in await _ask(connection, _parts(table, call, part))]
                )
                for field, part, table in PARTS
            }
            after = await _ask(
                connection, _parts(wrap_ups, call, Segment).order_by(wrap_ups.c.started)
            )
            came = await _ask(
                connection, _parts(dispositions, call, Disposition).order_by(dispositions.c.at)
            )
            made = await attempts.made(connection, call)
            left = await message_changes.left_in(connection, call)
        parts["dispositions"] = tuple(Disposition(**row) for row in came)
        parts["segments"] += tuple(Segment(kind=SegmentKind.WRAP_UP, **row) for row in after)
        return CallRecord(**rows[0], **parts, attempt=made, voicemails=left)

    async def agents_day(self, since: float, until: float) -> list[AgentDay]:
        """The time of each agent by state between ``since`` and ``until``; stretches are clipped.

        For an agent who was known all that time, the seconds of his states add up to it.
        """
        return [AgentDay(**row) for row in await self._rows(_agent_days(since, until))]

    async def agents(
        self, since: float, until: float, billable: Collection[str] = ()
    ) -> list[AgentLine]:
        """Each agent's time, offers and contacts between ``since`` and ``until``, by name.

        What an agent does now is not in it: a stretch is written when it has ended, and the
        contacts of a call when the call has.
        """
        days = await self.agents_day(since, until)
        paused = await self._rows(_agent_pauses(since, until))
        offered = await self._rows(offers_by_agent(since, until))
        async with self._ledger.reading() as connection:
            handling = await handling_by_agent(connection, since, until)
        return agent_lines(
            ((day.agent, day.state, day.seconds) for day in days),
            ((row["agent"], row["reason"], row["seconds"]) for row in paused),
            ((row["agent"], row["outcome"], row["times"]) for row in offered),
            handling,
            billable,
        )

    async def queues(self, period: Period, targets: Targets) -> list[QueueLine]:
        """How the queues did, beside their ``targets``; see ``engine.store.queue_reports``.

        Calls that go on are not in it: a visit is written when its call has ended.
        """
        async with self._ledger.reading() as connection:
            return await queue_lines(connection, period, targets)

    async def flow(self, flow: str, period: Period) -> FlowReport:
        """How a flow did, its milestones by interval; see ``engine.store.flow_reports``."""
        async with self._ledger.reading() as connection:
            return await flow_report(connection, flow, period)

    async def ways(self, flow: str, since: float, until: float) -> dict[tuple[str, str], int]:
        """How often each node of a flow was left by each exit: ``{(node, exit): times}``."""
        async with self._ledger.reading() as connection:
            return await ways_taken(connection, flow, since, until)

    async def surveys(self, since: float, until: float, by: By | None = None) -> list[QuestionLine]:
        """How the questions of surveys were answered, by agent or queue where asked for."""
        async with self._ledger.reading() as connection:
            return await survey_results(connection, since, until, by)

    async def experiments(self, since: float, until: float) -> list[ArmLine]:
        """What became of the calls in each arm of each experiment."""
        async with self._ledger.reading() as connection:
            return await experiment_results(connection, since, until)

    async def campaigns(self, since: float, until: float) -> list[CampaignLine]:
        """How campaigns did; see ``engine.store.campaign_reports``. Calls that go on are not in
        it."""
        async with self._ledger.reading() as connection:
            return await campaign_lines(connection, since, until)

    async def progress(self, campaign: str, lists: list[str], since: float) -> Progress:
        """How far a campaign is with its lists, and how fast it was since then."""
        async with self._ledger.reading() as connection:
            return await progress(connection, campaign, lists, since)

    async def recordings(self, limit: int = 50, since: float = 0.0) -> list[RecordingLine]:
        """The newest ``limit`` recordings that began at ``since`` or later, newest first."""
        told = {field.name for field in fields(RecordingLine)} - {"call", "caller", "agent"}
        query = (
            select(calls.c.call, calls.c.caller, calls.c.agent, *_columns(recordings, told))
            .join_from(recordings, calls)
            .where(recordings.c.started >= since)
            .order_by(recordings.c.started.desc(), recordings.c.name.desc())
            .limit(limit)
        )
        return [RecordingLine(**row) for row in await self._rows(query)]

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        async with self._ledger.reading() as connection:
            return await _ask(connection, query)


async def _ask(connection: AsyncConnection, query: Select[Any]) -> Sequence[RowMapping]:
    result: Result[Any] = await connection.execute(query)
    return result.mappings().all()


def _columns(table: Table, names: Collection[str]) -> list[ColumnElement[Any]]:
    return [column for column in table.columns if column.name in names]


def _parts(table: Table, call: str, part: type) -> Select[Any]:
    """One call's rows of ``table``, in their order, as the fields of their dataclass."""
    own = {field.name for field in fields(part)}
    columns = _columns(table, own)
    if table is recordings:  # where its file is now, when it was moved
        columns = [_PLACE if column.name == "path" else column for column in columns]
    query = select(*columns).where(table.c.call == call)
    return query.order_by(table.c.seq) if "seq" in table.columns else query


def _call_lines() -> Select[Any]:
    recorded = select(func.count()).where(recordings.c.call == calls.c.call)
    return select(
        *(calls.c[name] for name in ("call", "arrived", "caller", "called", "language", "route")),
        *(calls.c[name] for name in ("outcome", "ended_by", "agent")),
        _seconds(_duration(calls.c.arrived, calls.c.ended)).label("seconds"),
        _spent(_is(SegmentKind.IVR)).label("ivr"),
        _spent(_is(SegmentKind.QUEUE, SegmentKind.RING)).label("waited"),
        _spent(_is(*HANDLED), segments.c.agent.is_not(None)).label("talked"),
        recorded.scalar_subquery().label("recordings"),
    )


def _is(*kinds: SegmentKind) -> ColumnElement[bool]:
    return segments.c.kind.in_(kinds)


def _spent(*such: ColumnElement[bool]) -> ScalarSelect[float]:
    """The seconds that a call spent in such segments."""
    total = _seconds(func.sum(_duration(segments.c.started, segments.c.ended)))
    of_call = select(total).where(segments.c.call == calls.c.call, *such)
    return of_call.correlate(calls).scalar_subquery()


def _agent_days(since: float, until: float) -> Select[Any]:
    return _agent_time(agent_stretches.c.state, since, until)


def _agent_pauses(since: float, until: float) -> Select[Any]:
    stretch = agent_stretches.c
    return _agent_time(stretch.reason, since, until).where(stretch.state == AgentState.PAUSED)


def _agent_time(by: ColumnElement[Any], since: float, until: float) -> Select[Any]:
    """Each agent's time between the two moments, added up by one column of his stretches."""
    first, last = literal(since, Moment), literal(until, Moment)
    day = agent_stretches.c
    started = case((day.started < first, first), else_=day.started)
    ended = case((day.ended > last, last), else_=day.ended)
    return (
        select(
            day.agent,
            by,
            _seconds(func.sum(_duration(started, ended))).label("seconds"),
            func.count().label("times"),
        )
        .where(day.started < last, day.ended > first)
        .group_by(day.agent, by)
        .order_by(day.agent, by)
    )


def _duration(started: ColumnElement[float], ended: ColumnElement[float]) -> ColumnElement[int]:
    return microseconds_of(ended) - microseconds_of(started)


def _seconds(microseconds: ColumnElement[int]) -> ColumnElement[Any]:
    """Divided once, after all adding: exact until here on both databases."""
    return cast(func.coalesce(microseconds, 0), Double) / 1_000_000.0
