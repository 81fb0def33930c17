"""A caller is served from a queue: he waits, an agent answers, they talk."""

from __future__ import annotations

import structlog

from acd.messages import ExpireReason
from acd.queues import DestinationKind
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ACD, IVR
from engine.calls.left import ANSWERED, Left, Onward
from engine.calls.queueing.destinations import go_on
from engine.calls.queueing.waiting import Waiting, enter
from engine.calls.switchboard import Switchboard
from engine.calls.talk.talking import Talking, talk
from engine.ivr.messages import Enqueue

log = structlog.get_logger("service")


async def serve(call: Call, sb: Switchboard, asked: Enqueue) -> str | Onward:
    """Through a queue, from its beginning or from where an earlier run left it.

    Returns 'answered' when an agent has talked with the caller and hung up, else the exit of the
    flow: an ``ExpireReason``, or what ``destinations.go_on`` says. Raises ``CallerGone``.
    """
    standing = call.standing
    if standing.left is not None:  # an earlier run came thus far
        return await _leave(call, sb, standing.left)
    if standing.talk is not None:
        await Talking(call, sb, standing.talk).go_on(call.in_bridge)
        return ANSWERED
    if standing.visit is None:
        if asked.queue not in sb.site.queues:
            return _no_such_queue(call, asked.queue)
        await enter(call, sb, asked)
    while True:
        waited = await Waiting(call, sb).until_answered()
        if isinstance(waited, Left):
            return await _leave(call, sb, waited)
        if await talk(call, sb, waited):
            return ANSWERED


async def _leave(call: Call, sb: Switchboard, left: Left) -> str | Onward:
    """By the exit of the flow, or to where the queue or the caller himself sends him."""
    if left.to is None or left.to.kind is DestinationKind.EXIT:
        return left.reason
    return await go_on(call, sb, sb.queue(call.standing.visits[-1].queue), left)


def _no_such_queue(call: Call, name: str) -> str:
    """A reload took it away while the caller was in a flow that still leads there."""
    log.warning("queue_gone", queue=name)
    call.note(n.OutcomeSet(call.now(), CallOutcome.OVERFLOWED))
    call.step(ACD, "no such queue", IVR, name)
    return ExpireReason.NO_AGENTS
