"""What all reports share at the terminal: the time asked for, the table or JSON, and units."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from engine.cli.terminal import console, fail
from engine.tables import Table


def _moment(text: str) -> float:
    """A day or a time as people write it, in local time unless it has an offset."""
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        told = f"{text!r} is no time such as 2026-08-07 or 2026-08-07T08:30"
        raise typer.BadParameter(told) from error


From = Annotated[
    float | None,
    typer.Option("--from", parser=_moment, metavar="TIME", help="Local time; today when absent."),
]
To = Annotated[
    float | None, typer.Option("--to", parser=_moment, metavar="TIME", help="Now when absent.")
]


def show_lines(lines: Sequence[Any], as_json: bool, table: RenderableType, nothing: str) -> None:
    """A table of the lines, or several, or ``nothing`` when there are none; JSON for programs."""
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    else:
        console.print(table if lines else nothing)


def bounds(since: float | None, until: float | None) -> tuple[float, float]:
    """Both ends of the time asked for; the command ends when nothing is between them."""
    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight.timestamp() if since is None else since
    last = now.timestamp() if until is None else until
    if last <= first:
        fail(f"`--to` ({local(last)}) must be later than `--from` ({local(first)})")
    return first, last


def new_table(title: str, first: str) -> Table:
    """A table with its first column."""
    table = Table(title=title)
    table.add_column(first)
    return table


def span(since: float, until: float) -> str:
    """The time asked for, as a title has it."""
    return f"{local(since)} to {local(until)}"


def local(moment: float) -> str:
    """A time of this machine's zone, to the minute."""
    return f"{datetime.fromtimestamp(moment).astimezone():%Y-%m-%d %H:%M}"


def as_clock(seconds: float) -> str:
    """As h:mm:ss."""
    return str(timedelta(seconds=round(seconds)))


def as_seconds(seconds: float | None) -> str:
    """As 12.3 s; nothing where there are none."""
    return "" if seconds is None else f"{seconds:.1f} s"


def as_counts(counts: Mapping[str, int]) -> str:
    """As 3 timeout, 1 moved."""
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items())


def as_percent(share: float | None) -> str:
    """A share of 0 to 1; nothing where there is none."""
    return "" if share is None else f"{100 * share:.1f} %"
