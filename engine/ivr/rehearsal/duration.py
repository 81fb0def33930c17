"""Lengths of time as people write them: ``6s``, ``500ms``, ``2m``, ``1h``, ``1.5``."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_FORM = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|min|m|h|)", re.ASCII)


def seconds(written: str) -> float:
    """The seconds that ``written`` means. Raises ``ValueError`` for what is no length of time."""
    found = _FORM.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"`{written}` is no length of time: write 6s, 500ms, 2m or 1h")
    return float(found[1]) * _UNITS[found[2]]
