"""A filter of leads as SQL. It says of each lead what ``dialer.filters.matches`` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from dialer.filters import (
    FALSE_WORDS,
    NUMBER_FIELDS,
    NUMBER_MOST_CHARACTERS,
    NUMBER_PATTERN,
    SIGNS,
    Absent,
    All,
    Compared,
    Condition,
    Either,
    Not,
    Untrue,
)
from engine.store.lead_tables import lead_lists, leads, places

Columns = Mapping[str, ColumnElement[Any]]
"""By the name of a field: its column. Empty texts are null in it."""


class number_in(FunctionElement[float]):
    """The number that a text says, null if it says none: ``dialer.filters.as_number``."""

    type = Double()
    inherit_cache = True


@compiles(number_in, "postgresql")
def _on_postgresql(element: number_in, compiler: SQLCompiler, **kw: Any) -> str:
    text = f"({compiler.process(element.clauses, **kw)})"
    return (
        f"CASE WHEN length{text} <= {NUMBER_MOST_CHARACTERS} AND {text} ~ '^{NUMBER_PATTERN}$'"
        f" THEN CAST({text} AS DOUBLE PRECISION) END"
    )


@compiles(number_in, "sqlite")
def _on_sqlite(element: number_in, compiler: SQLCompiler, **kw: Any) -> str:
    text = f"({compiler.process(element.clauses, **kw)})"
    digits = f"CASE WHEN substr({text}, 1, 1) = '-' THEN substr({text}, 2) ELSE {text} END"
    return (
        f"CASE WHEN length{text} <= {NUMBER_MOST_CHARACTERS}"
        f" AND ({digits}) NOT GLOB '*[^0-9.]*' AND {text} GLOB '*[0-9]*'"
        f" AND {text} NOT GLOB '*.*.*' THEN CAST({text} AS REAL) END"
    )


def column_of(field: str) -> ColumnElement[Any]:
    """The expression over ``leads`` for a field of filters; null where the lead has none."""
    if field == "attempts":
        return leads.c.attempts
    if field == "priority":
        return -leads.c.rank
    if field == "list":
        named = select(lead_lists.c.name).where(lead_lists.c.id == leads.c.list)
        return cast(named.scalar_subquery(), String)
    if field == "region":
        placed = select(places.c.region).where(places.c.id == leads.c.place)
        return func.nullif(placed.scalar_subquery(), "")
    if field in ("owner", "language", "name"):
        return func.nullif(cast(leads.c[field], String), "")
    return func.nullif(leads.c.data[field].as_string(), "")


def condition_of(condition: Condition, columns: Columns) -> ColumnElement[bool]:
    """The filter over these columns. Never null."""
    match condition:
        case Compared(field, sign, value):
            return func.coalesce(_compared(columns[field], field, sign, value), false())
        case Absent(field):
            return columns[field].is_(None)
        case Untrue(field):
            text = _as_text(columns[field], field)
            return or_(columns[field].is_(None), text.in_(FALSE_WORDS))
        case Not(part):
            return not_(condition_of(part, columns))
        case All(parts):
            return and_(true(), *(condition_of(part, columns) for part in parts))
        case Either(parts):
            return or_(false(), *(condition_of(part, columns) for part in parts))


def _compared(
    column: ColumnElement[Any], field: str, sign: str, value: str | float
) -> ColumnElement[bool]:
    if isinstance(value, str):
        text = _as_text(column, field)
        return SIGNS[sign](text if sign == "==" else in_code_points(text), literal(value))  # type: ignore[arg-type, return-value]
    number = column if field in NUMBER_FIELDS else number_in(column)
    return SIGNS[sign](number, literal(value, Double))  # type: ignore[arg-type, return-value]


def _as_text(column: ColumnElement[Any], field: str) -> ColumnElement[Any]:
    return cast(column, String) if field in NUMBER_FIELDS else column


class in_code_points(FunctionElement[str]):
    """A text that is ordered letter by letter, whatever the database's language."""

    type = String()
    inherit_cache = True


@compiles(in_code_points, "postgresql")
def _ordered_on_postgresql(element: in_code_points, compiler: SQLCompiler, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)}) COLLATE "C"'


@compiles(in_code_points, "sqlite")
def _ordered_on_sqlite(element: in_code_points, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)
