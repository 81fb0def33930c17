"""Calls with their parts, wrap-ups, and the agents' days."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agent_stretches",
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.Column("call", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("agent", "started", name="pk_agent_stretches"),
    )
    op.create_index("ix_agent_stretches_ended", "agent_stretches", ["ended"])

    op.create_table(
        "calls",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("caller", sa.String(length=128), nullable=False),
        sa.Column("called", sa.String(length=128), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("route", sa.String(length=128), nullable=False),
        sa.Column("flow", sa.String(length=128), nullable=False),
        sa.Column("arrived", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("estimated_end", sa.Boolean(), nullable=False),
        sa.Column("sip_call_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_calls"),
    )
    op.create_index("ix_calls_arrived", "calls", ["arrived"])
    op.create_index("ix_calls_caller", "calls", ["caller"])

    op.create_table(
        "wrap_ups",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("call", "agent", "started", name="pk_wrap_ups"),
    )
    op.create_table(
        "offers",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offer", sa.String(length=200), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("offered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_offers_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name="pk_offers"),
        sa.UniqueConstraint("offer", name="uq_offers_offer"),
    )
    op.create_index("ix_offers_agent_offered", "offers", ["agent", "offered"])

    op.create_table(
        "queue_visits",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("entered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_queue_visits_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name="pk_queue_visits"),
    )
    op.create_index("ix_queue_visits_queue_entered", "queue_visits", ["queue", "entered"])

    op.create_table(
        "recordings",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_recordings_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name="pk_recordings"),
        sa.UniqueConstraint("name", name="uq_recordings_name"),
    )
    op.create_index("ix_recordings_started", "recordings", ["started"])

    op.create_table(
        "segments",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_segments_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name="pk_segments"),
    )
    op.create_table(
        "steps",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=128), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("detail", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_steps_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name="pk_steps"),
    )
