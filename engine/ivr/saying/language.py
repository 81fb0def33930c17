"""What every language is made of: parts that are prompts, and what they are called.

A *part* is the key of a prompt, a text to be spoken, or a pause. The same parts are heard and
written, so what a trace shows is what the caller was told.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from engine.ivr.sounds import Pause, Sound, Speak

Part = str | Speak | Pause
Parts = tuple[Part, ...]

COMMA = Pause(0.0)
"""Where a comma is written; between two prompts one hears a short pause anyhow."""

_BETWEEN_GROUPS = Pause(0.3)
_SEPARATORS = " .-/()"
_SIGNS = {"+": "sign_plus", "*": "key_star", "#": "key_hash"}
_MORE_SIGNS = {
    "@": "sign_at",
    ".": "sign_dot",
    "-": "sign_dash",
    "_": "sign_underscore",
    "/": "sign_slash",
}


@dataclass(frozen=True, slots=True)
class Currency:
    """The prompts of a currency: of one, of several, and of its hundredths where it has them."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


CURRENCIES = {
    "VND": Currency("money_dong", "money_dong"),
    "USD": Currency("money_dollar", "money_dollars", "money_cent", "money_cents"),
    "EUR": Currency("money_euro", "money_euros", "money_cent", "money_cents"),
}


class Language(Protocol):
    """A language; its module is one. ``words`` has the text of every part that it may use."""

    @property
    def words(self) -> Mapping[str, str]:
        """Prompt key → text, as in ``ivr_flows/spoken.yaml``."""

    def number(self, value: Decimal) -> Parts:
        """Minus two hundred five point five."""

    def ordinal(self, value: int) -> Parts:
        """The twenty-first."""

    def money(self, amount: Decimal, currency: str) -> Parts:
        """An amount of an ISO currency."""

    def date(self, day: datetime.date, today: datetime.date) -> Parts:
        """A day by its name and date."""

    def time(self, at: datetime.time) -> Parts:
        """A time of day."""

    def moment(self, day: datetime.date, at: datetime.time | None, today: datetime.date) -> Parts:
        """A day as one calls it today (tomorrow, Monday), with the time where there is one."""

    def duration(self, seconds: int) -> Parts:
        """A length of time."""


def number_part(number: int) -> str:
    """The prompt of a number below a hundred, which is one word group in every language."""
    return f"number_{number}"


def digit_parts(written: str) -> tuple[str, ...]:
    """One prompt for each digit and ``+``, ``*``, ``#``; nothing for any other character."""
    return tuple(part for part in map(_digit, written) if part)


def digits(written: str) -> Parts:
    """Digit by digit, with a pause where they are written in groups."""
    parts: list[Part] = []
    for group in "".join(" " if sign in _SEPARATORS else sign for sign in written).split():
        parts += [_BETWEEN_GROUPS] if parts else []
        parts += digit_parts(group)
    return tuple(parts)


def is_digits(written: str) -> bool:
    """Whether ``digits`` says all of it."""
    said = [sign for sign in written if sign not in _SEPARATORS]
    return bool(said) and all(map(_digit, said))


def letters(written: str) -> Parts:
    """Character by character; a space is a pause, and what has no prompt is left to the voice."""
    return tuple(map(_letter, written.casefold()))


def _letter(sign: str) -> Part:
    if sign.isascii() and sign.isalpha():
        return f"letter_{sign}"
    if sign == " ":
        return _BETWEEN_GROUPS
    return _digit(sign) or _MORE_SIGNS.get(sign) or Speak(sign)


def _digit(sign: str) -> str:
    return number_part(int(sign)) if sign.isascii() and sign.isdigit() else _SIGNS.get(sign, "")


def near_day(day: datetime.date, today: datetime.date) -> Parts:
    """Yesterday, today, tomorrow, or the weekday of one in the coming week; nothing for others."""
    match (day - today).days:
        case -1:
            return ("day_yesterday",)
        case 0:
            return ("day_today",)
        case 1:
            return ("day_tomorrow",)
        case ahead if 1 < ahead < 7:
            return (f"weekday_{day.isoweekday()}",)
    return ()


def units(seconds: int) -> Iterator[tuple[int, str, str]]:
    """A length of time as counts with the prompts of their units, singular and plural.

    To the minute from an hour on, to the hour from a day on: nobody wants it longer.
    """
    if seconds >= 86_400:
        seconds = round(seconds / 3_600) * 3_600
    elif seconds >= 3_600:
        seconds = round(seconds / 60) * 60
    left = seconds
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, length)
        if count or (name == "second" and not seconds):
            yield count, f"unit_{name}", f"unit_{name}s"


def split_money(amount: Decimal, currency: str) -> tuple[int, int]:
    """Whole units and hundredths of an amount without its sign, rounded to what there is."""
    known = CURRENCIES.get(currency)
    if known and not known.cent:
        return int(abs(amount).to_integral_value(ROUND_HALF_UP)), 0
    hundredths = int((abs(amount) * 100).to_integral_value(ROUND_HALF_UP))
    return divmod(hundredths, 100)


def without_accents(written: str) -> str:
    """``Đà Nẵng`` as ``Da Nang``."""
    plain = written.replace("đ", "d").replace("Đ", "D")
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def heard(parts: Parts) -> tuple[Sound, ...]:
    """What is played."""
    return tuple(part for part in parts if part != COMMA)


def written(parts: Parts, words: Mapping[str, str]) -> str:
    """The same to be read, or to be spoken in one go."""
    said = [
        "," if isinstance(part, Pause) else part.text if isinstance(part, Speak) else words[part]
        for part in parts
    ]
    return " ".join(said).replace(" ,", ",")
