"""Tells another system of a new message, by POST."""

from __future__ import annotations

from typing import Final

import structlog

from acd.queues import MailboxSettings
from engine.calls.switchboard import LookupDesk
from engine.ivr.messages import Request
from engine.mailbox import Message

log = structlog.get_logger("mailboxes")

TIMEOUT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 30.0
LONGEST_RETRY_SECONDS: Final = 900.0
GIVE_UP_SECONDS: Final = 86_400.0


class Webhooks:
    """Each message is told of until its host has taken it, or a day is over; what waits for that is
    kept in the ledger, how often it was tried is not."""

    def __init__(self, lookups: LookupDesk) -> None:
        self._lookups = lookups
        self._tries: dict[str, tuple[int, float]] = {}

    async def tell(self, message: Message, settings: MailboxSettings, now: float) -> bool:
        """Whether nothing more is to be done for this message."""
        if not settings.webhook:
            return True
        tries, due = self._tries.get(message.recording, (0, now))
        if now < due:
            return False
        told = await self._post(message, settings) or now >= message.at + GIVE_UP_SECONDS
        if told:
            self._tries.pop(message.recording, None)
        else:
            pause = min(RETRY_SECONDS * (1 << min(tries, 10)), LONGEST_RETRY_SECONDS)
            self._tries[message.recording] = (tries + 1, now + pause)
        return told

    async def _post(self, message: Message, settings: MailboxSettings) -> bool:
        result = await self._lookups.perform(request_for(message, settings))
        if 200 <= result.status < 300:
            return True
        log.warning(
            "webhook_failed",
            mailbox=message.mailbox,
            recording=message.recording,
            status=result.status,
            reason=result.reason or result.result,
        )
        return False


def request_for(message: Message, settings: MailboxSettings) -> Request:
    """What is sent; the secret is put in when it leaves."""
    headers = {"Idempotency-Key": message.recording}
    if settings.webhook_secret:
        headers["Authorization"] = f"Bearer ${{secret:{settings.webhook_secret}}}"
    body = {
        "event": "voicemail",
        "voicemail": message.recording,
        "mailbox": message.mailbox,
        "caller": message.caller,
        "at": message.at,
        "seconds": message.seconds,
        "urgent": message.urgent,
        "call": message.call,
        "audio": f"/v1/recordings/{message.recording}/audio",
    }
    return Request("voicemail", "POST", settings.webhook, headers, body, TIMEOUT_SECONDS)
