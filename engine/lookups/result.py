"""How a lookup ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OK: Final = "ok"
NOT_FOUND: Final = "not_found"
REFUSED: Final = "refused"
FAILED: Final = "failed"
TIMEOUT: Final = "timeout"
ERROR: Final = "error"

_NOT_THERE = (404, 410)


@dataclass(frozen=True, slots=True)
class LookupResult:
    """``result`` is one of the words above, as in ``engine.ivr.messages.LookupEnded``.

    ``status`` is HTTP's, 0 without an answer; ``body`` the JSON that came, None for none;
    ``size`` is that of the answer in bytes, ``took`` in seconds; ``reason`` says in a few words
    what an ``error`` was.
    """

    result: str
    status: int = 0
    body: object = None
    size: int = 0
    took: float = 0.0
    from_cache: bool = False
    reason: str = ""


def error(reason: str, status: int = 0) -> LookupResult:
    """No answer that a flow could use, for this reason."""
    return LookupResult(ERROR, status, reason=reason)


def word_for(status: int) -> str:
    """The result that an HTTP status stands for; a redirect is an error."""
    if 200 <= status < 300:
        return OK
    if status in _NOT_THERE:
        return NOT_FOUND
    if 400 <= status < 500:
        return REFUSED
    return FAILED if status >= 500 else ERROR
