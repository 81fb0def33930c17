"""New leads into their list: each once, by the importer's id of it and by its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.leads import Consent, LeadState, NumberState
from engine.store.bulk import Bulk
from engine.store.do_not_call import barred
from engine.store.lead_tables import (
    NEVER,
    consents,
    lead_lists,
    lead_numbers,
    leads,
    list_places,
)
from engine.store.ledger import Ledger
from engine.store.places import Place, Places

_LOCK: Final = 0x7046_6C64  # any number, the same in every engine: importers take turns
_DICE: Final = 32768
_SUPPRESSED: Final = {"state": LeadState.SUPPRESSED, "why": "do not call"}


class Came(StrEnum):
    """What came of a new lead."""

    ADDED = "added"
    KNOWN = "known"  # was in the list before this import
    DUPLICATE = "duplicate"  # another lead of this import has its id, or all its numbers
    BARRED = "barred"  # added, but none of its numbers may be called
    NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class NewNumber:
    """A number of a new lead, in E.164, and where it is."""

    number: str
    place: Place
    mobile: bool


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead that is to be added. ``key`` is the importer's id of it, or else its first number;
    ``best`` are minutes of the day in which to call, from and until."""

    key: str
    numbers: tuple[NewNumber, ...]
    name: str = ""
    priority: int = 0
    owner: str = ""
    language: str = ""
    best: tuple[int, int] | None = None
    consent: Consent | None = None
    data: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Batch:
    """What is known before a batch is written, and grows with it: by number and by key the lead
    that has it. ``rows`` are those of the two tables."""

    numbers: dict[str, int]
    keys: dict[str, int]
    barred: frozenset[str]
    agreed: frozenset[str]
    next_id: int
    leads: list[tuple[Any, ...]] = field(default_factory=list)
    lead_numbers: list[tuple[Any, ...]] = field(default_factory=list)


class LeadWriter:
    """Writes one import into one list, batch by batch, each a transaction.

    ``needs_consent`` leaves out who has not agreed to be called: neither in the file, nor before.
    """

    def __init__(self, ledger: Ledger, list_: str, at: float, *, needs_consent: bool) -> None:
        self._ledger = ledger
        self._name = list_
        self._at = at
        self._needs_consent = needs_consent
        self._places = Places()
        self._dice = Random()
        self._list = 0
        self._first = 0
        self._has_best_times = False

    async def open(self) -> None:
        """Make the list if there is none of this name."""
        row = {"name": self._name, "created": self._at, "best_times": False}
        named = select(lead_lists.c.id).where(lead_lists.c.name == self._name)
        async with self._ledger.writing() as connection:
            insert = _insert(connection)(lead_lists).values(row)
            await connection.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
            self._list = (await connection.execute(named)).scalar_one()
            self._first = await _next_id(connection)
            shared = {"list": self._list, "attempts": 0}
            self._leads = Bulk(leads, connection.dialect, shared | self._untouched())
            self._numbers = Bulk(lead_numbers, connection.dialect, shared)

    async def write(self, new: Sequence[NewLead]) -> list[Came]:
        """Add these; tells of each what came of it."""
        async with self._ledger.writing() as connection:
            await self._places.refresh(connection)
            await self._places.add(connection, {n.place for lead in new for n in lead.numbers})
        async with self._ledger.writing() as connection:
            await _take_turns(connection)
            batch = await self._known(connection, new)
            came = [self._sort_in(batch, lead) for lead in new]
            await self._leads.insert(connection, batch.leads)
            await self._numbers.insert(connection, batch.lead_numbers)
            await self._count_places(connection, batch)
            await keep_consents(connection, _agreed(new))
        return came

    async def close(self) -> None:
        """The import is over: all is there."""
        values: dict[str, Any] = {"imported": self._at}
        if self._has_best_times:
            values["best_times"] = True
        async with self._ledger.writing() as connection:
            own = lead_lists.c.id == self._list
            await connection.execute(lead_lists.update().where(own).values(**values))
            if connection.dialect.name == "postgresql":  # or its planner goes by an empty table
                await connection.execute(text("ANALYZE leads, lead_numbers"))

    async def _known(self, connection: AsyncConnection, new: Sequence[NewLead]) -> _Batch:
        numbers = {n.number for lead in new for n in lead.numbers}
        number = lead_numbers.c
        theirs = _pairs(number.number, number.lead, number.list == self._list, numbers)
        keys = _pairs(leads.c.key, leads.c.id, leads.c.list == self._list, {x.key for x in new})
        found = await barred(connection, numbers, self._at)
        agreed = await _have_agreed(connection, numbers) if self._needs_consent else ()
        return _Batch(
            numbers={number: lead for number, lead in await connection.execute(theirs)},
            keys={key: lead for key, lead in await connection.execute(keys)},
            barred=frozenset(n for n, bar in found.items() if bar.until is None),
            agreed=frozenset(agreed),
            next_id=await _next_id(connection),
        )

    def _sort_in(self, batch: _Batch, lead: NewLead) -> Came:
        numbers = [each for each in lead.numbers if each.number not in batch.numbers]
        other = batch.keys.get(lead.key)
        if other is None and not numbers:
            other = batch.numbers[lead.numbers[0].number]
        if other is not None:
            return Came.KNOWN if other < self._first else Came.DUPLICATE
        if self._needs_consent and lead.consent is None:
            numbers = [each for each in numbers if each.number in batch.agreed]
            if not numbers:
                return Came.NO_CONSENT
        return self._add(batch, lead, numbers)

    def _add(self, batch: _Batch, lead: NewLead, numbers: Sequence[NewNumber]) -> Came:
        id_, batch.next_id = batch.next_id, batch.next_id + 1
        batch.keys[lead.key] = id_
        first = next((n for n, x in enumerate(numbers) if x.number not in batch.barred), None)
        for seq, each in enumerate(numbers):
            batch.numbers[each.number] = id_
            batch.lead_numbers.append(
                self._numbers.bind(
                    lead=id_,
                    seq=seq,
                    number=each.number,
                    state=_state_of(each, batch.barred),
                    mobile=each.mobile,
                    place=self._places.id(each.place),
                )
            )
        batch.leads.append(self._lead_row(id_, lead, numbers[first or 0], first))
        self._has_best_times |= lead.best is not None
        return Came.BARRED if first is None else Came.ADDED

    def _lead_row(
        self, id_: int, lead: NewLead, number: NewNumber, seq: int | None
    ) -> tuple[Any, ...]:
        row: dict[str, Any] = {} if seq is not None else _SUPPRESSED
        if lead.best is not None:
            row = row | {"best_from": lead.best[0], "best_until": lead.best[1]}
        return self._leads.bind(
            id=id_,
            key=lead.key,
            name=lead.name,
            rank=-lead.priority,
            dice=self._dice.randrange(_DICE),
            owner=lead.owner,
            language=lead.language,
            place=self._places.id(number.place),
            seq=seq or 0,
            data=lead.data,
            **row,
        )

    def _untouched(self) -> dict[str, Any]:
        """What all new leads have in common."""
        return {
            "state": LeadState.READY,
            "why": "",
            "last_attempt": NEVER,
            "code": "",
            "campaign": "",
            "callback_owner": "",
            "callback_note": "",
            "added": self._at,
        }

    async def _count_places(self, connection: AsyncConnection, batch: _Batch) -> None:
        place = lead_numbers.columns.keys().index("place")
        counts = Counter(row[place] for row in batch.lead_numbers)
        rows = [{"list": self._list, "place": id_, "numbers": n} for id_, n in counts.items()]
        if rows:
            insert = _insert(connection)(list_places)
            more = list_places.c.numbers + insert.excluded.numbers
            await connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["list", "place"], set_={"numbers": more}
                ),
                rows,
            )


async def keep_consents(connection: AsyncConnection, agreed: Iterable[tuple[str, Consent]]) -> None:
    """Numbers whose owners agreed to be called; an older consent does not replace a later one."""
    rows = {
        (number, consent.scope): {
            "number": number,
            "scope": consent.scope,
            "given": consent.given_at,
            "until": consent.until,
            "evidence": consent.evidence,
        }
        for number, consent in sorted(agreed, key=lambda each: each[1].given_at)
    }
    if not rows:
        return
    insert = _insert(connection)(consents)
    new = insert.excluded
    later = insert.on_conflict_do_update(
        index_elements=["number", "scope"],
        set_={"given": new.given, "until": new.until, "evidence": new.evidence},
        where=consents.c.given < new.given,
    )
    await connection.execute(later, list(rows.values()))


def _state_of(number: NewNumber, barred: frozenset[str]) -> NumberState:
    return NumberState.SUPPRESSED if number.number in barred else NumberState.USABLE


def _agreed(new: Sequence[NewLead]) -> Iterable[tuple[str, Consent]]:
    for lead in new:
        if lead.consent is not None:
            yield from ((each.number, lead.consent) for each in lead.numbers)


async def _have_agreed(connection: AsyncConnection, numbers: Iterable[str]) -> Sequence[str]:
    asked = select(consents.c.number).where(consents.c.number.in_(numbers))
    return (await connection.scalars(asked)).all()


def _pairs(key: Any, value: Any, condition: Any, which: Iterable[str]) -> Select[Any]:
    return select(key, value).where(condition, key.in_(list(which)))


async def _next_id(connection: AsyncConnection) -> int:
    return 1 + (await connection.scalar(select(func.max(leads.c.id))) or 0)


async def _take_turns(connection: AsyncConnection) -> None:
    """In SQLite whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _insert(connection: AsyncConnection) -> type[postgresql.Insert] | type[sqlite.Insert]:
    return postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert
