"""How a lookup ended."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ivr.lookup_result import ERROR


@dataclass(frozen=True, slots=True)
class LookupResult:
    """``result`` is a word of ``engine.ivr.lookup_result``, as in ``LookupEnded``.

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
