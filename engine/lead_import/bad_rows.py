"""The report of an import's bad rows: a CSV file of them, with the reason before each.

Put right, it can be imported as it is. Cells that a spreadsheet would run as formulas get a quote
before them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from engine.lead_import.csv_file import FileRefused, Row

ROW, REASON = "row", "reason"
_HARMLESS = re.compile(r"[+-]?[0-9 ().,/:-]*")


class BadRows(Protocol):
    """Takes rows that were left out."""

    def add(self, row: Row, reason: str) -> None:
        """This row was not imported."""


class _Nowhere:
    def add(self, row: Row, reason: str) -> None:
        pass


NOWHERE: BadRows = _Nowhere()
"""Keeps nothing."""


class _Report:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def add(self, row: Row, reason: str) -> None:
        self._writer.writerow([row.number, reason, *map(harmless, row.cells)])


@contextmanager
def open_report(path: Path | None, header: Sequence[str]) -> Iterator[BadRows]:
    """A report at ``path``; None for none. It is there also when no row was bad."""
    if path is None:
        yield NOWHERE
        return
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([ROW, REASON, *header])
            yield _Report(writer)
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror}") from error


def harmless(cell: str) -> str:
    """The cell as no spreadsheet runs it: numbers and telephone numbers stay as they are."""
    danger = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _HARMLESS.fullmatch(cell)
    return f"'{cell}" if danger else cell
