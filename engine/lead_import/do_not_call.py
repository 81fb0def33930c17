"""The import of a whole list of numbers never to be called, as registers publish them.

One number on each line, or a CSV file with a column of them. The list of this name is replaced as a
whole, or not at all: a file that has become much smaller, or has much that is no number, is more
likely a broken one than a change of mind of half a country.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from time import time
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from engine.lead_import.bad_rows import NOWHERE, BadRows, open_report
from engine.lead_import.csv_file import CsvFile, FileRefused, Row, open_csv
from engine.lead_import.in_thread import Progress, in_thread
from engine.lead_import.numbers import BadCell, Numbers
from engine.store.do_not_call_loading import ListLoader
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

BATCH: Final = 5000
LEAST_SHARE: Final = 0.5
"""Of the numbers that the list had before."""
BAD_SHARE: Final = 0.01
"""Of the rows, that may be no numbers at most."""


class ListOptions(BaseModel):
    """How the file is to be read. What is left out is found out from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = Field("VN", pattern="^[A-Z]{2}$", description="of numbers without a country")
    column: str | None = Field(None, description="that has the numbers; else the first")
    encoding: str | None = Field(None, max_length=40)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    trust: bool = Field(False, description="also a file that is much smaller, or has bad rows")
    bad_rows: Path | None = Field(None, description="the file that they are listed in")


@dataclass(frozen=True, slots=True)
class ListReport:
    """What came of it: the list has ``numbers`` now, and had ``before``; ``bad`` rows were none."""

    name: str
    rows: int
    numbers: int
    before: int
    bad: int
    seconds: float


async def import_do_not_call(
    store: LeadStore,
    name: str,
    path: Path,
    options: ListOptions,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ListReport:
    """Put the file's numbers in the place of the do-not-call list ``name``, at one stroke.

    Raises ``FileRefused``, ``LedgerDown`` or ``LedgerRefused``: then the list in force stays.
    """
    return await in_thread(
        store.ledger, progress, lambda ledger, told: _load(ledger, name, path, options, told)
    )


async def _load(
    ledger: Ledger,
    name: str,
    path: Path,
    options: ListOptions,
    tell: Callable[[Progress], None],
) -> ListReport:
    began = time()
    with open_csv(path, options.encoding, options.delimiter) as file:
        loader = ListLoader(ledger, name)
        await loader.open()
        try:
            rows, bad = await _read(file, loader, options, tell)
            _doubt(loader, rows, bad, options)
        except BaseException:
            await loader.give_up()
            raise
        await loader.put_in_force(began)
    before = loader.numbers_before
    return ListReport(name, rows, loader.numbers, before, bad, time() - began)


async def _read(
    file: CsvFile, loader: ListLoader, options: ListOptions, tell: Callable[[Progress], None]
) -> tuple[int, int]:
    """How many rows the file has, and how many of them are bad."""
    numbers = Numbers(options.region)
    header, rows = _begin(file, options, numbers)
    at = _column(header, options.column)
    total = bad = 0
    with open_report(options.bad_rows, header or [options.column or "number"]) as report:
        while batch := list(islice(rows, BATCH)):
            good = _good(batch, at, numbers, report)
            await loader.write(good)
            total, bad = total + len(batch), bad + len(batch) - len(good)
            tell(Progress(file.bytes_read, file.size, total, loader.numbers))
    return total, bad


def _begin(
    file: CsvFile, options: ListOptions, numbers: Numbers
) -> tuple[list[str], Iterator[Row]]:
    """The header, [] if there is none, and the rows: a first row with a number is one of them."""
    first = next(file, None)
    if first is None:
        raise FileRefused("the file is empty")
    if options.column is None and _good([first], 0, numbers, NOWHERE):
        return [], chain([first], file)
    return [cell.strip() for cell in first.cells], file


def _column(header: list[str], column: str | None) -> int:
    if column is None:
        return 0
    if column not in header:
        raise FileRefused(f"no column is called {column!r}: there are {', '.join(header)}")
    return header.index(column)


def _good(batch: list[Row], at: int, numbers: Numbers, report: BadRows) -> list[str]:
    good = []
    for row in batch:
        try:
            cell = row.cells[at] if at < len(row.cells) else ""
            good.append(numbers.read(cell, may_be_new=True))
        except BadCell as error:
            report.add(row, row.problem or str(error))
    return good


def _doubt(loader: ListLoader, rows: int, bad: int, options: ListOptions) -> None:
    if options.trust:
        return
    if bad > rows * BAD_SHARE:
        raise FileRefused(f"{bad} of {rows} rows are no numbers; say `trust` to load the others")
    if loader.numbers < loader.numbers_before * LEAST_SHARE:
        raise FileRefused(
            f"the file has {loader.numbers} numbers, the list has {loader.numbers_before}; "
            "say `trust` to load it all the same"
        )
    if not loader.numbers:
        raise FileRefused("the file has no numbers")
