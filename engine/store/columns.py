"""The types of the columns: how times, words, ids and choices are kept on both databases."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    String,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from engine.call_record import (
    Gap,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[float]):
    """A time: float seconds since the epoch outside, microseconds in UTC in the database.

    Equal floats stay equal, so segments that tile keep tiling.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + round(value * 1_000_000) * MICROSECOND

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> float | None:
        if value is None:
            return None
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)  # SQLite knows no zones
        return ((aware - EPOCH) // MICROSECOND) / 1_000_000


class Words(TypeDecorator[str]):
    """Text that a caller, a phone or a trunk may have chosen: cleaned, and cut at its length.

    PostgreSQL refuses NUL, both refuse unpaired surrogates.
    """

    impl = String
    cache_ok = True

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = clean(value)
        return text if len(text) <= self.limit else text[: self.limit - 1] + "…"


class Key(TypeDecorator[str]):
    """An id that we chose, never changed on its way.

    One that cannot be stored as it is raises ``ValueError`` (the ledger's ``LedgerRefused``).
    """

    impl = String(200)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and not is_key(value):
            raise ValueError(f"not an id: {value[:60]!r} ({len(value)} characters)")
        return value


class Choice(TypeDecorator[StrEnum]):
    """One word of a closed list."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Gaps(TypeDecorator[tuple[Gap, ...]]):
    """What a recording's file lacks, as JSON: ``[[began, ended, why], …]``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Gap, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps([astuple(gap) for gap in value])

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Gap, ...] | None:
        return None if value is None else tuple(Gap(*each) for each in json.loads(value))


class FileState(StrEnum):
    """What became of the file of a recording (``engine.recordings``)."""

    NEW = "new"  # as Asterisk left it
    FINISHED = "finished"  # checked and whole, on this machine
    MOVED = "moved"  # in the store that the settings name
    FAILED = "failed"  # there is nothing to hear; ``trouble`` says why
    JOINED = "joined"  # one side of a talk: it is in the stereo file
    DELETED = "deleted"  # by its retention, or by a person


def clean(text: str) -> str:
    """``text`` as both databases can hold it: U+FFFD for each NUL and each unpaired surrogate."""
    if text.isascii() and "\0" not in text:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def is_key(text: str) -> bool:
    """Whether this can be an id in the ledger."""
    return 0 < len(text) <= 200 and clean(text) == text


class microseconds_of(FunctionElement[int]):
    """A time column as whole microseconds since the epoch, to subtract exactly."""

    type = BigInteger()
    inherit_cache = True


@compiles(microseconds_of, "postgresql")
def _on_postgresql(element: microseconds_of, compiler: SQLCompiler, **kw: Any) -> str:
    return (
        f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kw)}) * 1000000 AS BIGINT)"
    )


@compiles(microseconds_of, "sqlite")
def _on_sqlite(element: microseconds_of, compiler: SQLCompiler, **kw: Any) -> str:
    # SQLite's own date functions round to milliseconds, so only the whole seconds are left to them.
    time = compiler.process(element.clauses, **kw)
    whole = f"CAST(strftime('%s', substr({time}, 1, 19)) AS INTEGER)"
    return f"({whole} * 1000000 + CAST(substr({time}, 21) AS INTEGER))"
