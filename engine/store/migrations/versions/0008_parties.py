"""Who else was in a call: the stretches of everybody who was brought to the caller."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
