"""A whole list of numbers never to be called, loaded beside the one in force, then put in its place
at one stroke: no moment is without a list, and one that is broken off changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.bulk import Bulk
from engine.store.lead_tables import do_not_call_lists, listed_numbers
from engine.store.ledger import Ledger

_SWEPT_AT_ONCE: Final = 20_000


class ListLoader:
    """Loads one list. ``open``, then ``write`` as often as need be, then ``put_in_force``."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self._name = name
        self._load = 0
        self.numbers_before = 0
        """How many the list in force has."""
        self.numbers = 0
        """How many the new one has."""

    async def open(self) -> None:
        """Make room; what an earlier loading of this list left behind is swept away."""
        listed = do_not_call_lists.c
        async with self._ledger.writing() as connection:
            postgres = connection.dialect.name == "postgresql"
            insert = (postgresql.Insert if postgres else sqlite.Insert)(do_not_call_lists)
            new = insert.values(name=self._name, numbers=0)
            await connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
            asked = select(do_not_call_lists).where(listed.name == self._name).with_for_update()
            row = (await connection.execute(asked)).mappings().one()
            self.numbers_before = row["numbers"]
            newest = [func.coalesce(func.max(each), 0) for each in (listed.load, listed.loading)]
            self._load = 1 + max((await connection.execute(select(*newest))).one())
            await connection.execute(self._own().values(loading=self._load))
            self._bulk = Bulk(listed_numbers, connection.dialect, {"load": self._load}, once=True)
        if row["loading"] is not None:
            await self._sweep(row["loading"])

    async def write(self, numbers: Iterable[str]) -> None:
        """More numbers of the list, in E.164; one that comes again is in it once."""
        rows = [self._bulk.bind(number=digits) for digits in sorted({int(n[1:]) for n in numbers})]
        async with self._ledger.writing() as connection:
            await connection.execute(select(do_not_call_lists.c.name).limit(1))
            self.numbers += await self._bulk.insert(connection, rows)

    async def put_in_force(self, at: float) -> None:
        """From now on this is the list."""
        listed = do_not_call_lists.c
        async with self._ledger.writing() as connection:
            asked = select(listed.load).where(listed.name == self._name).with_for_update()
            before = await connection.scalar(asked)
            values = {"load": self._load, "loading": None, "loaded": at, "numbers": self.numbers}
            await connection.execute(self._own().values(values))
        if before is not None:
            await self._sweep(before)

    async def give_up(self) -> None:
        """The list in force stays."""
        async with self._ledger.writing() as connection:
            await connection.execute(self._own().values(loading=None))
        await self._sweep(self._load)

    def _own(self) -> Any:
        return update(do_not_call_lists).where(do_not_call_lists.c.name == self._name)

    async def _sweep(self, load: int) -> None:
        """Delete a loading that counts no more, a part at a time: others want to write, too."""
        listed = listed_numbers.c
        at = -1
        while True:
            some = (
                select(listed.number)
                .where(listed.load == load, listed.number > at)
                .order_by(listed.number)
                .limit(_SWEPT_AT_ONCE)
            )
            async with self._ledger.writing() as connection:
                last = await connection.scalar(select(func.max(some.subquery().c.number)))
                if last is None:
                    return
                await connection.execute(
                    delete(listed_numbers).where(
                        listed.load == load, listed.number > at, listed.number <= last
                    )
                )
            at = last
