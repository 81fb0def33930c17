"""Shows what the ledger holds: the list of calls, and one call as a ladder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from rich.console import Console

from engine.call_table import calls_table
from engine.ladder import ladder
from engine.settings import Settings
from engine.store.ledger import Ledger
from engine.store.reports import Reports


async def trace(settings: Settings, call: str, as_json: bool, console: Console) -> bool:
    """Draw one call; False when there is no record of it. Raises as ``Ledger.open`` does."""
    async with open_reports(settings) as reports:
        if call == "last":
            newest = await reports.calls(1)
            call = newest[0].call if newest else call
        record = await reports.call(call)
    if record is None:
        return False
    if as_json:
        print(json.dumps(asdict(record), ensure_ascii=False))
    else:
        width = console.width if console.is_terminal else None
        console.print(ladder(record, width), markup=False)
    return True


async def calls(settings: Settings, limit: int, as_json: bool, console: Console) -> None:
    """List the newest calls. Raises as ``Ledger.open`` does."""
    async with open_reports(settings) as reports:
        lines = await reports.calls(limit)
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    elif lines:
        console.print(calls_table(lines))
    else:
        console.print("no calls yet")


@asynccontextmanager
async def open_reports(settings: Settings) -> AsyncIterator[Reports]:
    """The ledger, to be asked. Raises as ``Ledger.open`` does."""
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        yield Reports(ledger)
    finally:
        await ledger.close()
