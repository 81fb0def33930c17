"""A walk through a list in a campaign's order, for those who may be dialed now.

The order is an index that holds nothing but leads to be dialed at once. A walk looks at it in
windows of a bounded size, so a filter that hardly anybody passes takes no longer than one that all
do: it finds less, and goes on from there the next time. Every walk looks at the first window anew,
since whoever was recycled or imported meanwhile may stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.filters import Condition, fields_of
from engine.store.lead_filters import column_of, condition_of
from engine.store.lead_tables import leads

WINDOW: Final = 2000
"""So many leads are looked at by one query."""
SCATTERED: Final = 500
"""So many in random order: each is somewhere else in the database."""

LITERALLY_READY: Final[ColumnElement[str]] = literal_column("'ready'")
"""Literally as in the conditions of the indexes: a bound value would not be seen to be the same."""

_AVAILABLE = (leads.c.state == LITERALLY_READY, leads.c.due.is_(None))

_ORDERS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "priority": (leads.c.rank, leads.c.id),
    "oldest": (leads.c.id,),
    "newest": (leads.c.id,),
    "longest_ago": (leads.c.last_attempt, leads.c.id),
    "random": (leads.c.dice, leads.c.id),
}
_BACKWARDS: Final = "newest"

_Place = tuple[Any, ...]
"""A place in the order: the values of its columns."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for. ``places`` None: anywhere. ``minutes`` by place: what time of day it is
    there, for leads that have a best time; empty when the list has none."""

    order: str
    condition: Condition
    places: frozenset[int] | None
    minutes: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Walk:
    """How far a campaign has come in one list."""

    wanted: Wanted
    reached: _Place | None = None
    """Where the last walk stopped; None at the beginning."""
    ended: bool = field(default=False)
    """Whether the last walk came to the end of the list."""

    async def find(
        self, connection: AsyncConnection, list_: int, want: int, goes_on: Callable[[], bool]
    ) -> list[int]:
        """The ids of the next leads, ``want`` at most; less when the list ends (``ended``), or when
        ``goes_on`` says that it took long enough."""
        found = dict.fromkeys(await self._look(connection, list_, None, want))
        self.ended = False
        if len(found) >= want:
            return list(found)
        at = self.reached or await self._border(connection, list_, None)
        while at is not None:
            found |= dict.fromkeys(await self._look(connection, list_, at, want))
            if len(found) >= want:
                break
            at = await self._border(connection, list_, at)
            if not goes_on():
                break
        self.reached, self.ended = at, at is None
        return list(found)[:want]

    async def _look(
        self, connection: AsyncConnection, list_: int, after: _Place | None, want: int
    ) -> list[int]:
        """Who is wanted in the window after a place."""
        own = {f"field_{n}": name for n, name in enumerate(sorted(self._fields()))}
        labelled = (column_of(name).label(label) for label, name in own.items())
        window = self._window(list_, after, *labelled).limit(self._size()).subquery()
        columns = {name: window.c[label] for label, name in own.items()}
        asked = (
            select(window.c.id)
            .where(condition_of(self.wanted.condition, columns), *self._where(window.c))
            .order_by(*self._ordered([window.c[column.name] for column in self._order()]))
            .limit(want)
        )
        return list((await connection.scalars(asked)).all())

    async def _border(
        self, connection: AsyncConnection, list_: int, after: _Place | None
    ) -> _Place | None:
        """The last place of the window after a place; None when the list ends in it."""
        asked = self._window(list_, after).offset(self._size() - 1).limit(1)
        row = (await connection.execute(asked)).mappings().first()
        return None if row is None else tuple(row[column.name] for column in self._order())

    def _window(self, list_: int, after: _Place | None, *more: ColumnElement[Any]) -> Select[Any]:
        order = self._order()
        asked = select(*dict.fromkeys([*order, leads.c.id, leads.c.place]), *more)
        if self.wanted.minutes:
            asked = asked.add_columns(leads.c.best_from, leads.c.best_until)
        asked = asked.where(leads.c.list == list_, *_AVAILABLE)
        if after is not None:
            here, there = tuple_(*order), tuple_(*after, types=[c.type for c in order])
            asked = asked.where(here < there if self.wanted.order == _BACKWARDS else here > there)
        return asked.order_by(*self._ordered(order))

    def _where(self, window: Any) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.wanted.places is not None:
            conditions.append(window.place.in_(self.wanted.places))
        if self.wanted.minutes:
            minute = case(dict(self.wanted.minutes), value=window.place)
            best = and_(window.best_from <= minute, minute < window.best_until)
            conditions.append(or_(window.best_from.is_(None), best))
        return conditions

    def _size(self) -> int:
        return SCATTERED if self.wanted.order == "random" else WINDOW

    def _fields(self) -> frozenset[str]:
        return fields_of(self.wanted.condition)

    def _order(self) -> tuple[ColumnElement[Any], ...]:
        return _ORDERS[self.wanted.order]

    def _ordered(self, columns: Any) -> list[ColumnElement[Any]]:
        return [c.desc() if self.wanted.order == _BACKWARDS else c.asc() for c in columns]
