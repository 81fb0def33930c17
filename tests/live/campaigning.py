"""A center with two trunks and callees behind them, its campaigns, and what its ledger says."""

import contextlib
import sqlite3
import time
from datetime import UTC, datetime

from center import until
from live_site import write_site

from engine.demo.callees import callees_at
from engine.store.lead_writing import LeadWriter, NewLead, NewNumber
from engine.store.ledger import Ledger

NORTH, SOUTH = "127.0.0.3", "127.0.0.4"
"""The addresses of the two trunks, which are called so."""
OWN = "+842873000001"
HANOI = (("Asia/Ho_Chi_Minh",), "VN")

ROUTES = f"""
    numbers:
      "19001000": {{queue: talks, language: en}}
    outbound:
      caller_id: "{OWN}"
      trunk: north
      numbers:
        "+84.": {{}}
      trunks:
        north: {{dial_as: e164}}
"""
RULES = """
rules:
  lab: {title: Whenever we test, regions: [VN], hours: {mon-sun: "00:00-24:00"}}
"""


@contextlib.asynccontextmanager
async def two_trunks(prepared, voice_of):
    """Callees behind each: ``north``, ``south``."""
    async with (
        callees_at(prepared.installation, NORTH, voice_of) as north,
        callees_at(prepared.installation, SOUTH, voice_of) as south,
    ):
        yield north, south
    assert not north.complaints, north.complaints
    assert not south.complaints, south.complaints


def campaign_site(folder, campaigns, *, queues, agents, flows=None, trunks=""):
    """Write a site with these campaigns; returns where the engine finds it."""
    files = {
        "queues.yaml": queues,
        "agents.yaml": agents,
        "routes/main.yaml": ROUTES,
        **(flows or {}),
    }
    settings = write_site(folder, files)
    (folder / "campaigns.yaml").write_text(campaigns + RULES + trunks, encoding="utf-8")
    return settings


async def add_leads(center, list_, numbers, **fields):
    """Put leads of these numbers into a list."""
    ledger = Ledger(str(center.state_dir / "tongdai.db"))
    try:
        writer = LeadWriter(ledger, list_, time.time(), needs_consent=False)
        await writer.open()
        new = [NewLead(number, (NewNumber(number, HANOI, True),), **fields) for number in numbers]
        await writer.write(new)
        await writer.close()
    finally:
        await ledger.close()


def ask(center, statement, *values):
    """Rows of the ledger, each a mapping."""
    with sqlite3.connect(center.state_dir / "tongdai.db") as ledger:
        ledger.row_factory = sqlite3.Row
        rows = [dict(row) for row in ledger.execute(statement, values)]
    ledger.close()
    return rows


def moment(text):
    """A time as the ledger has it, in seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def attempts(center, **where):
    """Attempts that the ledger has, oldest first."""
    condition = " AND ".join(f"{name} = ?" for name in where) or "1"
    statement = f"SELECT * FROM attempts WHERE {condition} ORDER BY began"
    return ask(center, statement, *where.values())


async def attempt_of(center, number):
    """The only attempt of a number, when it is over."""

    def over():
        found = [row for row in attempts(center, number=number) if row["ended"] is not None]
        assert len(found) < 2, "dialed twice"
        return found[0] if found else None

    return await until(over)


async def start(center, campaign):
    """Somebody starts it, once its engine has looked whether it may dial at all."""

    async def trusted():
        return not (await center.get(f"/v1/campaigns/{campaign}"))["untrusted"]

    await until(trusted)
    status, answer = await center.post(f"/v1/campaigns/{campaign}/start", by="test")
    assert status == 200, answer


@contextlib.asynccontextmanager
async def running(center, campaign):
    """It places calls until the end of the block."""
    await start(center, campaign)
    try:
        yield
    finally:
        status, answer = await center.post(f"/v1/campaigns/{campaign}/end", by="test")
        assert status == 200, answer
