"""What a value is, before it is said: text, numbers and JSON made into numbers, days and times."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

LIMIT = 10**15
"""Numbers from here on have no words; they are said digit by digit."""

_DECIMALS = Decimal("0.000001")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(:[0-9]{2})?")
_BASIC_DATE = re.compile(r"[0-9]{8}")


class Kind(StrEnum):
    """How a value is said."""

    DIGITS = "digits"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    ORDINAL = "ordinal"
    LETTERS = "letters"
    PLACE = "place"
    TEXT = "text"


class CannotSay(ValueError):
    """The value does not fit its kind; the text says what would."""


def text(value: object) -> str:
    """The value as it is written; a whole float as the integer that it is."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _misfit("a text or a whole number")
    written = " ".join(str(value).split())
    if not written:
        raise CannotSay("there is nothing to say: the value is empty")
    return written


def number(value: object) -> Decimal:
    """A number with up to six decimals, without zeros at their end."""
    written = str(value).strip()
    if isinstance(value, float):
        written = format(Decimal(written), "f")  # not 1e-07
    if isinstance(value, bool) or not _NUMBER.fullmatch(written):
        raise _misfit("a number such as 2000000 or 12.5, without spaces or thousands marks")
    exact = Decimal(written)
    if abs(exact) >= LIMIT:
        raise CannotSay("the number is too long for words: say it as digits")
    rounded = exact.quantize(_DECIMALS, ROUND_HALF_UP)
    return rounded.normalize()


def whole(value: object, least: int = 0) -> int:
    """A whole number from ``least`` on."""
    found = number(value)
    if found != found.to_integral_value() or found < least:
        raise _misfit(f"a whole number from {least} on")
    return int(found)


def seconds(value: object) -> int:
    """A length of time, in seconds to the next whole one."""
    found = number(value).to_integral_value(ROUND_HALF_UP)
    if found < 0:
        raise _misfit("a length of time in seconds")
    return int(found)


def day(value: object, zone: tzinfo) -> date:
    """The day of an ISO date, of a moment or of seconds since the epoch, as it is in ``zone``."""
    return day_and_time(value, zone)[0]


def day_and_time(value: object, zone: tzinfo) -> tuple[date, time | None]:
    """The same with the time, unless the value is a date alone."""
    found = moment(value, zone)
    return (found.date(), found.time()) if isinstance(found, datetime) else (found, None)


def clock(value: object, zone: tzinfo) -> time:
    """The time of day of ``8:30``, of a moment or of seconds since the epoch."""
    if isinstance(value, str) and (parts := _CLOCK.fullmatch(value.strip())):
        hour, minute = int(parts[1]), int(parts[2])
        if (hour < 24 and minute < 60) or (hour, minute) == (24, 0):
            return time(hour % 24, minute)
    elif (at := day_and_time(value, zone)[1]) is not None:
        return at
    raise _misfit("a time such as 8:30 or 2027-02-06T08:30")


def moment(value: object, zone: tzinfo) -> datetime | date:
    """A point in time as the clocks in ``zone`` have it; a date alone stays a date.

    ISO text without an offset is meant in ``zone``; a number is seconds since the epoch.
    """
    try:
        return _moment(value, zone)
    except (ValueError, OverflowError, OSError):
        fitting = "a date such as 2027-02-06, 2027-02-06T10:00+07:00 or seconds since 1970"
        raise _misfit(fitting) from None


def _moment(value: object, zone: tzinfo) -> datetime | date:
    written = value.strip() if isinstance(value, str) else value
    if not isinstance(written, str) or (
        _NUMBER.fullmatch(written) and not _BASIC_DATE.fullmatch(written)
    ):
        return datetime.fromtimestamp(float(number(written)), zone)
    try:
        return date.fromisoformat(written)
    except ValueError:
        found = datetime.fromisoformat(written)
    return found.astimezone(zone) if found.tzinfo else found


def _misfit(fitting: str) -> CannotSay:
    """Without the value, which may be a caller's secret."""
    return CannotSay(f"the value has to be {fitting}")
