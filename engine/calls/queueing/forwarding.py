"""A queue sends its caller to a number outside: a transfer, after which nothing follows."""

from __future__ import annotations

from acd.queues import QueueSettings
from engine.calls.call import Call
from engine.calls.errands.transferring import ANSWERED, put_through
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import Transfer


async def forward(call: Call, sb: Switchboard, queue: QueueSettings, number: str) -> bool:
    """Put the caller of this queue through to ``number``, or go on where an earlier run left it.

    True when they have talked and the other hung up, False when he was not reached: busy, no
    answer, or not allowed. Raises ``CallerGone``.
    """
    action = Transfer(number, ring_seconds=queue.transfer_ring_seconds)
    return await put_through(call, sb, action, call.standing.language) == ANSWERED
