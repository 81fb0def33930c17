"""A caller stays in a queue until he has talked with an agent, or leaves it without one."""

from __future__ import annotations

from acd.queues import DestinationKind
from engine.calls.call import Call
from engine.calls.left import ANSWERED, Left, Onward
from engine.calls.queueing.destinations import go_on
from engine.calls.queueing.waiting import Waiting
from engine.calls.switchboard import Switchboard
from engine.calls.talk.meeting import talk


async def stay(call: Call, sb: Switchboard) -> str | Onward:
    """From his place in the line to the end of the talk: ``answered``, else as ``leave``. Raises
    ``CallerGone``."""
    while True:
        waited = await Waiting(call, sb).until_answered()
        if isinstance(waited, Left):
            return await leave(call, sb, waited)
        if await talk(call, sb, waited):
            return ANSWERED


async def leave(call: Call, sb: Switchboard, left: Left) -> str | Onward:
    """By the exit of the flow, or to where the queue or the caller himself sends him."""
    if left.to is None or left.to.kind is DestinationKind.EXIT:
        return left.reason
    return await go_on(call, sb, sb.queue(call.standing.visits[-1].queue), left)
