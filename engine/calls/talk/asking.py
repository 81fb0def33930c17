"""Asks something of a talk, from outside its story."""

from __future__ import annotations

import asyncio

from engine.calls.call import Call
from engine.calls.switchboard import Switchboard
from engine.calls.talk.orders import Asked, NotPossible, Order

_PATIENCE_SECONDS = 10.0
"""Longer than any command to the switch may take; the order may still be carried out then."""


async def ask(call: Call, order: Order) -> str:
    """Have this carried out by the story of ``call``. Returns what there is to be told, '' for
    nothing. Raises ``NotPossible``."""
    if call.standing.talk is None and call.standing.parked is None:
        raise NotPossible(f"{call.id} is not in a talk")
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    call.deliver(Asked(order, answer))
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await answer
    except TimeoutError:
        raise NotPossible("it takes too long: look at the call before asking again") from None


def refuse_all(call: Call, why: str) -> None:
    """The talk is over: nobody waits for an answer that will not come."""
    for asked in call.take(Asked):
        refuse(asked, why)


def refuse(asked: Asked, why: str) -> None:
    """This order is not carried out."""
    if not asked.answer.done():
        asked.answer.set_exception(NotPossible(why))


def find_talk(sb: Switchboard, agent: str) -> Call | None:
    """The call in whose talk this agent is, as one who is called by it or has it."""
    for call in sb.registry.calls.values():
        conversation = call.standing.conversation
        if conversation is not None and conversation.of_agent(agent) is not None:
            return call
    return None
