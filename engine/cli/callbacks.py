"""The customers who are to be called back, as the running engine has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.cli.floor import ask
from engine.settings import Settings
from engine.tables import Table

_NUMBERS = ("place", "waiting", "attempts")


async def callbacks(settings: Settings, as_json: bool, console: Console) -> None:
    """List them. Raises ``NoAnswer``."""
    found = await ask(settings, "/v1/callbacks")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(callbacks_table(found))


def callbacks_table(callbacks: Iterable[Mapping[str, Any]]) -> Table:
    """The callbacks as people read them."""
    table = Table(title="Callbacks", nothing="nobody is to be called back")
    for name in ("callback", "queue", "number", "state", "place", "waiting", "attempts"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    for each in callbacks:
        cells = (
            each["callback"],
            each["queue"],
            each["number"],
            each["state"] + (f" ({each['agent']})" if each["agent"] else ""),
            str(each["position"] or ""),
            f"{each['waiting_seconds']:.0f} s",
            str(each["attempts"]),
        )
        table.add_row(*map(Text, cells))
    return table
