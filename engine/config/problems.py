"""What is wrong with a file or a setting: where, how bad, and what to do about it.

Every reader of configuration returns ``Problem``s instead of raising, so that one run of
``tongdai check`` names all of them. The codes are listed in ``engine/config/README.md``.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_SECRET_LINE = re.compile(
    r"^(?P<name>.*(?<!\$\{)\b\w*(?:secret|password|token|pin|database_url|authorization)"
    r"['\"]?\s*:\s*)(?P<value>(?!\S*\s?\$\{secret:)\S.*)$",
    re.IGNORECASE,
)
_LONGEST_EXCERPT = 120


class Level(StrEnum):
    """How bad it is: an error keeps the engine from starting, a warning does not; a notice says
    what is not there yet, and nothing is wrong."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


_LEVELS = {"E": Level.ERROR, "W": Level.WARNING, "N": Level.NOTICE}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right.

    ``file`` is a path, or the name of an environment variable or of the thing that was asked
    (then ``line`` is 0). Lines and columns count from 1. ``code`` begins with E for an error, W
    for a warning, N for a notice. ``excerpt`` is the offending line.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    excerpt: str = ""

    @classmethod
    def about(cls, what: object, code: str, message: str, hint: str = "") -> Self:
        """A problem of a whole file, or of something that is no file."""
        return cls(str(what), 0, 0, code, message, hint)

    @property
    def level(self) -> Level:
        """How bad it is."""
        return _LEVELS[self.code[0]]

    def render(self) -> str:
        """The problem as an operator reads it: place, message, the line with a caret, advice."""
        lines = [f"{self._place()}: {self.level}[{self.code}] {printable(self.message)}"]
        if self.excerpt:
            lines += self._pointed_at()
        if self.hint:
            lines.append(f"    = {printable(self.hint)}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, str | int]:
        """The problem as ``tongdai check --json`` prints it."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "level": str(self.level),
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }

    def annotation(self) -> str:
        """The problem as a line of GitHub's: shown beside the place in a pull request."""
        place = {"file": self.file, "line": self.line, "col": self.column, "title": self.code}
        told = ",".join(f"{key}={_escaped(str(x), ',:')}" for key, x in place.items() if x)
        text = "\n".join(filter(None, (self.message, self.hint)))
        return f"::{self.level} {told}::{_escaped(text)}"

    def _place(self) -> str:
        file = printable(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file

    def _pointed_at(self) -> list[str]:
        start = max(0, self.column - _LONGEST_EXCERPT)
        shown = printable(self.excerpt[start : start + _LONGEST_EXCERPT])
        before = self.excerpt[start : self.column - 1]
        return [f"    | {shown}", f"    | {' ' * _columns(before)}^"]


def _escaped(text: str, more: str = "") -> str:
    """What would end GitHub's line, or a value in it, as percent codes."""
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + more else char for char in text)


def excerpt(lines: Sequence[str], line: int) -> str:
    """Line number ``line``; the value of a password, PIN or token is blotted out."""
    if not 1 <= line <= len(lines):
        return ""
    return _SECRET_LINE.sub(r"\g<name>***", lines[line - 1])


def printable(text: str) -> str:
    """``text`` without anything that a terminal would obey instead of show."""
    return "".join(_shown(char) for char in text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """``; did you mean `x`?`` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Names as a sorted, quoted enumeration; ``none`` when there are none."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of them keeps the engine from starting."""
    return any(problem.level is Level.ERROR for problem in problems)


def _shown(char: str) -> str:
    if char == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char


def _columns(text: str) -> int:
    """Width on a terminal: Vietnamese tone marks may be separate characters of no width."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
        if not unicodedata.combining(char)
    )
