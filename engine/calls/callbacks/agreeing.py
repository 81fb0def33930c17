"""A flow agrees with its caller on being called back: at which number, if he wants it at all."""

from __future__ import annotations

from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call
from engine.calls.callbacks.asking import ask_number, reachable
from engine.calls.callbacks.booking import keep_promise
from engine.calls.callbacks.calling_hours import is_never_called
from engine.calls.callbacks.living import find
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import AskCallback, Returned


async def ask_for_callback(call: Call, sb: Switchboard, action: AskCallback) -> Returned:
    """He is asked, told what becomes of it, and goes on in his flow.

    ``scheduled``: the callback waits already, with the age of this call. ``duplicate``: his number
    waits in this queue, by an earlier call. ``declined``: he named none that can be called.
    ``out_of_hours``: nobody would be called before it expires. Raises ``CallerGone``.
    """
    done = call.standing.returned
    if done is not None:
        return Returned(done.by, done.values)
    by = await _agree(call, sb, action)
    call.note(n.ErrandEnded(call.now(), by))
    if by in _PROMPTS:
        await say(call, sb, _PROMPTS[by], call.standing.language)
    return Returned(by)


_PROMPTS = {"scheduled": "callback_booked", "duplicate": "callback_known"}


async def _agree(call: Call, sb: Switchboard, action: AskCallback) -> str:
    queue = sb.queue(action.queue)
    if is_never_called(sb, queue, call.now()):
        return "out_of_hours"
    wanted = await ask_number(call, sb, action.confirm, action.number)
    number = reachable(sb, wanted) if wanted is not None else None
    if number is None:
        return "declined"
    known = find(sb, queue.name, number)
    if known is not None and known.standing.callback is not None:
        ours = known.standing.callback.parent == call.id  # before a crash
        return "scheduled" if ours else "duplicate"
    if not keep_promise(call, sb, queue, number):
        return "declined"
    call.note(n.OutcomeSet(call.now(), CallOutcome.CALLBACK))
    return "scheduled"
