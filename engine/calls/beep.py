"""When to speak to a mailbox: after its beep, or when it has long been silent.

The engine listens itself, for every mailbox beeps at another pitch. When it cannot, the dialplan
waits for silence.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Final

import structlog

from engine.calls.call import Call
from engine.calls.switchboard import Switchboard
from engine.ports import AnsweredBy, Pbx, PbxError
from engine.sounds.beeps import BeepFinder

log = structlog.get_logger("beep")

CONTEXT: Final = "answered-by"
EXTENSION: Final = "beep"

LONGEST_GREETING_SECONDS: Final = 45.0
"""Then the message is spoken in any case."""
NO_BEEP_SECONDS: Final = 4.0
"""A mailbox pauses for less before it beeps; one without a beep records by then."""


class TimeToSpeak(StrEnum):
    """How it is known: as ``AnsweredBy.status``."""

    BEEP = "BEEP"
    SILENCE = "SILENCE"
    TIMEOUT = "TIMEOUT"  # it talks and talks, or nothing is heard at all


async def until_beep(call: Call, sb: Switchboard) -> TimeToSpeak:
    """Listen to a mailbox until it is to be spoken to. Raises ``CallerGone``."""
    task = asyncio.create_task(_tell(call, sb.pbx), name=f"beep {call.id}")
    try:
        until = call.now() + LONGEST_GREETING_SECONDS
        while (mail := await call.receive(until)) is not None:
            if isinstance(mail, AnsweredBy) and mail.status in set(TimeToSpeak):
                return TimeToSpeak(mail.status)
        return TimeToSpeak.TIMEOUT
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tell(call: Call, pbx: Pbx) -> None:
    """Into the mailbox, as the dialplan's answer comes."""
    try:
        found = await beep_on(pbx, call.channel, call.new_id("e"))
        call.deliver(AnsweredBy(call.now(), call.channel, found))
    except PbxError as error:
        log.warning("beep_unheard", reason=str(error))
        with suppress(PbxError):  # gone, which its mailbox tells; or, after a crash, there already
            await pbx.hand_over(call.channel, CONTEXT, EXTENSION)


async def beep_on(pbx: Pbx, channel: str, ears: str) -> TimeToSpeak:
    """Listen to a leg for as long as it has audio; ``ears`` names what listens, as in ``Pbx.hear``.

    Raises ``PbxError`` when it cannot.
    """
    finder = BeepFinder()
    async with pbx.hear(channel, ears) as audio:
        async for piece in audio:
            finder.feed(piece)
            if finder.beeped:
                return TimeToSpeak.BEEP
            if finder.silent_seconds >= NO_BEEP_SECONDS:
                return TimeToSpeak.SILENCE
    return TimeToSpeak.TIMEOUT
