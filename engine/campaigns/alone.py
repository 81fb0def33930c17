"""Only one engine dials from a ledger: another one waits until it is gone, and then does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from engine.ports import LedgerDown
from engine.store.lease import Lease

OTHER_ENGINE: Final = "another engine dials from this ledger"
_AGAIN_SECONDS: Final = 1.0


class Alone:
    """Whether it is we who dial."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def why_not(self) -> str:
        """'' when nobody else may dial."""
        try:
            return "" if await self._lease.hold() else OTHER_ENGINE
        except LedgerDown as error:
            return f"the ledger does not answer: {error}"

    @asynccontextmanager
    async def dialing(self, waits: Callable[[str], None]) -> AsyncIterator[None]:
        """From when nobody else dials to the end of the block; ``waits`` is told why not yet."""
        try:
            while why := await self.why_not():
                waits(why)
                await asyncio.sleep(_AGAIN_SECONDS)
            yield
        finally:
            await self._lease.release()
