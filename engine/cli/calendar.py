"""`tongdai calendar`: the switch of a calendar's emergency, and holidays for a new year."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.calendars import calendars_table
from engine.cli.floor import ask
from engine.cli.holidays import NoSuchCountry, Proposed, propose
from engine.cli.holidays_file import CannotMerge, Merge, file_of, merge
from engine.cli.terminal import Config, answer, console, fail, print_problems, read_settings, user
from engine.config.text_file import BadFile
from engine.settings import Settings

app = typer.Typer(help="Switch an emergency; propose holidays.", no_args_is_help=True)


class Switch(StrEnum):
    """What the emergency is turned to."""

    ON = "on"
    OFF = "off"


@app.command()
def emergency(
    name: Annotated[str, typer.Argument(help="The calendar.")],
    to: Annotated[Switch, typer.Argument(help="Switch it on or off.")],
    reason: Annotated[str, typer.Option(help="Why; shown to who looks at it.")] = "",
    by: Annotated[str | None, typer.Option(help="Who; you, when absent.")] = None,
    config: Config = None,
) -> None:
    """Switch the emergency of a calendar, at once: its numbers, flows and queues are not open."""
    wanted = {"on": to is Switch.ON, "by": by or user(), "reason": reason}
    path = f"/v1/calendars/{name}/emergency"
    calendar = answer(ask(read_settings(config), path, "PUT", body=wanted))
    console.print(calendars_table([calendar]))


@app.command()
def holidays(
    country: Annotated[str, typer.Argument(help="ISO code, with a region if any: vn, de-by.")],
    year: Annotated[int, typer.Argument(min=1900, max=2100)],
    language: Annotated[
        list[str] | None, typer.Option(help="Of the names; those of the settings, when absent.")
    ] = None,
    calendar: Annotated[
        str | None, typer.Option(help="Compare with this calendar of the routes.")
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Compare with a calendar in this file.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Add what is missing there.")] = False,
    config: Config = None,
) -> None:
    """Propose the holidays of a year: a library's, to be compared with the government's decree.

    Alone it prints lines for a calendar in the routes; beside a calendar, what it lacks.
    """
    settings = read_settings(config)
    try:
        proposed = propose(country, year, language or settings.languages)
    except NoSuchCountry as error:
        fail(str(error))
    path = into or (_file(calendar, settings) if calendar else None)
    if path is None:
        if write:
            fail("say where with --calendar or --into")
        _print(proposed, country, year)
        return
    try:
        found = merge(path, calendar, year, proposed)
        _compare(found, year)
        if write and found.missing:
            found.write()
            console.print(f"written: {path}; `tongdai check`, then `tongdai reload`", markup=False)
    except BadFile as error:
        print_problems([error.problem])
        raise typer.Exit(1) from error
    except CannotMerge as error:
        fail(str(error))


def _file(calendar: str, settings: Settings) -> Path:
    path = file_of(calendar, settings.routes_dir)
    if path is None:
        fail(f"no file in {settings.routes_dir} has a calendar {calendar}")
    return path


def _print(proposed: list[Proposed], country: str, year: int) -> None:
    source = "a proposal: compare it with the decree"
    lines = [f"    holidays: # {country.upper()} {year}, {source}"]
    lines += [f"      {each.line()}" for each in proposed]
    print("\n".join(lines))


def _compare(found: Merge, year: int) -> None:
    if found.missing:
        print(found.diff())
    else:
        told = f"{found.path}: calendar {found.calendar} has all that is proposed for {year}"
        console.print(told, markup=False)
    for day, name in found.only_here:
        console.print(f"only in the file, and kept: {day} {name}", markup=False)
