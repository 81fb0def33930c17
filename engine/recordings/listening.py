"""Who listened to what: one who hears a recording in many small requests listens once."""

from __future__ import annotations

_PAUSE_SECONDS = 900.0


class Listeners:
    """Remembers who was at which recording, as long as he goes on with it."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], float] = {}

    def begins(self, who: str, recording: str, now: float) -> bool:
        """Whether this request begins a listening: his last one to it is a quarter of an hour
        ago, or there was none."""
        for each in [each for each, at in self._last.items() if at < now - _PAUSE_SECONDS]:
            del self._last[each]
        return (who, recording) not in self._last

    def listens(self, who: str, recording: str, now: float) -> None:
        """He does, and that is noted."""
        self._last[who, recording] = now
