"""Which of a campaign's numbers a callee sees. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import phonenumbers

from dialer.campaign import CallerIds

NANP = 1
"""The country code of the United States, Canada and their neighbours."""


def choose(
    settings: CallerIds, number: str, shown_today: Mapping[str, int], turn: int
) -> str | None:
    """The number to show to ``number`` (E.164); None when each was shown as often as it may today.

    ``turn`` counts the campaign's calls: those that are alike are shown in turn.
    """
    most = settings.most_per_day
    left = [each for each in settings.numbers if most is None or shown_today.get(each, 0) < most]
    if not left:
        return None
    if settings.choose == "first":
        return left[0]
    alike = _nearest(left, number) if settings.choose == "area" else left
    return alike[turn % len(alike)]


def _nearest(shown: Sequence[str], number: str) -> list[str]:
    """Those of the callee's area; if there are none, of his country; else all."""
    callee = _place(number)
    nearness = [_nearness(_place(each), callee) for each in shown]
    return [each for each, near in zip(shown, nearness, strict=True) if near == max(nearness)]


def _nearness(place: tuple[int, str], callee: tuple[int, str]) -> int:
    if not place[0] or place[0] != callee[0]:
        return 0
    return 2 if place[1] and place[1] == callee[1] else 1


@lru_cache(maxsize=65536)
def _place(number: str) -> tuple[int, str]:
    """Country code and area code (of a mobile: its network's prefix); ``(0, "")`` if unknown."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return 0, ""
    national = phonenumbers.national_significant_number(parsed)
    digits = 3 if parsed.country_code == NANP else _prefix_length(parsed)
    return int(parsed.country_code or 0), national[:digits]


def _prefix_length(parsed: phonenumbers.PhoneNumber) -> int:
    return int(phonenumbers.length_of_national_destination_code(parsed))
