"""When to try a lost link again, and how loudly to say that it is lost."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


class Backoff:
    """Pauses from 50 ms, doubling to 2 s, with jitter so that many clients do not come at once.

    Only a link that held for longer than the longest pause starts them afresh.
    """

    def __init__(self, log: Any, random: Random | None = None) -> None:
        self._log = log
        self._random = random or Random()
        self._failures = 0
        self._linked_at: float | None = None

    def linked(self) -> None:
        """The link is up."""
        self._linked_at = asyncio.get_running_loop().time()

    async def unlinked(self, reason: str) -> None:
        """The link, or an attempt at it, has failed: tell it once, and wait before the next."""
        now = asyncio.get_running_loop().time()
        if self._linked_at is not None and now - self._linked_at > LONGEST_PAUSE:
            self._failures = 0
        self._linked_at = None
        self._failures += 1
        say = self._log.warning if self._failures == 1 else self._log.debug
        say("unlinked", reason=reason, failures=self._failures)
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))
        await asyncio.sleep(longest * self._random.uniform(0.5, 1.0))
