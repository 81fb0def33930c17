"""Values of a language that we do not know: as they are written, for whichever voice it has."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

from engine.ivr.saying.language import Parts, split_money
from engine.ivr.sounds import Speak

words: Mapping[str, str] = {}


def number(value: Decimal) -> Parts:
    """12.5"""
    return (Speak(format(value, "f")),)


def ordinal(value: int) -> Parts:
    """21"""
    return (Speak(str(value)),)


def money(amount: Decimal, currency: str) -> Parts:
    """2000000 VND"""
    whole, cents = split_money(amount, currency)
    sign = "-" if amount < 0 else ""
    return (Speak(f"{sign}{whole}{f'.{cents:02}' if cents else ''} {currency}"),)


def date(day: datetime.date, today: datetime.date) -> Parts:
    """2027-02-06"""
    return (Speak(day.isoformat()),)


def time(at: datetime.time) -> Parts:
    """08:30"""
    return (Speak(at.isoformat("minutes")),)


def moment(day: datetime.date, at: datetime.time | None, today: datetime.date) -> Parts:
    """2027-02-06 08:30"""
    return (Speak(" ".join([day.isoformat(), *([at.isoformat("minutes")] if at else [])])),)


def duration(seconds: int) -> Parts:
    """1:30:00"""
    return (Speak(str(datetime.timedelta(seconds=seconds))),)


def spelled(written: str) -> Parts:
    """0 9 0 - 5: each sign by itself, or a voice would make one number of them."""
    return (Speak(" ".join(written.replace(" ", ""))),)
