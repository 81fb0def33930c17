"""A queue sends its caller to a number outside: a transfer, after which nothing follows."""

from __future__ import annotations

from typing import Final

from engine.calls.call import Call
from engine.calls.errands.transferring import ANSWERED, put_through
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import Transfer

RING_SECONDS: Final = 30.0


async def forward(call: Call, sb: Switchboard, number: str) -> bool:
    """Put the caller through to ``number``, or go on where an earlier run left it.

    True when they have talked and the other hung up, False when he was not reached: busy, no
    answer, or not allowed. Raises ``CallerGone``.
    """
    action = Transfer(number, ring_seconds=RING_SECONDS)
    return await put_through(call, sb, action, call.standing.language) == ANSWERED
