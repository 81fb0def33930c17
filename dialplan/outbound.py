"""How a number outside is reached: through which trunk, as it wants it dialed, and what it shows.

Closed by default. A number goes out only when a rule fits it, and the most definite rule decides,
as for inbound numbers. Emergency numbers never go out. Premium-rate numbers, and whatever is no
public telephone number (short codes, extensions), only go out when a rule has them in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from dialplan.inbound import best, is_pattern
from dialplan.numbers import as_people_dial, international, normalise

_DEAR = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UNKNOWN}
)


class DialAs(StrEnum):
    """How a carrier wants a number: +84901234567, 84901234567, or 0901234567 as people dial it."""

    E164 = "e164"
    DIGITS = "digits"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier: the name of its endpoint in Asterisk, and how it wants numbers."""

    name: str
    dial_as: DialAs = DialAs.E164
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the numbers that a pattern stands for; without a trunk they are refused."""

    trunk: Trunk | None
    caller_id: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """``number`` (E.164 where it is public) is reached by dialing ``dialed`` on ``trunk``."""

    number: str
    trunk: str
    dialed: str
    caller_id: str


class Barred(Exception):
    """This number may not be dialed; the text says why."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """The rules, keyed by number or pattern in its ``dialplan.inbound.spelling``.

    ``trunks`` are those that want numbers in a way of their own, by name.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict)
    region: str = "VN"
    trunks: Mapping[str, Trunk] = field(default_factory=dict)

    def way(self, number: str, through: str = "") -> Way:
        """How ``number``, as anybody may have written it, is reached. Raises ``Barred``.

        ``through`` names another trunk than that of its rule; it must be let through all the same.
        """
        plain = normalise(number, self.region)
        if plain is None:
            raise Barred(f"{number[:40]!r} is no telephone number")
        key = best(plain, self.rules, self.region)
        _check(plain, self.region, in_full=key is not None and not is_pattern(key))
        trunk = self.rules[key].trunk if key is not None else None
        if key is None or trunk is None:
            raise Barred(f"no rule of `outbound` lets {plain} be dialed")
        if through:
            trunk = self.trunks.get(through, Trunk(through))
        dialed = trunk.prefix + _as_wanted(plain, trunk.dial_as, self.region)
        return Way(plain, trunk.name, dialed, self.rules[key].caller_id)

    def allows(self, number: str) -> bool:
        """Whether ``number`` may be dialed."""
        try:
            self.way(number)
        except Barred:
            return False
        return True


def _check(number: str, region: str, in_full: bool) -> None:
    """Raises ``Barred`` for what no pattern may let through by accident."""
    parsed = international(number)
    short = phonenumbers.national_significant_number(parsed) if parsed else number
    if shortnumberinfo.is_emergency_number(short, region):
        raise Barred(f"{number} is an emergency number")
    if in_full:
        return
    if parsed is None:
        raise Barred(f"{number} is no public telephone number")
    if phonenumbers.number_type(parsed) in _DEAR:
        raise Barred(f"{number} is a premium-rate number")


def _as_wanted(number: str, dial_as: DialAs, region: str) -> str:
    if not number.startswith("+") or dial_as is DialAs.E164:
        return number
    return number.removeprefix("+") if dial_as is DialAs.DIGITS else as_people_dial(number, region)
