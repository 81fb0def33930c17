"""What the clock on the wall tells the desk: queues open and close, days begin."""

from __future__ import annotations

from datetime import tzinfo

import structlog

from acd.messages import HoursChanged
from dialplan.hours import HoursState
from engine.config.site import Site
from engine.desk import Desk

log = structlog.get_logger("hours")


def zone_of(site: Site) -> tzinfo | None:
    """Whose midnight begins the site's day: its first calendar's, or None without any."""
    return next((calendar.zone for calendar in site.calendars.values()), None)


def tell_hours(desk: Desk, site: Site) -> None:
    """Post what has changed by now: a midnight, and each queue whose calendar opens or closes it.

    A queue without a calendar is open. What the desk knows is compared, so nothing is told twice,
    also after a crash or a reload.
    """
    now = desk.moment()
    for view in desk.acd.queues(now):
        queue = site.queues.get(view.name)
        if queue is None:  # taken out of the settings, and not empty yet
            continue
        is_open = site.hours_status(queue.calendar, now).state is HoursState.OPEN
        if is_open != view.open:
            log.info("queue_hours", queue=view.name, open=is_open)
            desk.post(HoursChanged(view.name, is_open))
