"""The pace of a trunk on the wire: INVITEs leave it evenly, however they were decided.

The dialer keeps to a trunk's calls per second when it decides, but what lies between (the ledger,
an agent who is held first) may bring several of them together again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from dialer.trunk_line import WINDOW_SECONDS
from dialer.trunks import TrunkLimits


class Pace:
    """One for all campaigns; ``limits`` gives those of the trunks as they are now."""

    def __init__(self, limits: Callable[[], Mapping[str, TrunkLimits]]) -> None:
        self._limits = limits
        self._next: dict[str, float] = {}

    async def wait(self, trunk: str) -> None:
        """Return when the next INVITE may leave over this trunk."""
        limits, now = self._limits().get(trunk), asyncio.get_running_loop().time()
        if limits is None:
            return
        at = max(now, self._next.get(trunk, now))
        self._next[trunk] = at + WINDOW_SECONDS / limits.calls_per_second
        await asyncio.sleep(at - now)
