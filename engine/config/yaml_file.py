"""Reads a YAML file without guessing types, and remembers where everything stands.

Every scalar stays the text that was written: ``0901234567`` keeps its zero, ``on``, ``no`` and
``12:30`` are words, and the schema decides what is a number. Only an empty value, ``~`` or
``null`` becomes ``None``. A small part of YAML is enough for settings, so the rest is refused
with a place and a way out: anchors and aliases (a short file can unfold into gigabytes), tags,
several documents, keys that are not text, and a key written twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.config import syntax_errors
from engine.config.problems import Problem, excerpt
from engine.config.text_file import CONTROL, BadFile, Position, read_text, refusal

Loc = tuple[str | int, ...]
"""The way to a value: keys and list indexes from the top."""

MOST_VALUES = 50_000
DEEPEST = 40

_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content (``dict``, ``list``, ``str``, ``None``) and the places of its parts."""

    path: Path
    text: str
    lines: tuple[str, ...]
    data: Any
    _keys: dict[Loc, Position] = field(repr=False)
    _values: dict[Loc, Position] = field(repr=False)

    def position(self, path: Loc, *, key: bool = False) -> Position:
        """Where the value at ``path`` stands (or its key); else its nearest ancestor."""
        places = self._keys if key else self._values
        if path in places:
            return places[path]
        return self.position(path[:-1], key=key) if path else Position(1, 1)

    def nearest(self, path: Loc) -> tuple[Loc, Any]:
        """As much of ``path`` as is written, and the value there."""
        value = self.data
        for depth, part in enumerate(path):
            if (*path[: depth + 1],) not in self._values:
                return path[:depth], value
            value = value[part]
        return path, value

    def is_quoted(self, path: Loc, *, key: bool = False) -> bool:
        """Whether the value at ``path``, or its key, stands in quotes."""
        line, column = self.position(path, key=key)
        return self.lines[line - 1][column - 1 : column] in ("'", '"')

    def problem(
        self,
        path: Loc,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
    ) -> Problem:
        """A problem at ``path``'s value, or at its key."""
        return self.problem_at(self.position(path, key=key), code, message, hint)

    def problem_in_text(
        self, path: Loc, text: str, offset: int, code: str, message: str, hint: str = ""
    ) -> Problem:
        """A problem at a character of ``text``, the value at ``path``; at the value itself where it
        is not written in one piece."""
        line, column = self.position(path)
        written = self.lines[line - 1][column - 1 :]
        quote = 1 if written[:1] in ("'", '"') else 0
        if written[quote:].startswith(text):
            column += quote + offset
        return self.problem_at(Position(line, column), code, message, hint)

    def problem_at(self, place: Position, code: str, message: str, hint: str = "") -> Problem:
        """A problem at a place of the file."""
        line_text = excerpt(self.lines, place.line)
        return Problem(str(self.path), *place, code, message, hint, line_text)


def read(path: Path) -> Document:
    """The document in ``path``. Raises ``BadFile`` for anything that is not plain YAML."""
    return parse(path, read_text(path))


def parse(path: Path, text: str) -> Document:
    """The document that ``text`` is, told to stand in ``path``. Raises ``BadFile`` as ``read``."""
    return _Reader(path, text).document()


class _Reader:
    """Builds data from the parser's events; a nested value is one recursion, at most DEEPEST."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._keys: dict[Loc, Position] = {}
        self._values: dict[Loc, Position] = {}
        self._events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
        self._documents = 0

    def document(self) -> Document:
        data: Any = None
        try:
            for event in self._events:
                if isinstance(event, DocumentStartEvent):
                    self._count_document(event)
                    data = self._value(next(self._events), ())
        except (YAMLError, ValueError, OverflowError) as error:  # "\UFFFFFFFF" is no YAMLError
            raise BadFile(self._syntax(error)) from error
        lines = (*self._text.splitlines(),)
        return Document(self._path, self._text, lines, data, self._keys, self._values)

    def _count_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(
                event,
                "E106",
                "a second document begins here",
                "remove the line `---`; one per file",
            )

    def _value(self, event: Any, path: Loc) -> Any:
        self._refuse_cleverness(event)
        self._values[path] = _start(event)
        self._refuse_excess(event, path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _mapping(self, path: Loc) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event, path)
            self._keys[(*path, key)] = _start(event)
            result[key] = self._value(next(self._events), (*path, key))
        return result

    def _sequence(self, path: Loc) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            self._keys[(*path, len(result))] = _start(event)
            result.append(self._value(event, (*path, len(result))))
        return result

    def _key(self, event: Any, path: Loc) -> str:
        self._refuse_cleverness(event)
        if not isinstance(event, ScalarEvent) or _scalar(event) is None:
            self._refuse(
                event,
                "E104",
                "a key must be a word",
                'put a text that begins with { or [ in quotes: "{{ name }}"',
            )
        key = str(event.value)
        if first := self._keys.get((*path, key)):
            self._refuse(
                event,
                "E105",
                f"`{key}` is written twice here; first on line {first.line}, column {first.column}",
                "keep one of them",
            )
        return key

    def _refuse_cleverness(self, event: Any) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self._refuse(
                event,
                "E106",
                "anchors (&) and aliases (*) are not used in these files",
                'write the value out; put a text that begins with * or & in quotes: "*"',
            )
        if event.tag is not None:
            self._refuse(
                event,
                "E106",
                "tags (!) are not used in these files",
                "remove the tag, or put a text that begins with ! in quotes",
            )
        if isinstance(event, ScalarEvent) and CONTROL.search(event.value):
            self._refuse(
                event, "E103", "an escape makes a control character", "write what is meant"
            )

    def _refuse_excess(self, event: Any, path: Loc) -> None:
        if len(path) > DEEPEST or len(self._values) > MOST_VALUES:
            self._refuse(
                event,
                "E102",
                f"more than {DEEPEST} levels or {MOST_VALUES} values",
                "check that this is the right file",
            )

    def _refuse(self, event: Any, code: str, message: str, hint: str) -> None:
        raise BadFile(refusal(self._path, self._text, _start(event), code, message, hint))

    def _syntax(self, error: Exception) -> Problem:
        place, meaning, advice = syntax_errors.told(error, self._text)
        return refusal(self._path, self._text, place, "E104", meaning, advice)


def _start(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


def _scalar(event: ScalarEvent) -> str | None:
    plain = event.style in (None, "")
    return None if plain and event.value in _NULLS else str(event.value)
