"""When to speak to a mailbox: after its beep, or when it has long been silent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Final

from engine.ports import Pbx
from engine.sounds.beeps import BeepFinder

LONGEST_GREETING_SECONDS: Final = 60.0
NO_BEEP_SECONDS: Final = 4.0
"""A mailbox pauses for less before it beeps; one without a beep records by then."""


class TimeToSpeak(StrEnum):
    """How it is known."""

    BEEP = "BEEP"
    SILENCE = "SILENCE"
    TIMEOUT = "TIMEOUT"  # it talks and talks, or nothing is heard at all


async def until_beep(
    pbx: Pbx, channel: str, ears: str, seconds: float = LONGEST_GREETING_SECONDS
) -> TimeToSpeak:
    """Listen to a leg that a machine has answered, until it is time to speak.

    ``ears`` names what listens, as in ``Pbx.hear``. Raises ``PbxError`` when it cannot listen; a
    leg that is hung up meanwhile is heard no more, and its mailbox tells.
    """
    finder = BeepFinder()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), pbx.hear(channel, ears) as audio:
            async for piece in audio:
                finder.feed(piece)
                if finder.beeped:
                    return TimeToSpeak.BEEP
                if finder.silent_seconds >= NO_BEEP_SECONDS:
                    return TimeToSpeak.SILENCE
    return TimeToSpeak.TIMEOUT
