"""The pace of a trunk on the wire: INVITEs leave it evenly, however they were decided.

The dialer keeps to a trunk's calls per second when it decides, but what lies between (the ledger,
an agent who is held first) may bring several of them together again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from dialer.trunk_line import WINDOW_SECONDS
from dialer.trunks import TrunkLimits

_SLACK_SECONDS: Final = (WINDOW_SECONDS - 1) / 2
"""One that leaves so late delays nobody: those after it still keep to the second."""


class Pace:
    """One for all campaigns; ``limits`` gives those of the trunks as they are now.

    They leave one after the other, each by when the one before has left: what an engine that stood
    still has missed is not made up for.
    """

    def __init__(self, limits: Callable[[], Mapping[str, TrunkLimits]]) -> None:
        self._limits = limits
        self._next: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wait(self, trunk: str) -> None:
        """Return when the next INVITE may leave over this trunk."""
        loop = asyncio.get_running_loop()
        async with self._turns[trunk]:
            limits, now = self._limits().get(trunk), loop.time()
            if limits is None:
                return
            at = max(now, self._next.get(trunk, now))
            await asyncio.sleep(at - now)
            left = max(at, loop.time() - _SLACK_SECONDS)
            self._next[trunk] = left + WINDOW_SECONDS / limits.calls_per_second
