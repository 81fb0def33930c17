"""What a variable of a flow can hold: what JSON can, so it survives the journal unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

MOST_ITEMS = 1_000
"""Of a list that comes from outside; what is behind is cut off."""
LONGEST_TEXT = 10_000
DEEPEST = 20

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,4})\]")
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class Type(StrEnum):
    """The types that a variable from outside can be given."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    ANY = "any"


class WrongType(ValueError):
    """A value cannot be had as the type that it should have."""


def typed(value: object, type_: Type) -> Value:
    """``value`` as this type. Raises ``WrongType``; nothing (None) has no type."""
    if type_ is Type.ANY:
        return bounded(value)
    try:
        return _typed(value, type_)
    except (ValueError, TypeError, OverflowError):
        raise WrongType(f"is no {type_}") from None


def _typed(value: object, type_: Type) -> Value:
    text = "" if value is None else str(value).strip()
    match type_:
        case Type.TEXT if isinstance(value, str | int | float | bool):
            return str(value)[:LONGEST_TEXT]
        case Type.INTEGER if not isinstance(value, bool):
            number = float(text)
            if number.is_integer():
                return int(text) if text.lstrip("+-").isdigit() else int(number)
        case Type.NUMBER if not isinstance(value, bool):
            number = float(text)
            if number - number == 0:  # neither endless nor no number
                return number
        case Type.BOOLEAN if text.lower() in _YES | _NO:
            return text.lower() in _YES
        case Type.DATE:
            datetime.fromisoformat(text)
            return text
    raise ValueError


def bounded(value: object, depth: int = 0) -> Value:
    """A value from outside without what could make an expression slow: cut, and not too deep."""
    if depth > DEEPEST:
        return None
    match value:
        case str():
            return value[:LONGEST_TEXT]
        case float() if value - value != 0:  # endless, or no number
            return None
        case bool() | int() | float() | None:
            return value
        case bytes():
            return None
        case Mapping():
            pairs = list(value.items())[:MOST_ITEMS]
            return {str(key): bounded(one, depth + 1) for key, one in pairs}
        case Sequence():
            return [bounded(one, depth + 1) for one in value[:MOST_ITEMS]]
        case _:
            return str(value)[:LONGEST_TEXT]


def is_path(text: str) -> bool:
    """Whether this is a path into JSON: ``$``, ``$.customer.tier``, ``$.orders[0].id``."""
    return text.startswith("$") and _STEP.sub("", text[1:]) == ""


def at_path(body: object, path: str) -> object:
    """What stands at a path in JSON; None when there is nothing."""
    for name, index in _STEP.findall(path[1:]):
        if name and isinstance(body, Mapping):
            body = body.get(name)
        elif index and isinstance(body, list) and int(index) < len(body):
            body = body[int(index)]
        else:
            return None
    return body
