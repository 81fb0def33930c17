"""Leads on their way between the ledger and the hoppers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final

import structlog

from dialer.compliance import Law
from dialer.hopper import STALE_SECONDS
from dialer.messages import LeadsClaimed
from dialer.running import Running
from engine.ports import LedgerDown, LedgerRefused
from engine.store.lead_claims import ClaimAsk
from engine.store.leads import LeadStore, Return

log = structlog.get_logger("campaigns")

SWEEP_SECONDS: Final = 300.0
_LOST_SECONDS: Final = 2 * STALE_SECONDS
"""No hopper keeps a lead so long."""
_PLACES_SECONDS: Final = 60.0
"""How long the places of a list's leads are believed."""
_AGAIN_SECONDS: Final = 2.0
_AT_ONCE: Final = 200
"""Leads given back in one transaction."""

_Place = tuple[tuple[str, ...], str]  # zones and region


async def insist(write: Callable[[], Awaitable[None]], what: str) -> None:
    """Until the ledger has it; ``what`` it refuses is logged."""
    while True:
        try:
            await write()
            return
        except LedgerRefused as error:
            log.error("ledger_refused", what=what, reason=str(error))
            return
        except LedgerDown:
            await asyncio.sleep(_AGAIN_SECONDS)


class Supply:
    """Claims leads for this run of the engine, and gives back what is not dialed."""

    def __init__(self, store: LeadStore, run: str) -> None:
        self._store, self._run = store, run
        self._places: dict[str, tuple[float, list[_Place]]] = {}
        self._returns: list[Return] = []
        self._returned = asyncio.Event()

    def forget_places(self) -> None:
        """Lists may be others by now."""
        self._places.clear()

    async def claim(self, running: Running, count: int, now: float) -> LeadsClaimed:
        """So many leads for a campaign's hopper; none while the ledger is away."""
        settings = running.settings
        lists = tuple((share.list, share.share) for share in settings.lists)
        try:
            ask = ClaimAsk(
                campaign=settings.name,
                run=self._run,
                lists=lists,
                want=count,
                now=now,
                open_places=await self._open_places(
                    running.law, settings.purpose, [name for name, _ in lists], now
                ),
                filter=settings.filter,
                order=settings.order,
                numbers=settings.numbers,
                owners=frozenset(running.staff),
                patience_seconds=settings.callback_patience_seconds,
            )
            found, exhausted = await self._store.claim(ask)
        except (LedgerDown, LedgerRefused) as error:
            log.warning("leads_not_claimed", campaign=settings.name, reason=str(error))
            found, exhausted = [], True
        return LeadsClaimed(settings.name, tuple(found), exhausted)

    def give_back(self, back: Return) -> None:
        """A claimed lead that is not dialed now."""
        self._returns.append(back)
        self._returned.set()

    async def return_leads(self) -> None:
        """Until cancelled: leads go back together; until the ledger has them they are nobody's."""
        while True:
            await self._returned.wait()
            self._returned.clear()
            while self._returns:
                batch, self._returns = self._returns[:_AT_ONCE], self._returns[_AT_ONCE:]
                await insist(partial(self._store.give_back, batch), "leads given back")

    async def sweep(self, now: Callable[[], float]) -> None:
        """Until cancelled: a claim that was kept although its answer was lost leaves leads in
        nobody's hopper; they are free again."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            before = now() - _LOST_SECONDS
            await insist(partial(self._store.sweep, self._run, before), "leads given back")

    async def _open_places(
        self, law: Law, purpose: str, lists: Iterable[str], now: float
    ) -> frozenset[_Place]:
        """Where it is a lawful hour now, of the places that the leads are in."""
        places: set[_Place] = set()
        for name in lists:
            asked, known = self._places.get(name, (0.0, []))
            if now > asked + _PLACES_SECONDS:
                known = [(each.zones, each.region) for each in await self._store.places([name])]
                self._places[name] = now, known
            places.update(known)
        return frozenset(p for p in places if law.opens(p[0], p[1], now, purpose=purpose))
