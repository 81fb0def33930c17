"""Messages: in which mailbox, heard or not, by whom; and the greetings of mailboxes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "voicemails",
        _text("recording", 200),
        _text("call", 200),
        _text("mailbox", 64),
        _text("caller", 128),
        _text("language", 35),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        _text("state", 32),
        _text("by", 64),
        sa.Column("marked", sa.DateTime(timezone=True)),
        sa.Column("told", sa.DateTime(timezone=True)),
        sa.Column("removed", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name="fk_voicemails_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", name="pk_voicemails"),
    )
    op.create_index("ix_voicemails_call", "voicemails", ["call"])
    op.create_index("ix_voicemails_mailbox_state_at", "voicemails", ["mailbox", "state", "at"])
    op.create_table(
        "mailbox_greetings",
        _text("mailbox", 64),
        _text("recording", 200),
        _text("by", 64),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name="pk_mailbox_greetings"),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
