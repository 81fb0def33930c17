"""Who else was in a call: the stretches of everybody who was brought to the caller, and to whom he
was given on. Of the calls before, each talk was of one agent, and is his stretch now."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _make(
        "party_stretches",
        _text("leg", 200),
        _text("party", 16),
        _text("name", 128),
        _text("kind", 32),
        _moment("started"),
        _moment("ended"),
    )
    op.create_index("ix_party_stretches_started", "party_stretches", ["started"])
    _make(
        "transfers",
        _moment("at"),
        _text("how", 32),
        _text("agent", 64),
        _text("target", 32),
        _text("name", 128),
        sa.Column("queue", sa.String(length=64)),
    )
    op.create_index("ix_transfers_at", "transfers", ["at"])
    op.execute(
        "INSERT INTO party_stretches (call, seq, leg, party, name, kind, started, ended)"
        " SELECT call, seq, '', 'agent', agent,"
        " CASE kind WHEN 'hold' THEN 'hold' ELSE 'talk' END, started, ended"
        " FROM segments WHERE agent IS NOT NULL AND kind IN ('talk', 'hold', 'forwarded')"
    )


def _make(table: str, *columns: sa.Column[Any]) -> None:
    """A table of what a call has several of, numbered in their order."""
    op.create_table(
        table,
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name=f"fk_{table}_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name=f"pk_{table}"),
    )


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
