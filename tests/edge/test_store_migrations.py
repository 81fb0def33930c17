"""The schema of both real databases, as an operator's upgrade leaves it."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sample_call import CALL
from sqlalchemy import Connection, text

from engine.store.errors import LedgerTooNew
from engine.store.ledger import Ledger
from engine.store.migrations import upgrade
from engine.store.reports import Reports
from engine.store.tables import metadata

pytest_plugins = ["databases"]


async def test_the_migrations_make_exactly_the_tables_of_the_code(ledger: Ledger) -> None:
    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with ledger.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_a_ledger_again_changes_nothing_in_it(
    database_url: str, ledger: Ledger
) -> None:
    await ledger.save_call(CALL)
    async with ledger.writing() as connection:
        assert await connection.run_sync(upgrade) == await connection.run_sync(upgrade)
    again = Ledger(database_url)
    await again.open()
    assert await Reports(again).call("c-1") == CALL
    await again.close()


async def test_engines_that_start_together_make_the_schema_once(database_url: str) -> None:
    ledgers = [Ledger(database_url) for _ in range(4)]
    await asyncio.gather(*(ledger.open() for ledger in ledgers))
    await ledgers[0].save_call(CALL)
    assert await Reports(ledgers[3]).call("c-1") == CALL
    for ledger in ledgers:
        await ledger.close()


async def test_a_ledger_of_a_newer_version_is_left_alone_and_the_operator_told(
    database_url: str, ledger: Ledger
) -> None:
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    old = Ledger(database_url)
    with pytest.raises(LedgerTooNew, match=r"revision 9999.*start the newer Tongdai again"):
        await old.open()
    await old.close()


async def test_a_migration_that_fails_half_way_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_and_fail(connection: Connection) -> str:
        upgrade(connection)
        raise RuntimeError("power cut")

    ledger = Ledger(database_url)
    monkeypatch.setattr("engine.store.ledger.upgrade", make_and_fail)
    with pytest.raises(RuntimeError, match="power cut"):
        await ledger.open()
    async with ledger.reading() as connection:
        assert await connection.run_sync(_tables) == []
    monkeypatch.undo()
    await ledger.open()
    await ledger.save_call(CALL)
    await ledger.close()


def _tables(connection: Connection) -> list[str]:
    return connection.dialect.get_table_names(connection)
