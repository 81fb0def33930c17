"""A caller is served from a queue: he waits, an agent answers, they talk."""

from __future__ import annotations

import structlog

from acd.messages import ExpireReason
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ACD, IVR
from engine.calls.switchboard import Switchboard
from engine.calls.talking import Talking, talk
from engine.calls.waiting import Waiting, wait_for_agent
from engine.ports import CallOutcome

log = structlog.get_logger("service")


async def serve(call: Call, sb: Switchboard, name: str) -> str:
    """Through a queue, from its beginning or from where an earlier run left it.

    Returns 'answered' when an agent has talked with the caller and hung up, else the exit:
    'timeout', 'full' or 'no_agents'. Raises ``CallerGone``.
    """
    if call.standing.left_queue:  # an earlier run came thus far
        return call.standing.left_queue
    known = name in sb.site.queues
    if not known and call.standing.talk is None and call.standing.visit is None:
        return _no_such_queue(call, name)
    queue = sb.queue(name)
    if call.standing.talk is not None:
        await Talking(call, sb, call.standing.talk).go_on(call.in_bridge)
        return "answered"
    if call.standing.visit is not None:
        waited = await Waiting(call, sb, queue).until_answered()
    else:
        waited = await wait_for_agent(call, sb, queue)
    if isinstance(waited, str):
        return waited
    await talk(call, sb, queue, waited)
    return "answered"


def _no_such_queue(call: Call, name: str) -> str:
    """A reload took it away while the caller was in a flow that still leads there."""
    log.warning("queue_gone", queue=name)
    call.note(n.OutcomeSet(call.now(), CallOutcome.OVERFLOWED))
    call.step(ACD, "no such queue", IVR, name)
    return ExpireReason.NO_AGENTS
