"""Expressions and templates of flows: CEL for decisions, ``{{ name | kind }}`` for texts.

CEL (the Common Expression Language) has no loops and no side effects; what could still take long
is refused when a flow is read: a macro within a macro, and more than 500 characters. Lists are cut
off at 1,000 items before they come into a scope (``engine.ivr.values``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import cel

from engine.ivr.complaints import in_plain_words
from engine.ivr.findings import nearest
from engine.ivr.values import Value, bounded

LONGEST = 500

FUNCTIONS = frozenset(
    {
        "contains", "double", "duration", "dyn", "endsWith", "getDate", "getDayOfMonth",
        "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes",
        "getMonth", "getSeconds", "int", "matches", "size", "startsWith", "string", "timestamp",
        "type", "uint",
    }
)  # fmt: skip
"""What may be called, beside the macros of lists and ``has``."""

MACROS = frozenset({"map", "filter", "all", "exists", "exists_one", "existsOne", "has"})

_MACRO = re.compile(r"\.\s*(map|filter|all|exists|exists_one|existsOne)\s*\(")
_ITEM = re.compile(_MACRO.pattern + r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*,")
_TEXTS = re.compile(  # raw ones, others, comments
    r"""(?<!\w)b?rb?(\"{3}|'{3}|\"|').*?\1|(\"{3}|'{3}|\"|')(?:\\.|(?!\2).)*\2|//[^\n]*""",
    re.DOTALL | re.IGNORECASE,
)
_WHERE = re.compile(r"<input>:\d+:(\d+): (.*)")
_PIECE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*(?:\|\s*([a-z]+)\s*)?"
    r"(?:(?<=\s)([A-Z]{3})\s*)?"
)


class ExpressionError(ValueError):
    """An expression cannot be read, or came to nothing; ``column`` (from 1) where it is known."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: ``names`` are the variables that it reads, at their first dot."""

    source: str
    names: frozenset[str]
    program: cel.Program

    def value(self, scope: Mapping[str, Value]) -> Value:
        """What it comes to. Raises ``ExpressionError``."""
        try:
            found = self.program.execute(dict(scope))
        except Exception as error:  # the library raises whatever Python error is nearest
            raise ExpressionError(_plain(error)) from None
        return bounded(found)


@lru_cache(maxsize=10_000)
def expression(source: str) -> Expression:
    """Compile ``source``. Raises ``ExpressionError`` with the place of the mistake."""
    if len(source) > LONGEST:
        raise ExpressionError(f"it is longer than {LONGEST} characters: use several steps")
    _refuse_nesting(source)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise _syntax_error(str(error)) from None
    references = program.references()
    _refuse_functions(source, references["functions"])
    names = frozenset(references["variables"]) - {item for _, item in _ITEM.findall(_bare(source))}
    return Expression(source, names, program)


def _refuse_functions(source: str, called: Collection[str]) -> None:
    """A function that there is not; what is no word is an operator."""
    for name in sorted(called):
        if name.isidentifier() and not name.startswith("_") and name not in FUNCTIONS:
            place = re.search(rf"\b{name}\s*\(", _bare(source))
            column = place.start() + 1 if place else 0
            hint = nearest(name, FUNCTIONS | MACROS)
            raise ExpressionError(f"there is no function `{name}`" + (hint and f"; {hint}"), column)


def _refuse_nesting(source: str) -> None:
    bare = _bare(source)
    for macro in _MACRO.finditer(bare):
        inside = _bracketed(bare, macro.end())
        if _MACRO.search(inside):
            message = f"`{macro[1]}` has another list macro inside, which could take minutes"
            raise ExpressionError(message, macro.start(1) + 1)


def _bare(source: str) -> str:
    """The expression with its texts blotted out."""
    return _TEXTS.sub(lambda text: " " * len(text[0]), source)


def _bracketed(text: str, start: int) -> str:
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return text[start:at]
    return text[start:]


def _syntax_error(complaint: str) -> ExpressionError:
    where = _WHERE.search(complaint)
    if where is None:
        return ExpressionError(complaint.splitlines()[0])
    return ExpressionError(in_plain_words(where[2]), int(where[1]))


def _plain(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no {error}"
    undefined = re.match(r"Undefined variable or function: '(\w+)'", str(error))
    if undefined and undefined[1] in FUNCTIONS:
        return f"`{undefined[1]}` cannot be done with this value: is it null?"
    return re.split(r"\. (?:CEL does not|Check )", str(error))[0]


def fits(pattern: str, text: str) -> bool:
    """Whether a regular expression fits the whole of ``text``, in a time that its length limits.

    Raises ``ExpressionError`` for what is no regular expression.
    """
    try:
        found = expression("text.matches(pattern)").value(
            {"text": text, "pattern": f"^(?:{pattern})$"}
        )
    except ExpressionError as error:
        reason = str(error).rpartition("error: ")[2].strip()
        raise ExpressionError(f"this pattern cannot be read: {reason}") from None
    return found is True


@dataclass(frozen=True, slots=True)
class Hole:
    """A ``{{ name | kind }}`` of a template, money with its ``currency`` where it says one; ``at``
    is its place in the text."""

    name: str
    kind: str
    at: int
    currency: str = ""

    @property
    def root(self) -> str:
        """The variable that it is taken from."""
        return self.name.partition(".")[0]


def holes(text: str) -> Iterator[Hole]:
    """The holes of a template. Raises ``ExpressionError`` for one that is no name."""
    for piece in _PIECE.finditer(text):
        name = _NAME.fullmatch(piece[1])
        if name is None:
            message = f"`{piece[0]}`: write {{{{ name }}}} or {{{{ name | money }}}}; no logic here"
            raise ExpressionError(message, piece.start() + 1)
        yield Hole(name[1], name[2] or "", piece.start(), name[3] or "")
    if _PIECE.sub("", text).find("{{") >= 0:
        raise ExpressionError("`{{` has no `}}`", text.find("{{") + 1)


def filled(text: str, fill: Callable[[Hole], str]) -> str:
    """The template with each hole filled."""
    found = iter(list(holes(text)))
    return _PIECE.sub(lambda _: fill(next(found)), text)


def looked_up(name: str, scope: Mapping[str, Value]) -> Value:
    """The value of a dotted name; None where there is none on the way."""
    value: Value = scope
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
