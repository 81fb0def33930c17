"""Reads Asterisk's channel event log (CEL) to learn how channels ended while nobody listened.

The file is CSV, written as ``asterisk-config/cel_custom.conf`` says: event, seconds since the
epoch, unique id, and for a HANGUP a JSON object with its cause.
"""

from __future__ import annotations

import csv
import json
from functools import cached_property
from pathlib import Path

import structlog

from engine.asterisk.translate import NORMAL_CLEARING
from engine.ports import LegGone

log = structlog.get_logger("witness")

_TAIL_BYTES = 4_000_000


class Witness:
    """What the file says now; it is read when the first question comes, and only then."""

    def __init__(self, path: Path | None) -> None:
        """``path`` is None when the engine cannot see Asterisk's files."""
        self._path = path

    def end_of(self, channel: str) -> LegGone | None:
        """How the channel ended, if the last few megabytes of the file tell."""
        return self._ends.get(channel)

    @cached_property
    def _ends(self) -> dict[str, LegGone]:
        lines = _tail(self._path) if self._path else []
        ends = (_end(line) for line in lines if "HANGUP" in line)
        return {end.channel: end for end in ends if end is not None}


def _end(line: str) -> LegGone | None:
    """The end that a line tells of. Each line is read alone: a torn one costs no other."""
    try:
        [row] = csv.reader([line])
        event, seconds, channel, extra = row
        if event != "HANGUP":
            return None
        cause = int(json.loads(extra)["hangupcause"]) or NORMAL_CLEARING
        return LegGone(float(seconds), channel, cause)
    except (ValueError, KeyError, TypeError, csv.Error):
        log.warning("witness_line_unread", line=line[:200])
        return None


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").split("\n")
    except FileNotFoundError:
        return []  # Asterisk writes it when the first channel ends
    except OSError as error:
        log.warning("witness_unread", reason=str(error))
        return []
    return lines[1:] if size > _TAIL_BYTES else lines
