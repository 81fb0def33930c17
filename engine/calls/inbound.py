"""The story of an inbound call: where its number leads, then a flow or a queue."""

from __future__ import annotations

import structlog

from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.announce import answer, say
from engine.calls.call import Call
from engine.calls.conferences.entering import room_number
from engine.calls.emergency import emergency_number
from engine.calls.flows.context import flow_of, flows_of
from engine.calls.flows.flow import run_flow
from engine.calls.lanes import ARI, IVR
from engine.calls.left import SERVED, Onward
from engine.calls.queueing.service import serve
from engine.calls.switchboard import Switchboard
from engine.ivr.graph import answers_itself
from engine.ivr.messages import Enqueue

log = structlog.get_logger("inbound")


async def inbound(call: Call, sb: Switchboard) -> str:
    """From arrival to the end. Returns who ended it, 'engine' or 'agent'; the caller's hang-up
    is raised as ``CallerGone`` from wherever the story is."""
    routed = call.standing.routed or _route(call, sb)
    if routed is None:
        await _turn_away(call, sb)
        return "engine"
    if routed.kind == "feature":
        return await emergency_number(call, sb)
    if routed.kind == "room":
        if call.standing.answered is None:
            await answer(call, sb)
        return await room_number(call, sb, routed.target)
    flow = flow_of(call.standing) or (routed.target if routed.kind == "flow" else "")
    flows = flows_of(call, sb).flows if flow else {}
    if call.standing.answered is None and not (flow in flows and answers_itself(flows[flow])):
        await answer(call, sb)
    if flow in flows:
        return await run_flow(call, sb, flow)
    return await _straight_to_queue(call, sb, routed.target)


def _route(call: Call, sb: Switchboard) -> n.Routed | None:
    arrived = call.arrived
    route = sb.site.routes.match(arrived.did, arrived.caller, call.now())
    if route is None:
        return None
    language = route.language or sb.default_language
    routed = n.Routed(call.now(), route.name, route.kind, route.target, language, route.calendar)
    call.note(routed)
    call.step(ARI, "route", IVR, f"{arrived.did} → {route.kind} {route.target}")
    log.info("routed", did=arrived.did, route=route.name, kind=route.kind, target=route.target)
    return routed


async def _turn_away(call: Call, sb: Switchboard) -> None:
    """Nobody has this number: say so in every language we have."""
    log.warning("unrouted", did=call.arrived.did)
    call.note(n.OutcomeSet(call.now(), CallOutcome.UNROUTED))
    call.segment(SegmentKind.CLOSING)
    await answer(call, sb)
    for language in sb.languages:
        await say(call, sb, "unknown_number", language)


async def _straight_to_queue(call: Call, sb: Switchboard, queue: str) -> str:
    served = await serve(call, sb, Enqueue(queue))
    if isinstance(served, Onward):
        return await run_flow(call, sb, served.flow, from_start=True)
    if served in SERVED:
        return call.standing.ended_by
    call.segment(SegmentKind.CLOSING)
    await say(call, sb, "all_busy", call.standing.language)
    return "engine"
