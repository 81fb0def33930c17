"""Reads Asterisk's channel event log (CEL) to learn what happened while nobody listened: when
channels were answered and by whom, how they ended, and which calls came and went.

The file is CSV, written as ``asterisk-config/cel_custom.conf`` says: event, seconds since the
epoch, unique id, for some events a JSON object, caller, number dialed, context.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import structlog

from engine.asterisk.translate import NORMAL_CLEARING, answered_by, clean
from engine.log_files import older
from engine.ports import AnsweredBy, LegGone

log = structlog.get_logger("witness")

_TAIL_BYTES = 4_000_000
_EVENTS = ("HANGUP", "ANSWER", "ANSWERED_BY", "CHAN_START")

CUSTOMERS_CONTEXT = "from-trunk"


@dataclass(frozen=True, slots=True)
class Unseen:
    """A customer's call that the file tells of: when it began, and how it ended if it has."""

    channel: str
    caller: str
    did: str
    began: float
    end: LegGone | None


class Witness:
    """What the file says now; it is read when the first question comes, and only then."""

    def __init__(self, path: Path | None) -> None:
        """``path`` is None when the engine cannot see Asterisk's files."""
        self._path = path

    def end_of(self, channel: str) -> LegGone | None:
        """How the channel ended, whether it was answered and by whom, if the last few megabytes of
        the file tell."""
        return self._ends.get(channel)

    def answer_of(self, channel: str) -> float | None:
        """When the channel was answered, if they tell."""
        return self._answers.get(channel)

    def came_and_went(self, since: float) -> list[Unseen]:
        """The customers' calls that began at ``since`` or later and are over, in order."""
        starts = (_start(row) for row in self._rows if row[0] == "CHAN_START")
        calls = [
            replace(start, end=self.end_of(start.channel))
            for start in starts
            if start is not None and start.began >= since
        ]
        return [call for call in calls if call.end is not None]

    @cached_property
    def _ends(self) -> dict[str, LegGone]:
        ends = (_end(row) for row in self._rows if row[0] == "HANGUP")
        return {
            end.channel: replace(
                end,
                answered=self._answers.get(end.channel),
                answered_by=self._heard.get(end.channel),
            )
            for end in ends
            if end is not None
        }

    @cached_property
    def _answers(self) -> dict[str, float]:
        rows = ((row[2], _seconds(row)) for row in self._rows if row[0] == "ANSWER")
        return {channel: at for channel, at in rows if at is not None}

    @cached_property
    def _heard(self) -> dict[str, AnsweredBy]:
        """What was heard first on each: later it is listened for a beep."""
        rows = [_heard(row) for row in self._rows if row[0] == "ANSWERED_BY"]
        return {heard.channel: heard for heard in reversed(rows) if heard is not None}

    @cached_property
    def _rows(self) -> list[list[str]]:
        lines = _tail(self._path, _TAIL_BYTES) if self._path else []
        rows = (_row(line) for line in lines if any(event in line for event in _EVENTS))
        return [row for row in rows if row is not None]


def _row(line: str) -> list[str] | None:
    """Each line is read alone: a torn one costs no other."""
    try:
        [row] = csv.reader([line])
    except (ValueError, csv.Error):
        row = []
    if len(row) >= 4:
        return row
    _tell_unread(line)
    return None


def _end(row: list[str]) -> LegGone | None:
    try:
        cause = int(json.loads(row[3])["hangupcause"]) or NORMAL_CLEARING
        return LegGone(float(row[1]), row[2], cause)
    except (ValueError, KeyError, TypeError):
        _tell_unread(",".join(row))
        return None


def _heard(row: list[str]) -> AnsweredBy | None:
    try:
        status, _, cause = str(json.loads(row[3])["extra"]).partition(" ")
        return answered_by(float(row[1]), row[2], status, cause)
    except (ValueError, KeyError, TypeError):
        _tell_unread(",".join(row))
        return None


def _seconds(row: list[str]) -> float | None:
    try:
        return float(row[1])
    except ValueError:
        _tell_unread(",".join(row))
        return None


def _start(row: list[str]) -> Unseen | None:
    """A customer's call; None for any other channel."""
    try:
        caller, did, context = row[4:7]
        if context != CUSTOMERS_CONTEXT:
            return None
        return Unseen(row[2], clean(caller), clean(did), float(row[1]), None)
    except ValueError:
        _tell_unread(",".join(row))
        return None


def _tell_unread(line: str) -> None:
    log.warning("witness_line_unread", line=line[:200])


def _tail(path: Path, most_bytes: int) -> list[str]:
    """The last lines of the file and, where it has just been begun anew, of the one before."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most_bytes))
            lines = file.read().decode(errors="replace").split("\n")
    except FileNotFoundError:
        size, lines = 0, []  # Asterisk writes it when the first channel ends
    except OSError as error:
        log.warning("witness_unread", reason=str(error))
        return []
    if size > most_bytes:
        return lines[1:]
    before = older(path)
    return [*_tail(before, most_bytes - size), *lines] if before.exists() else lines
