"""What a flow is told of its call: its flows, where it was, the calendars, the facts."""

from __future__ import annotations

from datetime import UTC, tzinfo
from secrets import randbelow

from engine.calls.call import Call
from engine.calls.record import Standing
from engine.calls.switchboard import Switchboard
from engine.config.spoken import by_language
from engine.ivr.context import Context, Opening
from engine.ivr.flowset import FlowSet
from engine.ivr.position import Place, Position
from engine.ivr.values import Value, bounded

CALL, CALLBACK, OUTBOUND, AFTER_QUEUE = "call", "callback", "outbound", "after_queue"
"""By what a caller comes into a flow."""


def flows_of(call: Call, sb: Switchboard) -> FlowSet:
    """The flows that the call began with, whatever was published since; those in force for one
    that begins now, or whose version is gone."""
    if call.flows is None:
        node = call.standing.node
        began_with = sb.site.flow_version(node.version) if node is not None else None
        call.flows = began_with or sb.site.flow_set
    return call.flows


def flow_of(standing: Standing) -> str:
    """The flow that the call is in, the outermost of those that called each other; '' for none."""
    node = standing.node
    if node is None:
        return ""
    return node.outer[0].flow if node.outer else node.flow


def position_of(standing: Standing) -> Position | None:
    """Where an earlier run of the engine left the call; None when it was in no flow yet."""
    node = standing.node
    if node is None:
        return None
    place = Place(node.flow, node.node, node.variables)
    asked = standing.conference is not None or standing.returned is not None
    course, places = standing.course, (*node.outer, place)
    return Position(
        places,
        standing.language,
        node.shared,
        asked,
        course.answered_here(),
        course.closing,
        standing.sent,
    )


def context_of(call: Call, sb: Switchboard) -> Context:
    """The call as its flows see it."""
    standing, arrived = call.standing, call.arrived

    def hours(calendar: str, now: float) -> Opening:
        routed = standing.routed
        status = sb.site.hours_status(calendar, now, routed.calendar if routed else "")
        return Opening(status.state, status.names, status.next_open)

    return Context(
        standing.language,
        arrived.caller,
        arrived.did,
        hours,
        call.id,
        _zone(standing, sb),
        _entry(standing),
        sb.lockouts.locked,
        randbelow,
        by_language(sb.site.prompts),
        _facts(standing),
    )


def _zone(standing: Standing, sb: Switchboard) -> tzinfo:
    """By whose clock times are said and compared: that of the dialed number's calendar."""
    routed = standing.routed
    calendar = sb.site.routes.calendars.get(routed.calendar) if routed is not None else None
    return calendar.zone if calendar is not None else sb.desk.zone or UTC


def _entry(standing: Standing) -> str:
    if standing.callback is not None:
        return CALLBACK
    if standing.attempt is not None and not standing.visits:
        return OUTBOUND
    return AFTER_QUEUE if standing.visits else CALL


def _facts(standing: Standing) -> dict[str, Value]:
    arrived, stay, plan = standing.arrived, standing.stay, standing.attempt
    return {
        "caller_name": arrived.caller_name if arrived else "",
        "route": standing.routed.route if standing.routed else "",
        "queue": stay.queue if stay else "",
        "agent": standing.agent or "",
        "campaign": plan.campaign if plan else "",
        "lead": bounded(plan.data) if plan else {},
    }
