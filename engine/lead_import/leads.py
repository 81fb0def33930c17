"""The import of a file of leads into a list.

It runs in a thread with connections of its own, so the engine's loop goes on; it reads the file
row by row, so a large one needs no more room than a small one; and it writes batch by batch, so
that calls find the database free in between. An import that was broken off is simply repeated: who
is in the list already, by the importer's id or by number, is left as he is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import time
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from engine.lead_import.bad_rows import BadRows, open_report
from engine.lead_import.csv_file import CsvFile, FileRefused, Row, open_csv
from engine.lead_import.in_thread import Progress, in_thread
from engine.lead_import.numbers import BadCell, Numbers
from engine.lead_import.rows import RowReader, columns_of
from engine.store.lead_writing import Came, LeadWriter, NewLead
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

BATCH: Final = 2000
_REASONS: Final = {
    Came.DUPLICATE: "another row has its id or number",
    Came.BARRED: "do not call",
    Came.NO_CONSENT: "no consent",
}


class ImportOptions(BaseModel):
    """How the file is to be read. What is left out is found out from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = Field("VN", pattern="^[A-Z]{2}$", description="of numbers without a country")
    encoding: str | None = Field(None, max_length=40)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    needs_consent: bool = Field(False, description="who did not agree is left out")
    consent_scope: str = Field("", max_length=64, description="the campaign it is for; empty: all")
    bad_rows: Path | None = Field(None, description="the file that they are listed in")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import. ``rows`` had something in them: ``added`` new leads (``barred`` of
    them on a do-not-call list, so nobody calls them), ``known`` ones that were in the list before,
    ``duplicates`` of other rows, ``no_consent``, and ``bad`` ones, by their ``reasons``."""

    list: str
    rows: int
    added: int
    barred: int
    known: int
    duplicates: int
    no_consent: int
    bad: int
    reasons: Mapping[str, int]
    seconds: float


async def import_leads(
    store: LeadStore,
    list_: str,
    path: Path,
    mapping: Mapping[str, str],
    options: ImportOptions,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ImportReport:
    """Add the file's leads to the list, which is made if need be.

    ``mapping`` says which column holds what (``engine.lead_import.rows.FIELDS``). ``progress`` is
    told after every batch. Raises ``FileRefused`` before anything is written, ``LedgerDown`` or
    ``LedgerRefused`` in the middle: what was written by then stays, and the import can be repeated.
    """
    return await in_thread(
        store.ledger,
        progress,
        lambda ledger, told: _Job(ledger, list_, path, mapping, options, told).run(),
    )


@dataclass(slots=True)
class _Job:
    """One import, in its thread."""

    ledger: Ledger
    into: str
    path: Path
    mapping: Mapping[str, str]
    options: ImportOptions
    tell: Callable[[Progress], None]
    counts: Counter[Came] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    async def run(self) -> ImportReport:
        """The whole import."""
        began = time()
        with open_csv(self.path, self.options.encoding, self.options.delimiter) as file:
            await self._read(file, began)
        return self._report(time() - began)

    async def _read(self, file: CsvFile, began: float) -> None:
        header = next(file, None)
        if header is None or header.problem:
            raise FileRefused(header.problem if header else "the file is empty")
        options = self.options
        columns = columns_of(header.cells, self.mapping)
        reader = RowReader(
            columns,
            Numbers(options.region),
            options.region,
            options.consent_scope,
            self.path.name,
        )
        writer = LeadWriter(self.ledger, self.into, began, needs_consent=options.needs_consent)
        await writer.open()
        with open_report(options.bad_rows, header.cells) as bad:
            for batch in _batches(file):
                await self._write(batch, reader, writer, bad)
                self.tell(Progress(file.bytes_read, file.size, self.rows, self._added()))
        await writer.close()

    async def _write(
        self, batch: list[Row], reader: RowReader, writer: LeadWriter, bad: BadRows
    ) -> None:
        self.rows += len(batch)
        new: list[tuple[Row, NewLead]] = []
        for row in batch:
            try:
                new.append((row, reader.lead(row)))
            except BadCell as error:
                self.reasons[str(error)] += 1
                bad.add(row, str(error))
        came = await writer.write([lead for _, lead in new])
        for (row, _), what in zip(new, came, strict=True):
            self.counts[what] += 1
            if what in _REASONS:
                bad.add(row, _REASONS[what])

    def _added(self) -> int:
        return self.counts[Came.ADDED] + self.counts[Came.BARRED]

    def _report(self, seconds: float) -> ImportReport:
        return ImportReport(
            list=self.into,
            rows=self.rows,
            added=self._added(),
            barred=self.counts[Came.BARRED],
            known=self.counts[Came.KNOWN],
            duplicates=self.counts[Came.DUPLICATE],
            no_consent=self.counts[Came.NO_CONSENT],
            bad=self.reasons.total(),
            reasons=dict(self.reasons),
            seconds=seconds,
        )


def _batches(file: CsvFile) -> Iterator[list[Row]]:
    while batch := list(islice(file, BATCH)):
        yield batch
