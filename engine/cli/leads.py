"""`tongdai leads`: whom campaigns call. Works on the ledger, whether an engine runs or not."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dialplan.numbers import normalise
from engine.cli.import_bar import import_bar
from engine.cli.lead_tables import attempts_table, lead_table, lists_table, report_table
from engine.cli.terminal import AsJson, Config, answer, console, fail, read_settings
from engine.lead_import.bad_rows import harmless
from engine.lead_import.csv_file import FileRefused
from engine.lead_import.leads import ImportOptions, ImportReport, import_leads
from engine.settings import Settings
from engine.store import lead_views
from engine.store.lead_views import LeadView
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger
from engine.tables import Table

app = typer.Typer(help="Import, look up and export whom campaigns call.", no_args_is_help=True)

_ATTEMPTS_SHOWN = 50


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, as a spreadsheet saves it.")],
    into: Annotated[str, typer.Option("--list", help="The list; made if it is new.")],
    column: Annotated[
        list[str] | None, typer.Option("--map", help='What a column holds: phone="Mobile No".')
    ] = None,
    region: Annotated[str | None, typer.Option(help="Of numbers without a country.")] = None,
    encoding: Annotated[str | None, typer.Option(help="If it is not UTF-8: latin-1 …")] = None,
    delimiter: Annotated[str | None, typer.Option(help="If it is not found out.")] = None,
    needs_consent: Annotated[
        bool, typer.Option("--needs-consent", help="Leave out who has not agreed.")
    ] = False,
    consent_scope: Annotated[
        str, typer.Option(help="The campaign that a consent in the file is for; all, if absent.")
    ] = "",
    bad_rows: Annotated[
        Path | None, typer.Option(help="Where rows that are left out are written, with why.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Add the leads of a file to a list: numbers to E.164, no duplicates, nobody who opted out."""
    settings = read_settings(config)
    bad = bad_rows or file.with_name(f"{file.stem}.bad.csv")
    options = ImportOptions(
        region=region or settings.region,
        encoding=encoding,
        delimiter=delimiter,
        needs_consent=needs_consent,
        consent_scope=consent_scope,
        bad_rows=bad,
    )
    try:
        report = answer(_import(settings, into, file, pairs(column or []), options))
    except FileRefused as error:
        fail(str(error))
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    console.print(report_table(report))
    if report.rows != report.added:
        console.print(f"what was left out, and why: {bad}", markup=False)


def pairs(written: list[str]) -> dict[str, str]:
    """``phone=Mobile No`` as the mapping of the import."""
    mapping = {}
    for each in written:
        field, given, name = each.partition("=")
        if not given:
            fail(f'`{each}`: write what a column holds as phone="Mobile No"')
        mapping[field.strip()] = name.strip()
    return mapping


async def _import(
    settings: Settings, into: str, file: Path, mapping: dict[str, str], options: ImportOptions
) -> ImportReport:
    with import_bar(file) as tell:
        async with open_store(settings) as store:
            return await import_leads(store, into, file, mapping, options, tell)


@app.command()
def lists(config: Config = None, as_json: AsJson = False) -> None:
    """List the lists: how many leads, in which states, how many were tried."""
    lines = answer(_lists(read_settings(config)))
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    else:
        console.print(lists_table(lines) if lines else "no list of leads yet")


@app.command()
def show(
    which: Annotated[str, typer.Argument(help="A number in any spelling, or the lead's id.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show a lead: where it stands, and every attempt with what came of it."""
    settings = read_settings(config)
    found = answer(_show(settings, which))
    if not found:
        fail(f"no lead has {which}")
    if as_json:
        told = [asdict(lead) | {"tried": [asdict(each) for each in tried]} for lead, tried in found]
        print(json.dumps(told, ensure_ascii=False))
        return
    for lead, tried in found:
        console.print(lead_table(lead))
        if tried:
            console.print(attempts_table(tried))


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="The list.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of the leads of a list: by state, and by why."""
    found = answer(_report(read_settings(config), name))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        fail(f"there is no list {name}, or nobody is in it")
    table = Table(title=f"List {name}")
    for column in ("state", "why", "leads"):
        table.add_column(column, justify="right" if column == "leads" else "left")
    for each in found:
        table.add_row(Text(each["state"]), Text(each["why"]), str(each["leads"]))
    console.print(table)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="The list.")],
    out: Annotated[Path | None, typer.Option(help="Write here instead of printing it.")] = None,
    config: Config = None,
) -> None:
    """Write a list as CSV: its leads, their numbers, and where each stands."""
    settings = read_settings(config)
    try:
        if out is None:
            answer(_export(settings, name, sys.stdout))
        else:
            with out.open("w", encoding="utf-8", newline="") as file:
                answer(_export(settings, name, file))
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")


_COLUMNS = (
    *("key", "name", "state", "why", "due", "priority", "owner", "language", "attempts"),
    *("last_attempt", "code", "campaign"),
)


async def _export(settings: Settings, name: str, file: Any) -> None:
    """Batch by batch, so that a large list needs no more room than a small one."""
    writer = csv.writer(file)
    writer.writerow(["lead", "phone", "phone2", "phone3", *_COLUMNS, "data"])
    async with open_store(settings) as store:
        after = 0
        while True:
            async with store.ledger.reading() as connection:
                batch = await lead_views.of_list(connection, name, after)
            if not batch:
                return
            writer.writerows(_row(lead) for lead in batch)
            after = batch[-1].lead


def _row(lead: LeadView) -> list[str]:
    numbers = [each.number for each in lead.numbers[:3]]
    values = (getattr(lead, column) for column in _COLUMNS)
    told = ["" if value is None else str(value) for value in values]
    phones = [*numbers, *[""] * (3 - len(numbers))]
    data = json.dumps(lead.data, ensure_ascii=False)
    return [harmless(cell) for cell in (str(lead.lead), *phones, *told, data)]


async def _lists(settings: Settings) -> list[lead_views.ListLine]:
    async with open_store(settings) as store, store.ledger.reading() as connection:
        return await lead_views.lists(connection)


async def _report(settings: Settings, name: str) -> list[dict[str, Any]]:
    async with open_store(settings) as store, store.ledger.reading() as connection:
        found = await lead_views.outcomes(connection, name)
    return [{"state": state, "why": why, "leads": count} for state, why, count in found]


async def _show(
    settings: Settings, which: str
) -> list[tuple[LeadView, list[lead_views.AttemptView]]]:
    number = normalise(which, settings.region)
    async with open_store(settings) as store, store.ledger.reading() as connection:
        if number is not None and number.startswith("+"):
            found = await lead_views.with_number(connection, number)
        else:
            lead = await lead_views.lead(connection, int(which)) if which.isdecimal() else None
            found = [lead] if lead else []
        shown = _ATTEMPTS_SHOWN
        return [(x, await lead_views.attempts_of(connection, x.lead, shown)) for x in found]


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[LeadStore]:
    """The leads of the ledger. Raises as ``Ledger.open`` does."""
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        yield LeadStore(ledger)
    finally:
        await ledger.close()
