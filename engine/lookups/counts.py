"""What became of the lookups of one name since the start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from engine.lookups.result import LookupResult


@dataclass(slots=True)
class Counts:
    """``seconds`` are those of the lookups that were not answered from the cache."""

    results: Counter[str] = field(default_factory=Counter)
    cached: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, result: LookupResult) -> None:
        """One more."""
        self.results[result.result] += 1
        if result.from_cache:
            self.cached += 1
            return
        self.seconds += result.took
        self.slowest = max(self.slowest, result.took)

    def as_json(self) -> dict[str, Any]:
        """For the API: the number of each result, and how long they took."""
        asked = self.results.total() - self.cached
        return {
            "results": dict(self.results),
            "cached": self.cached,
            "mean_ms": round(1000 * self.seconds / asked) if asked else 0,
            "slowest_ms": round(1000 * self.slowest),
        }
