"""A campaign's own past, dial by dial, for the simulator."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Select, and_, select

from dialer.simulation.past import PastDial
from engine.store.lead_tables import attempts
from engine.store.ledger import Ledger
from engine.store.tables import wrap_ups

MOST_DIALS = 100_000


async def past_dials(ledger: Ledger, campaign: str, since: float, zone: str) -> list[PastDial]:
    """What the campaign dialed at ``since`` or later: the newest, hours of the day by ``zone``.

    Raises ``LedgerDown``.
    """
    where = ZoneInfo(zone)
    async with ledger.reading() as connection:
        rows = (await connection.execute(_dials(campaign, since))).mappings()
        return [_dial(row, where) for row in rows]


def _dials(campaign: str, since: float) -> Select[Any]:
    made = attempts.c
    own = and_(wrap_ups.c.call == made.attempt, wrap_ups.c.agent == made.agent)
    return (
        select(
            *(made.dialed, made.rang, made.answered, made.connected, made.ended),
            made.disposition,
            wrap_ups.c.started.label("wrap_began"),
            wrap_ups.c.ended.label("wrap_ended"),
        )
        .select_from(attempts.outerjoin(wrap_ups, own))
        .where(made.campaign == campaign, made.began >= since)
        .where(made.dialed.is_not(None), made.disposition.is_not(None))
        .order_by(made.began.desc())
        .limit(MOST_DIALS)
    )


def _dial(row: RowMapping, zone: ZoneInfo) -> PastDial:
    return PastDial(
        hour=datetime.fromtimestamp(row["dialed"], zone).hour,
        disposition=row["disposition"],
        set_up=_between(row["dialed"], row["rang"]),
        ring=_between(row["rang"], row["answered"]),
        talk=_between(row["connected"], row["ended"]),
        wrap=_between(row["wrap_began"], row["wrap_ended"]),
    )


def _between(began: float | None, ended: float | None) -> float | None:
    return None if began is None or ended is None else max(0.0, ended - began)
