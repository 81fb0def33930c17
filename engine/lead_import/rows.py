"""A row of a file made a lead, by what its columns were said to hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from dialer.compliance.places import whereabouts
from dialer.filters import NUMBER_FIELDS, TEXT_FIELDS, field_name
from dialer.leads import Consent
from engine.lead_import.csv_file import FileRefused, Row, composed
from engine.lead_import.numbers import BadCell, Numbers
from engine.store.lead_writing import NewLead, NewNumber

PHONES: Final = ("phone", *(f"phone{n}" for n in range(2, 10)))
FIELDS: Final = (
    *PHONES,
    *("id", "name", "owner", "priority", "language", "zone", "state"),
    *("consent_at", "consent_until", "best_time"),
)
"""What a column can be said to hold; all others go into the lead's data."""

MOST_CHARACTERS: Final = 20_000
"""Of a row."""
_MOST_PRIORITY: Final = 1_000_000
_BEST = re.compile(r"(\d{1,2})[:h.](\d{2})\s*[-–]\s*(\d{1,2})[:h.](\d{2})")
_STATE = re.compile(r"([A-Z]{2}-)?([A-Z0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each field stands, and each of the lead's data."""

    width: int
    fields: Mapping[str, int]
    phones: tuple[str, ...]
    data: Mapping[str, int]


def columns_of(header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """``mapping`` names the column of a field, as ``{"phone": "Mobile No"}``; a field that it does
    not name is the column of its own name, if there is one. Raises ``FileRefused``."""
    names = [name.strip() for name in header]
    if unknown := sorted(set(mapping) - set(FIELDS)):
        raise FileRefused(f"no field is called {', '.join(unknown)}: there are {', '.join(FIELDS)}")
    own = {field: field for field in FIELDS if field in names and field not in mapping}
    fields = {field: _place(names, name) for field, name in {**own, **mapping}.items()}
    if "phone" not in fields:
        raise FileRefused(f"say which column has the `phone`: there are {', '.join(names)}")
    taken = set(fields.values())
    data: dict[str, int] = {}
    for at, name in enumerate(names):
        if at not in taken and name:
            data.setdefault(_data_name(name), at)
    return Columns(len(names), fields, tuple(each for each in PHONES if each in fields), data)


def _place(names: list[str], written: str) -> int:
    name = composed(written)
    if names.count(name) != 1:
        how_many = "no column is" if name not in names else "several columns are"
        raise FileRefused(f"{how_many} called {name!r}: there are {', '.join(names)}")
    return names.index(name)


def _data_name(header: str) -> str:
    name = field_name(header)
    return f"{name}_" if name in TEXT_FIELDS | NUMBER_FIELDS else name


@dataclass(frozen=True, slots=True)
class RowReader:
    """Makes leads of rows. ``region`` is the country of numbers that name none, ``scope`` what a
    consent is for, and ``source`` what the file is called in its evidence."""

    columns: Columns
    numbers: Numbers
    region: str
    scope: str
    source: str

    def lead(self, row: Row) -> NewLead:
        """The lead in a row. Raises ``BadCell``."""
        self._check(row)
        numbers = self._numbers(row)
        return NewLead(
            key=self._cell(row, "id") or numbers[0].number,
            numbers=numbers,
            name=self._cell(row, "name"),
            priority=_priority(self._cell(row, "priority")),
            owner=self._cell(row, "owner"),
            language=self._cell(row, "language"),
            best=_best(self._cell(row, "best_time")),
            consent=self._consent(row),
            data=self._data(row),
        )

    def consents(self, row: Row) -> list[tuple[str, Consent]]:
        """Each number of a row whose owner agreed, and how. Raises ``BadCell``."""
        self._check(row)
        consent = self._consent(row)
        if consent is None:
            raise BadCell("it does not say when he agreed")
        return [(new.number, consent) for new in self._numbers(row)]

    def _check(self, row: Row) -> None:
        if row.problem:
            raise BadCell(row.problem)
        if len(row.cells) > self.columns.width:
            raise BadCell(f"it has {len(row.cells)} cells, the header {self.columns.width}")
        if sum(map(len, row.cells)) > MOST_CHARACTERS:
            raise BadCell(f"it has more than {MOST_CHARACTERS} characters")

    def _cell(self, row: Row, field: str) -> str:
        at = self.columns.fields.get(field)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def _data(self, row: Row) -> dict[str, str]:
        cells = row.cells
        there = {
            name: cells[at].strip() for name, at in self.columns.data.items() if at < len(cells)
        }
        return {name: cell.replace("\0", "\ufffd") for name, cell in there.items() if cell}

    def _numbers(self, row: Row) -> tuple[NewNumber, ...]:
        """Each of its numbers once; a bad one spoils the row only if no other is left."""
        found: dict[str, NewNumber] = {}
        problem = "it has no number"
        for field in self.columns.phones:
            cell = self._cell(row, field)
            if cell:
                try:
                    new = self._number(row, self.numbers.read(cell))
                    found.setdefault(new.number, new)
                except BadCell as error:
                    problem = str(error)
        if not found:
            raise BadCell(problem)
        return tuple(found.values())

    def _number(self, row: Row, number: str) -> NewNumber:
        place = self.numbers.place(number)
        zone, state = self._cell(row, "zone"), self._cell(row, "state")
        if zone or state:
            place = whereabouts(place, _zone(zone), _state(state, place.region or self.region))
        if not place.zones:
            raise BadCell("no time zone is known for its number")
        return NewNumber(number, (place.zones, place.region), place.mobile)

    def _consent(self, row: Row) -> Consent | None:
        given = _moment(self._cell(row, "consent_at"), "consent_at")
        until = _moment(self._cell(row, "consent_until"), "consent_until")
        evidence = f"{self.source}, row {row.number}"
        return None if given is None else Consent(given, until, evidence, self.scope)


def _priority(cell: str) -> int:
    if not cell:
        return 0
    try:
        priority = int(cell)
    except ValueError:
        raise BadCell("its priority is no whole number") from None
    if abs(priority) > _MOST_PRIORITY:
        raise BadCell(f"its priority is beyond {_MOST_PRIORITY}")
    return priority


def _zone(cell: str) -> str:
    if cell and cell not in _zones():
        raise BadCell(f"no time zone is called {cell[:40]!r}")
    return cell


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _state(cell: str, country: str) -> str:
    if not cell:
        return ""
    match = _STATE.fullmatch(cell.upper())
    if match is None:
        raise BadCell("its state is no code such as FL or US-FL")
    return f"{match[1] or country[:2] + '-'}{match[2]}"


def _best(cell: str) -> tuple[int, int] | None:
    if not cell:
        return None
    match = _BEST.fullmatch(cell)
    if match is None:
        raise BadCell("its best time is not written as 18:00-20:00")
    hours = list(map(int, match.groups()))
    best = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if not 0 <= best[0] < best[1] <= 24 * 60:
        raise BadCell("its best time does not end after it begins")
    return best


def _moment(cell: str, field: str) -> float | None:
    """Seconds since the epoch; a time without a zone is UTC."""
    if not cell:
        return None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise BadCell(
            f"its {field} is not written as 2026-01-31 or 2026-01-31T10:00+07:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
