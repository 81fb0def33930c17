"""The conference rooms, as the running engine has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.cli.floor import ask
from engine.settings import Settings
from engine.tables import Table


async def conferences(settings: Settings, as_json: bool, console: Console) -> None:
    """List them with their members. Raises ``NoAnswer``."""
    found = await ask(settings, "/v1/conferences")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(conferences_table(found))


def conferences_table(rooms: Iterable[Mapping[str, Any]]) -> Table:
    """The members of all rooms as people read them."""
    table = Table(title="Conferences", nothing="nobody is in a conference room")
    for name in ("room", "member", "call", "role", "for", "state"):
        table.add_column(name, justify="right" if name == "for" else "left")
    for room in rooms:
        locked = " (locked)" if room["locked"] else ""
        for member in room["members"]:
            cells = (
                room["room"] + locked,
                member["agent"] or member["caller"] or "unknown",
                member["call"],
                member["role"],
                f"{member['seconds']:.0f} s",
                _state(member),
            )
            table.add_row(*map(Text, cells))
    return table


def _state(member: Mapping[str, Any]) -> str:
    if member["hears_music"]:
        return "hears music"
    return "is heard" if member["heard"] else "is not heard"
