"""What the handlers see of the running engine, and how they find it."""

from __future__ import annotations

import asyncio
from typing import Protocol

from aiohttp import web

from engine.asterisk.pbx import AsteriskPbx
from engine.calls.mailboxes.keeping import MailboxKeeper
from engine.calls.registry import Registry
from engine.calls.switchboard import Switchboard
from engine.campaigns.driver import Campaigns
from engine.clerk import Clerk
from engine.clock import Clock
from engine.config.site import Site
from engine.contacts import Contacts
from engine.desk import Desk
from engine.in_force import InForce
from engine.lookups.lookups import Lookups
from engine.recordings.archive import Archive
from engine.settings import Settings
from engine.store.audit import AuditLog
from engine.store.reports import Reports
from engine.store.voicemails import Voicemails


class ServedEngine(Protocol):
    """The parts of ``engine.app.Engine`` that the API shows and moves."""

    settings: Settings
    in_force: InForce
    clock: Clock
    desk: Desk
    contacts: Contacts
    pbx: AsteriskPbx
    registry: Registry
    switchboard: Switchboard
    reports: Reports
    audit: AuditLog
    archive: Archive
    voicemails: Voicemails
    mailboxes: MailboxKeeper
    clerk: Clerk
    lookups: Lookups
    campaigns: Campaigns
    ready: asyncio.Event

    @property
    def site(self) -> Site: ...


ENGINE: web.AppKey[ServedEngine] = web.AppKey("engine", ServedEngine)
