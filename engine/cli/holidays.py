"""Proposes a year's holidays of a country, as the lines of a calendar in the routes.

The library `holidays` knows the rules; a government moves days by decree. So its days are a
proposal, and what stands in the file counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from time import strptime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it is large: only `tongdai calendar holidays` pays for it
    from holidays import HolidayBase

_REMARKS = {
    # how the library marks a day in its name: what that says of the day
    "observed_estimated_label": "in lieu, estimated",
    "observed_label": "in lieu",
    "estimated_label": "estimated",
    "substituted_label": "in exchange for {}",
}


class NoSuchCountry(Exception):
    """The library does not know this country or region; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Closed days in a row with a name per language, and what is particular about them."""

    first: date
    last: date
    names: Mapping[str, str]
    remarks: Mapping[date, str] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """Every one of them."""
        length = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=step) for step in range(length))

    def line(self) -> str:
        """As it is written in the list ``holidays`` of a calendar."""
        dates = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        names = ", ".join(f"{language}: {_scalar(name)}" for language, name in self.names.items())
        return f"- {{date: {dates}, name: {{{names}}}}}{self._comment()}"

    def _comment(self) -> str:
        if self.remarks.keys() == set(self.days) and len(set(self.remarks.values())) == 1:
            told = [self.remarks[self.first]]
        else:
            told = [f"{day:%m-%d} {remark}" for day, remark in self.remarks.items()]
        return f" # {'; '.join(told)}" if told else ""


def propose(country: str, year: int, languages: Sequence[str]) -> list[Proposed]:
    """The holidays of a year, in order. ``country`` may have a region: ``vn``, ``de-by``.

    Names are in those of ``languages`` that the library has for this country, else in its own.
    Raises ``NoSuchCountry``.
    """
    spoken = _spoken(country, year, languages)
    names: dict[date, dict[str, str]] = {}
    remarks: dict[date, str] = {}
    for language, known in spoken.items():
        for day, written in known.items():
            name, remarks[day] = _plain(written, known)
            names.setdefault(day, {})[language] = name
    single = [
        Proposed(day, day, names[day], {day: remarks[day]} if remarks[day] else {})
        for day in sorted(names)
    ]
    return _joined(single, "en" if "en" in spoken else next(iter(spoken)))


def _spoken(country: str, year: int, languages: Sequence[str]) -> dict[str, HolidayBase]:
    """The year's holidays per language, the country's own language first."""
    from holidays import country_holidays

    code, _, region = country.upper().partition("-")
    try:
        own = country_holidays(code, subdiv=region or None, years=year)
    except NotImplementedError as error:
        raise NoSuchCountry(f"{error}: write an ISO code, as vn, or with a region, de-by") from None
    tags = {_language(tag): tag for tag in reversed(own.supported_languages)}
    first = _language(own.default_language or "en")
    wanted = [each for each in (first, *languages) if each in languages and each in tags]
    if not wanted:
        return {first: own}
    return {
        each: country_holidays(code, subdiv=region or None, years=year, language=tags[each])
        for each in wanted
    }


def _language(tag: str) -> str:
    return tag.partition("_")[0]


def _plain(written: str, known: HolidayBase) -> tuple[str, str]:
    """A day's name as it can be spoken, and the library's mark on it as a remark."""
    told = [_unmarked(part, known) for part in written.split("; ")]
    names = dict.fromkeys(name for name, _ in told)
    return ", ".join(names), ", ".join(dict.fromkeys(remark for _, remark in told if remark))


def _unmarked(name: str, known: HolidayBase) -> tuple[str, str]:
    for label, remark in _REMARKS.items():
        marked = known.tr(getattr(known, label, None) or "")
        if "%s" not in marked:
            continue
        match = re.fullmatch(re.escape(marked).replace("%s", "(.+)"), name)
        if match and label == "substituted_label":
            worked = strptime(match[1], known.tr(known.substituted_date_format))
            return re.sub(r"\s*[(（].*", "", marked), remark.format(date(*worked[:3]))
        if match:
            return match[1], remark
    return name, ""


def _joined(single: Iterable[Proposed], language: str) -> list[Proposed]:
    """Days in a row that are one holiday, as one: the second day of X, the eve of X, and X."""
    found: list[Proposed] = []
    for run in _runs(single):
        names = [day.names[language] for day in run]
        for day, name in zip(run, names, strict=True):
            core = min((each for each in names if each in name), key=len)
            named = replace(day, names=run[names.index(core)].names)
            if found and _continues(found[-1], named):
                both = {**found[-1].remarks, **day.remarks}
                found[-1] = replace(found[-1], last=day.last, remarks=both)
            else:
                found.append(named)
    return found


def _continues(before: Proposed, day: Proposed) -> bool:
    return before.names == day.names and before.last + timedelta(days=1) == day.first


def _runs(single: Iterable[Proposed]) -> list[list[Proposed]]:
    """Days that follow each other without a gap."""
    days = list(single)
    starts = [0] + [
        at
        for at, (one, next_) in enumerate(pairwise(days), 1)
        if next_.first - one.last != timedelta(days=1)
    ]
    return [days[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _scalar(text: str) -> str:
    """A name within ``{}`` of YAML: in quotes where it would be something else without."""
    plain = re.fullmatch(r"[^\W\d][^:#,\[\]{}\"&*!|>%@`]*", text)
    return text if plain and text.strip() == text else '"' + text.replace('"', "'") + '"'
