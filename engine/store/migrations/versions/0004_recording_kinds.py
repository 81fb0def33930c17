"""Recordings of talks and of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(length=32), nullable=False, server_default="talk")
    op.add_column("recordings", kind)
