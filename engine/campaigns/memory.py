"""What campaigns keep over a restart: their states, what counts in their windows, what their pacing
learned, and the attempts whose calls live on.

Pacing is remembered by the hour of the day, so a campaign that begins in the morning begins with
what it learned on other mornings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import structlog

from dialer.messages import CampaignState
from dialer.running import Running, Tally
from engine.desk import midnight
from engine.ports import LedgerDown, LedgerRefused
from engine.store.leads import LeadStore

if TYPE_CHECKING:
    from engine.campaigns.driver import Campaigns

log = structlog.get_logger("campaigns")

KEEP_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 1.0
_COUNTED_SECONDS: Final = 100 * 86400.0
"""Longer than any window of abandonment."""


@runtime_checkable
class Learns(Protocol):
    """A pacing policy that learns: what it knows as JSON, and back."""

    def snapshot(self) -> dict[str, Any]: ...
    def restore(self, kept: dict[str, Any]) -> None: ...


class Memory:
    """Reads it once, at the start, and writes what was learned each minute."""

    def __init__(self, store: LeadStore) -> None:
        self._store = store
        self._known: set[str] = set()

    async def take_up(self, campaigns: Campaigns, live: Collection[str]) -> None:
        """Bring the dialer to where the last run left it; waits until the ledger answers.

        ``live`` are the attempts whose calls go on; all others are closed, and leads that were
        claimed are free again.
        """
        core, store = campaigns.core, self._store
        while True:
            try:
                await store.recover(campaigns.run_name, live, campaigns.now)
                for name, was in (await store.states()).items():
                    core.restore(name, CampaignState(was.state), was.since, was.by, was.why)
                today = midnight(campaigns.now, None)
                core.placing.shown.update(await store.shown_today(today))
                await self.recall(campaigns)
                return
            except LedgerDown as error:
                log.warning("dialer_waits", reason=str(error))
                await asyncio.sleep(_AGAIN_SECONDS)

    async def recall(self, campaigns: Campaigns) -> None:
        """What is known of the campaigns that are new to this run."""
        for name, running in list(campaigns.core.campaigns.items()):
            if name not in self._known:
                self._known.add(name)
                began = await self._store.began(name)
                now = campaigns.now
                await self._recall(running, now if began is None else began, now)

    async def _recall(self, running: Running, began: float, now: float) -> None:
        name = running.settings.name
        days = await self._store.tallies(name, now - _COUNTED_SECONDS)
        tallies = [Tally(day.day, day.answered, day.abandoned, day.machines) for day in days]
        running.recall(began, tallies)
        kept = await self._store.memory(name) or {}
        learned = kept.get(_hour(now)) or kept.get("last")
        if learned and isinstance(running.policy, Learns):
            running.policy.restore(learned)

    async def keep(self, campaigns: Campaigns) -> None:
        """Until cancelled: write down what each pacing has learned, under the hour of the day."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            for running in list(campaigns.core.campaigns.values()):
                if running.counts.dialed and isinstance(running.policy, Learns):
                    await self._keep(running, running.policy, campaigns.now)

    async def _keep(self, running: Running, policy: Learns, now: float) -> None:
        name, learned = running.settings.name, policy.snapshot()
        try:
            kept = await self._store.memory(name) or {}
            kept |= {_hour(now): learned, "last": learned}
            await self._store.save_memory(name, kept, now)
        except (LedgerDown, LedgerRefused) as error:
            log.warning("pacing_not_kept", campaign=name, reason=str(error))


def _hour(now: float) -> str:
    return str(datetime.fromtimestamp(now).astimezone().hour)
