"""Where callees may be, known by number: there are few places, and each is written once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.store.lead_tables import places

Place = tuple[tuple[str, ...], str]
"""The zones and the region."""


class Places:
    """What the table has, as far as it was needed."""

    def __init__(self) -> None:
        self._ids: dict[Place, int] = {}
        self._places: dict[int, Place] = {}

    async def refresh(self, connection: AsyncConnection) -> None:
        """Read them all: a few hundred at most."""
        asked = select(places.c.id, places.c.zones, places.c.region)
        for id_, zones, region in await connection.execute(asked):
            place = (tuple(zones.split(",")) if zones else (), region)
            self._ids[place] = id_
            self._places[id_] = place

    async def add(self, connection: AsyncConnection, new: Iterable[Place]) -> None:
        """Have an id for each of these."""
        missing = set(new) - self._ids.keys()
        if not missing:
            return
        insert = (postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert)(
            places
        )
        rows = [{"zones": ",".join(zones), "region": region} for zones, region in sorted(missing)]
        await connection.execute(insert.on_conflict_do_nothing(), rows)
        await self.refresh(connection)

    def id(self, place: Place) -> int:
        """The id of a place that was added."""
        return self._ids[place]

    def place(self, id_: int) -> Place:
        """The place that has this id."""
        return self._places[id_]

    def ids(self, of: Collection[Place]) -> frozenset[int]:
        """The ids of those of the places that any lead is in."""
        return frozenset(self._ids[place] for place in of if place in self._ids)

    def zones(self) -> Mapping[int, tuple[str, ...]]:
        """By id: the zones."""
        return {id_: zones for id_, (zones, _) in self._places.items()}
