"""A ledger has one engine: another waits until it has ended, however that came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sample_call import CALL
from sqlalchemy import text

from engine.ports import LedgerDown
from engine.store.ledger import Ledger
from engine.store.reports import Reports

pytest_plugins = ["databases"]

_LOCKS = (
    "FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
END_SESSION = text(f"SELECT pg_terminate_backend(pid) {_LOCKS}")
SESSION = text(f"SELECT pid {_LOCKS}")


async def engines_of(url: str) -> AsyncIterator[tuple[Ledger, Ledger]]:
    one, other = Ledger(url), Ledger(url)
    await one.open()
    yield one, other
    await one.close()
    await other.close()


@pytest.fixture
async def engines(ledger_url: str) -> AsyncIterator[tuple[Ledger, Ledger]]:
    """Two ledgers of one database, for an engine each."""
    async for both in engines_of(ledger_url):
        yield both


@pytest.fixture
async def on_server(postgresql_url: str) -> AsyncIterator[tuple[Ledger, Ledger]]:
    """The same, of a PostgreSQL database."""
    async for both in engines_of(postgresql_url):
        yield both


async def test_a_second_engine_has_the_ledger_when_the_first_has_ended(
    engines: tuple[Ledger, Ledger],
) -> None:
    first, second = engines
    await first.claim()
    with pytest.raises(LedgerDown, match="another engine works with this ledger"):
        await second.claim()
    with pytest.raises(LedgerDown, match="another engine"):
        await second.save_call(CALL)
    await first.save_call(CALL)
    await first.close()
    await second.claim()
    await second.save_call(CALL)


async def test_a_link_leads_a_second_engine_to_the_same_ledger(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to("ledger.db")
    (tmp_path / "folder").symlink_to(".")
    async for first, second in engines_of(str(tmp_path / "ledger.db")):
        await first.claim()
        for link in ("link.db", "folder/ledger.db"):
            linked = Ledger(str(tmp_path / link))
            with pytest.raises(LedgerDown, match="another engine"):
                await linked.claim()
        await first.close()
        await second.claim()


async def test_who_only_asks_or_imports_needs_no_claim(engines: tuple[Ledger, Ledger]) -> None:
    engine, command = engines
    await engine.claim()
    await command.save_call(CALL)
    assert await Reports(command).call(CALL.call) == CALL


async def test_an_engine_takes_the_ledger_again_when_the_server_has_ended_its_session(
    on_server: tuple[Ledger, Ledger],
) -> None:
    engine, operator = on_server
    await engine.claim()
    async with operator.writing() as connection:
        before = await connection.scalar(SESSION)
        await connection.execute(END_SESSION)

    async def claimed_again() -> None:
        await engine.save_call(CALL)
        async with operator.reading() as connection:
            if await connection.scalar(SESSION) in (None, before):
                raise LedgerDown("not yet")

    await insist(claimed_again)
    with pytest.raises(LedgerDown, match="another engine"):
        await operator.claim()


async def test_an_engine_that_lost_its_session_to_another_writes_no_more(
    on_server: tuple[Ledger, Ledger],
) -> None:
    engine, other = on_server
    await engine.claim()
    async with other.writing() as connection:
        await connection.execute(END_SESSION)
    await insist(other.claim)  # the server needs a moment to end a session

    async def write_on() -> None:
        while True:  # until it has noticed
            await engine.save_call(CALL)

    async with asyncio.timeout(30):
        with pytest.raises(LedgerDown, match="another engine"):
            await write_on()


async def insist(what: Callable[[], Awaitable[None]]) -> None:
    """As the clerk does it."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await what()
            except LedgerDown:
                await asyncio.sleep(0.05)
