"""The states of the United States whose rules are stricter than the federal ones. Pure.

Only telephone advertising. What was read where stands with each; nothing here is legal advice, and
states change these laws often. A holiday on a Saturday or Sunday closes the weekday beside it too.
"""

from __future__ import annotations

from typing import Final

from dialer.compliance.rules import Clause, Limit

_THREE_A_DAY: Final = (Limit(most=3, hours=24),)
_LISTS: Final = "as two vendors' lists of 2025 agree"
_FEDERAL: Final = (
    "01-01~", "01-mon3", "02-mon3", "05-mon-last", "06-19~", "07-04~",
    "09-mon1", "10-mon2", "11-11~", "11-thu4", "12-25~",
)  # fmt: skip


def _state(
    region: str,
    hours: dict[str, str],
    source: str,
    limits: tuple[Limit, ...] = (),
    closed: tuple[str, ...] = (),
) -> Clause:
    return Clause(
        where=(region,),
        purposes=("advertising",),
        hours=hours,
        closed=closed,
        limits=limits,
        source=source,
    )


STATES: Final[tuple[Clause, ...]] = (
    _state("US-AL", {"mon-sat": "08:00-20:00"}, _LISTS, closed=(*_FEDERAL, "04-mon4", "06-mon1")),
    _state("US-CT", {"daily": "09:00-20:00"}, f"{_LISTS}; an older one says 21:00"),
    _state(
        "US-FL",
        {"daily": "08:00-20:00"},
        "Fla. Stat. 501.616(6), as a vendor cites it (July 2025): hours, and 3 calls in 24 hours",
        _THREE_A_DAY,
    ),
    _state("US-IL", {"daily": "09:00-21:00"}, "a vendor's list (2025): recorded calls; here all"),
    _state("US-KY", {"daily": "10:00-21:00"}, _LISTS),
    _state(
        "US-LA",
        {"mon-sat": "08:00-20:00"},
        f"{_LISTS}; its holidays by the Public Service Commission were not read: the federal ones, "
        "Mardi Gras and Good Friday here",
        closed=(*_FEDERAL, "easter-47", "easter-2"),
    ),
    _state("US-MA", {"daily": "08:00-20:00"}, _LISTS),
    _state(
        "US-MD",
        {"daily": "08:00-20:00"},
        "Stop the Spam Calls Act of 2023, as dnc.com tells it: hours, and 3 calls in 24 hours",
        _THREE_A_DAY,
    ),
    _state("US-ME", {"daily": "09:00-17:00"}, "not read; the narrowest that lists give"),
    _state("US-MI", {"daily": "09:00-21:00"}, _LISTS),
    _state("US-MN", {"daily": "09:00-21:00"}, _LISTS),
    _state("US-MS", {"mon-sat": "08:00-20:00"}, _LISTS, closed=_FEDERAL),
    _state("US-NM", {"daily": "09:00-21:00"}, _LISTS),
    _state("US-NV", {"daily": "09:00-20:00"}, _LISTS),
    _state("US-NY", {"daily": "08:00-21:00"}, "not read; as the federal hours"),
    _state(
        "US-OK",
        {"daily": "08:00-20:00"},
        "Okla. Stat. tit. 15, 775C.4, as a vendor cites it: 3 calls in 24 hours; hours not read",
        _THREE_A_DAY,
    ),
    _state(
        "US-PA",
        {"mon-sat": "09:00-21:00", "sun": "13:30-21:00"},
        "not read; holidays as a vendor's list names the state among those that close them",
        closed=_FEDERAL,
    ),
    _state(
        "US-RI",
        {"mon-fri": "09:00-18:00", "sat": "10:00-17:00"},
        "not read; that holidays are closed: a vendor's list",
        closed=(*_FEDERAL, "08-mon2"),
    ),
    _state(
        "US-SD",
        {"mon-fri": "09:00-21:00"},
        "S.D. Codified Laws 37-30-28, read: calls by automated systems; here all",
    ),
    _state("US-TX", {"mon-sat": "09:00-21:00", "sun": "12:00-21:00"}, "not read"),
    _state(
        "US-UT",
        {"mon-sat": "08:00-21:00"},
        "not read; that holidays are closed: a vendor's list",
        closed=(*_FEDERAL, "07-24~"),
    ),
    _state(
        "US-WA",
        {"daily": "08:00-20:00"},
        "RCW 80.36.390 and 19.158.040(2), read at app.leg.wa.gov",
    ),
    _state("US-WY", {"daily": "08:00-20:00"}, "not read"),
)
"""A clause for each of them."""
