"""Values in English as it is said in America: ``two hundred five``, ``eight thirty a.m.``."""

from __future__ import annotations

import datetime
from decimal import Decimal

from engine.ivr.saying.language import (
    COMMA,
    CURRENCIES,
    Currency,
    Parts,
    letters,
    near_day,
    number_part,
    split_money,
    units,
)

_SCALES = (
    (10**12, "number_trillion"),
    (10**9, "number_billion"),
    (10**6, "number_million"),
    (10**3, "number_thousand"),
    (10**2, "number_hundred"),
)
# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# fmt: on
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number(value: Decimal) -> Parts:
    """Minus twelve point five."""
    whole, _, decimals = format(abs(value), "f").partition(".")
    parts = cardinal(int(whole))
    if decimals:
        parts += ("number_point", *map(number_part, map(int, decimals)))
    return ("number_minus", *parts) if value < 0 else parts


def cardinal(value: int) -> Parts:
    """Two hundred five thousand."""
    for size, scale in _SCALES:
        if value >= size:
            count, rest = divmod(value, size)
            return (*cardinal(count), scale, *(cardinal(rest) if rest else ()))
    return (number_part(value),)


def ordinal(value: int) -> Parts:
    """Two hundred and its fifth; the last part alone is an ordinal."""
    *parts, last = cardinal(value)
    return (*parts, str(last).replace("number_", "ordinal_"))


def money(amount: Decimal, currency: str) -> Parts:
    """Two million dong; twelve dollars and fifty cents; eighty point five S G D."""
    whole, cents = split_money(amount, currency)
    if (known := CURRENCIES.get(currency)) is None:
        rounded = Decimal(whole * 100 + cents).scaleb(-2).normalize()
        return (*number(rounded.copy_sign(amount)), *letters(currency))
    parts = _dollars(whole, cents, known)
    return ("number_minus", *parts) if amount < 0 and (whole or cents) else parts


def _dollars(whole: int, cents: int, known: Currency) -> Parts:
    dollars = (*cardinal(whole), known.one if whole == 1 else known.many)
    if not cents:
        return dollars
    change = (number_part(cents), known.cent if cents == 1 else known.cents)
    return (*dollars, "money_and", *change) if whole else change


def date(day: datetime.date, today: datetime.date) -> Parts:
    """Monday, February sixth, with the year when it is another one."""
    parts = (f"weekday_{day.isoweekday()}", COMMA, f"month_{day.month}", f"day_{day.day}")
    return parts if day.year == today.year else (*parts, COMMA, *_year(day.year))


def _year(year: int) -> Parts:
    """Twenty twenty-seven, two thousand five, nineteen oh five, nineteen hundred."""
    century, rest = divmod(year, 100)
    if century < 10 or (century % 10 == 0 and rest < 10):
        return cardinal(year)
    if not rest:
        return (number_part(century), "number_hundred")
    return (number_part(century), *_two_digits(rest))


def time(at: datetime.time) -> Parts:
    """Eight thirty a.m."""
    if at.hour in (0, 12) and not at.minute:
        return ("time_noon",) if at.hour else ("time_midnight",)
    minute = _two_digits(at.minute) if at.minute else ()
    return (number_part(at.hour % 12 or 12), *minute, "time_am" if at.hour < 12 else "time_pm")


def _two_digits(value: int) -> Parts:
    return (number_part(value),) if value >= 10 else ("number_oh", number_part(value))


def moment(day: datetime.date, at: datetime.time | None, today: datetime.date) -> Parts:
    """Tomorrow at eight a.m.; Monday at noon."""
    parts = near_day(day, today) or date(day, today)
    return (*parts, "time_at", *time(at)) if at is not None else parts


def duration(seconds: int) -> Parts:
    """One hour thirty minutes."""
    return tuple(
        part
        for count, one, many in units(seconds)
        for part in (*cardinal(count), one if count == 1 else many)
    )


def _number_word(value: int) -> str:
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return f"{_TENS[tens - 2]}-{_SMALL[ones]}" if ones else _TENS[tens - 2]


def _ordinal_word(word: str) -> str:
    begin, hyphen, last = word.rpartition("-")
    ending = last[:-1] + "ieth" if last.endswith("y") else _IRREGULAR.get(last, last + "th")
    return begin + hyphen + ending


words = {
    **{number_part(value): _number_word(value) for value in range(100)},
    **{scale: scale.removeprefix("number_") for _, scale in reversed(_SCALES)},
    "number_and": "and",
    "number_minus": "minus",
    "number_point": "point",
    "number_oh": "oh",
    "ordinal": "number",
    **{f"ordinal_{value}": _ordinal_word(_number_word(value)) for value in range(1, 100)},
    **{
        scale.replace("number_", "ordinal_"): scale.removeprefix("number_") + "th"
        for _, scale in reversed(_SCALES)
    },
    **{f"weekday_{index}": word for index, word in enumerate(_WEEKDAYS, 1)},
    **{f"month_{index}": word for index, word in enumerate(_MONTHS, 1)},
    **{f"day_{value}": _ordinal_word(_number_word(value)) for value in range(1, 32)},
    "day_today": "today",
    "day_tomorrow": "tomorrow",
    "day_yesterday": "yesterday",
    "day_year": "in the year",
    "time_at": "at",
    "time_hour": "o'clock",
    "time_am": "a.m.",
    "time_pm": "p.m.",
    "time_noon": "noon",
    "time_evening": "in the evening",
    "time_night": "at night",
    "time_midnight": "midnight",
    "unit_day": "day",
    "unit_days": "days",
    "unit_hour": "hour",
    "unit_hours": "hours",
    "unit_minute": "minute",
    "unit_minutes": "minutes",
    "unit_second": "second",
    "unit_seconds": "seconds",
    "money_dong": "dong",
    "money_dollar": "dollar",
    "money_dollars": "dollars",
    "money_euro": "euro",
    "money_euros": "euros",
    "money_cent": "cent",
    "money_cents": "cents",
    "money_and": "and",
    **{f"letter_{letter}": letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"},
    "sign_plus": "plus",
    "sign_at": "at",
    "sign_dot": "dot",
    "sign_dash": "dash",
    "sign_underscore": "underscore",
    "sign_slash": "slash",
    "key_star": "star",
    "key_hash": "hash",
}
