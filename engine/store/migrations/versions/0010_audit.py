"""Who did what: the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "audit",
        _text("entry", 200),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("who", 64),
        _text("action", 64),
        _text("subject", 200),
        _text("contact", 200),
        _text("detail", 2000),
        sa.PrimaryKeyConstraint("entry", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_who_at", "audit", ["who", "at"])
    op.create_index("ix_audit_subject_at", "audit", ["subject", "at"])


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
