"""Where a number is: the time zones its callee may be in, and its country or state. Pure.

A numbering plan says what it can: an area code its zones and state, a mobile number often no more
than a country. Where it leaves several zones, all are named, and a moment has to be lawful in each
of them. A number of no known plan has no zones, and nobody may be called there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from dialer.compliance.area_codes import REGION_OF

_MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_FIXED: Final = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP})


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """Where a number may be.

    ``zones`` are IANA names, none when nothing is known. ``region`` is an ISO 3166 code, ``VN`` or
    (United States and Canada) ``US-FL``; '' when it is unknown, also for numbers of no place, as
    free-phone numbers are. ``mobile``: it may be a mobile phone, which in North America no number
    excludes.
    """

    zones: tuple[str, ...] = ()
    region: str = ""
    mobile: bool = False


NOWHERE: Final = NumberPlace()


def places_of(number: str) -> NumberPlace:
    """Where ``number`` (E.164 with ``+``) may be. Does not say whether it is a valid number."""
    digits = number[1:]
    if not number.startswith("+") or not digits.isascii() or not digits.isdigit():
        return NOWHERE
    if digits.startswith("1") and len(digits) == 11 and digits[1:4] in REGION_OF:
        return _by_area_code(digits)
    code, national = _parts(digits)
    return _by_numbering_plan(code, national) if 1 <= len(national) <= 15 else NOWHERE


def whereabouts(place: NumberPlace, zone: str = "", region: str = "") -> NumberPlace:
    """``place`` of a number, and what is known of its owner: a zone, a region, or neither.

    His zone decides among those of a number that has several (a mobile phone's). One that
    contradicts the number stands beside its zones, so that a moment must be lawful in both. His
    state makes a country more exact; where he and the number name two, his is kept here, and the
    law asks the number's own beside it.
    """
    if not zone or zone in place.zones:
        zones = (zone,) if zone else place.zones
    else:
        zones = tuple(sorted({*place.zones, zone}))
    return NumberPlace(zones, region or place.region, place.mobile)


def _by_area_code(digits: str) -> NumberPlace:
    """In the United States and Canada. The data name the exchanges that are not in the zone of most
    of their area code; any other may be new, and in any zone of it."""
    zones = _zones_of(digits, shortest=5) or _ZONES_OF_AREA_CODE.get(digits[:4]) or ()
    return NumberPlace(zones, REGION_OF[digits[1:4]], mobile=True)


def _zones_of_area_codes() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            found.setdefault(prefix[:4], set()).update(zones)
    return {prefix: tuple(sorted(zones)) for prefix, zones in found.items()}


_ZONES_OF_AREA_CODE: Final = _zones_of_area_codes()


def _parts(digits: str) -> tuple[int, str]:
    """Country code and national number, ten times as fast as ``phonenumbers.parse``."""
    for length in (1, 2, 3):
        code = int(digits[:length] or 0)
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code, digits[length:]
    return 0, ""


def _by_numbering_plan(code: int, national: str) -> NumberPlace:
    """As the data of `phonenumbers` have it: region, kind, and the zones of its longest prefix."""
    number = PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=national.startswith("0") or None,  # +39 06 is Rome
        number_of_leading_zeros=(len(national) - len(national.lstrip("0"))) or None,
    )
    kind = phonenumbers.number_type(number)
    region = phonenumbers.region_code_for_number(number)
    if region is None or not (kind in _MOBILE or kind in _FIXED):
        return NOWHERE
    local = code == 1 or phonenumbers.is_number_type_geographical(kind, code)
    return NumberPlace(_zones_of(f"{code}{national if local else ''}"), region, kind in _MOBILE)


def _zones_of(digits: str, shortest: int = 1) -> tuple[str, ...]:
    """The zones of the longest prefix on record that has at least ``shortest`` digits."""
    for length in range(TIMEZONE_LONGEST_PREFIX, shortest - 1, -1):
        zones: tuple[str, ...] | None = TIMEZONE_DATA.get(digits[:length])
        if zones is not None:
            return zones
    return ()
