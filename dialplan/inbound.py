"""Which number leads where: the number dialed, the caller and the hour give a route.

A number is looked up exactly first, then among the patterns, then there is the default. In a
pattern ``X`` is any digit and a ``.`` at the end is one digit or more; of several that fit, the one
that is definite for longer wins, read from the left, as in Asterisk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dialplan.hours import Calendar, HoursState
from dialplan.numbers import dialable, normalise


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes: ``kind`` is ``flow``, ``queue``, ``room`` or ``feature``, ``target`` its
    name.

    ``name`` is the number or pattern as written, or ``default``. ``calendar`` is what a flow's
    hours node asks that says ``calendar: route``; empty is always open. ``language`` is empty when
    the route has none.
    """

    name: str
    kind: str
    target: str
    language: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number's table: its route, where callers go while closed, and special callers."""

    route: Route
    closed: Route | None = None
    callers: tuple[tuple[str, Route], ...] = ()


@dataclass(frozen=True, slots=True)
class Routes:
    """All inbound numbers. ``entries`` is keyed by number or pattern in its ``spelling``."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    default: Entry | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    region: str = "VN"

    def match(self, did: str, caller: str, now: float) -> Route | None:
        """The route of a call to ``did`` by ``caller``; ``None`` when nothing fits."""
        key = best(did, self.entries, self.region)
        entry = self.default if key is None else self.entries[key]
        return self._choose(entry, caller, now) if entry else None

    def _choose(self, entry: Entry, caller: str, now: float) -> Route:
        special = dict(entry.callers)
        known = best(caller, special, self.region)
        if known is not None:
            return _filled(special[known], entry.route)
        if entry.closed and not self._is_open(entry.route.calendar, now):
            return _filled(entry.closed, entry.route)
        return entry.route

    def _is_open(self, calendar: str, now: float) -> bool:
        return self.calendars[calendar].status(now).state is HoursState.OPEN


def spelling(number: str, region: str) -> str | None:
    """The one spelling of a number or pattern in a route table; ``None`` when it is neither."""
    plain = re.sub(r"[ \-()/]", "", number)
    if re.fullmatch(r"\+?[0-9X]{1,31}\.?|\.", plain, re.ASCII) and is_pattern(plain):
        return plain
    return normalise(number, region)


def is_pattern(number: str) -> bool:
    """Whether a key of the route table stands for many numbers."""
    return "X" in number or number.endswith(".")


def best(dialed: str, keys: Mapping[str, object], region: str) -> str | None:
    """The key that fits ``dialed`` best: written in full, else the most definite pattern.

    A pattern may be written for the digits as dialed or for E.164.
    """
    number, plain = normalise(dialed, region), dialable(dialed)
    if number is None or plain is None:
        return None
    if number in keys:
        return number
    patterns = filter(is_pattern, keys)
    fitting = (key for key in patterns if _fits(number, key) or _fits(plain, key))
    return min(fitting, key=_vagueness, default=None)


def _fits(number: str, pattern: str) -> bool:
    digits = pattern.removesuffix(".").replace("+", r"\+").replace("X", "[0-9]")
    rest = "[0-9]+" if pattern.endswith(".") else ""
    return re.fullmatch(digits + rest, number, re.ASCII) is not None


def _vagueness(pattern: str) -> list[int]:
    return [{"X": 1, ".": 2}.get(char, 0) for char in pattern]


def _filled(route: Route, main: Route) -> Route:
    """``route``, with the number's own language and calendar where it names none."""
    return replace(
        route,
        language=route.language or main.language,
        calendar=route.calendar or main.calendar,
    )
