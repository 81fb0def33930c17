"""Campaigns: leads and their numbers, lists never to call, consents, attempts, states."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_lists()
    _make_leads()
    _make_do_not_call()
    _make_attempts()
    _make_campaigns()


def _make_lists() -> None:
    op.create_table(
        "lead_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("name", 200),
        _moment("created"),
        _moment("imported", nullable=True),
        _flag("best_times"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_lists"),
        sa.UniqueConstraint("name", name="uq_lead_lists_name"),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("zones", 1000),
        _text("region", 16),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
        sa.UniqueConstraint("zones", "region", name="uq_places_zones_region"),
    )
    op.create_table(
        "list_places",
        _number("list"),
        _number("place"),
        _number("numbers"),
        sa.ForeignKeyConstraint(
            ["list"], ["lead_lists.id"], name="fk_list_places_list_lead_lists", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name="fk_list_places_place_places"),
        sa.PrimaryKeyConstraint("list", "place", name="pk_list_places"),
    )


def _make_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        _number("list"),
        _text("key", 128),
        _text("name", 255),
        _text("state", 32),
        _moment("due", nullable=True),
        _text("why", 200),
        _number("rank"),
        _small("dice"),
        _text("owner", 64),
        _text("language", 35),
        _number("place"),
        _small("seq"),
        sa.Column("best_from", sa.SmallInteger()),
        sa.Column("best_until", sa.SmallInteger()),
        _number("attempts"),
        _moment("last_attempt"),
        _text("code", 64),
        _text("campaign", 64),
        sa.Column("run", sa.String(length=64)),
        _moment("claimed", nullable=True),
        _moment("callback_due", nullable=True),
        _text("callback_owner", 64),
        _text("callback_note", 500),
        _moment("added"),
        sa.Column("data", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["list"], ["lead_lists.id"], name="fk_leads_list_lead_lists", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    op.create_index("ix_leads_list_key", "leads", ["list", "key"], unique=True)
    available = "state = 'ready' AND due IS NULL"
    _index_some("ix_leads_by_rank", "leads", available, "list", "rank", "id", "place")
    _index_some("ix_leads_by_age", "leads", available, "list", "id", "place")
    _index_some(
        "ix_leads_by_last_attempt", "leads", available, "list", "last_attempt", "id", "place"
    )
    _index_some("ix_leads_by_dice", "leads", available, "list", "dice", "id", "place")
    _index_some("ix_leads_waiting", "leads", "state = 'ready' AND due IS NOT NULL", "list", "due")
    _index_some("ix_leads_called_back", "leads", "state = 'callback'", "list", "due")
    _index_some("ix_leads_held", "leads", "run IS NOT NULL", "run")
    op.create_table(
        "lead_numbers",
        sa.Column("lead", _ID, nullable=False),
        _small("seq", autoincrement=False),
        _number("list"),
        _text("number", 16),
        _text("state", 32),
        _number("attempts"),
        _flag("mobile"),
        _number("place"),
        sa.ForeignKeyConstraint(
            ["lead"], ["leads.id"], name="fk_lead_numbers_lead_leads", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lead", "seq", name="pk_lead_numbers"),
    )
    op.create_index("ix_lead_numbers_number_list", "lead_numbers", ["number", "list"], unique=True)


def _make_do_not_call() -> None:
    op.create_table(
        "do_not_call",
        _text("number", 16),
        _text("source", 200),
        _moment("added"),
        _moment("until", nullable=True),
        _text("by", 64),
        _text("why", 200),
        sa.PrimaryKeyConstraint("number", "source", name="pk_do_not_call"),
    )
    op.create_table(
        "do_not_call_lists",
        _text("name", 200),
        sa.Column("load", sa.Integer()),
        sa.Column("loading", sa.Integer()),
        _moment("loaded", nullable=True),
        _number("numbers"),
        sa.PrimaryKeyConstraint("name", name="pk_do_not_call_lists"),
        sa.UniqueConstraint("loading", name="uq_do_not_call_lists_loading"),
        sa.UniqueConstraint("load", name="uq_do_not_call_lists_load"),
    )
    op.create_table(
        "listed_numbers",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        _number("load", autoincrement=False),
        sa.PrimaryKeyConstraint("number", "load", name="pk_listed_numbers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consents",
        _text("number", 16),
        _text("scope", 64),
        _moment("given"),
        _moment("until", nullable=True),
        _text("evidence", 500),
        sa.PrimaryKeyConstraint("number", "scope", name="pk_consents"),
    )


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        _text("attempt", 200),
        _text("campaign", 64),
        _text("mode", 32),
        _text("list", 64),
        sa.Column("lead", sa.BigInteger(), nullable=False),
        _small("seq"),
        _text("number", 16),
        _text("trunk", 64),
        _text("caller_id", 32),
        _flag("callback"),
        _text("run", 64),
        _moment("decided"),
        _moment("began"),
        *(_moment(name, nullable=True) for name in ("dialed", "rang", "answered", "person")),
        *(_moment(name, nullable=True) for name in ("connected", "ended")),
        sa.Column("disposition", sa.String(length=32)),
        _text("agent", 64),
        _number("cause"),
        _number("tech_cause"),
        _text("verdict", 32),
        sa.Column("spoken", _JSON, nullable=False),
        _flag("opted_out"),
        _flag("guessed"),
        _text("why", 200),
        _text("code", 64),
        _moment("code_at", nullable=True),
        sa.Column("proof", _JSON, nullable=False),
        sa.Column("terms", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("attempt", name="pk_attempts"),
    )
    op.create_index("ix_attempts_lead", "attempts", ["lead"])
    op.create_index("ix_attempts_began", "attempts", ["began"])
    op.create_index("ix_attempts_number_began", "attempts", ["number", "began"])
    op.create_index("ix_attempts_campaign_ended", "attempts", ["campaign", "ended"])
    _index_some("ix_attempts_open", "attempts", "ended IS NULL", "number", unique=True)


def _make_campaigns() -> None:
    op.create_table(
        "campaign_states",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("campaign", 64),
        _text("state", 32),
        _moment("since"),
        _text("by", 64),
        _text("why", 200),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_states"),
    )
    op.create_index("ix_campaign_states_campaign", "campaign_states", ["campaign"])
    op.create_table(
        "campaign_memory",
        _text("campaign", 200),
        _moment("at"),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="pk_campaign_memory"),
    )


def _index_some(name: str, table: str, condition: str, *columns: str, unique: bool = False) -> None:
    """An index of the rows that the condition is true of."""
    where = sa.text(condition)
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=where, postgresql_where=where
    )


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, **more)


def _small(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.SmallInteger(), nullable=False, **more)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
