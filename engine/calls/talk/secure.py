"""A caller in the middle of a talk is alone with a flow, and types what nobody else may have.

He is in no bridge then, so the agent hears nothing of it; here is seen to the rest: nothing of it
is recorded (``engine.calls.flows.secure_run`` keeps the keys out of notes and ladder).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.calls.call import Call, Mail
from engine.calls.errands.call_recording import control
from engine.calls.live_recording import pause_of
from engine.calls.switchboard import Switchboard
from engine.ivr import schema

SECURE: Final = "secure"
"""For whom nothing is recorded then."""
_HARMLESS = (
    schema.Say,
    schema.Menu,
    schema.Gather,
    schema.Listen,
    schema.SetLanguage,
    schema.Hours,
    schema.Set,
    schema.If,
    schema.Switch,
    schema.Split,
    schema.Goto,
    schema.SubFlow,
    schema.Return,
    schema.Http,
    schema.Identify,
    schema.Payment,
    schema.Tag,
)
"""Nodes that leave the caller where he is, and end in a return."""


def may_run(flow: str, flows: Mapping[str, schema.Flow]) -> str:
    """Why the flow of this name may not run in the middle of a talk, for whoever wants it to; ''
    when it may, with all flows that it calls."""
    waiting, seen = [flow], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        if name not in flows:
            return f"there is no flow `{name}`"
        if why := _why_not(flows[name], called=bool(seen)):
            return f"flow `{name}`: {why}"
        seen.add(name)
        nodes = flows[name].nodes.values()
        waiting += [node.flow for node in nodes if isinstance(node, schema.SubFlow)]
    return ""


def _why_not(flow: schema.Flow, *, called: bool) -> str:
    if flow.on_hangup is not None:
        return "`on_hangup` belongs to the flow that the call came by"
    missing = [name for name, parameter in flow.params.items() if parameter.default is None]
    if missing and not called:
        return f"nobody gives it `{missing[0]}`"
    for name, node in flow.nodes.items():
        if not isinstance(node, _HARMLESS):
            return f"node `{name}` ({node.type}) cannot be in a talk: end with `return` instead"
    return ""


async def run_secure(
    call: Call, sb: Switchboard, flow: str, aside: Callable[[Mail], None] | None = None
) -> str:
    """Through this flow with a caller who is in no bridge. Returns how it ended: the name of the
    return that it came to (``ended`` for one without), or ``fault``.

    What it gathered that is not secret is kept with the call as tags. Mail that is not the flow's
    (legs that end, orders, recordings) goes ``aside`` as it comes; without that it is in the
    mailbox again at the end, in order. Raises ``CallerGone``, and ``PbxError`` when the switch does
    not confirm that nothing is recorded.
    """
    kept: list[Mail] = []
    if not call.standing.paused:
        await control(call, sb, "pause", SECURE)
    try:
        return await sb.secure_run(call, sb, flow, aside or kept.append)
    finally:
        call.put_back(kept)
        await put_right(call, sb)


async def put_right(call: Call, sb: Switchboard) -> None:
    """Nobody types any more, also after a crash: what was paused for that goes on."""
    pause = pause_of(call)
    if pause is not None and pause.why == SECURE and call.gone is None:
        await control(call, sb, "resume", SECURE)
