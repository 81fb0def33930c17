"""Asks a caller at which number he wants to be called back, when he waits no longer."""

from __future__ import annotations

from contextlib import suppress

from dialplan.numbers import as_people_dial
from engine.calls import number_dialog as dialogs
from engine.calls.announce import begin_saying
from engine.calls.call import Call
from engine.calls.dialing import way_to
from engine.calls.number_dialog import NumberDialog
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, PbxError, PlaybackEnded


def reachable(sb: Switchboard, number: str) -> str | None:
    """The number as it will be dialed, None when it may not be."""
    way = way_to(sb, number)
    return None if way is None else way.number


def number_dialog_of(sb: Switchboard) -> NumberDialog:
    """The dialog, with the site's rules of what can be called."""
    region = sb.site.outbound.region
    return NumberDialog(
        lambda number: reachable(sb, number), lambda number: as_people_dial(number, region)
    )


async def ask_number(call: Call, sb: Switchboard, confirm: bool) -> str | None:
    """The number that he confirms or types; ``confirm`` False believes the one that he calls from.

    None when he chose none. Raises ``CallerGone``.
    """
    known = reachable(sb, call.arrived.caller)
    if known is not None and not confirm:
        return known
    return await _Asking(call, sb).until_answered()


class _Asking:
    """A dialog in a call that does nothing else meanwhile."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self._call, self._sb = call, sb
        self._dialog = number_dialog_of(sb)
        self._playback = ""

    async def until_answered(self) -> str | None:
        call = self._call
        answer: dialogs.Answer | None = self._dialog.begin(call.arrived.caller, call.now())
        while True:
            match answer:
                case dialogs.Ask(prompts=prompts):
                    await self._hush()
                    language = call.standing.language
                    self._playback = await begin_saying(call, self._sb, prompts, language)
                case dialogs.Hush():
                    await self._hush()
                case dialogs.Chosen(number=number):
                    await self._hush()
                    return number
                case dialogs.Dropped():
                    return None
            answer = await self._next()

    async def _next(self) -> dialogs.Answer | None:
        call, dialog = self._call, self._dialog
        mail = await call.receive(dialog.next_deadline())
        match mail:
            case None:
                return dialog.late(call.now())
            case DigitPressed(channel=channel, digit=key) if channel == call.channel:
                return dialog.pressed(key, call.now())
            case PlaybackEnded(playback=playback) if playback == self._playback:
                self._playback = ""
                dialog.said(call.now())
        return None

    async def _hush(self) -> None:
        playback, self._playback = self._playback, ""
        if playback:
            with suppress(PbxError):
                await self._sb.pbx.stop_playback(self._call.channel, playback)
