"""Compares proposed holidays with a calendar in a routes file, and adds what is missing there.

Lines are put in where they belong; all other lines stay as somebody wrote them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import unified_diff
from itertools import groupby
from pathlib import Path
from typing import Any

from dialplan.hours import Calendar
from dialplan.schema import CalendarSettings
from engine.cli.holidays import Proposed
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, read


class CannotMerge(Exception):
    """The file is not written in a way that lines can be added; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What a file would gain. ``only_here`` are days off in its calendar that nobody proposed."""

    path: Path
    calendar: str
    before: str
    after: str
    missing: tuple[Proposed, ...]
    only_here: tuple[tuple[date, str], ...]

    def diff(self) -> str:
        """The change, as `diff -u` shows it; empty when nothing is missing."""
        before, after = self.before.splitlines(), self.after.splitlines()
        return "\n".join(unified_diff(before, after, str(self.path), str(self.path), lineterm=""))

    def write(self) -> None:
        """Put the file in place as a whole, when it reads as it should. Raises ``CannotMerge``."""
        path = self.path.resolve()
        fresh = path.with_name(f".{path.name}.new")
        try:
            fresh.write_bytes(self.after.encode())
            _check(fresh, self.calendar, self.missing)
            shutil.copymode(path, fresh)
            fresh.replace(path)
        except OSError as error:
            raise CannotMerge(f"{path} cannot be written: {error.strerror}") from error
        finally:
            fresh.unlink(missing_ok=True)


def merge(path: Path, name: str | None, year: int, proposed: Sequence[Proposed]) -> Merge:
    """Without a ``name`` it is the file's calendar with dated holidays, or its only one.

    Raises ``BadFile``, or ``CannotMerge``.
    """
    document = read(path)
    name = name or _only_calendar(document)
    calendar = _calendar(document, name)
    closed = _days_off(calendar, year)
    missing = tuple(part for each in proposed for part in _without(each, closed.keys()))
    known = {day for each in proposed for day in each.days}
    only_here = tuple((day, closed[day]) for day in sorted(closed.keys() - known))
    after = _added(document, name, [each.line() for each in missing]) if missing else document.text
    return Merge(path, name, document.text, after, missing, only_here)


def file_of(calendar: str, routes_dir: Path) -> Path | None:
    """The routes file that has this calendar."""
    for path in sorted(routes_dir.glob("*.y*ml")):
        try:
            if calendar in _calendars(read(path)):
                return path
        except BadFile:
            continue
    return None


def _check(path: Path, name: str, wanted: Iterable[Proposed]) -> None:
    try:
        calendar = _calendar(read(path), name)
    except BadFile as error:
        raise CannotMerge(f"the file would not be read any more: {error}") from error
    for each in wanted:
        if not all(any(one.covers(day) for one in calendar.holidays) for day in each.days):
            raise CannotMerge(f"{each.first} would not be read as it is meant: add it by hand")


def _calendars(document: Document) -> dict[str, Any]:
    content = document.data if isinstance(document.data, dict) else {}
    found = content.get("calendars")
    return found if isinstance(found, dict) else {}


def _only_calendar(document: Document) -> str:
    names = list(_calendars(document))
    dated = [
        name for name in names if any(one.first.year for one in _calendar(document, name).holidays)
    ]
    if len(dated or names) == 1:
        return (dated or names)[0]
    raise CannotMerge(f"say which calendar of {document.path}: --calendar {' or '.join(names)}")


def _calendar(document: Document, name: str) -> Calendar:
    if name not in _calendars(document):
        raise CannotMerge(f"{document.path} has no calendar {name}")
    settings, problems = validated(CalendarSettings, document, ("calendars", name))
    if settings is None:
        raise CannotMerge(problems[0].render())
    return settings.calendar(name)


def _days_off(calendar: Calendar, year: int) -> dict[date, str]:
    """The days of a year that its holidays cover, with a name of each."""
    every = (date(year, 1, 1) + timedelta(days=step) for step in range(366))
    closed = {
        day: next(iter(holiday.names.values()), "")
        for day in every
        for holiday in reversed(calendar.holidays)
        if holiday.covers(day)
    }
    return {day: name for day, name in closed.items() if day.year == year}


def _without(proposed: Proposed, closed: Iterable[date]) -> Iterable[Proposed]:
    """What is left of it without the days that are closed already."""
    closed = set(closed)
    for is_closed, days in groupby(proposed.days, lambda day: day in closed):
        part = list(days)
        if not is_closed:
            remarks = {day: told for day, told in proposed.remarks.items() if day in part}
            yield replace(proposed, first=part[0], last=part[-1], remarks=remarks)


# -- where the lines go ---------------------------------------------------------------------------


def _added(document: Document, name: str, items: Sequence[str]) -> str:
    """The file's text with these items at the end of the calendar's holidays."""
    lines = document.text.splitlines()
    if _calendars(document)[name].get("holidays") is None:
        after, indent, new = _end_of_calendar(document, name, lines)
    else:
        after, indent, new = _end_of_holidays(document, name, lines)
    new += [indent + item for item in items]
    ending = "\r\n" if "\r\n" in document.text else "\n"
    return ending.join([*lines[:after], *new, *lines[after:]]) + ending


def _end_of_holidays(
    document: Document, name: str, lines: Sequence[str]
) -> tuple[int, str, list[str]]:
    """After which line items go, how they are indented, and what comes before them."""
    path = ("calendars", name, "holidays")
    count = len(_calendars(document)[name]["holidays"])
    place = document.position((*path, count - 1))
    dash = re.fullmatch(r"(\s*)-\s+", lines[place.line - 1][: place.column - 1])
    if not count or dash is None:
        raise CannotMerge(f"write the holidays of {name} with one `- ` per line, and try again")
    return _end_of_block(lines, place.line, len(dash[1])), dash[1], []


def _end_of_calendar(
    document: Document, name: str, lines: Sequence[str]
) -> tuple[int, str, list[str]]:
    """The same for a calendar without holidays yet."""
    path = ("calendars", name)
    begins = document.position(path, key=True)
    setting = document.position((*path, "timezone"), key=True)
    if setting.line == begins.line:
        raise CannotMerge(f"write the calendar {name} with one setting per line, and try again")
    indent = " " * (setting.column - 1)
    after = _end_of_block(lines, begins.line, begins.column - 1)
    return after, f"{indent}  ", [f"{indent}holidays:"]


def _end_of_block(lines: Sequence[str], start: int, column: int) -> int:
    """The last line of what begins in line ``start`` (from 1) and is indented more than it."""
    end = start
    for number, line in enumerate(lines[start:], start + 1):
        text = line.strip()
        if text and not text.startswith("#"):
            if len(line) - len(line.lstrip()) <= column:
                break
            end = number
    return end
