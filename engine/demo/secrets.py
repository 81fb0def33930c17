"""Looks for what must be nowhere: the numbers that a caller has typed, in all that a run has left.

Also where they stand key by key: one in a line, in a list, with other digits' times between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def places_of(secrets: Iterable[str], folder: Path) -> tuple[int, list[str]]:
    """How many files there are below ``folder``, and those with one of these numbers in them."""
    patterns = [_pattern(secret) for secret in secrets]
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    found = [
        str(file.relative_to(folder))
        for file in files
        if any(pattern.search(file.read_bytes()) for pattern in patterns)
    ]
    return len(files), found


def _pattern(secret: str) -> re.Pattern[bytes]:
    """Up to four characters may stand between digits; none of a longer number is meant, and no
    fraction of a second."""
    digits = rb"\D{0,4}".join(digit.encode() for digit in secret)
    return re.compile(rb"(?<![\d.])" + digits + rb"(?!\d)", re.DOTALL)
