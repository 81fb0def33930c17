"""Asks a caller at which number he wants to be called back, when he waits no longer."""

from __future__ import annotations

from dialplan.numbers import as_people_dial
from engine.calls.call import Call
from engine.calls.callbacks import number_dialog as dialogs
from engine.calls.callbacks.number_dialog import NumberDialog
from engine.calls.errands.dialing import way_to
from engine.calls.saying import Saying
from engine.calls.switchboard import Switchboard


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
    dialog, saying = number_dialog_of(sb), Saying(call, sb, call.standing.language)
    answer: dialogs.Answer = dialog.begin(number, call.now())
    while True:
        match answer:
            case dialogs.Ask(prompts=prompts):
                await saying.say(*prompts)
            case dialogs.Hush():
                await saying.hush()
            case dialogs.Chosen(number=chosen):
                await saying.hush()
                return chosen
            case dialogs.Dropped():
                return None
        answer = await saying.answer(dialog)
