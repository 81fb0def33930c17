"""Calling hours by the clock on the callee's wall. Pure.

A moment is lawful when the clock there shows a time within the hours, on a day that is not closed.
Clocks that are put back show an hour twice, and both count; what they skip, never comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from dialer.compliance.asking import LOOK_AHEAD_SECONDS
from dialer.compliance.closed_days import DAYS, ClosedDay, closed_day

_SPAN = re.compile(r"(\d\d?):([0-5]\d)\s*-\s*(\d\d?):([0-5]\d)", re.ASCII)
_LOOK_AHEAD_DAYS: Final = int(LOOK_AHEAD_SECONDS // 86400) + 1

Spans = tuple[tuple[int, int], ...]
"""Hours of one day: minutes since local midnight, from (included) and to (not included)."""


@dataclass(frozen=True, slots=True)
class CallingHours:
    """When people may be called, by weekday (Monday first), and the days when they may not be."""

    week: tuple[Spans, ...]
    closed: tuple[ClosedDay, ...] = ()

    def on(self, day: date) -> Spans:
        """The hours of this day; none when it is closed."""
        if any(each.covers(day) for each in self.closed):
            return ()
        return self.week[day.weekday()]

    def lawful(self, moment: float, zone: ZoneInfo) -> bool:
        """Whether the clock in ``zone`` shows a time within the hours."""
        local = datetime.fromtimestamp(moment, zone)
        minutes = local.hour * 60 + local.minute
        return any(opens <= minutes < closes for opens, closes in self.on(local.date()))

    def next_lawful(self, moment: float, zone: ZoneInfo) -> float | None:
        """``moment`` if it is lawful, else the first one after it; None if none comes soon."""
        if self.lawful(moment, zone):
            return moment
        today = datetime.fromtimestamp(moment, zone).date()
        for offset in range(_LOOK_AHEAD_DAYS):
            day = today + timedelta(days=offset)
            for start in sorted(_starts(day, self.on(day), zone)):
                if start > moment and self.lawful(start, zone):
                    return start
        return None


def calling_hours(hours: Mapping[str, str], closed: tuple[str, ...] = ()) -> CallingHours:
    """From ``{"mon-fri": "08:00-12:00, 13:30-17:00"}``; days that are not named have none.

    Raises ``ValueError`` for what is no time, no day, or a day that is named twice.
    """
    week: dict[int, Spans] = {}
    for days, text in hours.items():
        for day in _days(days):
            if day in week:
                raise ValueError(f"{DAYS[day]} is in two lines; name each day once")
            week[day] = _spans(text)
    spans = tuple(week.get(day, ()) for day in range(7))
    return CallingHours(spans, tuple(closed_day(text) for text in closed))


def written(spans: Spans) -> str:
    """Hours of a day as people write them; ``closed`` for none."""
    return ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in spans) or "closed"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _starts(day: date, spans: Spans, zone: ZoneInfo) -> Iterator[float]:
    """The moments of this day at which hours may begin."""
    for opens, _ in spans:
        clock = datetime.combine(day, time(opens // 60, opens % 60), zone)
        yield clock.timestamp()
        yield clock.replace(fold=1).timestamp()
    if spans and (change := _clock_change(day, zone)) is not None:
        yield change


def _clock_change(day: date, zone: ZoneInfo) -> float | None:
    """When clocks are changed on this day, if they are."""
    low = datetime.combine(day, time(), zone).timestamp()
    high = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
    before = _offset(low, zone)
    if _offset(high, zone) == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(moment: float, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, zone).utcoffset()


def _days(text: str) -> tuple[int, ...]:
    """``mon``, ``mon-fri``, ``daily`` as weekday numbers; a range may pass Sunday."""
    if text.strip() == "daily":
        return tuple(range(7))
    first, _, last = text.strip().partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f"`{text}` is no day: write {', '.join(DAYS)}, a range mon-fri, or daily")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def _spans(text: str) -> Spans:
    spans = tuple(sorted(_span(part) for part in text.split(",")))
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("two of these calling hours overlap")
    return spans


def _span(text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"`{text}` are no calling hours: write 08:00-17:00")
    h1, m1, h2, m2 = map(int, match.groups())
    opens, closes = h1 * 60 + m1, h2 * 60 + m2
    if not opens < closes <= 1440:
        raise ValueError(f"`{text}` must begin before it ends, on one day; midnight is 24:00")
    return opens, closes
