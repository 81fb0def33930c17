"""Shows what the engine wrote: its log, and the records in the ledger."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table

from engine.cli.ladder import ladder
from engine.settings import Settings
from engine.store.ledger import Ledger
from engine.store.reports import CallLine, Reports

_ALREADY_SHOWN = ("timestamp", "level", "event", "call_id")
_STYLES = {"warning": "yellow", "error": "red", "critical": "red"}


def tail(file: Path, call: str | None, follow: bool, lines: int, console: Console) -> None:
    """Print the last lines of the log (of one call, if given), and with ``follow`` what comes."""
    with file.open(encoding="utf-8", errors="replace") as log:
        for line in deque(_matching(log, call), maxlen=lines):
            _print(line, console)
        while follow:
            _print_new(log, call, console)
            time.sleep(0.2)


def _print_new(log: TextIO, call: str | None, console: Console) -> None:
    for line in _matching(log, call):
        _print(line, console)


def _matching(log: Iterable[str], call: str | None) -> Iterator[dict[str, Any]]:
    for text in log:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if call is None or line.get("call_id") == call:
            yield line


def _print(line: dict[str, Any], console: Console) -> None:
    when = datetime.fromisoformat(line["timestamp"]).astimezone()
    rest = " ".join(
        f"{key}={value}"
        for key, value in line.items()
        if key not in _ALREADY_SHOWN and value is not None
    )
    text = (
        f"{when:%H:%M:%S.%f}"[:-3] + f" {line.get('call_id') or '-':20} {line['event']:18} {rest}"
    )
    console.print(text, style=_STYLES.get(line.get("level", ""), ""), markup=False)


async def trace(settings: Settings, call: str, as_json: bool, console: Console) -> bool:
    """Draw one call; false when there is no record of it."""
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        reports = Reports(ledger)
        if call == "last":
            newest = await reports.calls(1)
            call = newest[0].call if newest else call
        record = await reports.call(call)
    finally:
        await ledger.close()
    if record is None:
        return False
    if as_json:
        print(json.dumps(asdict(record), ensure_ascii=False))
    else:
        console.print(ladder(record), markup=False)
    return True


async def calls(settings: Settings, limit: int, as_json: bool, console: Console) -> None:
    """List the newest calls."""
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        lines = await Reports(ledger).calls(limit)
    finally:
        await ledger.close()
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    else:
        console.print(calls_table(lines))


def calls_table(lines: Iterable[CallLine]) -> Table:
    """The calls as people read them."""
    table = Table(title="Calls", title_justify="left")
    for name in ("call", "caller", "called", "lang", "outcome", "agent"):
        table.add_column(name)
    for name in ("waited", "talked", "total"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(
            line.call,
            line.caller,
            line.called,
            line.language,
            line.outcome,
            line.agent or "",
            f"{line.waited:.1f} s",
            f"{line.talked:.1f} s",
            f"{line.seconds:.1f} s",
        )
    return table
