"""The one clock of the engine: seconds since the epoch that never run backwards.

It is read once from the wall at the start and then follows the monotonic clock, so a step of the
machine's time neither stretches a wait nor fires every timer at once, and the times of one run and
of the run after a crash are on the same scale.
"""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Turns the event loop's time into seconds since the epoch, and back."""

    def __init__(self, not_before: float = 0.0) -> None:
        """``not_before``: the last time written by an earlier run; this run starts no earlier."""
        loop = asyncio.get_running_loop()
        self._offset = max(time.time(), not_before) - loop.time()

    def now(self) -> float:
        """Seconds since the epoch."""
        return asyncio.get_running_loop().time() + self._offset

    def loop_time(self, at: float) -> float:
        """The event loop's time for a moment in seconds since the epoch."""
        return at - self._offset
