"""Recordings: what became of their files after the call, and whom one hears in them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for column in (
        sa.Column("gaps", sa.Text(), nullable=False, server_default="[]"),
        _text("state", 32, "new"),
        _text("place", 1000),
        _text("format", 8),
        sa.Column("channels", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("stored_seconds", sa.Double(), nullable=False, server_default="0"),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False, server_default="0"),
        _text("sha256", 64),
        _text("key_id", 32),
        _text("wrapped_key", 200),
        sa.Column("peaks", sa.Text(), nullable=False, server_default=""),
        _text("trouble", 1000),
        sa.Column("superfluous", sa.Text(), nullable=False, server_default=""),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("moved", sa.DateTime(timezone=True)),
        sa.Column("deleted", sa.DateTime(timezone=True)),
        sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.false()),
        _text("queue", 64),
    ):
        op.add_column("recordings", column)
    op.create_index("ix_recordings_state_started", "recordings", ["state", "started"])
    op.create_index("ix_recordings_key_id", "recordings", ["key_id"])
    op.create_index("ix_recordings_queue_started", "recordings", ["queue", "started"])
    some = sa.text("superfluous <> ''")
    op.create_index(
        "ix_recordings_superfluous",
        "recordings",
        ["name"],
        sqlite_where=some,
        postgresql_where=some,
    )
    op.create_table(
        "recording_agents",
        sa.Column("recording", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recordings.name"],
            name="fk_recording_agents_recording_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording", "agent", name="pk_recording_agents"),
    )
    op.create_index("ix_recording_agents_agent", "recording_agents", ["agent"])


def _text(name: str, length: int, value: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=value)
