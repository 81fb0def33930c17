"""The ledger: what was, in SQL. SQLite by default, PostgreSQL by URL; ``engine.ports.Records``.

Every write is one transaction, keyed by ids that we chose, so it may be repeated after any doubt
and still takes effect once. A failure is one of two: ``LedgerDown`` (keep the row and try again
later) or ``LedgerRefused`` (this row can never be written: set it aside).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from engine.call_record import (
    AgentStretch,
    AuditEntry,
    CallRecord,
    Disposition,
    Segment,
    SegmentKind,
)
from engine.store import attempts, message_changes
from engine.store.database_url import read_url
from engine.store.errors import translated
from engine.store.migrations import upgrade
from engine.store.sole_engine import KEEPALIVES, Claim, FileClaim, SessionClaim
from engine.store.tables import PARTS, agent_stretches, audit, calls, dispositions, wrap_ups

log = structlog.get_logger()

_INSERT: dict[str, type[postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.Insert,
    "sqlite": sqlite.Insert,
}


class Ledger:
    """The database of calls and of agents' days.

    ``database_url`` is ``sqlite:///FILE``, a bare file name, or
    ``postgresql://USER:PASSWORD@HOST/NAME``; anything else raises ``LedgerUrlInvalid`` here. No
    operation waits much longer than twice ``timeout_seconds``, whatever the database does.
    """

    def __init__(self, database_url: str, *, timeout_seconds: float = 10.0) -> None:
        url = read_url(database_url)
        self._url = database_url
        self.name = url.render_as_string(hide_password=True)
        self._timeout_seconds = timeout_seconds
        self._file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self._reader = _make_engine(url, timeout_seconds)
        self._writer = self._reader.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._claim: Claim | None = None

    async def claim(self) -> None:
        """Be its one engine from now on, until ``close``: nothing is written while another is.

        Raises ``LedgerDown`` as long as that is so.
        """
        if self._claim is None:
            self._claim = FileClaim(self._file) if self._file else SessionClaim(self._reader)
        async with self._in_time():
            await self._claim.hold()

    async def open(self) -> None:
        """Make the file's folder if need be, and bring the schema up to this version.

        Raises ``LedgerDown``, or ``LedgerTooNew`` when a newer version has used this database.
        """
        with translated(self.name):
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
        async with self.writing() as connection:
            revision = await connection.run_sync(upgrade)
        log.info("ledger_opened", ledger=self.name, revision=revision)

    def twin(self) -> Ledger:
        """Another one on the same database, with connections of its own: for another thread."""
        return Ledger(self._url, timeout_seconds=self._timeout_seconds)

    async def close(self) -> None:
        """Close every connection; another engine may claim it."""
        if self._claim is not None:
            await self._claim.release()
        await self._reader.dispose()

    async def save_call(self, record: CallRecord) -> None:
        """Write a call with all its parts, or nothing; a call already there is left as it is.

        With a campaign's call go its attempt, and what becomes of the lead.
        """
        async with self.writing() as connection:
            if await _insert_once(connection, calls, _row(record, calls)):
                await _insert_parts(connection, record)
            if record.attempt is not None:
                await attempts.close(connection, record.attempt)

    async def save_wrap_up(self, call: str, segment: Segment) -> None:
        """Write an agent's wrap-up after a call, once; it may come before the call itself."""
        async with self.writing() as connection:
            await _insert_once(connection, wrap_ups, _row(segment, wrap_ups, call=call))

    async def save_disposition(self, call: str, disposition: Disposition) -> None:
        """Write what came of a talk, once; it may come before the call itself. The lead of a
        campaign's call goes by it."""
        async with self.writing() as connection:
            await _insert_disposition(connection, call, disposition)

    async def save_agent_stretch(self, stretch: AgentStretch) -> None:
        """Write a stretch of an agent's day, once. One that took no time is no part of his day."""
        if stretch.started == stretch.ended:
            return
        async with self.writing() as connection:
            await _insert_once(connection, agent_stretches, _row(stretch, agent_stretches))

    async def save_audit(self, entry: AuditEntry) -> None:
        """Write what somebody did, once."""
        async with self.writing() as connection:
            await _insert_once(connection, audit, _row(entry, audit))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to ask with; nothing that it changes is kept."""
        async with self._in_time(), self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: kept when the block ends, undone by an exception."""
        async with self._in_time():
            if self._claim is not None:
                await self._claim.hold()
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        with translated(self.name):
            async with asyncio.timeout(self._timeout_seconds):
                yield


async def _insert_parts(connection: AsyncConnection, record: CallRecord) -> None:
    """The rows below a call that was inserted just now."""
    for field, _, table in PARTS:
        parts = [part for part in getattr(record, field) if not _is_wrap_up(part)]
        rows = [_row(part, table, call=record.call, seq=seq) for seq, part in enumerate(parts)]
        if rows:
            await connection.execute(table.insert(), rows)
    for segment in filter(_is_wrap_up, record.segments):
        await _insert_once(connection, wrap_ups, _row(segment, wrap_ups, call=record.call))
    for each in record.dispositions:
        await _insert_disposition(connection, record.call, each)
    for entry in record.audit:
        await _insert_once(connection, audit, _row(entry, audit))
    await message_changes.write(connection, record)


async def _insert_disposition(
    connection: AsyncConnection, call: str, disposition: Disposition
) -> None:
    row = _row(disposition, dispositions, call=call)
    if await _insert_once(connection, dispositions, row):
        await attempts.coded(connection, call, disposition.code, disposition.at)


async def _insert_once(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> bool:
    """Whether the row is new: one with its key may be there already, then nothing changes."""
    insert = _INSERT[connection.dialect.name](table).values(row)
    once = insert.on_conflict_do_nothing(index_elements=table.primary_key.columns)
    result = await connection.execute(once.returning(*table.primary_key.columns))
    return result.first() is not None


def _row(part: Any, table: Table, **keys: object) -> dict[str, Any]:
    """The fields of a dataclass that ``table`` has a column for, after the ``keys``."""
    own = {field.name: getattr(part, field.name) for field in fields(part)}
    return keys | {name: value for name, value in own.items() if name in table.columns}


def _is_wrap_up(part: object) -> bool:
    return isinstance(part, Segment) and part.kind is SegmentKind.WRAP_UP


def _make_engine(url: URL, timeout_seconds: float) -> AsyncEngine:
    pool: dict[str, Any] = {
        "pool_size": 6,  # one of them holds an engine's claim
        "max_overflow": 0,
        "pool_timeout": timeout_seconds,
        "hide_parameters": True,  # numbers and names of callers stay out of error texts
        "json_serializer": _to_json,
    }
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, connect_args={"timeout": timeout_seconds}, **pool)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    settings = KEEPALIVES | {
        "application_name": "tongdai",
        "statement_timeout": str(round(timeout_seconds * 1000)),  # the server gives up, too
    }
    connect_args = {
        "timeout": timeout_seconds,
        "command_timeout": timeout_seconds,
        "server_settings": settings,
    }
    return create_async_engine(url, connect_args=connect_args, pool_pre_ping=True, **pool)


def _to_json(value: Any) -> str:
    # Letters as they are: SQLite finds no key of an object by a name that is written otherwise.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers beside the writer, foreign keys, and BEGIN left to ``_begin_sqlite``.

    What is deleted, as a recording's key, is overwritten.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    # SQLite does not wait for a lock here. Whoever holds it is making the same switch, which stays
    # with the file, or is writing: then the next connection makes it.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at its beginning and waits for it (busy timeout); one that begins as a
    # reader and writes later would fail at once when another has written in between.
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
