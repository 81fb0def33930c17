"""Brings a database's schema up to this version; see ``versions/`` for the steps."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engine.store.errors import LedgerTooNew

_LOCK = 0x7046_6461  # any number, the same in every engine that may open one database


def upgrade(connection: Connection) -> str:
    """Run the missing revisions in the transaction of ``connection``; returns the newest one's id.

    Raises ``LedgerTooNew``. Two engines that start together take turns.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = alembic_config(connection)
    _refuse_a_newer_schema(connection, ScriptDirectory.from_config(config))
    command.upgrade(config, "head")
    return str(MigrationContext.configure(connection).get_current_revision())


def alembic_config(connection: Connection) -> Config:
    """Alembic without an ini file: the scripts beside this one, on a connection that is open."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_a_newer_schema(connection: Connection, script: ScriptDirectory) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found <= known:
        raise LedgerTooNew(
            f"the ledger's schema is at revision {', '.join(sorted(found - known))}, which this "
            f"version does not know (its newest is {script.get_current_head()}): start the newer "
            "Tongdai again, or restore the database from before its upgrade"
        )
