"""The floor as the dialer sees it, once a second: from the distributor and the calendars."""

from __future__ import annotations

from dialer.messages import AgentSeen, FloorSeen, QueueSeen
from dialplan.hours import HoursState
from engine.config.site import Site
from engine.desk import Desk, midnight


def floor_of(desk: Desk, site: Site, now: float) -> FloorSeen:
    """Who works, who waits, and which campaigns are closed now by their own calendar."""
    glance = desk.acd.glance()
    closed = (name for name, c in site.campaigns.items() if not _is_open(site, c.calendar, now))
    return FloorSeen(
        tuple(
            AgentSeen(a.name, a.state, a.since, a.queues, a.queue, a.resting) for a in glance.agents
        ),
        tuple(QueueSeen(*queue) for queue in glance.queues),
        frozenset(closed),
        midnight(now, desk.zone),
    )


def _is_open(site: Site, calendar: str | None, now: float) -> bool:
    return not calendar or site.hours_status(calendar, now).state is HoursState.OPEN
