"""Answers that are still fresh, the ones used last, up to a number and a size."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from engine.lookups.result import LookupResult

MOST_ANSWERS = 1_000
MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: LookupResult
    until: float


class Cache:
    """Answers by the key of their request."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    def get(self, key: str, now: float) -> LookupResult | None:
        """The answer, marked as from here, if it is still fresh."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= now:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return replace(kept.answer, from_cache=True)

    def put(self, key: str, answer: LookupResult, until: float) -> None:
        """Keep it; what was not used for the longest time gives way."""
        if key in self._kept:
            self._drop(key)
        self._kept[key] = _Kept(answer, until)
        self._bytes += answer.size
        while len(self._kept) > MOST_ANSWERS or self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        self._bytes -= self._kept.pop(key).answer.size
