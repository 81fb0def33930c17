"""The ledger's tables: what is kept of every call and of every agent's day.

A call is one row of ``calls`` and its parts, numbered in their order. Columns are named as the
fields of the dataclasses in ``engine.call_record``, so a row is its dataclass.
Times are stored in UTC with microseconds, and floats (seconds since the epoch) on our side.
Durations are not stored: ``microseconds_of`` subtracts times in SQL, exactly, on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    text,
)

from engine.call_record import (
    CallOutcome,
    CallTag,
    ExperimentArm,
    MessageState,
    NodeVisit,
    OfferMade,
    PartyStretch,
    QueueVisit,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
    SurveyAnswer,
    TransferHow,
    TransferMade,
)
from engine.store.columns import Choice, FileState, Gaps, Key, Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _part_of_call() -> tuple[Column[str], Column[int]]:
    return (
        Column("call", Key, ForeignKey("calls.call", ondelete="CASCADE"), primary_key=True),
        Column("seq", Integer, primary_key=True, autoincrement=False),
    )


calls = Table(
    "calls",
    metadata,
    Column("call", Key, primary_key=True),
    Column("direction", Words(32), nullable=False),
    Column("caller", Words(128), nullable=False, index=True),
    Column("called", Words(128), nullable=False),
    Column("language", Words(35), nullable=False),
    Column("route", Words(128), nullable=False),
    Column("flow", Words(128), nullable=False),
    Column("arrived", Moment, nullable=False, index=True),
    Column("answered", Moment),
    Column("ended", Moment, nullable=False),
    Column("ended_by", Words(32), nullable=False),
    Column("outcome", Choice(CallOutcome), nullable=False),
    Column("cause", Integer, nullable=False),
    Column("agent", Words(64)),
    Column("estimated_end", Boolean, nullable=False),
    Column("sip_call_id", Words(255), nullable=False),
    Column("parent", Words(200), nullable=False, server_default=""),
    Column("flow_version", Words(64), nullable=False, server_default=""),
)

segments = Table(
    "segments",
    metadata,
    *_part_of_call(),
    Column("kind", Choice(SegmentKind), nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("queue", Words(64)),
    Column("agent", Words(64)),
)

# Without an index by name: SQLite would take it in reports, where the call is all that helps.
party_stretches = Table(
    "party_stretches",
    metadata,
    *_part_of_call(),
    Column("leg", Words(200), nullable=False),
    Column("party", Words(16), nullable=False),
    Column("name", Words(128), nullable=False),
    Column("kind", Choice(SegmentKind), nullable=False),
    Column("started", Moment, nullable=False, index=True),
    Column("ended", Moment, nullable=False),
)

transfers = Table(
    "transfers",
    metadata,
    *_part_of_call(),
    Column("at", Moment, nullable=False, index=True),
    Column("how", Choice(TransferHow), nullable=False),
    Column("agent", Words(64), nullable=False),
    Column("target", Words(32), nullable=False),
    Column("name", Words(128), nullable=False),
    Column("queue", Words(64)),
)

# An agent may be done before the caller is (a flow goes on after the talk), so a wrap-up may be
# written before its call: apart from the segments that tile the call, and without a foreign key.
wrap_ups = Table(
    "wrap_ups",
    metadata,
    Column("call", Key, primary_key=True),
    Column("agent", Key, primary_key=True),
    Column("started", Moment, primary_key=True),
    Column("ended", Moment, nullable=False),
    Column("queue", Words(64)),
)

# Settled when the agent is done, as the wrap-up is, and also where there is none.
dispositions = Table(
    "dispositions",
    metadata,
    Column("call", Key, primary_key=True),
    Column("agent", Key, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("queue", Words(64), nullable=False),
    Column("code", Words(64), nullable=False, index=True),
    Column("by_default", Boolean, nullable=False),
)

queue_visits = Table(
    "queue_visits",
    metadata,
    *_part_of_call(),
    Column("queue", Words(64), nullable=False),
    Column("entered", Moment, nullable=False),
    Column("left", Moment, nullable=False),
    Column("outcome", Words(32), nullable=False),
    Column("agent", Words(64)),
    Index(None, "queue", "entered"),
)

offers = Table(
    "offers",
    metadata,
    *_part_of_call(),
    Column("offer", Key, nullable=False, unique=True),
    Column("queue", Words(64), nullable=False),
    Column("agent", Words(64), nullable=False),
    Column("offered", Moment, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("outcome", Words(32), nullable=False),
    Column("why", Words(2000), nullable=False),
    Column("because", Text, nullable=False),
    Index(None, "agent", "offered"),
)

recordings = Table(
    "recordings",
    metadata,
    *_part_of_call(),
    Column("name", Key, nullable=False, unique=True),
    Column("path", Words(1000), nullable=False),
    Column("started", Moment, nullable=False, index=True),
    Column("seconds", Double, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("problem", Words(1000), nullable=False),
    Column("kind", Words(32), nullable=False),
    Column("gaps", Gaps, nullable=False, server_default="[]"),
    # What became of the file after the call, by ``engine.recordings``.
    Column("state", Choice(FileState), nullable=False, server_default=FileState.NEW),
    Column("place", Words(1000), nullable=False, server_default=""),
    Column("format", Words(8), nullable=False, server_default=""),
    Column("channels", Integer, nullable=False, server_default="0"),
    Column("stored_seconds", Double, nullable=False, server_default="0"),
    Column("stored_bytes", BigInteger, nullable=False, server_default="0"),
    Column("sha256", Words(64), nullable=False, server_default=""),
    Column("key_id", Words(32), nullable=False, server_default="", index=True),
    Column("wrapped_key", Words(200), nullable=False, server_default=""),
    Column("peaks", Text, nullable=False, server_default=""),
    Column("trouble", Words(1000), nullable=False, server_default=""),
    Column("superfluous", Text, nullable=False, server_default=""),
    Column("finished", Moment),
    Column("moved", Moment),
    Column("deleted", Moment),
    Column("kept", Boolean, nullable=False, server_default=false()),
    Column("queue", Words(64), nullable=False, server_default=""),
    Index(None, "state", "started"),
    Index(None, "queue", "started"),
    Index(
        "ix_recordings_superfluous",
        "name",
        sqlite_where=text("superfluous <> ''"),
        postgresql_where=text("superfluous <> ''"),
    ),
)

# Whom one hears in a recording: who may hear all of them may hear it.
recording_agents = Table(
    "recording_agents",
    metadata,
    Column("recording", Key, ForeignKey("recordings.name", ondelete="CASCADE"), primary_key=True),
    Column("agent", Key, primary_key=True),
    Index(None, "agent"),
)

steps = Table(
    "steps",
    metadata,
    *_part_of_call(),
    Column("at", Moment, nullable=False),
    Column("source", Words(32), nullable=False),
    Column("event", Words(128), nullable=False),
    Column("target", Words(255), nullable=False),
    Column("detail", Words(2000), nullable=False),
    Column("because", Text, nullable=False),
)

node_visits = Table(
    "node_visits",
    metadata,
    *_part_of_call(),
    Column("flow", Words(128), nullable=False),
    Column("version", Words(64), nullable=False),
    Column("node", Words(128), nullable=False),
    Column("type", Words(32), nullable=False),
    Column("entered", Moment, nullable=False),
    Column("left", Moment, nullable=False),
    Column("exit", Words(128), nullable=False),
    Column("milestone", Words(128), nullable=False),
    Index(None, "flow", "entered"),
)

call_tags = Table(
    "call_tags",
    metadata,
    *_part_of_call(),
    Column("name", Words(128), nullable=False),
    Column("value", Words(2000), nullable=False),
)

survey_answers = Table(
    "survey_answers",
    metadata,
    *_part_of_call(),
    Column("survey", Words(128), nullable=False),
    Column("question", Words(128), nullable=False),
    Column("value", Words(2000), nullable=False),
    Column("recording", Words(200), nullable=False),
    Column("agent", Words(64)),
    Column("queue", Words(64)),
    Column("at", Moment, nullable=False, index=True),
)

experiment_arms = Table(
    "experiment_arms",
    metadata,
    *_part_of_call(),
    Column("experiment", Words(128), nullable=False),
    Column("arm", Words(128), nullable=False),
    Index(None, "experiment"),
)

agent_stretches = Table(
    "agent_stretches",
    metadata,
    Column("agent", Key, primary_key=True),
    Column("started", Moment, primary_key=True),
    Column("ended", Moment, nullable=False, index=True),
    Column("state", Words(32), nullable=False),
    Column("reason", Words(255), nullable=False),
    Column("queue", Words(64)),
    Column("call", Words(200)),
)

# Beside what was left, what became of it since: the last two say until when that was carried out.
voicemails = Table(
    "voicemails",
    metadata,
    Column("recording", Key, primary_key=True),
    Column("call", Key, ForeignKey("calls.call", ondelete="CASCADE"), nullable=False, index=True),
    Column("mailbox", Words(64), nullable=False),
    Column("caller", Words(128), nullable=False),
    Column("language", Words(35), nullable=False),
    Column("at", Moment, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", Choice(MessageState), nullable=False),
    Column("by", Words(64), nullable=False),
    Column("marked", Moment),
    Column("told", Moment),
    Column("removed", Moment),
    Index(None, "mailbox", "state", "at"),
)

mailbox_greetings = Table(
    "mailbox_greetings",
    metadata,
    Column("mailbox", Words(64), primary_key=True),
    Column("recording", Words(200), nullable=False),
    Column("by", Words(64), nullable=False),
    Column("at", Moment, nullable=False),
)

# It outlives the calls that it tells of.
audit = Table(
    "audit",
    metadata,
    Column("entry", Key, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("who", Words(64), nullable=False),
    Column("action", Words(64), nullable=False),
    Column("subject", Words(200), nullable=False),
    Column("contact", Words(200), nullable=False),
    Column("detail", Words(2000), nullable=False),
    Index(None, "who", "at"),
    Index(None, "subject", "at"),
)

# Field of CallRecord, the dataclass of one part, its table.
PARTS: tuple[tuple[str, type, Table], ...] = (
    ("segments", Segment, segments),
    ("parties", PartyStretch, party_stretches),
    ("transfers", TransferMade, transfers),
    ("visits", QueueVisit, queue_visits),
    ("offers", OfferMade, offers),
    ("recordings", RecordingMade, recordings),
    ("steps", Step, steps),
    ("nodes", NodeVisit, node_visits),
    ("tags", CallTag, call_tags),
    ("answers", SurveyAnswer, survey_answers),
    ("arms", ExperimentArm, experiment_arms),
)
