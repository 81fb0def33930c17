"""The audit log: who did what, when, to whom. Rows are added, and never changed.

What happens in a call comes with it, by the clerk, and is written once however often it is offered.
What somebody asks of the API is noted before he has it (``AuditLog.note``): without a ledger he
does not get it.
"""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Select, select

from engine.call_record import AuditEntry
from engine.store.ledger import Ledger
from engine.store.tables import audit

MOST = 1000
"""Entries that are told at once."""


class AuditLog:
    """The log of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def note(
        self, at: float, who: str, action: str, subject: str, detail: str = "", contact: str = ""
    ) -> None:
        """Write down that ``who`` does ``action`` to ``subject``, in the call ``contact``. Raises
        ``LedgerDown``: then it is not known to be written."""
        entry = AuditEntry(uuid4().hex, at, who, action, subject, contact, detail)
        await self._ledger.save_audit(entry)

    async def entries(
        self,
        *,
        who: str = "",
        action: str = "",
        subject: str = "",
        since: float = 0.0,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """The newest ``limit`` of those asked for since that time, newest first; '' is any."""
        wanted = {"who": who, "action": action, "subject": subject}
        asked = _asked({name: word for name, word in wanted.items() if word}, since, limit)
        async with self._ledger.reading() as connection:
            rows = await connection.execute(asked)
            return [AuditEntry(**row) for row in rows.mappings()]


def _asked(wanted: dict[str, str], since: float, limit: int) -> Select[tuple[object, ...]]:
    conditions = [audit.c[name] == word for name, word in wanted.items()]
    return (
        select(audit)
        .where(audit.c.at >= since, *conditions)
        .order_by(audit.c.at.desc(), audit.c.entry.desc())
        .limit(limit)
    )
