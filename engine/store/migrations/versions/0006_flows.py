"""The courses of calls through flows: nodes, tags, answers to surveys, arms of experiments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    version = sa.Column("flow_version", sa.String(length=64), nullable=False, server_default="")
    op.add_column("calls", version)
    _make(
        "node_visits",
        _text("flow"),
        _text("version", 64),
        _text("node"),
        _text("type", 32),
        _moment("entered"),
        _moment("left"),
        _text("exit"),
        _text("milestone"),
    )
    _make("call_tags", _text("name"), _text("value", 2000))
    _make(
        "survey_answers",
        _text("survey"),
        _text("question"),
        _text("value", 2000),
        _text("recording", 200),
        sa.Column("agent", sa.String(length=64)),
        sa.Column("queue", sa.String(length=64)),
        _moment("at"),
    )
    _make("experiment_arms", _text("experiment"), _text("arm"))
    op.create_index("ix_node_visits_flow_entered", "node_visits", ["flow", "entered"])
    op.create_index("ix_survey_answers_at", "survey_answers", ["at"])
    op.create_index("ix_experiment_arms_experiment", "experiment_arms", ["experiment"])


def _make(table: str, *columns: sa.Column[Any]) -> None:
    """A table of what a call has several of, numbered in their order."""
    op.create_table(
        table,
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["call"], ["calls.call"], name=f"fk_{table}_call_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "seq", name=f"pk_{table}"),
    )


def _text(name: str, length: int = 128) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
