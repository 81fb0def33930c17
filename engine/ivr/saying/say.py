"""Say a value, or write what would be said."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal

from engine.ivr.saying import english, plain, reading, vietnamese
from engine.ivr.saying.language import (
    Language,
    Parts,
    digits,
    heard,
    is_digits,
    letters,
    without_accents,
    written,
)
from engine.ivr.saying.reading import CannotSay, Kind
from engine.ivr.sounds import Sound, Speak

LANGUAGES: Mapping[str, Language] = {"en": english, "vi": vietnamese}
"""The languages whose grammar we know. A further one is a module and a line here."""

Sayable = str | int | float


def say_value(
    value: Sayable,
    kind: Kind,
    language: str,
    *,
    zone: tzinfo,
    now: float,
    currency: str = "",
    prompts: Collection[str] = frozenset(),
) -> tuple[Sound, ...]:
    """The sounds of a value: prompts of ``ivr_flows/spoken.yaml``, and speech for the rest.

    Dates and times are said as they are in ``zone``, days near ``now`` by name; ``currency`` is the
    ISO code of money. ``prompts`` are those that the language has: a place is one when its
    ``place_key`` is among them, and so are the digits of a language whose grammar we do not know.
    Raises ``CannotSay`` for a value that does not fit its kind.
    """
    if kind is Kind.PLACE and (key := place_key(reading.text(value))) in prompts:
        return (key,)
    parts = _parts(value, kind, language, zone, now, currency)
    if kind is Kind.DIGITS and not is_known(language):
        keys = digits(reading.text(value))
        parts = keys if {key for key in keys if isinstance(key, str)} <= set(prompts) else parts
    return heard(parts)


def write_value(
    value: Sayable, kind: Kind, language: str, *, zone: tzinfo, now: float, currency: str = ""
) -> str:
    """The words that ``say_value`` says, to be read or spoken. Raises ``CannotSay`` as it does."""
    parts = _parts(value, kind, language, zone, now, currency)
    return written(parts, _language(language).words)


def place_key(name: str) -> str:
    """The prompt that says a place, if somebody made one: ``place_da_nang`` for Đà Nẵng."""
    slug = re.sub("[^a-z0-9]+", "_", without_accents(name).casefold()).strip("_")
    return f"place_{slug}"[:60]


def is_known(language: str) -> bool:
    """Whether values are said by the grammar of this language."""
    return _language(language) is not plain


def _language(language: str) -> Language:
    """``en`` and ``en-GB`` are English."""
    return LANGUAGES.get(re.split("[-_]", language)[0].casefold(), plain)


def _parts(
    value: Sayable, kind: Kind, language: str, zone: tzinfo, now: float, currency: str = ""
) -> Parts:
    tongue = _language(language)
    today = datetime.fromtimestamp(now, zone).date()
    match kind:
        case Kind.NUMBER:
            return tongue.number(reading.number(value))
        case Kind.MONEY:
            return _money(tongue, reading.number(value), currency)
        case Kind.ORDINAL:
            return tongue.ordinal(reading.whole(value, least=1))
        case Kind.DATE:
            return tongue.date(reading.day(value, zone), today)
        case Kind.TIME:
            return tongue.time(reading.clock(value, zone))
        case Kind.DATETIME:
            return tongue.moment(*reading.day_and_time(value, zone), today)
        case Kind.DURATION:
            return tongue.duration(reading.seconds(value))
    return _spelled(reading.text(value), kind, tongue)


def _money(tongue: Language, amount: Decimal, currency: str) -> Parts:
    if not re.fullmatch("[A-Z]{3}", currency):
        raise CannotSay(f"{currency!r} is no currency: write three capital letters such as VND")
    return tongue.money(amount, currency)


def _spelled(written: str, kind: Kind, tongue: Language) -> Parts:
    if kind is Kind.DIGITS and not is_digits(written):
        raise CannotSay("the value has more than digits, + * and #: say it as letters or as text")
    if kind in (Kind.PLACE, Kind.TEXT):
        return (Speak(written),)
    if tongue is plain:
        return plain.spelled(written)
    return digits(written) if kind is Kind.DIGITS else letters(written)
