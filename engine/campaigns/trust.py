"""What must be trusted before anybody is dialed: the lists, the ledger, the clock, the switch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dialer.compliance.clock import JUMP_SECONDS, ClockTrust, confirmed, trusted
from dialer.messages import CampaignState
from dialer.running import Running
from engine.ports import LedgerDown, LedgerRefused
from engine.store.leads import LeadStore

SWITCH_AWAY: Final = "the switch is away"
_PATIENCE_SECONDS: Final = 5.0


class Trust:
    """Asked every few seconds. Whatever it cannot be sure of stops all dialing."""

    def __init__(
        self,
        store: LeadStore,
        switch_is_up: Callable[[], bool],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._switch_is_up, self._wall = store, switch_is_up, wall
        self._clock: ClockTrust | None = None
        self._asked: Mapping[str, float] | None = None

    async def why_not_ours(self) -> str:
        """Why the leads of this ledger are not ours to dial; '' when they are."""
        try:
            await self._store.ledger.claim()
        except LedgerDown as error:
            return str(error)
        return ""

    def confirm_clock(self) -> None:
        """A person says that the clock is right now."""
        if self._clock is not None:
            self._clock = confirmed(self._clock)

    def has_asked(self, campaigns: Iterable[Running], own: Mapping[str, float]) -> bool:
        """Whether the last look was for the do-not-call lists that these campaigns need."""
        return _required(campaigns, own) == self._asked

    async def look(self, campaigns: Iterable[Running], now: float, own: Mapping[str, float]) -> str:
        """What cannot be trusted just now; '' when all can. ``own`` are do-not-call lists that the
        center asks for beside its rules, with their greatest age in seconds. ``now`` is by the
        engine's own clock, which nobody sets."""
        wall = self._wall()
        self._clock = trusted(self._clock or ClockTrust(wall, now), wall, now)
        if self._clock.why:
            return self._clock.why
        if abs(wall - now) > JUMP_SECONDS:
            return (
                f"the engine's clock is {now - wall:+.0f} s off this machine's: restart the engine"
            )
        if not self._switch_is_up():
            return SWITCH_AWAY
        self._asked = _required(campaigns, own)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._store.trust(self._asked, now)
        except (LedgerDown, LedgerRefused, TimeoutError) as error:
            return f"the ledger does not answer: {error}"


def _required(campaigns: Iterable[Running], own: Mapping[str, float]) -> Mapping[str, float]:
    """The do-not-call lists that must be there, each with the lowest of its greatest ages; none
    while no campaign runs."""
    running_now = [each for each in campaigns if each.state is CampaignState.RUNNING]
    required = dict(own) if running_now else {}
    for running in running_now:
        for name, age in running.law.lists_for(running.settings.purpose).items():
            required[name] = min(age, required.get(name, age))
    return required
