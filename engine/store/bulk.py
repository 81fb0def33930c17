"""Many rows at once, the quick way of each database: COPY, or one prepared statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

_Bind = Callable[[Any], Any]


class Bulk:
    """Rows for one table. ``fixed`` are the values that all of them share; a column that is neither
    there nor in a row is null. ``once``: a row whose key is there already is left out."""

    def __init__(
        self, table: Table, dialect: Dialect, fixed: Mapping[str, Any], *, once: bool = False
    ) -> None:
        self._table = table
        self._names = [column.name for column in table.columns]
        self._binds = {
            column.name: column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
            for column in table.columns
        }
        nothing: dict[str, Any] = dict.fromkeys(self._names)
        self._fixed = nothing | {name: self._binds[name](value) for name, value in fixed.items()}
        marks = ", ".join("?" * len(self._names))
        names = ", ".join(map(dialect.identifier_preparer.quote, self._names))
        insert = "INSERT OR IGNORE INTO" if once else "INSERT INTO"
        self._statement = f"{insert} {table.name} ({names}) VALUES ({marks})"
        self._copies = dialect.name == "postgresql"
        self._once = once

    def bind(self, **row: Any) -> tuple[Any, ...]:
        """A row as the driver takes it."""
        bound = self._fixed.copy()
        for name, value in row.items():
            bound[name] = self._binds[name](value)
        return tuple(bound.values())

    async def insert(self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert rows that ``bind`` made; returns how many were new. In PostgreSQL something must
        have been asked of the connection before, or its transaction has not begun yet."""
        if not rows:
            return 0
        if not self._copies:
            return (await connection.exec_driver_sql(self._statement, list(rows))).rowcount
        if self._once:
            return await self._copy_once(connection, rows)
        await self._copy(connection, self._table.name, rows)
        return len(rows)

    async def _copy_once(self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> int:
        """By way of a table of this connection's own: COPY itself knows no exceptions."""
        own, name = f"new_{self._table.name}", self._table.name
        await connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {own} (LIKE {name}) ON COMMIT DELETE ROWS"
        )
        await self._copy(connection, own, rows)
        moved = await connection.exec_driver_sql(
            f"INSERT INTO {name} SELECT * FROM {own} ON CONFLICT DO NOTHING"
        )
        return moved.rowcount

    async def _copy(
        self, connection: AsyncConnection, table: str, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.copy_records_to_table(table, records=rows, columns=self._names)


def _as_it_is(value: Any) -> Any:
    return value
