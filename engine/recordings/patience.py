"""When to try again what failed: after longer and longer times, each thing by itself."""

from __future__ import annotations

from collections.abc import Callable

_FIRST_SECONDS = 10.0
_LONGEST_SECONDS = 3600.0


class Patience:
    """Remembers what failed, by name. ``now`` is in seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waits: dict[str, tuple[float, float]] = {}  # how long, and until when

    def may_try(self, name: str) -> bool:
        """Whether its time has come; what never failed need not wait."""
        return name not in self._waits or self._now() >= self._waits[name][1]

    def failed(self, name: str) -> float:
        """It did: in so many seconds it may be tried again."""
        before = self._waits.get(name, (0.0, 0.0))[0]
        seconds = min(_LONGEST_SECONDS, before * 2 or _FIRST_SECONDS)
        self._waits[name] = (seconds, self._now() + seconds)
        return seconds

    def forget(self, name: str) -> None:
        """It is done, or gone."""
        self._waits.pop(name, None)
