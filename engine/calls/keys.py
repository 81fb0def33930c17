"""Asks for keys in a call that does nothing else meanwhile."""

from __future__ import annotations

from engine.calls.announce import begin_saying
from engine.calls.call import Call
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed

_PATIENCE_SECONDS = 12.0
"""From the beginning of the prompts."""


async def ask_keys(
    call: Call, sb: Switchboard, prompts: tuple[str, ...], most: int, language: str
) -> str:
    """The keys pressed, up to ``most`` or ``#``; the first cuts the prompts. Written nowhere.

    A ``#`` before any other key is the end of an answer before, and says nothing. What was pressed
    by then, perhaps nothing, when patience is over. Raises ``CallerGone``.
    """
    playback = await begin_saying(call, sb, prompts, language)
    keys = ""
    deadline = call.now() + _PATIENCE_SECONDS
    while len(keys) < most:
        mail = await call.receive(deadline)
        if mail is None:
            break
        if not isinstance(mail, DigitPressed):
            continue
        if mail.digit == "#":
            if keys:
                break
            continue
        if not keys:
            await sb.pbx.stop_playback(call.channel, playback)
        keys += mail.digit
    return keys
