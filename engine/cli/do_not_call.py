"""`tongdai dnc`: who is called no more. At once in a running engine; without one, in its ledger."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dialplan.numbers import normalise
from engine.cli.floor import NoAnswer, ask
from engine.cli.import_bar import import_bar
from engine.cli.leads import open_store
from engine.cli.terminal import AsJson, Config, answer, console, fail, read_settings, user
from engine.lead_import.csv_file import FileRefused
from engine.lead_import.do_not_call import ListOptions, ListReport, import_do_not_call
from engine.settings import Settings
from engine.store import do_not_call, lead_views
from engine.tables import Table

app = typer.Typer(help="Say who is called no more.", no_args_is_help=True)

Numbers = Annotated[list[str], typer.Argument(help="In any spelling.")]
Source = Annotated[str, typer.Option(help="Who says so: a letter, a shop …")]
By = Annotated[str | None, typer.Option(help="Who; you, when absent.")]
Why = Annotated[str, typer.Option(help="Why; kept.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A number on each line, or CSV.")],
    name: Annotated[str, typer.Option("--list", help="As the rules call it: vn-dnc …")],
    column: Annotated[
        str | None, typer.Option(help="That has the numbers; else the first.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Of numbers without a country.")] = None,
    encoding: Annotated[str | None, typer.Option(help="If it is not UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="If it is not found out.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Also when it is much smaller, or has bad rows.")
    ] = False,
    bad_rows: Annotated[Path | None, typer.Option(help="Where bad rows are written.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put a file's numbers in the place of a whole list, at one stroke, or not at all."""
    settings = read_settings(config)
    options = ListOptions(
        region=region or settings.region,
        column=column,
        encoding=encoding,
        delimiter=delimiter,
        trust=trust,
        bad_rows=bad_rows,
    )
    try:
        report = answer(_import(settings, name, file, options))
    except FileRefused as error:
        fail(str(error).replace("say `trust`", "say --trust"))
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    bad = f"; {report.bad} rows were no numbers" if report.bad else ""
    told = f"{name}: {report.numbers} numbers, {report.before} before, {report.seconds:.1f} s{bad}"
    console.print(told, markup=False)


async def _import(settings: Settings, name: str, file: Path, options: ListOptions) -> ListReport:
    with import_bar(file) as tell:
        async with open_store(settings) as store:
            return await import_do_not_call(store, name, file, options, tell)


@app.command()
def add(
    numbers: Numbers,
    source: Source = "command",
    why: Why = "",
    by: By = None,
    config: Config = None,
) -> None:
    """Call these numbers no more: no campaign, from now on, also who is about to be dialed."""
    settings = read_settings(config)
    told = {"numbers": _plain(settings, numbers), "source": source, "by": by or user(), "why": why}
    new = answer(_add(settings, told))
    console.print(f"[green]ok[/]: {new} of {len(numbers)} are new")


@app.command()
def remove(
    numbers: Numbers,
    source: Source = "command",
    why: Why = "",
    by: By = None,
    config: Config = None,
) -> None:
    """Take back what this source has said; what bars a number otherwise still does."""
    settings = read_settings(config)
    plain = _plain(settings, numbers)
    ended = answer(_remove(settings, plain, source, by or user(), why))
    if not ended:
        fail(f"`{source}` has no entry of {', '.join(plain)}: `tongdai dnc check` says who has")
    console.print(f"[green]ok[/]: {ended} entries are over")


@app.command()
def check(
    number: Annotated[str, typer.Argument(help="In any spelling.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a number may be called, what bars it, and what its owner agreed to."""
    settings = read_settings(config)
    found = answer(_check(settings, _plain(settings, [number])[0]))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    barred = f"not to be called: {found['barred']}" if found["barred"] else "on no list"
    console.print(f"{found['number']}: {barred}", markup=False)
    for each in found["entries"]:
        told = f"{each['source']}, {_clock(each['added'])} by {each['by']} {each['why']}"
        console.print(f"  {told.strip()}", markup=False)
    for each in found["consents"]:
        until = f" until {_clock(each['until'])}" if each["until"] else ""
        scope = f" for {each['scope']}" if each["scope"] else ""
        told = f"agreed {_clock(each['given'])}{until}{scope}: {each['evidence']}"
        console.print(f"  {told}", markup=False)


@app.command()
def lists(config: Config = None, as_json: AsJson = False) -> None:
    """List the whole lists, how old they are, and how many single numbers which source has."""
    found = answer(_lists(read_settings(config)))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table(title="Not to be called")
    for name in ("list or source", "loaded", "numbers"):
        table.add_column(name, justify="right" if name == "numbers" else "left")
    for each in found["lists"]:
        days = (time.time() - each["loaded"]) / 86400
        loaded = f"{_clock(each['loaded'])}, {days:.0f} days ago"
        table.add_row(Text(each["name"]), loaded, str(each["numbers"]))
    for source, count in found["sources"].items():
        table.add_row(Text(source), "one by one", str(count))
    console.print(table if table.row_count else "nobody has asked to be called no more yet")


async def _add(settings: Settings, told: dict[str, Any]) -> int:
    """Tell the running engine, which has hoppers; else the ledger."""
    try:
        done = await ask(settings, "/v1/do_not_call", "POST", accept=(201,), body=told)
        return int(done["new"])
    except NoAnswer:
        async with open_store(settings) as store:
            numbers, source, by = told["numbers"], told["source"], told["by"]
            return await store.suppress(numbers, source, by, time.time(), told["why"])


async def _remove(settings: Settings, numbers: list[str], source: str, by: str, why: str) -> int:
    async with open_store(settings) as store:
        return await store.unsuppress(numbers, source, by, time.time(), why)


async def _check(settings: Settings, number: str) -> dict[str, Any]:
    now = time.time()
    async with open_store(settings) as store, store.ledger.reading() as connection:
        barred = await do_not_call.barred(connection, [number], now)
        return {
            "number": number,
            "barred": barred[number].source if number in barred else None,
            "entries": [asdict(e) for e in await lead_views.entries(connection, number, now)],
            "consents": await lead_views.consents_of(connection, number),
        }


async def _lists(settings: Settings) -> dict[str, Any]:
    async with open_store(settings) as store, store.ledger.reading() as connection:
        return {
            "lists": [asdict(each) for each in await lead_views.loaded(connection)],
            "sources": await lead_views.sources(connection, time.time()),
        }


def _plain(settings: Settings, written: list[str]) -> list[str]:
    """E.164, however they are written."""
    numbers = [normalise(each, settings.region) for each in written]
    for each, number in zip(written, numbers, strict=True):
        if number is None or not number.startswith("+"):
            fail(f"{each} is no public telephone number")
    return [number for number in numbers if number]


def _clock(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment).astimezone():%Y-%m-%d %H:%M}"
