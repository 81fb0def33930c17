"""What campaigns sent over each trunk lately: limits of a day hold over a restart, too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from engine.store.columns import microseconds_of
from engine.store.lead_tables import attempts
from engine.store.ledger import Ledger

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class TrunkUse:
    """The calls that began over ``trunk`` in the hour from ``at`` on, and the seconds they were
    answered for; a call that goes on counts without its seconds."""

    trunk: str
    at: float
    calls: int
    seconds: float


async def trunk_use(ledger: Ledger, since: float) -> list[TrunkUse]:
    """By trunk and hour, the oldest first. Raises ``LedgerDown``."""
    attempt = attempts.c
    hour = (microseconds_of(attempt.began) // (_HOUR * 1_000_000)).label("hour")
    lasted = microseconds_of(attempt.ended) - microseconds_of(attempt.answered)
    asked = (
        select(attempt.trunk, hour, func.count(), func.coalesce(func.sum(lasted), 0))
        .where(attempt.began >= since, attempt.dialed.is_not(None) | attempt.ended.is_(None))
        .group_by(attempt.trunk, hour)
        .order_by(hour, attempt.trunk)
    )
    async with ledger.reading() as connection:
        rows = await connection.execute(asked)
        return [
            TrunkUse(trunk, float(at * _HOUR), calls, float(lasted) / 1e6)
            for trunk, at, calls, lasted in rows
        ]
