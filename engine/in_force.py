"""Which settings are in force, and everybody who is told when others are.

Four things change them while the engine runs: the site's files are read again, somebody writes into
the working flows, a campaign is changed by the API, a calendar is switched to emergency.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

import structlog

from acd.messages import Configured
from engine import secrets
from engine.call_record import AuditEntry
from engine.calls.record import Standing
from engine.calls.switchboard import Switchboard
from engine.campaigns.driver import Campaigns
from engine.clerk import Clerk
from engine.config.acceptance import read_in_force, with_older_flows
from engine.config.campaign_changes import Changes, write_changes
from engine.config.campaigns_in_force import with_changes
from engine.config.problems import Problem
from engine.config.published import Publications
from engine.config.site import Site
from engine.emergency import Emergencies
from engine.hours import tell_hours, zone_of
from engine.lookups.lookups import Lookups
from engine.settings import Settings
from engine.sounds.prompt_files import PromptFiles

log = structlog.get_logger("engine")


class InForce:
    """``site`` has the settings in force; nobody is told of them before the first ``put``."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        sb: Switchboard,
        prompts: PromptFiles,
        lookups: Lookups,
        campaigns: Campaigns,
        clerk: Clerk,
        reloaded: Callable[[], Awaitable[None]],
    ) -> None:
        """``reloaded`` is awaited after each reload that put other settings in force."""
        self.site = self._written = site
        self.emergencies = Emergencies(settings.state_dir / "emergencies.json")
        self._settings = settings
        self._sb, self._prompts, self._lookups = sb, prompts, lookups
        self._campaigns, self._clerk, self._reloaded = campaigns, clerk, reloaded
        self._reading = asyncio.Lock()

    def put(self, site: Site, at: float | None = None) -> None:
        """Put new settings in force; calls in a flow go on with the one they began with.

        ``at`` is when, if not now.
        """
        self._written = site
        self._prompts.version = site.flow_set.version
        self._heed_emergencies()
        desk = self._sb.desk
        desk.zone = zone_of(site)
        queues, agents = tuple(site.queues.values()), tuple(site.agents.values())
        desk.post(Configured(queues, agents, site.media, site.reasons), at)
        self._campaigns.configure(self.site)

    async def reload(self) -> list[Problem]:
        """Read the site's files again. With an error in them the old settings stay in force.

        So they do when a test of the working flows fails. Who waits or talks is not disturbed; new
        prompts are made by ``tongdai setup``, before. One after the other: what was read last is
        in force.
        """
        async with self._reading:
            site, problems = await asyncio.to_thread(read_in_force, self._settings)
            problems += read_secrets(self._lookups, self._settings)
            if site is None:
                log.warning("reload_refused", problems=[p.render() for p in problems])
            else:
                live = [call.standing for call in self._sb.registry.calls.values()]
                self.put(self.with_older_flows(site, live))
                tell_hours(self._sb.desk, self.site)
                log.info("reloaded", warnings=len(problems), flows=site.flow_set.version)
                await self._reloaded()
        return problems

    async def try_flows(self) -> None:
        """Somebody wrote into the working files: calls that begin now hear that at once."""
        if not Publications(self._settings.state_dir).is_published():
            await self.reload()

    def with_older_flows(self, site: Site, calls: Iterable[Standing]) -> Site:
        """``site``, on which these calls go on in the flows that they began with."""
        versions = {call.node.version for call in calls if call.node is not None}
        return with_older_flows(site, self.site, versions, self._settings.state_dir)

    async def change_campaigns(self, edit: Callable[[Changes], Changes]) -> list[Problem]:
        """Put other changes of campaigns in force, at once. With an error nothing is changed.

        Raises ``OSError`` when they cannot be kept: then they are not in force, either.
        """
        async with self._reading:
            changes = edit(self._written.campaign_changes)
            site, problems = with_changes(self._written, changes)
            if site is not None:
                file = self._settings.campaign_changes_file
                await asyncio.to_thread(write_changes, file, changes)
                self.put(site)
                log.info("campaigns_changed", changed=sorted(changes))
        return problems

    def switch_emergency(self, calendars: Collection[str], on: bool, by: str, why: str) -> None:
        """Switch these calendars to emergency, or back: numbers, flows and queues heed it now."""
        now, action = self._sb.clock.now(), "emergency_on" if on else "emergency_off"
        for calendar in calendars:
            self.emergencies.switch(calendar, on, now, by, why)
            entry = f"{action}-{calendar}-{now:.6f}"
            self._clerk.file_audit(AuditEntry(entry, now, by, action, calendar, detail=why))
        self._heed_emergencies()
        tell_hours(self._sb.desk, self.site)

    def _heed_emergencies(self) -> None:
        switched = self.emergencies.in_force
        self.site = self._sb.site = self._written.in_emergency(switched)
        for calendar in switched.keys() - self.site.calendars.keys():
            log.warning("emergency_unknown", calendar=calendar)


def read_secrets(lookups: Lookups, settings: Settings) -> list[Problem]:
    """Give the lookups their secrets; with an error in the file, only those of the environment."""
    lookups.secrets, problems = secrets.load(settings.secrets_file)
    if problems:
        log.error("secrets_refused", problems=[p.render() for p in problems])
    return problems
