"""What a flow sends its caller off for: an agent, a callback, a message, somebody else."""

from __future__ import annotations

from engine.calls.announce import answer
from engine.calls.call import Call
from engine.calls.callbacks.agreeing import ask_for_callback
from engine.calls.conferences.attending import confer
from engine.calls.errands.answers import record_answer
from engine.calls.errands.transferring import transfer
from engine.calls.errands.voicemail import take_message
from engine.calls.lanes import ARI, SIP
from engine.calls.left import ANSWERED, OVER, SENT, Onward
from engine.calls.queueing.service import serve
from engine.calls.switchboard import Switchboard
from engine.calls.talk.sending import send_on
from engine.ivr import messages as ivr


async def run(call: Call, sb: Switchboard, errand: ivr.Errand) -> ivr.Returned | Onward:
    """To the end of the errand, or on from where an earlier run left it.

    Only a call that is answered can be sent anywhere. ``left.OVER`` as an exit means that he is
    served elsewhere. Raises ``CallerGone``.
    """
    if isinstance(errand, ivr.Answer):
        return await _answer(call, sb, errand.ring_seconds)
    if call.standing.answered is None:
        await answer(call, sb)
    language = call.standing.language
    match errand:
        case ivr.Enqueue():
            by = await serve(call, sb, errand)
            return by if isinstance(by, Onward) else ivr.Returned(by)
        case ivr.AskCallback():
            return await ask_for_callback(call, sb, errand)
        case ivr.TakeMessage():
            return await take_message(call, sb, errand, language)
        case ivr.Transfer():
            return await _transfer(call, sb, errand, language)
        case ivr.Confer():
            return await confer(call, sb, errand, language)
        case ivr.RecordAnswer():
            return await record_answer(call, sb, errand)


async def _transfer(
    call: Call, sb: Switchboard, errand: ivr.Transfer, language: str
) -> ivr.Returned | Onward:
    """To whom the flow puts him through, and to wherever that agent sends him then."""
    standing = call.standing
    begun = standing.visit is not None or standing.parked is not None
    returned = ivr.Returned(ANSWERED)
    if not begun and not (standing.left is not None and standing.left.reason == SENT):
        returned = await transfer(call, sb, errand, language)
    came = await send_on(call, sb)
    if isinstance(came, Onward):
        return came
    return returned if came == ANSWERED else ivr.Returned(OVER)


async def _answer(call: Call, sb: Switchboard, ring_seconds: float) -> ivr.Returned:
    """He hears it ring first, which costs him nothing."""
    if call.standing.answered is None:
        if ring_seconds:
            call.step(ARI, "ring", SIP, f"{ring_seconds:g} s")
            await sb.pbx.ring(call.channel, True)
            await _wait(call, ring_seconds)
        await answer(call, sb)
    return ivr.Returned("answered")


async def _wait(call: Call, seconds: float) -> None:
    """Let time pass; keys pressed into the ringing mean nothing. Raises ``CallerGone``."""
    until = call.now() + seconds
    while await call.receive(until) is not None:
        continue
