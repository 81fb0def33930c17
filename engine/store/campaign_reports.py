"""How campaigns did: from their attempts, by when these ended. Durations in seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Double, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.messages import AgentState
from dialer.dispositions import ANSWERED_LIVE, Disposition
from dialer.leads import LeadState
from engine.store.columns import microseconds_of
from engine.store.lead_tables import attempts, lead_lists, leads
from engine.store.tables import agent_stretches

_MINUTE = 60_000_000
_FREE = (AgentState.READY, AgentState.OFFERED)


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in the time asked for.

    ``dialed`` are INVITEs that went out, ``people`` who answered (or it cannot be excluded),
    ``contacts`` those of them who talked with an agent or were served by the flow. ``connect_rate``
    is contacts as a share of what was dialed, ``abandonment_rate`` abandoned as one of people; None
    of nothing. Waits are from the answer (or the end of his greeting) to the agent's ear, those of
    agents from when they were free to who they talked with next. ``line_seconds`` is how long calls
    were answered for. ``causes`` counts the SIP statuses that calls ended with.
    """

    campaign: str
    dialed: int
    answered: int
    people: int
    contacts: int
    abandoned: int
    leads: int
    connect_rate: float | None
    abandonment_rate: float | None
    mean_wait_seconds: float | None
    longest_wait_seconds: float | None
    line_seconds: float
    dispositions: Mapping[str, int]
    codes: Mapping[str, int]
    mean_agent_wait_seconds: float | None = None
    causes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is with its lists. ``left`` leads are still to be finished, ``finished``
    were by it in the ``minutes`` since ``since`` in which it placed calls."""

    left: int
    done: int
    finished: int
    minutes: int
    since: float


async def campaign_lines(
    connection: AsyncConnection, since: float, until: float
) -> list[CampaignLine]:
    """A line for each campaign that dialed in this time, by name."""
    dispositions = await _counts(connection, attempts.c.disposition, since, until)
    codes = await _counts(connection, attempts.c.code, since, until)
    causes = await _counts(connection, attempts.c.tech_cause, since, until)
    waits = {name: wait for name, wait in await connection.execute(_agent_waits(since, until))}
    rows = (await connection.execute(_sums(since, until))).mappings()
    lines = [
        _line(dict(row), dispositions[row["campaign"]], codes[row["campaign"]]) for row in rows
    ]
    return [
        replace(
            line,
            causes=causes[line.campaign],
            mean_agent_wait_seconds=waits.get(line.campaign),
        )
        for line in lines
    ]


async def progress(
    connection: AsyncConnection, campaign: str, lists: list[str], since: float
) -> Progress:
    """How far ``campaign`` is with these lists, and how fast it was since then."""
    lead, attempt = leads.c, attempts.c
    over = lead.state.in_((LeadState.DONE, LeadState.SUPPRESSED))
    by_it = over & (lead.campaign == campaign) & (lead.last_attempt >= since)
    counts = (
        select(func.count().filter(~over), func.count().filter(over), func.count().filter(by_it))
        .select_from(leads.join(lead_lists, lead.list == lead_lists.c.id))
        .where(lead_lists.c.name.in_(lists))
    )
    left, done, finished = (await connection.execute(counts)).one()
    minute = microseconds_of(attempt.began) // _MINUTE
    dialing = select(func.count(minute.distinct())).where(
        attempt.campaign == campaign, attempt.began >= since
    )
    minutes = await connection.scalar(dialing)
    return Progress(left, done, finished, minutes or 0, since)


def _sums(since: float, until: float) -> Select[Any]:
    attempt = attempts.c
    wait = microseconds_of(attempt.connected) - microseconds_of(attempt.person)
    on_line = microseconds_of(attempt.ended) - microseconds_of(attempt.answered)
    return (
        select(
            attempt.campaign,
            _of(attempt.dialed.is_not(None)).label("dialed"),
            _of(attempt.answered.is_not(None)).label("answered"),
            func.count(attempt.lead.distinct()).label("leads"),
            _seconds(func.avg(wait)).label("mean_wait_seconds"),
            _seconds(func.max(wait)).label("longest_wait_seconds"),
            func.coalesce(_seconds(func.sum(on_line)), 0.0).label("line_seconds"),
        )
        .where(attempt.ended >= since, attempt.ended < until)
        .group_by(attempt.campaign)
        .order_by(attempt.campaign)
    )


def _agent_waits(since: float, until: float) -> Select[Any]:
    """By campaign: how long an agent was free before a talk of it, on average. What he did last
    before that is the latest stretch of his day that is neither this talk nor waiting for it."""
    attempt, stretch = attempts.c, agent_stretches.c
    before = (
        select(microseconds_of(stretch.ended))
        .where(stretch.agent == attempt.agent, stretch.started < attempt.connected)
        .where(stretch.state.not_in(_FREE), func.coalesce(stretch.call, "") != attempt.attempt)
        .order_by(stretch.started.desc())
        .limit(1)
        .scalar_subquery()
    )
    waited = (microseconds_of(attempt.connected) - before).label("waited")
    talks = (
        select(attempt.campaign, waited)
        .where(attempt.ended >= since, attempt.ended < until, attempt.connected.is_not(None))
        .subquery()
    )
    mean = _seconds(func.avg(talks.c.waited))
    return select(talks.c.campaign, mean).group_by(talks.c.campaign)


async def _counts(
    connection: AsyncConnection, of: ColumnElement[Any], since: float, until: float
) -> dict[str, dict[str, int]]:
    """How often each value stands in a column, by campaign."""
    attempt = attempts.c
    asked = (
        select(attempt.campaign, of, func.count())
        .where(attempt.ended >= since, attempt.ended < until)
        .group_by(attempt.campaign, of)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for campaign, value, count in await connection.execute(asked):
        if value:
            found[campaign][str(value)] = count
    return found


def _line(
    row: dict[str, Any], dispositions: Mapping[str, int], codes: Mapping[str, int]
) -> CampaignLine:
    people = sum(dispositions.get(each, 0) for each in ANSWERED_LIVE)
    talked = (Disposition.CONNECTED, Disposition.SERVED)
    contacts = sum(dispositions.get(each, 0) for each in talked)
    abandoned = dispositions.get(Disposition.ABANDONED, 0)
    return CampaignLine(
        **row,
        people=people,
        contacts=contacts,
        abandoned=abandoned,
        connect_rate=contacts / row["dialed"] if row["dialed"] else None,
        abandonment_rate=abandoned / people if people else None,
        dispositions=dict(sorted(dispositions.items())),
        codes=dict(sorted(codes.items())),
    )


def _of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)


def _seconds(microseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(microseconds, Double) / 1_000_000.0
