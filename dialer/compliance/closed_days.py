"""Days on which nobody may be called, as rules write them. Pure.

``2027-02-05`` or ``2027-02-05..2027-02-11``: once. ``12-25`` or ``12-24..01-02``: each year;
``12-25~``: and the Friday before when that is a Saturday, the Monday after when it is a Sunday.
``easter+1``: so many days after Easter Sunday, or before. ``11-thu4``: the fourth Thursday of
November; ``05-mon-last``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?", re.ASCII)
_YEARLY = re.compile(r"(\d\d)-(\d\d)(~|\.\.(\d\d)-(\d\d))?", re.ASCII)
_EASTER = re.compile(r"easter(?:([+-]\d{1,3}))?", re.ASCII)
_NTH = re.compile(rf"(\d\d)-({'|'.join(DAYS)})(?:([1-5])|-last)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """Closed days, as they were written."""

    written: str
    covers: Callable[[date], bool]
    """Whether a day is one of them."""

    def __str__(self) -> str:
        return self.written


def closed_day(text: str) -> ClosedDay:
    """What these days are. Raises ``ValueError`` for what is no day of the calendar."""
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Callable[[date], bool]]], ...]
    readers = ((_DATES, _once), (_YEARLY, _yearly), (_EASTER, _by_easter), (_NTH, _nth))
    for pattern, read in readers:
        if match := pattern.fullmatch(text.strip()):
            return ClosedDay(text.strip(), read(match))
    raise ValueError(f"`{text}` is no day: write 2027-02-05, 12-25, easter+1 or 11-thu4")


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher's algorithm)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)


def _once(match: re.Match[str]) -> Callable[[date], bool]:
    first = date.fromisoformat(match[1])
    last = date.fromisoformat(match[2]) if match[2] else first
    if last < first:
        raise ValueError(f"`{match[0]}` ends before it begins")
    return lambda day: first <= day <= last


def _yearly(match: re.Match[str]) -> Callable[[date], bool]:
    first = (int(match[1]), int(match[2]))
    last = (int(match[4]), int(match[5])) if match[4] else first
    for month, number in (first, last):
        date(2000, month, number)  # a leap year: raises for what no year has

    def covers(day: date) -> bool:
        today = (day.month, day.day)
        if first <= last:
            return first <= today <= last
        return today >= first or today <= last  # over New Year's Eve

    def observed(day: date) -> bool:
        shifted = {0: -1, 4: 1}.get(day.weekday(), 0)
        return covers(day) or covers(day + timedelta(days=shifted))

    return observed if match[3] == "~" else covers


def _by_easter(match: re.Match[str]) -> Callable[[date], bool]:
    offset = timedelta(days=int(match[1] or 0))
    return lambda day: easter(day.year) + offset == day


def _nth(match: re.Match[str]) -> Callable[[date], bool]:
    month, weekday, nth = int(match[1]), DAYS.index(match[2]), match[3]
    date(2000, month, 1)

    def covers(day: date) -> bool:
        if (day.month, day.weekday()) != (month, weekday):
            return False
        if nth:
            return (day.day - 1) // 7 + 1 == int(nth)
        return day.day + 7 > calendar.monthrange(day.year, day.month)[1]

    return covers
