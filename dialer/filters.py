"""Filters: which leads a campaign dials, as ``city == "Hanoi" and score >= 50 and not vip``. Pure.

The language: names of columns, numbers, texts in quotes, ``== != < <= > >=``, ``in`` and ``not in``
a list, ``and``, ``or``, ``not``, parentheses, and ``None`` for what a lead does not have. It is
parsed with Python's own grammar, and everything else in it is refused.

A lead's values are texts, as they stood in the imported file. Beside a number they count as numbers
if they are written as one (``-12``, ``3.50``); else the comparison is false. Beside a text they are
compared as text, letter by letter. Empty is the same as absent, which is equal to nothing else and
neither less nor more than anything. A name alone is true unless it is absent or one of
``FALSE_WORDS``. Some names are not columns of the file: ``TEXT_FIELDS`` and ``NUMBER_FIELDS``.
"""

from __future__ import annotations

import ast
import keyword
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final

TEXT_FIELDS: Final = frozenset({"list", "owner", "language", "region", "name"})
NUMBER_FIELDS: Final = frozenset({"attempts", "priority"})
"""What every lead has, whatever its file: these names are never those of a column."""

FALSE_WORDS: Final = ("0", "no", "No", "NO", "false", "False", "FALSE")

MOST_CHARACTERS: Final = 500
NUMBER_MOST_CHARACTERS: Final = 30
NUMBER_PATTERN: Final = r"-?([0-9]+\.?[0-9]*|\.[0-9]+)"
_NUMBER = re.compile(NUMBER_PATTERN)

Value = str | float
"""What stands beside a field. A text is never empty: that is absence."""


class FilterError(ValueError):
    """A filter that cannot be read. ``column`` counts characters from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Compared:
    """``field`` stands to ``value`` as ``sign`` says: ``== < <= > >=``."""

    field: str
    sign: str
    value: Value


@dataclass(frozen=True, slots=True)
class Absent:
    """The lead has no such value, or an empty one."""

    field: str


@dataclass(frozen=True, slots=True)
class Untrue:
    """Absent, or one of ``FALSE_WORDS``."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Each of the parts; true when there is none."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts, at least; false when there is none."""

    parts: tuple[Condition, ...]


Condition = Compared | Absent | Untrue | Not | All | Either

SIGNS: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WRITTEN: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MIRRORED: Final = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def field_name(header: str) -> str:
    """The name that a column of a file has in filters: ``Last name`` is ``Last_name``."""
    name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", header.strip())) or "_"
    if keyword.iskeyword(name):
        return f"{name}_"
    return name if name.isidentifier() else f"_{name}"


@lru_cache(maxsize=1024)
def parse_filter(text: str) -> Condition:
    """What ``text`` says; an empty one takes every lead. Raises ``FilterError``."""
    if len(text) > MOST_CHARACTERS:
        raise FilterError(f"a filter has at most {MOST_CHARACTERS} characters", MOST_CHARACTERS + 1)
    if not text.strip():
        return All(())
    try:
        return _condition(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        column = _shift(text) + (error.offset or len(text.strip()) + 1)
        raise FilterError("this is no expression over columns", column) from error
    except (ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, FilterError):
            raise FilterError(str(error), _column(text, error.column)) from None
        raise FilterError("this is no expression over columns", 1) from error


def fields_of(condition: Condition) -> frozenset[str]:
    """The names that a condition asks for."""
    return frozenset(_fields(condition))


def matches(condition: Condition, lead: Mapping[str, object]) -> bool:
    """Whether a lead with these values is one of those."""
    match condition:
        case Compared(field, sign, value):
            found = _beside(lead.get(field), value)
            return found is not None and SIGNS[sign](found, value)
        case Absent(field):
            return _text(lead.get(field)) is None
        case Untrue(field):
            return _text(lead.get(field)) in (None, *FALSE_WORDS)
        case Not(part):
            return not matches(part, lead)
        case All(parts):
            return all(matches(part, lead) for part in parts)
        case Either(parts):
            return any(matches(part, lead) for part in parts)


def as_number(text: str) -> float | None:
    """The number that a cell says, if it says one."""
    if len(text) > NUMBER_MOST_CHARACTERS or not _NUMBER.fullmatch(text):
        return None
    return float(text)


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _beside(value: object, other: Value) -> Value | None:
    """A lead's value as it is compared with ``other``."""
    text = _text(value)
    if text is None or isinstance(other, str):
        return text
    return as_number(text)


def _fields(condition: Condition) -> Iterator[str]:
    match condition:
        case Compared(field=field) | Absent(field) | Untrue(field):
            yield field
        case Not(part):
            yield from _fields(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _fields(part)


def _condition(node: ast.expr) -> Condition:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return All(tuple(map(_condition, values)))
        case ast.BoolOp(op=ast.Or(), values=values):
            return Either(tuple(map(_condition, values)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_condition(operand))
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            steps = zip(sides, ops, sides[1:], strict=False)
            parts = tuple(_comparison(a, op, b) for a, op, b in steps)
            return parts[0] if len(parts) == 1 else All(parts)
        case ast.Name(id=name):
            return Not(Untrue(name))
    raise _error("only columns, comparisons, in, and, or, not", node)


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition:
    if isinstance(op, ast.In | ast.NotIn):
        among = _among(left, right)
        return among if isinstance(op, ast.In) else Not(among)
    if isinstance(op, ast.NotEq | ast.IsNot):
        return Not(_comparison(left, ast.Eq(), right))
    if isinstance(op, ast.Is):
        op = ast.Eq()
    sign = _WRITTEN[type(op)]
    if isinstance(left, ast.Name):
        return _compared(left.id, sign, right)
    if isinstance(right, ast.Name):
        return _compared(right.id, _MIRRORED[sign], left)
    raise _error("compare a column with a number or a text", left)


def _compared(field: str, sign: str, node: ast.expr) -> Condition:
    value = _value(node)
    if value:
        return Compared(field, sign, value)
    if value == 0 and isinstance(value, float):
        return Compared(field, sign, value)
    if sign != "==":
        raise _error("what is absent is neither less nor more", node)
    return Absent(field)


def _among(left: ast.expr, right: ast.expr) -> Condition:
    if not isinstance(left, ast.Name):
        raise _error("only a column is looked for in a list", left)
    if not isinstance(right, ast.Tuple | ast.List | ast.Set):
        raise _error('a list is written as ("Hanoi", "Hue")', right)
    return Either(tuple(_compared(left.id, "==", each) for each in right.elts))


def _value(node: ast.expr) -> Value | None:
    """A number or a text as written; None for absence."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=str() as text):
            if not all(c.isprintable() for c in text):
                raise _error("a text has only characters that can be printed", node)
            return text
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            return -_number(operand)
        case ast.Constant():
            return _number(node)
    raise _error("compare with a number or a text in quotes", node)


def _number(node: ast.Constant) -> float:
    if isinstance(node.value, bool):
        raise _error("write the column alone, or `not` and the column", node)
    if not isinstance(node.value, int | float):
        raise _error("compare with a number or a text in quotes", node)
    try:
        number = float(node.value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise _error("this number is too large", node)
    return number


def _error(message: str, node: ast.expr) -> FilterError:
    return FilterError(message, node.col_offset)


def _column(text: str, offset: int) -> int:
    """The place in ``text`` of an offset of the parser, which counts UTF-8 bytes."""
    before = text.strip().encode()[:offset].decode(errors="replace")
    return _shift(text) + len(before) + 1


def _shift(text: str) -> int:
    return len(text) - len(text.lstrip())
