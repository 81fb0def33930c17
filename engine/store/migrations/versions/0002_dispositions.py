"""What came of each talk: the agent's disposition."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "dispositions",
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("by_default", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call", "agent", "at", name="pk_dispositions"),
    )
    op.create_index("ix_dispositions_code", "dispositions", ["code"])
