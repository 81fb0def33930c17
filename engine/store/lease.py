"""The right to dial from a ledger, which one engine has at a time.

Two that dial from the same leads would each take what the other has claimed for what a dead run
left. So an engine holds a lock for as long as it dials. It is let go by the system itself when the
engine dies, however that happens: its successor waits for nothing. Of SQLite it is the lock of a
file beside the database, of PostgreSQL an advisory lock of a session.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from engine.ports import LedgerDown
from engine.store.errors import translated

_KEY: Final = 0x746F6E67646169
"""``tongdai`` in ASCII: advisory locks have numbers only."""


class Lease(Protocol):
    """One engine's hold on the leads of a ledger."""

    async def hold(self) -> bool:
        """Take it, or make sure that it is still ours; False while another engine has it.

        Raises ``LedgerDown``: then nobody knows.
        """

    async def release(self) -> None:
        """Let it go, if we have it."""


class FileLease:
    """The lock of a file; it is never deleted, so that nobody locks another one of its name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def hold(self) -> bool:
        """Never waits."""
        if self._descriptor is not None:
            return True
        with translated(str(self._path)):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            except OSError:
                os.close(descriptor)
                raise
        self._descriptor = descriptor
        return True

    async def release(self) -> None:
        """With the file closed the lock is gone."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class SessionLease:
    """An advisory lock of PostgreSQL, on a connection that is used for nothing else."""

    def __init__(self, name: str, engine: AsyncEngine, timeout_seconds: float) -> None:
        self._name, self._timeout_seconds = name, timeout_seconds
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None

    async def hold(self) -> bool:
        """A connection that is lost has lost it; the next call tries to take it again."""
        try:
            with translated(self._name):
                async with asyncio.timeout(self._timeout_seconds):
                    return await self._hold()
        except LedgerDown:
            await self.release()
            raise

    async def _hold(self) -> bool:
        if self._connection is not None:
            await self._connection.execute(text("SELECT 1"))
            return True
        connection = await self._engine.connect()
        taken = text("SELECT pg_try_advisory_lock(:key)").bindparams(key=_KEY)
        try:
            mine = bool(await connection.scalar(taken))
        except BaseException:
            await connection.invalidate()
            raise
        if mine:
            self._connection = connection
        else:
            await connection.close()
        return mine

    async def release(self) -> None:
        """The session ends: in the pool its connection would keep the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError, OSError, TimeoutError):
                await connection.invalidate()
                await connection.close()
