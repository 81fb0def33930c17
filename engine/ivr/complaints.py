"""What the parser of expressions complains of, in the words of who wrote the expression."""

from __future__ import annotations

import re
from collections.abc import Callable

_END = "<EOF>"
_INSTEAD = {"=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "and": "&&", "or": "||", "&": "&&"}


def in_plain_words(complaint: str) -> str:
    """``Syntax error: missing ')' at '<EOF>'`` as "a `)` is missing at the end"."""
    for form, words in _FORMS:
        if found := re.search(form, complaint, re.DOTALL):
            return words(found)
    return complaint


def _missing(found: re.Match[str]) -> str:
    wanted, before = found.groups()
    return f"a `{wanted}` is missing {'at the end' if before == _END else f'before `{before}`'}"


def _unknown(found: re.Match[str]) -> str:
    piece = found[1].strip()
    if piece[:1] in ("'", '"'):
        return "a text has no end: close its quote"
    if piece in ("“", "”", "‘", "’"):
        return f"`{piece}` is no quote here: write straight ones"
    return _out_of_place(piece)


def _unexpected(found: re.Match[str]) -> str:
    return (
        "it breaks off: something is missing at the end"
        if found[1] == _END
        else (_out_of_place(found[1]))
    )


def _out_of_place(piece: str) -> str:
    instead = _INSTEAD.get(piece.lower())
    return f"`{piece}` cannot stand here" + (f": write `{instead}`" if instead else "")


_FORMS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"missing '(.+)' at '(.+)'", _missing),
    (r"token recognition error at: '(.+)'", _unknown),
    (r"(?:extraneous|mismatched) input '(.+?)'(?: expecting|$)", _unexpected),
    (r"no viable alternative at input '(.+)'", lambda _: "something is missing here"),
    (r"reserved identifier: (.+)", lambda found: f"`{found[1]}` can be no name"),
    (r"Incomplete .*_\?_:_", lambda _: "a `? …` has no `: …`"),
    (r"argument to has\(\)", lambda _: "`has` asks for a field, as in has(customer.phone)"),
)
