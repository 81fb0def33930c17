"""A caller is served from a queue: he waits, an agent answers, they talk."""

from __future__ import annotations

from acd.queues import QueueSettings
from engine.calls.call import Call
from engine.calls.switchboard import Switchboard
from engine.calls.talking import Talking, talk
from engine.calls.waiting import Waiting, wait_for_agent


async def serve(call: Call, sb: Switchboard, name: str) -> str:
    """Through a queue, from its beginning or from where an earlier run left it.

    Returns 'answered' when an agent has talked with the caller and hung up, else the exit:
    'timeout', 'full' or 'no_agents'. Raises ``CallerGone``.
    """
    queue = sb.site.queues.get(name) or QueueSettings(name=name)
    if call.standing.left_queue:  # an earlier run came thus far
        return call.standing.left_queue
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
