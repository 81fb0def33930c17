"""The list of calls as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from engine.store.reports import CallLine
from engine.tables import Table


def calls_table(lines: Iterable[CallLine]) -> Table:
    """The calls as people read them."""
    table = Table(title="Calls")
    for name in ("call", "caller", "called", "lang", "outcome", "agent"):
        table.add_column(name, no_wrap=name == "call")  # for copying
    for name in ("waited", "talked", "total"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(
            *map(Text, (line.call, line.caller, line.called, line.language, line.outcome)),
            Text(line.agent or ""),
            f"{line.waited:.1f} s",
            f"{line.talked:.1f} s",
            f"{line.seconds:.1f} s",
        )
    return table
