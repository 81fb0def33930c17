"""Carries out what follows from what is in the mailboxes: who is told, which lamps are lit, which
recordings are deleted. It works on what the ledger says, so a restart misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog

from engine.calls.mailboxes.lamps import Lamps
from engine.calls.mailboxes.webhooks import Webhooks
from engine.calls.switchboard import Switchboard
from engine.mailbox import Message, settings_of
from engine.ports import LedgerDown, LedgerRefused
from engine.store.voicemails import Counts, Voicemails

log = structlog.get_logger("mailboxes")

LOOK_SECONDS: Final = 30.0
_AT_ONCE: Final = 50
"""Messages that are asked for at once, and recordings that are deleted in one look."""

Remove = Callable[[str], Awaitable[None]]
"""Deletes the recording of this name. It may be gone already."""


class MailboxKeeper:
    """One engine's. ``counts`` are those of each mailbox that holds something."""

    def __init__(self, sb: Switchboard, voicemails: Voicemails, remove: Remove) -> None:
        self.counts: Mapping[str, Counts] = {}
        self.lamps = Lamps(sb)
        self._sb, self._voicemails, self._remove = sb, voicemails, remove
        self._webhooks = Webhooks(sb.lookups)
        self._opened, self._woken = asyncio.Event(), asyncio.Event()
        self._incarnation = ""

    def wake(self) -> None:
        """Something is in a mailbox, or somebody sits elsewhere."""
        self._woken.set()

    def open(self) -> None:
        """The ledger is open."""
        self._opened.set()

    def serve(self, incarnation: str) -> None:
        """The agents' phones are at this switch: another one than before knows of no lamp."""
        if incarnation != self._incarnation:
            self._incarnation = incarnation
            self.lamps.forget()
        self.wake()

    async def run(self) -> None:
        """Look now and then, and when woken, until cancelled; not before the ledger is open."""
        await self._opened.wait()
        while True:
            self._woken.clear()
            try:
                await self.look()
            except (LedgerDown, LedgerRefused) as error:
                log.warning("mailboxes_unknown", reason=str(error))
            except Exception:
                log.exception("mailboxes_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()

    async def look(self) -> None:
        """Carry out all that is due. Raises ``LedgerDown``."""
        await self._voicemails.forget_retired(self._sb.clock.now())
        self.counts = await self._voicemails.counts()
        await self.lamps.follow(self.counts)
        after = ""
        while messages := await self._voicemails.untold(_AT_ONCE, after):
            for message in messages:
                await self._tell(message)
            after = messages[-1].recording  # those that wait for a host keep nobody from his turn
        for recording in await self._voicemails.unremoved(_AT_ONCE):
            await self._remove(recording)
            await self._voicemails.set_removed(recording, self._sb.clock.now())

    async def _tell(self, message: Message) -> None:
        site, now = self._sb.site, self._sb.clock.now()
        settings = settings_of(message.mailbox, site.agents, site.queues)
        if settings is None or await self._webhooks.tell(message, settings, now):
            log.info(
                "message_waits",
                mailbox=message.mailbox,
                recording=message.recording,
                seconds=message.seconds,
                urgent=message.urgent,
            )
            await self._voicemails.set_told(message.recording, now)
