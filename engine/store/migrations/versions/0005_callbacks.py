"""Callbacks: the call in which each was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    parent = sa.Column("parent", sa.String(length=200), nullable=False, server_default="")
    op.add_column("calls", parent)
