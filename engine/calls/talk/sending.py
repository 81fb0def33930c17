"""Where a caller goes on to whom an agent has sent on: the talk is over, the call is not.

The way is in the notes (``call.standing.left``), so after a crash he goes on to the same place.
Whom nobody takes there goes back to the queue that he came from, with his age.
"""

from __future__ import annotations

import structlog

from acd.queues import Destination, DestinationKind
from engine.calls.announce import say
from engine.calls.call import Call
from engine.calls.errands.transferring import MAX_TIME, put_through
from engine.calls.lanes import ACD, ARI
from engine.calls.left import ANSWERED, OVER, SENT, SERVED, Left, Onward
from engine.calls.queueing.destinations import go_on
from engine.calls.queueing.staying import stay
from engine.calls.queueing.waiting import enter_again
from engine.calls.switchboard import Switchboard
from engine.calls.talk import notes as t
from engine.calls.talk.parking import wait_in_slot
from engine.ivr.messages import Transfer

log = structlog.get_logger("transfer")

_MOST_TIMES = 50
"""After which nobody is sent on any more: a loop of agents who are not there."""


async def send_on(call: Call, sb: Switchboard) -> str | Onward:
    """Wherever an agent has sent him, and from there on. Returns ``answered``, or as a queue's end
    (``queueing.staying.leave``). Raises ``CallerGone``.

    Nothing to do, when no agent has.
    """
    standing = call.standing
    while True:
        if standing.visit is not None:
            came = await stay(call, sb)
            if came != ANSWERED:
                return came
        elif standing.parked is not None:
            await wait_in_slot(call, sb, standing.parked.slot)
        elif standing.left is not None and standing.left.reason == SENT:
            went = await _go(call, sb, standing.left)
            if went is not None:
                return went
        else:
            return ANSWERED


async def _go(call: Call, sb: Switchboard, left: Left) -> str | Onward | None:
    """To one place; None when the notes say how it goes on."""
    to = left.to
    assert to is not None
    log.info("sent_on", kind=to.kind, to=to.name if to.kind is not DestinationKind.NUMBER else None)
    if len([each for each in call.standing.notes if isinstance(each, t.Sent)]) > _MOST_TIMES:
        return OVER
    match to.kind:
        case DestinationKind.AGENT:
            await _to_agent(call, sb, to.name)
            return None
        case DestinationKind.QUEUE:
            await _to_queue(call, sb, to.name)
            return None
        case DestinationKind.PARK:
            await wait_in_slot(call, sb, to.name)
            return None
        case DestinationKind.HANG_UP:
            return OVER
        case DestinationKind.EXIT:
            await say(call, sb, "all_busy", call.standing.language)
            return OVER
    came = await go_on(call, sb, sb.queue(_queue_before(call)), left)
    if isinstance(came, Onward) or came in SERVED:
        return came
    _send_back(call, sb)
    return None


async def _to_agent(call: Call, sb: Switchboard, agent: str) -> None:
    """His phone rings, and the caller hears it; back in line when he does not take him."""
    seconds = sb.queue(_queue_before(call)).transfer_ring_seconds
    action = Transfer(agent, ring_seconds=seconds, agent=True)
    if await put_through(call, sb, action, call.standing.language) not in (ANSWERED, MAX_TIME):
        _send_back(call, sb)


async def _to_queue(call: Call, sb: Switchboard, queue: str) -> None:
    if queue not in sb.site.queues:
        log.warning("queue_gone", queue=queue)
        call.note(t.Sent(call.now(), Destination(kind=DestinationKind.EXIT)))
        return
    await enter_again(call, sb, queue)


def _queue_before(call: Call) -> str:
    stay = call.standing.stay
    return stay.queue if stay is not None else ""


def _send_back(call: Call, sb: Switchboard) -> None:
    queue = _queue_before(call)
    kind = DestinationKind.QUEUE if queue in sb.site.queues else DestinationKind.EXIT
    name = queue if kind is DestinationKind.QUEUE else ""
    call.step(ARI, "back", ACD, name or "nobody")
    call.note(t.Sent(call.now(), Destination(kind=kind, name=name)))
