"""What must be trusted before anybody is dialed: the lists, the ledger, the clock, the switch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from dialer.compliance.clock import ClockTrust, confirmed, trusted
from dialer.messages import CampaignState
from dialer.running import Running
from engine.ports import LedgerDown, LedgerRefused
from engine.store.leads import LeadStore

_PATIENCE_SECONDS: Final = 5.0


class Trust:
    """Asked every few seconds. Whatever it cannot be sure of stops all dialing."""

    def __init__(
        self,
        store: LeadStore,
        switch_is_up: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._switch_is_up, self._monotonic = store, switch_is_up, monotonic
        self._clock: ClockTrust | None = None

    def confirm_clock(self) -> None:
        """A person says that the clock is right now."""
        if self._clock is not None:
            self._clock = confirmed(self._clock)

    async def look(self, campaigns: Iterable[Running], now: float, own: Mapping[str, float]) -> str:
        """What cannot be trusted just now; '' when all can. ``own`` are do-not-call lists that the
        center asks for beside its rules, with their greatest age in seconds."""
        steady = self._monotonic()
        self._clock = trusted(self._clock or ClockTrust(now, steady), now, steady)
        if self._clock.why:
            return self._clock.why
        if not self._switch_is_up():
            return "the switch is away"
        running = [each for each in campaigns if each.state is CampaignState.RUNNING]
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._store.trust(_required(running, own), now)
        except (LedgerDown, LedgerRefused, TimeoutError) as error:
            return f"the ledger does not answer: {error}"


def _required(campaigns: Collection[Running], own: Mapping[str, float]) -> Mapping[str, float]:
    """The do-not-call lists that must be there, each with the lowest of its greatest ages; none
    while no campaign runs."""
    required = dict(own) if campaigns else {}
    for running in campaigns:
        for name, age in running.law.lists_for(running.settings.purpose).items():
            required[name] = min(age, required.get(name, age))
    return required
