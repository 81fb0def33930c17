"""Lists of leads, and attempts to them, for the store's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from dialer.dispositions import Disposition
from dialer.leads import Candidate
from dialer.plan import AttemptMade, AttemptPlan, Mode, Recycle
from engine.call_record import CallRecord
from engine.store.lead_claims import ClaimAsk
from engine.store.lead_tables import leads
from engine.store.lead_writing import Came, LeadWriter, NewLead, NewNumber
from engine.store.leads import LeadStore
from tests.edge.sample_call import CALL

T = 1_790_000_000.0
VIETNAM = (("Asia/Ho_Chi_Minh",), "VN")
FLORIDA = (("America/New_York",), "US-FL")
RUN = "run-1"

RECYCLE = {
    Disposition.BUSY: Recycle(900, 4),
    Disposition.NO_ANSWER: Recycle(7200, 4),
    Disposition.FAILED: Recycle(300, 6),
    Disposition.ABANDONED: Recycle(259200, 1),
}


def number(n: int) -> str:
    """A mobile number, another one for each ``n``."""
    return f"+8490{n:07d}"


def lead(n: int, *others: int, place: Any = VIETNAM, **fields: Any) -> NewLead:
    """A lead with the number ``n``, and perhaps others."""
    numbers = tuple(NewNumber(number(each), place, True) for each in (n, *others))
    return NewLead(**{"key": f"c{n}", "numbers": numbers} | fields)


async def add(store: LeadStore, *new: NewLead, into: str = "spring", at: float = T) -> list[Came]:
    """Import these leads into a list."""
    writer = LeadWriter(store.ledger, into, at, needs_consent=False)
    await writer.open()
    came = await writer.write(new)
    await writer.close()
    return came


def ask(want: int = 10, now: float = T, **fields: Any) -> ClaimAsk:
    """What a campaign's hopper asks."""
    lists = fields.pop("lists", (("spring", 1.0),))
    given = {"campaign": "sale", "run": RUN, "lists": lists, "want": want, "now": now} | fields
    return ClaimAsk(**given)


def plan(candidate: Candidate, n: int = 1, now: float = T, **fields: Any) -> AttemptPlan:
    """An attempt to a claimed lead."""
    given: dict[str, Any] = {
        "attempt": f"ob-{round(now * 1000)}.{n}",
        "campaign": "sale",
        "mode": Mode.PREDICTIVE,
        "list": candidate.list,
        "lead": candidate.lead,
        "seq": candidate.seq,
        "number": candidate.number,
        "trunk": "carrier",
        "dialed": candidate.number.removeprefix("+"),
        "caller_id": "+842873001234",
        "decided": now,
        "queue": "sales",
        "recycle": RECYCLE,
        "callback": candidate.callback_due is not None,
        "proof": {"hours": "08:00-17:00"},
    }
    return AttemptPlan(**given | fields)


def made(
    planned: AttemptPlan, disposition: Disposition, ended: float, **fields: Any
) -> AttemptMade:
    """What came of it."""
    return AttemptMade(planned, disposition, ended, **{"dialed": planned.decided} | fields)


def record(attempt: AttemptMade) -> CallRecord:
    """The record of its call."""
    return replace(
        CALL,
        call=attempt.plan.attempt,
        direction="outbound",
        attempt=attempt,
        **dict.fromkeys(
            ("segments", "visits", "offers", "recordings", "steps", "nodes", "tags", "answers"), ()
        ),
        arms=(),
    )


async def standing(store: LeadStore, lead: int) -> Any:
    """The lead's row."""
    async with store.ledger.reading() as connection:
        return (await connection.execute(select(leads).where(leads.c.id == lead))).mappings().one()
