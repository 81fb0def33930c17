"""What a campaign did, by the day in UTC: the counts that windows of abandonment are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.dispositions import ANSWERED_LIVE, Disposition
from engine.store.lead_tables import attempts
from engine.store.tables import microseconds_of

_DAY: Final = 86400
MACHINES: Final = frozenset({Disposition.MACHINE, Disposition.MESSAGE_LEFT})


@dataclass(frozen=True, slots=True)
class DayTally:
    """A day that began at ``day``. ``answered`` counts people, or what cannot be excluded to be
    one; ``abandoned`` those of them for whom nobody was there in time; ``dialed`` INVITEs that went
    out, ``connected`` talks with agents."""

    day: float
    answered: int
    abandoned: int
    machines: int
    dialed: int
    connected: int


async def tallies(connection: AsyncConnection, campaign: str, since: float) -> list[DayTally]:
    """The days in which attempts ended at ``since`` or later, oldest first."""
    attempt = attempts.c
    day = (microseconds_of(attempt.ended) // (_DAY * 1_000_000)).label("day")
    asked = (
        select(
            day,
            _of(attempt.disposition.in_(ANSWERED_LIVE)),
            _of(attempt.disposition == Disposition.ABANDONED),
            _of(attempt.disposition.in_(MACHINES)),
            _of(attempt.dialed.is_not(None)),
            _of(attempt.connected.is_not(None)),
        )
        .where(attempt.campaign == campaign, attempt.ended >= since)
        .group_by(day)
        .order_by(day)
    )
    rows = await connection.execute(asked)
    return [DayTally(float(number * _DAY), *counts) for number, *counts in rows]


def _of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)
