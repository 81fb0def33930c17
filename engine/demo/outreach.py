"""The demo's campaign: leads from a file, callees behind a trunk, and two agents who talk."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from engine.asterisk.install import Installation
from engine.center import Center
from engine.demo import tones
from engine.demo.agents import Agent
from engine.demo.callees import Callees, Voice, callees_at
from engine.demo.cast import CAMPAIGN, REGION, TRUNK_ADDRESS
from engine.demo.leads import COLUMNS, LEADS_FILE, leads
from engine.demo.phones import PhoneError
from engine.demo.stage import Stage
from engine.lead_import.leads import ImportOptions, ImportReport, import_leads
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

CAMPAIGNS_FILE: Final = Path(__file__).with_name("campaigns.yaml")
_LONGEST_TALK = 60.0
_PATIENCE = 120.0
_POLL_SECONDS = 0.1


@contextlib.asynccontextmanager
async def customers(installation: Installation) -> AsyncIterator[Callees | None]:
    """The callees behind the trunk; None where there is no SIPp to play them."""
    if installation.program("sipp") is None:
        yield None
        return
    async with callees_at(installation, TRUNK_ADDRESS, _voice_of) as callees:
        yield callees


def _voice_of(number: str) -> Voice:
    """From his answer on a tone of his own."""
    lead = leads().get(number)
    return Voice(tones.sine(lead.tone_hz, round(_LONGEST_TALK * tones.RATE)) if lead else b"")


class Campaign:
    """The campaign at its center, from the import to the last call. ``report`` is the import's."""

    def __init__(self, center: Center, stage: Stage, callees: Callees, database: str) -> None:
        self.callees = callees
        self.report: ImportReport | None = None
        self._center = center
        self._stage = stage
        self._database = database

    async def run(self, agents: Sequence[Agent]) -> None:
        """Until everybody who may be called was, and all phones have noticed that it is over."""
        self.report = await self._import()
        await self._until_trusted()
        await self._move("start")
        self._tell("starts: one call for each agent who is free")
        working = [asyncio.create_task(agent.reach_out(self._center)) for agent in agents]
        try:
            with contextlib.suppress(TimeoutError):  # the verdict says who was not called
                await asyncio.wait_for(self._all_were_called(), _PATIENCE)
            await self._move("end")
            for agent in agents:
                await agent.until_free()
        finally:
            for work in working:
                work.cancel()

    async def _import(self) -> ImportReport:
        ledger = Ledger(self._database)
        await ledger.open()
        try:
            store = LeadStore(ledger)
            barred = [lead.number for lead in leads().values() if lead.barred]
            await store.suppress(barred, "letter", "the demo", time.time(), "wants no more calls")
            options = ImportOptions(region=REGION)
            report = await import_leads(store, CAMPAIGN, LEADS_FILE, COLUMNS, options)
        finally:
            await ledger.close()
        bad = ", ".join(f"{count} {why}" for why, count in report.reasons.items())
        self._tell(
            f"{LEADS_FILE.name}: {report.rows} rows, {report.added} leads, {report.barred} of "
            f"them on a do-not-call list; left out: {bad or 'none'}"
        )
        return report

    async def _until_trusted(self) -> None:
        """The engine first makes sure that it may dial at all."""
        deadline = time.monotonic() + _PATIENCE
        while why := (await self._center.get(f"/v1/campaigns/{CAMPAIGN}"))["untrusted"]:
            if time.monotonic() > deadline:
                raise PhoneError(f"the campaign cannot start: {why}")
            await asyncio.sleep(_POLL_SECONDS)

    async def _all_were_called(self) -> None:
        wanted = {lead.number for lead in leads().values() if not lead.barred}
        told: set[str] = set()
        while not wanted <= told:
            for call in self.callees.calls:
                if call.ended is not None and call.number not in told:
                    told.add(call.number)
                    self._tell(f"{_name(call.number)}: {_came_of(call.status)}")
            await asyncio.sleep(_POLL_SECONDS)

    async def _move(self, to: str) -> None:
        path = f"/v1/campaigns/{CAMPAIGN}/{to}"
        status, answer = await self._center.post(path, by="the demo")
        if status != 200:
            raise PhoneError(f"the campaign cannot {to}: {answer}")

    def _tell(self, what: str) -> None:
        self._stage.tell("Dialer", what)


def _name(number: str) -> str:
    lead = leads().get(number)
    return lead.name if lead else number


def _came_of(status: int | None) -> str:
    return "answered, and has hung up" if status is None else f"the network says {status}"
