"""What campaigns keep over a restart: their states, what counts in their windows, what their pacing
learned, and the attempts whose calls live on.

Pacing is remembered by the hour of the day, so a campaign that begins in the morning begins with
what it learned on other mornings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable
from weakref import WeakSet

import structlog

from dialer.compliance.windows import KEPT_DAYS, QUARTER_SECONDS
from dialer.core import GONE, Dialer
from dialer.messages import CampaignState, Moved
from dialer.running import Running
from engine.ports import LedgerDown, LedgerRefused
from engine.store.campaign_states import CampaignStanding
from engine.store.leads import LeadStore
from engine.store.trunk_use import trunk_use

log = structlog.get_logger("campaigns")

KEEP_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 1.0
_DAY: Final = 86400.0
_OVER: Final = (CampaignState.DRAFT, CampaignState.DONE)


@runtime_checkable
class Learns(Protocol):
    """A pacing policy that learns: what it knows as JSON, and back."""

    def snapshot(self) -> dict[str, Any]: ...
    def restore(self, kept: dict[str, Any]) -> None: ...


class Memory:
    """Reads it once, at the start, and writes what was learned each minute."""

    def __init__(self, store: LeadStore, core: Dialer, now: Callable[[], float]) -> None:
        self._store, self._core, self._now = store, core, now
        self._known: WeakSet[Running] = WeakSet()
        self._live: frozenset[str] = frozenset()

    async def take_up(self, run: str, live: Collection[str], midnight: float) -> None:
        """Bring the dialer to where the last run left it; waits until the ledger answers.

        ``live`` are the attempts whose calls go on; all others are closed, and leads that were
        claimed by others than this ``run`` are free again. ``midnight`` is when today began.
        """
        core, store, now = self._core, self._store, self._now()
        self._live = frozenset(live)
        while True:
            try:
                await store.recover(run, live, now)
                states = await store.states()
                await self._end_gone(states)
                shown = await store.shown_today(midnight)
                used = await trunk_use(store.ledger, now - _DAY)
                break
            except LedgerDown as error:
                log.warning("dialer_waits", reason=str(error))
                await asyncio.sleep(_AGAIN_SECONDS)
        for name, was in states.items():
            core.restore(name, CampaignState(was.state), was.since, was.by, was.why)
        core.placing.day_began(midnight)
        core.placing.shown.update(shown)
        for use in used:
            core.placing.trunks.spent(use.trunk, use.at, use.calls, use.seconds)
        await self.recall()

    async def _end_gone(self, states: Mapping[str, CampaignStanding]) -> None:
        """Taken out of the settings between two runs, it does not go on when it is put back."""
        for name, was in states.items():
            if name not in self._core.campaigns and was.state not in _OVER:
                moved = Moved(name, was.state, CampaignState.DONE, "settings", GONE)
                await self._store.save_state(moved, self._now())

    async def recall(self) -> None:
        """What is known of the campaigns that are new to this run; waits for the ledger."""
        for running in list(self._core.campaigns.values()):
            while running not in self._known:
                try:
                    await self._recall(running, self._now())
                except LedgerDown as error:
                    log.warning("dialer_waits", reason=str(error))
                    await asyncio.sleep(_AGAIN_SECONDS)

    async def _recall(self, running: Running, now: float) -> None:
        """All of it is read before any of it is told: what fails is read anew as a whole.

        What lives on of the last run is counted as it is told, also when it ends meanwhile.
        """
        name, store = running.settings.name, self._store
        past = await store.past(name, self._live)
        oldest = (now - KEPT_DAYS * _DAY) // QUARTER_SECONDS * QUARTER_SECONDS
        tallies = await store.tallies(name, oldest, self._live)
        kept = await self._kept(name)
        if running in self._known:  # another reload was faster
            return
        self._known.add(running)
        running.recall(past, tallies)
        learned = kept.get(_hour(now)) or kept.get("last")
        if learned and isinstance(running.policy, Learns):
            _restore(running, running.policy, learned)

    async def _kept(self, name: str) -> dict[str, Any]:
        """What was learned, by the hour; nothing when it cannot be read."""
        try:
            kept = await self._store.memory(name)
        except ValueError as error:
            log.warning("pacing_forgotten", campaign=name, reason=str(error))
            return {}
        return kept if isinstance(kept, dict) else {}

    async def keep(self) -> None:
        """Until cancelled: write down what each pacing has learned, under the hour of the day."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            for running in list(self._core.campaigns.values()):
                if running.counts.dialed and isinstance(running.policy, Learns):
                    await self._keep(running, running.policy, self._now())

    async def _keep(self, running: Running, policy: Learns, now: float) -> None:
        name, learned = running.settings.name, policy.snapshot()
        try:
            kept = await self._kept(name)
            kept |= {_hour(now): learned, "last": learned}
            await self._store.save_memory(name, kept, now)
        except (LedgerDown, LedgerRefused) as error:
            log.warning("pacing_not_kept", campaign=name, reason=str(error))


def _restore(running: Running, policy: Learns, learned: Mapping[str, Any]) -> None:
    """What another version has learned, or what is damaged, is begun afresh."""
    try:
        policy.restore(dict(learned))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        running.forget()
        log.warning("pacing_forgotten", campaign=running.settings.name, reason=repr(error))


def _hour(now: float) -> str:
    return str(datetime.fromtimestamp(now).astimezone().hour)
