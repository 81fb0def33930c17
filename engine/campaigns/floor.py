"""The floor as the dialer sees it, once a second: from the distributor and the calendars."""

from __future__ import annotations

from acd.views import AgentGlance
from dialer.messages import AgentSeen, FloorSeen, QueueSeen
from dialer.sharing import OFFLINE
from dialplan.hours import HoursState
from engine.calls.switchboard import Switchboard
from engine.config.site import Site
from engine.desk import midnight


def floor_of(sb: Switchboard, site: Site, now: float) -> FloorSeen:
    """Who works, who waits, and which campaigns are closed now by their own calendar."""
    glance = sb.desk.acd.glance()
    closed = (name for name, c in site.campaigns.items() if not _is_open(site, c.calendar, now))
    return FloorSeen(
        tuple(_agent(sb, agent) for agent in glance.agents),
        tuple(QueueSeen(*queue) for queue in glance.queues),
        frozenset(closed),
        midnight(now, sb.desk.zone),
    )


def _agent(sb: Switchboard, agent: AgentGlance) -> AgentSeen:
    """Nobody is dialed for an agent whose phone is not there."""
    there = agent.endpoint in sb.online or agent.name in sb.lines or not sb.watches_phones
    state = agent.state if there or not agent.endpoint else OFFLINE
    return AgentSeen(agent.name, state, agent.since, agent.queues, agent.queue, agent.resting)


def _is_open(site: Site, calendar: str | None, now: float) -> bool:
    return not calendar or site.hours_status(calendar, now).state is HoursState.OPEN
