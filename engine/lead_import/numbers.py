"""Telephone numbers as cells have them, made E.164: of the public network, and valid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from dialer.compliance.places import NumberPlace, places_of
from engine.lead_import.csv_file import FileRefused

_IN_A_FORMULA: Final = re.compile(r'="([^"]*)"')
_SCIENTIFIC: Final = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
_SEPARATORS: Final = str.maketrans("", "", " -.()/\N{NO-BREAK SPACE}")
_MOST_BLOCKS: Final = 100_000
_WRITTEN: Final = re.compile(r"[+(0-9][0-9 ().\N{NO-BREAK SPACE}/-]{2,40}")


class BadCell(ValueError):
    """What stands in a cell cannot be used; the message says why."""


class Numbers:
    """Reads the numbers of a file. ``region`` is the country whose dialing habits apply."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._plain = _Plain.of(region)
        self._places: dict[str, NumberPlace] = {}

    def read(self, cell: str, *, may_be_new: bool = False) -> str:
        """The number in a cell, in E.164. Raises ``BadCell``.

        Takes what spreadsheets do to numbers: a quote before it, ``="…"`` around it, a lost zero.
        ``may_be_new``: also one of a range that no numbering plan that we know of has.
        """
        text = cell.strip().removeprefix("'")
        if formula := _IN_A_FORMULA.fullmatch(text):
            text = formula[1].strip()
        if self._plain is not None and (plain := self._plain.read(text)):
            return plain
        if not text:
            raise BadCell("it has no number")
        if _SCIENTIFIC.fullmatch(text):
            raise BadCell("a spreadsheet has rounded its number: format the column as text")
        if not _WRITTEN.fullmatch(text):
            raise BadCell("its number is none")
        try:
            number = phonenumbers.parse(text, self._region)
        except NumberParseException:
            raise BadCell("its number is none") from None
        known = may_be_new or phonenumbers.is_valid_number(number)
        if not known or not phonenumbers.is_possible_number(number):
            raise BadCell("nobody can have its number")
        return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))

    def place(self, number: str) -> NumberPlace:
        """Where it is. Numbers are given out by the thousand, so one of them tells of all."""
        block = f"{number[:-3]}/{len(number)}"
        known = self._places.get(block)
        if known is None:
            if len(self._places) > _MOST_BLOCKS:
                self._places.clear()
            known = self._places[block] = places_of(number)
        return known


@dataclass(frozen=True, slots=True)
class _Plain:
    """The usual numbers of a country that has its code for itself, by the patterns that
    `phonenumbers` itself asks, a tenth of the work: all others are left to it."""

    code: str
    prefix: str
    usual: re.Pattern[str]

    @classmethod
    def of(cls, region: str) -> _Plain | None:
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if data is None:
            raise FileRefused(f"no country is called {region!r}")
        alone = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[data.country_code or 0] == (region,)
        prefix = data.national_prefix
        if not alone or not prefix or data.national_prefix_for_parsing != prefix:
            return None
        kinds = [kind.national_number_pattern for kind in (data.mobile, data.fixed_line) if kind]
        usual = "|".join(f"(?:{kind})" for kind in kinds if kind)
        return cls(f"+{data.country_code}", prefix, re.compile(usual))

    def read(self, text: str) -> str | None:
        """The number, if it is one of those."""
        digits = text.translate(_SEPARATORS)
        for before in (self.code, self.prefix):
            national = digits.removeprefix(before)
            if national != digits and national.isascii() and self.usual.fullmatch(national):
                return f"{self.code}{national}"
        return None
