"""What a recogniser would take a caller's words for, as far as a rehearsal can tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence


def plain(text: str) -> str:
    """``text`` as it is compared: composed, in small letters, one blank between words."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def nearest(text: str, phrases: Sequence[str]) -> str | None:
    """The phrase that ``text`` is, or the longest one in it; None for none of them."""
    said = plain(text)
    inside = [phrase for phrase in phrases if _is_in(plain(phrase), said)]
    return max(inside, key=len, default=None)


def _is_in(phrase: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", said) is not None
