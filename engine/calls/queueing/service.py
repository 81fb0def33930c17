"""A caller is served from a queue: he waits, an agent answers, they talk."""

from __future__ import annotations

import structlog

from acd.messages import ExpireReason
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ACD, IVR
from engine.calls.left import SENT, Onward
from engine.calls.queueing.staying import leave
from engine.calls.queueing.waiting import enter
from engine.calls.switchboard import Switchboard
from engine.calls.talk.sending import send_on
from engine.calls.talk.talking import Talking
from engine.ivr.messages import Enqueue

log = structlog.get_logger("service")


async def serve(call: Call, sb: Switchboard, asked: Enqueue) -> str | Onward:
    """Through a queue, and to wherever agents send the caller then; from its beginning or from
    where an earlier run left it.

    Returns 'answered' when an agent has talked with the caller and hung up, else the exit of the
    flow: an ``ExpireReason``, or what ``destinations.go_on`` says. Raises ``CallerGone``.
    """
    standing = call.standing
    left = standing.left
    if left is not None and left.reason != SENT:  # an earlier run came thus far
        return await leave(call, sb, left)
    if standing.talk is not None:
        await Talking(call, sb, standing.talk).go_on(call.in_bridge)
    elif left is None and standing.parked is None and standing.visit is None:
        if asked.queue not in sb.site.queues:
            return _no_such_queue(call, asked.queue)
        await enter(call, sb, asked)
    return await send_on(call, sb)


def _no_such_queue(call: Call, name: str) -> str:
    """A reload took it away while the caller was in a flow that still leads there."""
    log.warning("queue_gone", queue=name)
    call.note(n.OutcomeSet(call.now(), CallOutcome.OVERFLOWED))
    call.step(ACD, "no such queue", IVR, name)
    return ExpireReason.NO_AGENTS
