"""Telephone numbers: what somebody dialed or typed, made into one spelling.

The first gate for everything that comes from outside: only digits, ``+``, ``*`` and ``#`` ever get
through, so a number can be written into a dialed string or a variable without a second thought.
"""

from __future__ import annotations

import re

import phonenumbers

_SEPARATORS = str.maketrans("", "", " -.()/\N{NO-BREAK SPACE}")
_DIALABLE = re.compile(r"\+?[0-9*#]{1,31}", re.ASCII)


def normalise(text: str, region: str = "VN") -> str | None:
    """E.164 with ``+`` for a valid public number, else the digits as dialed (extensions, codes).

    ``region`` is the country whose dialing habits apply. ``None`` for anything that is not a
    number, such as ``anonymous``, or is longer than 32 characters.
    """
    dialed = dialable(text)
    number = _public(dialed, region) if dialed else None
    if number is None:
        return dialed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialable(text: str) -> str | None:
    """``text`` without the separators that people write; ``None`` if it cannot be dialed."""
    dialed = text.translate(_SEPARATORS)
    return dialed if _DIALABLE.fullmatch(dialed) else None


def as_people_dial(number: str, region: str = "VN") -> str:
    """The digits of a number as they are dialed in ``region``: 0901234567 for +84901234567."""
    if (parsed := international(number)) is not None:
        number = phonenumbers.format_out_of_country_calling_number(parsed, region)
    return re.sub("[^0-9]", "", number)


def international(number: str) -> phonenumbers.PhoneNumber | None:
    """What ``number`` says after its ``+``; ``None`` without one, and when no country begins so."""
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None


def _public(dialed: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The number of the public network that ``dialed`` reaches, if it is one."""
    if "*" in dialed or "#" in dialed:
        return None
    try:
        number = phonenumbers.parse(dialed, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
