"""`tongdai audit`: who did what, when, to whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.text import Text

from engine.call_record import AuditEntry
from engine.settings import Settings
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger
from engine.tables import Table

_COLUMNS = ("at", "who", "did", "to", "in call", "")


async def audit(
    settings: Settings,
    who: str,
    action: str,
    subject: str,
    since: float,
    limit: int,
    as_json: bool,
    console: Console,
) -> None:
    """List what was done since then, oldest first. Raises as ``Ledger.open`` does."""
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        found = await AuditLog(ledger).entries(
            who=who, action=action, subject=subject, since=since, limit=limit
        )
    finally:
        await ledger.close()
    found.reverse()
    if as_json:
        print(json.dumps([asdict(entry) for entry in found], ensure_ascii=False))
    else:
        console.print(audit_table(found))


def audit_table(entries: Sequence[AuditEntry]) -> Table:
    """The entries as people read them, by this machine's clock."""
    table = Table(title="Audit log", nothing="nothing was written down in that time")
    for name in _COLUMNS:
        table.add_column(name)
    for entry in entries:
        at = f"{datetime.fromtimestamp(entry.at).astimezone():%Y-%m-%d %H:%M:%S}"
        cells = (at, entry.who, entry.action, entry.subject, entry.contact, entry.detail)
        table.add_row(*map(Text, cells))
    return table
