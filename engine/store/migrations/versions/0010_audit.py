"""Who did what: the audit log."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    pass
