"""The messages in mailboxes, as the running engine has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.text import Text

from engine.cli.floor import ask
from engine.settings import Settings
from engine.tables import Table

_COLUMNS = ("voicemail", "mailbox", "from", "when", "seconds", "state", "by")


async def voicemails(settings: Settings, mailbox: str, as_json: bool, console: Console) -> None:
    """List them. Raises ``NoAnswer``."""
    behind = f"?{urlencode({'mailbox': mailbox})}" if mailbox else ""
    found = await ask(settings, f"/v1/voicemails{behind}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(voicemails_table(found))


def voicemails_table(messages: Iterable[Mapping[str, Any]]) -> Table:
    """The messages as people read them, in this machine's time."""
    table = Table(title="Voicemails", nothing="no messages")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name == "seconds" else "left")
    for each in messages:
        cells = (
            each["voicemail"],
            each["mailbox"],
            each["caller"] or "unknown",
            f"{datetime.fromtimestamp(each['at']).astimezone():%Y-%m-%d %H:%M}",
            f"{each['seconds']:.0f}",
            each["state"] + (", urgent" if each["urgent"] else ""),
            each["agent"] or each["by"] or "",
        )
        table.add_row(*map(Text, cells))
    return table
