"""Whom we called is on the line, or is to be: he and an agent talk, and what follows from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.flows.flow import run_flow
from engine.calls.left import Onward
from engine.calls.switchboard import Switchboard
from engine.calls.talk.meeting import talk
from engine.calls.talk.sending import send_on
from engine.calls.talk.talking import Talking

NextAgent = Callable[[], Awaitable[n.OfferBegan | None]]
"""The agent who has answered, with the customer on the line; None when there will be none."""


async def talk_until_over(call: Call, sb: Switchboard, next_agent: NextAgent) -> None:
    """With the first agent who stays, and wherever that one sends him; from where an earlier run
    left it. Raises ``CallerGone``."""
    if call.standing.talk is not None:
        await Talking(call, sb, call.standing.talk).go_on(call.in_bridge)
    while (offer := await next_agent()) is not None:
        if await talk(call, sb, offer):
            break
    came = await send_on(call, sb)
    if isinstance(came, Onward):
        await run_flow(call, sb, came.flow, from_start=True)
