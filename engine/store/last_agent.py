"""Who last talked with a customer: asked while he waits, so the answer comes soon or not at all."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select

from engine.ports import LedgerDown, LedgerRefused
from engine.store.ledger import Ledger
from engine.store.tables import calls

log = structlog.get_logger("last_agent")

PATIENCE_SECONDS = 0.3


class LastAgents:
    """Asks an open ledger; ``patience_seconds`` is how long a caller may be kept for it."""

    def __init__(self, ledger: Ledger, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._ledger = ledger
        self._patience_seconds = patience_seconds

    async def of(self, number: str) -> str | None:
        """The agent whom this caller's number last talked with; None also when nobody knows."""
        last = (
            select(calls.c.agent)
            .where(calls.c.caller == number, calls.c.agent.is_not(None))
            .order_by(calls.c.arrived.desc())
            .limit(1)
        )
        try:
            async with (
                asyncio.timeout(self._patience_seconds),
                self._ledger.reading() as connection,
            ):
                agent: str | None = await connection.scalar(last)
                return agent
        except (LedgerDown, LedgerRefused, TimeoutError) as error:
            log.warning("last_agent_unknown", reason=str(error) or "no answer in time")
            return None
