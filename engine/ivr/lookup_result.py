"""How a lookup may end, in a word: what a flow branches on, live and rehearsed."""

from __future__ import annotations

from typing import Final

OK: Final = "ok"
NOT_FOUND: Final = "not_found"
REFUSED: Final = "refused"
FAILED: Final = "failed"
TIMEOUT: Final = "timeout"
ERROR: Final = "error"

_NOT_THERE = (404, 410)


def word_for(status: int) -> str:
    """The result that an HTTP status stands for; a redirect is an error."""
    if 200 <= status < 300:
        return OK
    if status in _NOT_THERE:
        return NOT_FOUND
    if 400 <= status < 500:
        return REFUSED
    return FAILED if status >= 500 else ERROR
