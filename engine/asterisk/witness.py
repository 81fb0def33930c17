"""Reads Asterisk's channel event log (CEL) to learn how channels ended while nobody listened.

The file is CSV, written as ``asterisk-config/cel_custom.conf`` says: event, seconds since the
epoch, unique id, and for a HANGUP a JSON object with its cause.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import structlog

from engine.ports import LegGone

log = structlog.get_logger("witness")

_TAIL_BYTES = 4_000_000


def ends(path: Path | None) -> dict[str, LegGone]:
    """The ends of the channels that the last few megabytes of the file tell of, by channel."""
    if path is None or not path.is_file():
        return {}
    found: dict[str, LegGone] = {}
    for row in csv.reader(_tail(path)):
        try:
            event, seconds, channel, extra = row
            if event == "HANGUP":
                cause = json.loads(extra)["hangupcause"]
                found[channel] = LegGone(float(seconds), channel, int(cause))
        except (ValueError, KeyError, TypeError):
            log.warning("witness_line_unread", line=row[:4])
    return found


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return lines[1:] if size > _TAIL_BYTES else lines
