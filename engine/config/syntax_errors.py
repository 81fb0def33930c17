"""What is meant by a complaint of the YAML parser: where the mistake is, what it is, what to do.

The parser tells where it noticed, which may be lines later; where that misleads, the place is the
one where the thing began that it could not finish.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from engine.config.text_file import Position, place_after

_ALIAS = (
    "an unquoted `*` or `&` begins an alias or an anchor",
    'put it in quotes: "*"',
)
_NO_COLON = (
    "this line has no `: ` after its key",
    "write `name: value`, with a space after the colon",
)
_ADVICE = (
    # a piece of the parser's complaint, what it means, what to do
    ("'\\t'", "a tab stands where only spaces may be", "use spaces"),
    ("'%'", "a value begins with `%`", "put the value in quotes"),
    ("'@'", "a value begins with `@`", "put the value in quotes"),
    ("'`'", "a value begins with a backtick", "put the value in quotes"),
    ("expected alphabetic or numeric character", *_ALIAS),
    (
        "mapping values are not allowed here",
        "a colon stands where no key can be",
        "indent this line like its neighbours, or put a value that contains `: ` in quotes",
    ),
    (
        "while parsing a block mapping",
        "this line does not fit the lines above it",
        "indent it exactly like the keys beside it; a list item begins with `- `",
    ),
    (
        "while parsing a block collection",
        "this line does not fit the list above it",
        "begin every item with `- ` in the same column",
    ),
    (
        "sequence entries are not allowed here",
        "a list begins on the line of its key",
        "begin it on the next line, or write it as [a, b]",
    ),
    (
        "unknown escape character",
        "a backslash in double quotes begins an escape that does not exist",
        "use single quotes",
    ),
    (
        "while parsing a flow",
        "a `,` or the closing bracket is missing before this",
        """put the text in quotes: "We don't: sorry", 'name == "x"'""",
    ),
)
_BEGAN = (
    # the same, where it is told where the thing began
    ("could not find expected ':'", *_NO_COLON),
    ("while scanning a quoted scalar", "this quoted text has no end", "close the quote"),
)
_UNCLOSED = (
    "this bracket is never closed",
    "close it; a text with ` #` or a bracket in it stands in quotes",
)
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( .*)?$", re.MULTILINE)
"""What version control leaves where two versions contradict each other."""


class Told(NamedTuple):
    """Where the mistake is, what it means, and what to do."""

    place: Position
    meaning: str
    advice: str


def told(error: Exception, text: str) -> Told:
    """What the parser's ``error`` in ``text`` means."""
    if conflict := _CONFLICT.search(text):
        place = place_after(text[: conflict.start()])
        return Told(place, "a merge is not finished here", "keep what is right, without the marks")
    complaint, noticed, began = _complaint(error)
    if "while scanning a simple key" in complaint and text.splitlines()[began.line - 1][
        began.column - 1
    ] in ("*", "&"):
        return Told(began, *_ALIAS)
    if "while parsing a flow" in complaint and "<stream end>" in complaint and noticed == began:
        return Told(place_after(text.rstrip()), "the file ends within a bracket", _UNCLOSED[1])
    if "while parsing a flow" in complaint and noticed.line > began.line:
        return Told(began, *_UNCLOSED)
    if "mapping values are not allowed" in complaint and (above := _no_key(text, noticed.line - 1)):
        return Told(above, *_NO_COLON)
    for pieces, place in ((_BEGAN, began), (_ADVICE, noticed)):
        for piece, meaning, advice in pieces:
            if piece in complaint:
                return Told(place, meaning, advice)
    return Told(noticed, f"this is not YAML: {complaint}", "")


def _no_key(text: str, line: int) -> Position | None:
    """The place of a line that should be a key as the one below it is, and has no colon."""
    above, below = (text.splitlines()[number - 1] if number else "" for number in (line, line + 1))
    indents = [len(each) - len(each.lstrip()) for each in (above, below)]
    is_key = re.search(r":(\s|$)", above) or above.lstrip().startswith(("#", "-"))
    aligned = above.strip() and indents[0] == indents[1]
    return Position(line, indents[0] + 1) if aligned and not is_key else None


def _complaint(error: Exception) -> tuple[str, Position, Position]:
    """In the parser's words, where it noticed, and where the thing began that it was at."""
    if not isinstance(error, MarkedYAMLError):
        return " ".join(str(error).split()), Position(1, 1), Position(1, 1)
    words = " ".join(filter(None, (error.problem, error.context)))
    marks = (error.problem_mark or error.context_mark, error.context_mark or error.problem_mark)
    noticed, began = (
        Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1) for mark in marks
    )
    return words, noticed, began
