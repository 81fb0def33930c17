"""The import of consents: who agreed to be called, when, and where that is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dialer.leads import Consent
from engine.lead_import.bad_rows import open_report
from engine.lead_import.csv_file import CsvFile, FileRefused, open_csv
from engine.lead_import.in_thread import Progress, in_thread
from engine.lead_import.leads import BATCH, ImportOptions
from engine.lead_import.numbers import BadCell, Numbers
from engine.lead_import.rows import RowReader, columns_of
from engine.store.lead_writing import keep_consents
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ConsentReport:
    """What came of it: ``numbers`` whose owners agreed, and rows that could not be used."""

    rows: int
    numbers: int
    bad: int


async def import_consents(
    store: LeadStore,
    path: Path,
    mapping: Mapping[str, str],
    options: ImportOptions,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ConsentReport:
    """Keep who agreed: ``phone`` and ``consent_at`` of each row, and ``consent_until`` if there is
    one. A later consent takes the place of an earlier one. Raises ``FileRefused`` before anything
    is written, ``LedgerDown`` or ``LedgerRefused`` in the middle: it can be repeated.
    """
    return await in_thread(
        store.ledger, progress, lambda ledger, told: _read(ledger, path, mapping, options, told)
    )


async def _read(
    ledger: Ledger,
    path: Path,
    mapping: Mapping[str, str],
    options: ImportOptions,
    tell: Callable[[Progress], None],
) -> ConsentReport:
    with open_csv(path, options.encoding, options.delimiter) as file:
        return await _keep_all(ledger, file, path.name, mapping, options, tell)


async def _keep_all(
    ledger: Ledger,
    file: CsvFile,
    source: str,
    mapping: Mapping[str, str],
    options: ImportOptions,
    tell: Callable[[Progress], None],
) -> ConsentReport:
    header = next(file, None)
    if header is None or header.problem:
        raise FileRefused(header.problem if header else "the file is empty")
    columns = columns_of(header.cells, mapping)
    if "consent_at" not in columns.fields:
        raise FileRefused("say which column has `consent_at`, when he agreed")
    reader = RowReader(
        columns, Numbers(options.region), options.region, options.consent_scope, source
    )
    rows = numbers = bad = 0
    with open_report(options.bad_rows, header.cells) as report:
        while batch := list(islice(file, BATCH)):
            agreed: list[tuple[str, Consent]] = []
            for row in batch:
                try:
                    agreed += reader.consents(row)
                except BadCell as error:
                    report.add(row, str(error))
                    bad += 1
            async with ledger.writing() as connection:
                await keep_consents(connection, agreed)
            rows, numbers = rows + len(batch), numbers + len(agreed)
            tell(Progress(file.bytes_read, file.size, rows, numbers))
    return ConsentReport(rows, numbers, bad)
