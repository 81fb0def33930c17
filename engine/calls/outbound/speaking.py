"""What who answered an attempt hears when it is not an agent.

A person for whom none is free hears who called and how to be called no more: by the key 9, while it
is said and for a while after it. An answering machine hears its message, after its beep.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from engine.call_record import SegmentKind
from engine.calls import notes as n
from engine.calls.announce import begin_saying
from engine.calls.beep import until_beep
from engine.calls.call import Call
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, PbxError, PlaybackEnded

OPT_OUT_KEY: Final = "9"
OPTED_OUT: Final = "dialer_opted_out"
"""The prompt that says: you will not be called again."""

_KEY_SECONDS = 4.0
"""So long the key counts after the message."""
_LONGEST_SECONDS = 120.0
"""When the end of what is said is never told."""


async def apologise(call: Call, sb: Switchboard, prompts: tuple[str, ...]) -> None:
    """Tell a person that nobody is free for him. Raises ``CallerGone``."""
    call.segment(SegmentKind.CLOSING)
    if not prompts:
        return
    language = call.standing.language
    playback, until = await _begin(call, sb, prompts), call.now() + _LONGEST_SECONDS
    while (mail := await call.receive(until)) is not None:
        match mail:
            case DigitPressed(channel=channel, digit=key) if channel == call.channel:
                if key == OPT_OUT_KEY:
                    call.note(n.OptedOut(call.now(), key))
                    call.step(SIP, "opts out", ARI, key)
                    await _hush(call, sb, playback)
                    await _until_said(call, await begin_saying(call, sb, (OPTED_OUT,), language))
                    return
            case PlaybackEnded(playback=ended) if ended == playback:
                until = call.now() + _KEY_SECONDS


async def leave_message(call: Call, sb: Switchboard, prompts: tuple[str, ...]) -> None:
    """Speak to an answering machine. Raises ``CallerGone`` when it hangs up before the end."""
    call.segment(SegmentKind.CLOSING)
    await until_beep(call, sb)
    if await _until_said(call, await _begin(call, sb, prompts)):
        call.note(n.MessageLeft(call.now()))


async def _begin(call: Call, sb: Switchboard, prompts: tuple[str, ...]) -> str:
    call.note(n.SpokenTo(call.now(), prompts))
    return await begin_saying(call, sb, prompts, call.standing.language)


async def _until_said(call: Call, playback: str) -> bool:
    """Whether all of it was heard."""
    until = call.now() + _LONGEST_SECONDS
    while (mail := await call.receive(until)) is not None:
        if isinstance(mail, PlaybackEnded) and mail.playback == playback:
            return mail.ok
    return False


async def _hush(call: Call, sb: Switchboard, playback: str) -> None:
    with suppress(PbxError):
        await sb.pbx.stop_playback(call.channel, playback)
