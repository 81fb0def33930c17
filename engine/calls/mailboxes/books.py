"""What stories ask of the ledger about mailboxes; what they do to messages is in their records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from engine.mailbox import Mailbox, Message
from engine.ports import LedgerDown, LedgerRefused
from engine.store.voicemails import Voicemails

log = structlog.get_logger("mailboxes")

_PATIENCE_SECONDS: Final = 0.5
"""For so long who calls may be kept for it."""


class MailboxBooks(Protocol):
    """The mailboxes. Nothing is raised: a ledger that is away knows of none."""

    async def look(self, mailbox: str) -> Mailbox:
        """How full it is, and its greeting."""

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message] | None:
        """Those to be heard, in this order: urgent ones that are new, other new ones from the
        oldest, then what was heard or saved, from the newest. None when nobody knows."""


class NoBooks:
    """No ledger to ask."""

    async def look(self, mailbox: str) -> Mailbox:
        """Nothing is known."""
        return Mailbox()

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message] | None:
        """Nobody knows."""
        return None


class LedgerBooks:
    """The mailboxes of an open ledger, which may be slow or away."""

    def __init__(self, voicemails: Voicemails) -> None:
        self._voicemails = voicemails

    async def look(self, mailbox: str) -> Mailbox:
        """An empty one with its usual greeting, when nobody knows."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._voicemails.look(mailbox)
        except (LedgerDown, LedgerRefused, TimeoutError) as error:
            log.warning("mailbox_unknown", mailbox=mailbox, reason=str(error) or "no answer")
            return Mailbox()

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message] | None:
        """None when nobody knows."""
        try:
            return await self._voicemails.messages(mailboxes, most)
        except (LedgerDown, LedgerRefused) as error:
            log.warning("mailbox_unknown", mailbox=", ".join(mailboxes), reason=str(error))
            return None
