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
    """One problem. An error keeps the flow from being used; a warning does not."""

    path: Path
    level: Literal["error", "warning"]
    code: str
    message: str
    hint: str = ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest known one, or else some of those there are."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"there are: {', '.join(names[:8])}" if names else ""
