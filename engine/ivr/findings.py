"""What is wrong with a flow, where, and what to do about it.

``path`` is the way to the place in the YAML: keys and list positions. It may point deeper than the
file goes (a setting that is missing, the one item of a list that was written without a list): the
place is then that of the longest part of the path that exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. An error keeps the flow from being used; a warning does not.

    It stands at ``word`` of the text at ``path``, or with ``key`` at the key there.
    """

    path: Path
    level: Literal["error", "warning"]
    code: str
    message: str
    hint: str = ""
    word: str = ""
    key: bool = False


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest known one, or else some of those there are."""
    names = sorted(known)
    others = f"there are: {', '.join(names[:8])}" if names else ""
    return nearest(word, names) or others


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known name, or nothing."""
    near = get_close_matches(word, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else ""
