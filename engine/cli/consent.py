"""`tongdai consent`: who agreed to be called, when, and where that is written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.import_bar import import_bar
from engine.cli.leads import open_store, pairs
from engine.cli.terminal import AsJson, Config, answer, console, fail, read_settings
from engine.lead_import.consents import ConsentReport, import_consents
from engine.lead_import.csv_file import FileRefused
from engine.lead_import.leads import ImportOptions
from engine.settings import Settings

app = typer.Typer(help="Keep who agreed to be called.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group, though it has one command."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with `phone` and `consent_at`.")],
    column: Annotated[
        list[str] | None, typer.Option("--map", help='What a column holds: phone="Mobile No".')
    ] = None,
    scope: Annotated[str, typer.Option(help="The campaign it is for; all, when absent.")] = "",
    region: Annotated[str | None, typer.Option(help="Of numbers without a country.")] = None,
    encoding: Annotated[str | None, typer.Option(help="If it is not UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="If it is not found out.")] = None,
    bad_rows: Annotated[Path | None, typer.Option(help="Where bad rows are written.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Keep who agreed; a later consent takes the place of an earlier one."""
    settings = read_settings(config)
    options = ImportOptions(
        region=region or settings.region,
        encoding=encoding,
        delimiter=delimiter,
        consent_scope=scope,
        bad_rows=bad_rows,
    )
    try:
        report = answer(_import(settings, file, pairs(column or []), options))
    except FileRefused as error:
        fail(str(error))
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    bad = f"; {report.bad} rows were bad" if report.bad else ""
    console.print(f"{report.numbers} numbers of {report.rows} rows have agreed{bad}", markup=False)


async def _import(
    settings: Settings, file: Path, mapping: dict[str, str], options: ImportOptions
) -> ConsentReport:
    with import_bar(file) as tell:
        async with open_store(settings) as store:
            return await import_consents(store, file, mapping, options, tell)
