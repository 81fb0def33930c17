"""Opening hours: is a calendar open at a moment, and when does it open next?

A calendar is asked in a fixed order: emergency, holiday, closed, open. What nothing says is open
is closed. Hours and holidays are local wall time of the calendar's zone; the answer is found by
turning them into moments first, so the days when clocks change have 23 or 25 hours and nothing
else is special. (An hour that clocks skip counts as if they had been moved after it.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_LOOK_AHEAD_DAYS = 400


class HoursState(StrEnum):
    """What a calendar says of a moment."""

    EMERGENCY = "emergency"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Span:
    """Opening hours of one day: minutes since local midnight.

    ``closes`` may pass 1440 (24:00), for hours that end on the next day.
    """

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date, with ``year`` 0 for every year."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """Closed days from ``first`` to ``last``, both included, with a name per language."""

    first: Day
    last: Day
    names: Mapping[str, str] = field(default_factory=dict)

    def covers(self, day: date) -> bool:
        """Whether ``day`` is one of the closed days."""
        first, last, today = _order(self.first), _order(self.last), (day.month, day.day)
        if self.first.year:
            return first <= (day.year, *today) <= last
        if first <= last:
            return first <= (0, *today) <= last
        return (0, *today) >= first or (0, *today) <= last  # over New Year's Eve


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """The answer: the state, the names of the holiday, and when it opens next.

    ``next_open`` is in seconds since the epoch; ``None`` while open, in an emergency, and when no
    opening is found within 400 days.
    """

    state: HoursState
    names: Mapping[str, str] = field(default_factory=dict)
    next_open: float | None = None

    def name(self, language: str) -> str:
        """The holiday's name in ``language``, else in any; empty when it is no holiday."""
        return self.names.get(language) or next(iter(self.names.values()), "")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by weekday (Monday first) and the days that break the rule.

    Who types ``emergency_pin`` at a telephone may switch the emergency on and off; without one,
    nobody can from there.
    """

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Holiday, ...] = ()
    emergency: bool = False
    emergency_pin: str | None = field(default=None, repr=False)

    def status(self, now: float) -> HoursStatus:
        """What this calendar says of ``now``."""
        if self.emergency:
            return HoursStatus(HoursState.EMERGENCY)
        today = self._date(now)
        holiday = self._holiday(today)
        if holiday:
            return HoursStatus(HoursState.HOLIDAY, holiday.names, self._next_open(now))
        if any(opens <= now < closes for opens, closes in self._hours(today, days=1)):
            return HoursStatus(HoursState.OPEN)
        return HoursStatus(HoursState.CLOSED, next_open=self._next_open(now))

    def has_holidays_in(self, year: int) -> bool:
        """Whether any holiday is dated in ``year`` (holidays of every year do not count)."""
        return any(holiday.first.year <= year <= holiday.last.year for holiday in self.holidays)

    def _next_open(self, now: float) -> float | None:
        for opens, closes in self._hours(self._date(now), days=_LOOK_AHEAD_DAYS):
            moment = self._past_holidays(max(opens, now), closes)
            if moment < closes:
                return moment
        return None

    def _past_holidays(self, moment: float, closes: float) -> float:
        """``moment``, or the first midnight after it that begins no holiday."""
        while moment < closes and self._holiday(self._date(moment)):
            moment = self._moment(self._date(moment) + timedelta(days=1), 0)
        return moment

    def _hours(self, first: date, days: int) -> Iterator[tuple[float, float]]:
        """Opening hours as moments, of ``days`` days and of the night before them."""
        if not any(self.week):
            return
        for offset in range(-1, days):
            day = first + timedelta(days=offset)
            for span in self.week[day.weekday()]:
                yield self._moment(day, span.opens), self._moment(day, span.closes)

    def _moment(self, day: date, minutes: int) -> float:
        days, minutes = divmod(minutes, 1440)
        clock = time(minutes // 60, minutes % 60)
        return datetime.combine(day + timedelta(days=days), clock, self.zone).timestamp()

    def _date(self, now: float) -> date:
        return datetime.fromtimestamp(now, self.zone).date()

    def _holiday(self, day: date) -> Holiday | None:
        return next((holiday for holiday in self.holidays if holiday.covers(day)), None)


def _order(day: Day) -> tuple[int, int, int]:
    return (day.year, day.month, day.day)
