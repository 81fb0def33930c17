"""The schema of both real databases, as an operator's upgrade leaves it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sample_call import CALL, T
from sqlalchemy import Connection, text

from engine.call_record import PartyStretch, Segment, SegmentKind
from engine.store.errors import LedgerTooNew
from engine.store.ledger import Ledger
from engine.store.migrations import alembic_config, upgrade
from engine.store.reports import Reports
from engine.store.tables import calls, metadata, segments

pytest_plugins = ["databases"]


async def test_the_migrations_make_exactly_the_tables_of_the_code(ledger: Ledger) -> None:
    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with ledger.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_a_ledger_again_changes_nothing_in_it(
    ledger_url: str, ledger: Ledger
) -> None:
    await ledger.save_call(CALL)
    async with ledger.writing() as connection:
        assert await connection.run_sync(upgrade) == await connection.run_sync(upgrade)
    again = Ledger(ledger_url)
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
    ledger_url: str, ledger: Ledger
) -> None:
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    old = Ledger(ledger_url)
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


async def test_the_talks_of_an_older_ledger_are_their_agents(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "made/on/the/way").mkdir(parents=True)
    ledger = Ledger(database_url)
    spent = (
        Segment(SegmentKind.RING, T, T + 5, "support", "mai"),
        Segment(SegmentKind.TALK, T + 5, T + 65.5, "support", "mai"),
        Segment(SegmentKind.HOLD, T + 65.5, T + 70, "support", "mai"),
        Segment(SegmentKind.FORWARDED, T + 70, T + 80, None, "an"),
        Segment(SegmentKind.FORWARDED, T + 80, T + 90),
    )

    def make_an_older_one(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "0007")
        own = {column.name: getattr(CALL, column.name) for column in calls.columns}
        connection.execute(calls.insert(), own)
        rows = [{"call": "c-1", "seq": n} | asdict(each) for n, each in enumerate(spent)]
        connection.execute(segments.insert(), rows)

    async with ledger.writing() as connection:
        await connection.run_sync(make_an_older_one)
    await ledger.open()
    kept = await Reports(ledger).call("c-1")
    assert kept is not None
    assert kept.parties == (
        PartyStretch("", "agent", "mai", SegmentKind.TALK, T + 5, T + 65.5),
        PartyStretch("", "agent", "mai", SegmentKind.HOLD, T + 65.5, T + 70),
        PartyStretch("", "agent", "an", SegmentKind.TALK, T + 70, T + 80),
    )
    [mai] = await Reports(ledger).agents(T, T + 60)
    assert (mai.agent, mai.handling.talk_seconds, mai.handling.hold_seconds) == ("mai", 60.5, 4.5)
    await ledger.close()


def _tables(connection: Connection) -> list[str]:
    return connection.dialect.get_table_names(connection)
