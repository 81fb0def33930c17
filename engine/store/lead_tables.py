"""The tables of campaigns: leads and their numbers, lists never to call, consents, attempts.

A lead that may be dialed at once has the state ``ready`` and no ``due``; one that has to wait has a
``due``, which is taken away when it has come. So the indexes that a campaign walks in its order
hold nothing but what may be dialed now. Attempts are the evidence of what was done, kept for years:
they stand without references, so that no clean-up of lists takes them along.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dialer.dispositions import Disposition
from dialer.leads import LeadState, NumberState
from engine.store.columns import EPOCH, Choice, Key, Moment, Words
from engine.store.tables import metadata

NUMBER_LENGTH = 16
"""E.164: a plus and at most fifteen digits."""

Json = JSON().with_variant(JSONB(), "postgresql")
Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers its rows itself by INTEGER only
Number = String(NUMBER_LENGTH)

# Written out, not bound: only so do both databases see that an index with this condition serves.
AVAILABLE = "state = 'ready' AND due IS NULL"
WAITING = "state = 'ready' AND due IS NOT NULL"
CALLED_BACK = "state = 'callback'"
HELD = "run IS NOT NULL"
OPEN = "ended IS NULL"


def _some(name: str, condition: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows that ``condition`` is true of."""
    where = text(condition)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


lead_lists = Table(
    "lead_lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Key, nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("imported", Moment),
    Column("best_times", Boolean, nullable=False),
)

# Where callees may be: the zones, joined by commas, and the region.
places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zones", String(1000), nullable=False),
    Column("region", String(16), nullable=False),
    UniqueConstraint("zones", "region"),
)

list_places = Table(
    "list_places",
    metadata,
    Column("list", ForeignKey("lead_lists.id", ondelete="CASCADE"), primary_key=True),
    Column("place", ForeignKey("places.id"), primary_key=True),
    Column("numbers", Integer, nullable=False),
)

# `rank` is minus the priority: whoever is dialed first has the smallest. `place` is that of the
# number dialed next, `seq`. `key` is the importer's id of the lead, or else its first number.
leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("list", ForeignKey("lead_lists.id", ondelete="CASCADE"), nullable=False),
    Column("key", Words(128), nullable=False),
    Column("name", Words(255), nullable=False),
    Column("state", Choice(LeadState), nullable=False),
    Column("due", Moment),
    Column("why", Words(200), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("dice", SmallInteger, nullable=False),
    Column("owner", Words(64), nullable=False),
    Column("language", Words(35), nullable=False),
    Column("place", Integer, nullable=False),
    Column("seq", SmallInteger, nullable=False),
    Column("best_from", SmallInteger),
    Column("best_until", SmallInteger),
    Column("attempts", Integer, nullable=False),
    Column("last_attempt", Moment, nullable=False),
    Column("code", Words(64), nullable=False),
    Column("campaign", Words(64), nullable=False),
    Column("run", Words(64)),
    Column("claimed", Moment),
    Column("callback_due", Moment),
    Column("callback_owner", Words(64), nullable=False),
    Column("callback_note", Words(500), nullable=False),
    Column("added", Moment, nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_leads_list_key", "list", "key", unique=True),
    _some("ix_leads_by_rank", AVAILABLE, "list", "rank", "id", "place"),
    _some("ix_leads_by_age", AVAILABLE, "list", "id", "place"),
    _some("ix_leads_by_last_attempt", AVAILABLE, "list", "last_attempt", "id", "place"),
    _some("ix_leads_by_dice", AVAILABLE, "list", "dice", "id", "place"),
    _some("ix_leads_waiting", WAITING, "list", "due"),
    _some("ix_leads_called_back", CALLED_BACK, "list", "due"),
    _some("ix_leads_held", HELD, "run"),
)

# `list` is that of the lead: a number stands in a list once.
lead_numbers = Table(
    "lead_numbers",
    metadata,
    Column("lead", ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", SmallInteger, primary_key=True, autoincrement=False),
    Column("list", Integer, nullable=False),
    Column("number", Number, nullable=False),
    Column("state", Choice(NumberState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("mobile", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
    Index("ix_lead_numbers_number_list", "number", "list", unique=True),
)

# Who is never to be called, by one entry each: opted out, or put there by a person.
do_not_call = Table(
    "do_not_call",
    metadata,
    Column("number", Number, primary_key=True),
    Column("source", Key, primary_key=True),
    Column("added", Moment, nullable=False),
    Column("until", Moment),
    Column("by", Words(64), nullable=False),
    Column("why", Words(200), nullable=False),
)

# Whole lists, as registers publish them. Each loading has a number of its own, and `load` says
# which one counts: so a list of millions is replaced at one stroke. `loading` is one that goes on,
# or was broken off.
do_not_call_lists = Table(
    "do_not_call_lists",
    metadata,
    Column("name", Key, primary_key=True),
    Column("load", Integer, unique=True),
    Column("loading", Integer, unique=True),
    Column("loaded", Moment),
    Column("numbers", Integer, nullable=False),
)

# The digits of an E.164 number; without SQLite's row ids it takes half the room.
listed_numbers = Table(
    "listed_numbers",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("load", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("number", Number, primary_key=True),
    Column("scope", Words(64), primary_key=True),
    Column("given", Moment, nullable=False),
    Column("until", Moment),
    Column("evidence", Words(500), nullable=False),
)

# One row for each attempt, from before the switch is asked. `terms` is what else was planned, so
# that an agent's code can be understood later; the lead's own data are not repeated in it.
attempts = Table(
    "attempts",
    metadata,
    Column("attempt", Key, primary_key=True),
    Column("campaign", Words(64), nullable=False),
    Column("mode", Words(32), nullable=False),
    Column("list", Words(64), nullable=False),
    Column("lead", BigInteger, nullable=False, index=True),
    Column("seq", SmallInteger, nullable=False),
    Column("number", Number, nullable=False),
    Column("trunk", Words(64), nullable=False),
    Column("caller_id", Words(32), nullable=False),
    Column("callback", Boolean, nullable=False),
    Column("run", Words(64), nullable=False),
    Column("decided", Moment, nullable=False),
    Column("began", Moment, nullable=False, index=True),
    Column("dialed", Moment),
    Column("rang", Moment),
    Column("answered", Moment),
    Column("person", Moment),
    Column("connected", Moment),
    Column("ended", Moment),
    Column("disposition", Choice(Disposition)),
    Column("agent", Words(64), nullable=False),
    Column("cause", Integer, nullable=False),
    Column("tech_cause", Integer, nullable=False),
    Column("verdict", Words(32), nullable=False),
    Column("spoken", Json, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("guessed", Boolean, nullable=False),
    Column("why", Words(200), nullable=False),
    Column("code", Words(64), nullable=False),
    Column("code_at", Moment),
    Column("proof", Json, nullable=False),
    Column("terms", Json, nullable=False),
    Index("ix_attempts_number_began", "number", "began"),
    Index("ix_attempts_campaign_ended", "campaign", "ended"),
    _some("ix_attempts_open", OPEN, "number", unique=True),
)

campaign_states = Table(
    "campaign_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign", Words(64), nullable=False, index=True),
    Column("state", Words(32), nullable=False),
    Column("since", Moment, nullable=False),
    Column("by", Words(64), nullable=False),
    Column("why", Words(200), nullable=False),
)

campaign_memory = Table(
    "campaign_memory",
    metadata,
    Column("campaign", Key, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("memory", Text, nullable=False),
)

NEVER = EPOCH.timestamp()
"""The `last_attempt` of a lead that was never tried."""
