"""A callback is asked for: by a caller who hangs up, by the API, or because a caller was lost.

It keeps the age of the call that it comes from. Each call books one at most, and so does each
number in a queue: the older place counts.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from acd.messages import CallbackFirst, LeaveReason
from acd.queues import DestinationKind, QueueSettings
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call
from engine.calls.callbacks.calling_hours import heed_hours, settings_of
from engine.calls.callbacks.living import find
from engine.calls.errands.dialing import way_to
from engine.calls.lanes import ACD, IVR
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.switchboard import Switchboard

log = structlog.get_logger("callback")


async def ask_back(call: Call, sb: Switchboard, queue: QueueSettings, number: str) -> bool:
    """Promise the caller, who has left ``queue``, that he keeps his place and is called back at
    ``number``, and say goodbye. False when he cannot be called there.

    Done twice (after a crash) it is done once.
    """
    known = find(sb, queue.name, number)
    if not keep_promise(call, sb, queue, number):
        return False
    call.note(n.OutcomeSet(call.now(), CallOutcome.CALLBACK))
    await say(call, sb, "callback_known" if known else "callback_booked", call.standing.language)
    return True


def keep_promise(call: Call, sb: Switchboard, queue: QueueSettings, number: str) -> bool:
    """Book what a caller was promised, with his age; False when the number is barred."""
    name = f"cb-{call.id}"
    if sb.registry.knows(name):
        return True
    standing, stay = call.standing, call.standing.stay
    since = call.arrived.at if standing.since is None else standing.since
    asked = replace(
        _asked(queue, number, since, call.now()),
        did=call.arrived.did,
        language=standing.language,
        parent=call.id,
        offset_seconds=stay.offset_seconds if stay else 0.0,
        needs=stay.needs if stay else (),
        prefer=stay.prefer if stay else "",
    )
    booked = _book(sb, name, asked)
    if booked is not None:
        call.step(IVR, "callback", ACD, f"{booked.id}: {number}")
    return booked is not None


def ask_for(
    sb: Switchboard, queue: QueueSettings, number: str, since: float, language: str
) -> Call | None:
    """Somebody else wants this customer to be called; the callback that there is, if any.

    None when the number may not be dialed.
    """
    now = sb.clock.now()
    asked = replace(_asked(queue, number, since, now), language=language)
    return _book(sb, f"cb-api-{now:.6f}", asked)


def settle(call: Call, sb: Switchboard) -> None:
    """The call of a caller ends: what he was promised is kept, also if a crash came between."""
    left = call.standing.left
    if left is not None and left.to is not None and left.to.kind is DestinationKind.CALLBACK:
        queue = sb.queue(call.standing.visits[-1].queue)
        if left.to.name and keep_promise(call, sb, queue, left.to.name):
            call.note(n.OutcomeSet(call.now(), CallOutcome.CALLBACK))
    _rescue(call, sb)


def _rescue(call: Call, sb: Switchboard) -> None:
    """A caller who waited and was lost with the switch is called back, if his queue does so. Whom a
    campaign has called is its lead, and stays that."""
    stay = call.standing.visits[-1] if call.standing.visits else None
    if stay is None or stay.outcome != LeaveReason.LOST or call.standing.attempt is not None:
        return
    queue, way = sb.queue(stay.queue), way_to(sb, call.arrived.caller)
    if queue.callback is not None and queue.callback.rescue and way is not None:
        keep_promise(call, sb, queue, way.number)


def _asked(queue: QueueSettings, number: str, since: float, now: float) -> n.CallbackAsked:
    settings = settings_of(queue)
    first = CallbackFirst(settings.first)
    return n.CallbackAsked(now, number, queue.name, since, first, now + settings.expires_seconds)


def _book(sb: Switchboard, name: str, asked: n.CallbackAsked) -> Call | None:
    """It begins to wait; or the one that there is for this number in this queue waits on."""
    way = way_to(sb, asked.number)
    if way is None:
        log.warning("callback_barred", queue=asked.queue)
        return None
    known = find(sb, asked.queue, way.number)
    if known is not None:
        known.step(IVR, "asked again", ACD, asked.parent)
        return known
    call = sb.registry.open(name, replace(asked, number=way.number))
    log.info("callback_booked", call_id=name, queue=asked.queue, parent=asked.parent)
    heed_hours(call, sb)
    stand_in_line(call, sb.desk)
    return call
