"""What a campaign did: by the quarter of an hour, for windows of abandonment, and all in all.

Days begin at another moment in each time zone, and in each at a quarter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.compliance.windows import QUARTER_SECONDS
from dialer.counts import Past, Tally
from dialer.dispositions import ANSWERED_LIVE, MACHINES, Disposition
from engine.store.columns import microseconds_of
from engine.store.lead_tables import attempts

_QUARTER: Final = int(QUARTER_SECONDS)


async def tallies(
    connection: AsyncConnection, campaign: str, since: float, without: Collection[str] = ()
) -> list[Tally]:
    """The quarters in which attempts, other than those of ``without``, ended at ``since`` or later;
    oldest first. People who answered are counted with those who cannot be excluded to be one."""
    attempt = attempts.c
    quarter = (microseconds_of(attempt.ended) // (_QUARTER * 1_000_000)).label("quarter")
    asked = (
        select(
            quarter,
            _of(attempt.disposition.in_(ANSWERED_LIVE)),
            _of(attempt.disposition == Disposition.ABANDONED),
            _of(attempt.disposition.in_(MACHINES)),
        )
        .where(attempt.campaign == campaign, attempt.ended >= since)
        .where(attempt.attempt.not_in(without))
        .group_by(quarter)
        .order_by(quarter)
    )
    rows = await connection.execute(asked)
    return [Tally(float(number * _QUARTER), *counts) for number, *counts in rows]


async def past(
    connection: AsyncConnection, campaign: str, began: float | None, without: Collection[str] = ()
) -> Past:
    """The whole life of a campaign that ``began`` then, without the attempts of ``without``; read
    once, for a long life has millions of them."""
    attempt = attempts.c
    over = attempt.ended.is_not(None)
    asked = (
        select(
            attempt.code,
            func.count(),
            _of(over & attempt.dialed.is_not(None)),
            _of(over & attempt.connected.is_not(None)),
        )
        .where(attempt.campaign == campaign, attempt.attempt.not_in(without))
        .group_by(attempt.code)
    )
    rows = (await connection.execute(asked)).all()
    return Past(
        began,
        dialed=sum(dialed for _, _, dialed, _ in rows),
        connected=sum(connected for *_, connected in rows),
        codes={code: times for code, times, *_ in rows if code},
    )


def _of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)
