"""One request that several callers wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.ivr.lookup_result import TIMEOUT
from engine.lookups.result import LookupResult


class Flight:
    """It is under way as long as somebody waits for it: the last who hangs up ends it."""

    def __init__(self, asking: Coroutine[Any, Any, LookupResult]) -> None:
        self._task = asyncio.create_task(asking, name="lookup")
        self._waiting = 0

    @property
    def is_under_way(self) -> bool:
        """Whether it can still be joined: not when it is over, or given up."""
        return not self._task.done() and not self._task.cancelling()

    async def join(self, patience: float | None = None) -> LookupResult:
        """Its result, or a timeout after this many seconds."""
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(self._task)
        except TimeoutError:
            return LookupResult(TIMEOUT)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._task.cancel()
