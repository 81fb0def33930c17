"""What must be trusted before anybody is dialed: the lists, the ledger, and the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dialer.compliance.clock import ClockTrust

from dialer.compliance import Law
from dialer.messages import CampaignState
from dialer.running import Running
from engine.ports import LedgerDown, LedgerRefused
from engine.store.leads import LeadStore

_PATIENCE_SECONDS: Final = 5.0


class Trust:
    """Asked every few seconds. Whatever it cannot be sure of stops all dialing."""

    def __init__(self, store: LeadStore, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._monotonic = store, monotonic
        self._clock = ClockTrust()

    async def look(self, campaigns: Iterable[Running], now: float) -> str:
        """What cannot be trusted just now; '' when all can."""
        why = self._clock.look(now, self._monotonic())
        if why:
            return why
        running = [each.law for each in campaigns if each.state is CampaignState.RUNNING]
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._store.trust(_required(running), now)
        except (LedgerDown, LedgerRefused, TimeoutError) as error:
            return f"the ledger does not answer: {error}"


def _required(laws: Iterable[Law]) -> Mapping[str, float]:
    """The do-not-call lists that must be there, each with the lowest of its greatest ages."""
    required: dict[str, float] = {}
    for law in laws:
        for name, age in law.required_lists.items():
            required[name] = min(age, required.get(name, age))
    return required
