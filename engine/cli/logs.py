"""Reads the engine's log: JSON lines in a file, shown as people read them."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from engine.config.problems import printable

_HEAD = ("timestamp", "level", "event", "call_id")
_STYLES = {"warning": "yellow", "error": "red", "critical": "red"}
_LOOK_SECONDS = 0.2

Line = Mapping[str, Any]


def tail(file: Path, call: str | None, follow: bool, lines: int, console: Console) -> None:
    """Print the last lines of the log (of one call, if given), and with ``follow`` what comes.

    Raises ``OSError`` when there is no log to open.
    """
    with LogFile(file) as log:
        for line in deque(_wanted(log.new_lines(), call), maxlen=lines):
            _print(line, console)
        while follow:
            time.sleep(_LOOK_SECONDS)
            for line in _wanted(log.new_lines(), call):
                _print(line, console)


class LogFile:
    """A log that grows and now and then is put aside for a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        self._rest = b""

    def new_lines(self) -> list[str]:
        """The lines that were ended since the last time."""
        put_aside = self._is_put_aside()  # asked first: what is read then is all of it
        *whole, self._rest = (self._rest + self._file.read()).split(b"\n")
        if put_aside:
            self._file.close()
            self._file, self._rest = self._path.open("rb"), b""
        return [line.decode(errors="replace") for line in whole]

    def _is_put_aside(self) -> bool:
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False  # the new one is not there yet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def render(line: Line) -> str:
    """A line of the log as people read it: time, call, event, and the rest as key=value."""
    when = datetime.fromisoformat(line["timestamp"]).astimezone()
    rest = " ".join(
        f"{key}={_value(key, value)}"
        for key, value in line.items()
        if key not in _HEAD and value is not None
    )
    call = line.get("call_id") or "-"
    text = f"{when:%H:%M:%S}.{when.microsecond // 1000:03d} {call:20} {line['event']:18} {rest}"
    return printable(text.rstrip())


def _value(key: str, value: Any) -> Any:
    """An exception is a list of frames for programs: for people its last words."""
    if key == "exception" and isinstance(value, list) and value:
        return "; ".join(f"{each.get('exc_type')}: {each.get('exc_value')}" for each in value)
    return value


def _print(line: Line, console: Console) -> None:
    console.print(render(line), style=_STYLES.get(line.get("level", ""), ""), markup=False)


def _wanted(lines: Iterable[str], call: str | None) -> Iterator[Line]:
    for text in lines:
        line = _parsed(text)
        if line is not None and (call is None or line.get("call_id") == call):
            yield line


def _parsed(text: str) -> Line | None:
    """None for what the engine did not write."""
    try:
        line: dict[str, Any] = json.loads(text)
        datetime.fromisoformat(line["timestamp"])
        return line if isinstance(line["event"], str) else None
    except (ValueError, KeyError, TypeError):
        return None
