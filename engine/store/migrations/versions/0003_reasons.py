"""The reasons of offers and of waits as data, beside their sentences."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("offers", "steps"):
        op.add_column(table, sa.Column("because", sa.Text(), nullable=False, server_default=""))
