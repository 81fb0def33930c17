"""The one engine of a ledger: a second one would take the first's claims for those of a dead run.

It holds a lock that ends with it, however it ends: on a file beside SQLite's, or in a session of
PostgreSQL, whose server finds out within two minutes when the engine's machine is gone. An engine
that was only cut off finds out within seconds that the server has ended its session. Programs that
only ask, and imports, need none.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from engine.ports import LedgerDown

KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10"}
"""With these PostgreSQL soon ends the session of a machine that is gone."""
ASK_SECONDS = 3.0
"""How long it is believed that a session lives that has just answered."""

_KEY = 0x746F6E67646169  # "tongdai"; PostgreSQL's advisory locks are of one database
_TAKEN = "another engine works with this ledger: stop it, or give each a database of its own"


class Claim(Protocol):
    """An engine's hold on a ledger."""

    async def hold(self) -> None:
        """Take it, or make sure that it is still held. Raises ``LedgerDown`` while another engine
        has it, and what the driver raises."""

    async def release(self) -> None:
        """Let another engine have it."""


class FileClaim:
    """Held by a lock on a file beside the ledger's."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._lock: int | None = None

    async def hold(self) -> None:
        """As in ``Claim``."""
        if self._lock is not None:
            return
        ledger = self._ledger.resolve()  # the same one, whichever link leads to it
        ledger.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(ledger.with_name(f"{ledger.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise LedgerDown(_TAKEN) from None
        self._lock = lock

    async def release(self) -> None:
        """As in ``Claim``."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class SessionClaim:
    """Held by an advisory lock of a session, which is begun again when the server has ended it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._session: AsyncConnection | None = None
        self._answered = 0.0
        self._holding = asyncio.Lock()

    async def hold(self) -> None:
        """As in ``Claim``."""
        async with self._holding:
            if not await self._is_held():
                await self.release()
                self._session = await self._take()

    async def release(self) -> None:
        """As in ``Claim``."""
        session, self._session = self._session, None
        if session is not None:
            await session.invalidate()  # back in the pool it would keep its lock
            await session.close()

    async def _is_held(self) -> bool:
        if self._session is None:
            return False
        raw = await self._session.get_raw_connection()
        if raw.driver_connection is None or raw.driver_connection.is_closed():
            return False
        return time.monotonic() < self._answered + ASK_SECONDS or await self._answers(self._session)

    async def _answers(self, session: AsyncConnection) -> bool:
        """Whether the server still has it: of one that it ended while the network was away, the
        idle socket looks open."""
        asked = time.monotonic()
        try:
            await session.execute(text("SELECT 1"))
            await session.commit()
        except (SQLAlchemyError, OSError):
            return False
        except BaseException:  # cancelled: what it would answer next, nobody knows
            await self.release()
            raise
        self._answered = asked
        return True

    async def _take(self) -> AsyncConnection:
        session = await self._engine.connect()
        try:
            if await session.scalar(text(f"SELECT pg_try_advisory_lock({_KEY})")):
                await session.commit()  # the lock is the session's, not the transaction's
                return session
            raise LedgerDown(_TAKEN)
        except BaseException:
            await session.invalidate()
            await session.close()
            raise
