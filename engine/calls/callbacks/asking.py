"""Asks a caller at which number he wants to be called back, when he waits no longer."""

from __future__ import annotations

from dialplan.numbers import as_people_dial
from engine.calls.call import Call
from engine.calls.callbacks import number_dialog as dialogs
from engine.calls.callbacks.number_dialog import NumberDialog
from engine.calls.errands.dialing import way_to
from engine.calls.saying import Saying
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed


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


async def ask_number(call: Call, sb: Switchboard, confirm: bool, number: str = "") -> str | None:
    """The number that he confirms or types; ``confirm`` False believes ``number``, or without one
    that from which he calls.

    None when he chose none. Raises ``CallerGone``.
    """
    number = number or call.arrived.caller
    known = reachable(sb, number)
    if known is not None and not confirm:
        return known
    return await _Asking(call, sb).until_answered(number)


class _Asking:
    """A dialog in a call that does nothing else meanwhile."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self._call, self._sb = call, sb
        self._dialog = number_dialog_of(sb)
        self._saying = Saying(call, sb, call.standing.language)

    async def until_answered(self, number: str) -> str | None:
        answer: dialogs.Answer | None = self._dialog.begin(number, self._call.now())
        while True:
            match answer:
                case dialogs.Ask(prompts=prompts):
                    await self._saying.say(*prompts)
                case dialogs.Hush():
                    await self._saying.hush()
                case dialogs.Chosen(number=chosen):
                    await self._saying.hush()
                    return chosen
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
        if self._saying.is_over(mail):
            dialog.said(call.now())
        return None
