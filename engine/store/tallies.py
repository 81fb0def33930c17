"""What a campaign did: by the quarter of an hour, for windows of abandonment, and by agents' codes.

Days begin at another moment in each time zone, and in each at a quarter.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.compliance.windows import QUARTER_SECONDS
from dialer.dispositions import ANSWERED_LIVE, MACHINES, Disposition
from engine.store.columns import microseconds_of
from engine.store.lead_tables import attempts

_QUARTER: Final = int(QUARTER_SECONDS)


@dataclass(frozen=True, slots=True)
class QuarterTally:
    """The quarter of an hour that began ``at``. ``answered`` counts people, or what cannot be
    excluded to be one; ``abandoned`` those of them for whom nobody was there in time; ``dialed``
    INVITEs that went out, ``connected`` talks with agents."""

    at: float
    answered: int
    abandoned: int
    machines: int
    dialed: int
    connected: int


async def tallies(
    connection: AsyncConnection, campaign: str, since: float, without: Collection[str] = ()
) -> list[QuarterTally]:
    """The quarters in which attempts, other than those of ``without``, ended at ``since`` or later;
    oldest first."""
    attempt = attempts.c
    quarter = (microseconds_of(attempt.ended) // (_QUARTER * 1_000_000)).label("quarter")
    asked = (
        select(
            quarter,
            _of(attempt.disposition.in_(ANSWERED_LIVE)),
            _of(attempt.disposition == Disposition.ABANDONED),
            _of(attempt.disposition.in_(MACHINES)),
            _of(attempt.dialed.is_not(None)),
            _of(attempt.connected.is_not(None)),
        )
        .where(attempt.campaign == campaign, attempt.ended >= since)
        .where(attempt.attempt.not_in(without))
        .group_by(quarter)
        .order_by(quarter)
    )
    rows = await connection.execute(asked)
    return [QuarterTally(float(number * _QUARTER), *counts) for number, *counts in rows]


async def codes(
    connection: AsyncConnection, campaign: str, without: Collection[str] = ()
) -> dict[str, int]:
    """How many attempts, other than those of ``without``, agents gave each code to."""
    attempt = attempts.c
    asked = (
        select(attempt.code, func.count())
        .where(attempt.campaign == campaign, attempt.code != "")
        .where(attempt.attempt.not_in(without))
        .group_by(attempt.code)
    )
    return {code: times for code, times in await connection.execute(asked)}


def _of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)
