"""When a campaign's lists will be through: as fast as it was, in the hours in which it may call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from aiohttp import web

from dialer.campaign import CampaignSettings
from dialer.compliance import law_of
from dialplan.hours import HoursState
from engine.api.campaigns import known_campaign
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem
from engine.config.site import Site
from engine.store.leads import Place

PAST_SECONDS: Final = 7 * 86400.0
"""So much of its past is believed to go on."""
_HOUR: Final = 3600.0
_MOST_HOURS: Final = 90 * 24
_MOST_PLACES: Final = 20


@dataclass(frozen=True, slots=True)
class Forecast:
    """``left`` leads are still to be finished, ``done`` are; it finished ``finished`` of them in
    the ``dialing_hours`` in which it placed calls during the last week. ``ends`` is when the rest
    will be through, None when that is not known or more than 90 days away."""

    left: int
    done: int
    finished: int
    dialing_hours: float
    per_hour: float | None
    hours_left: float | None
    ends: float | None


async def _forecast(request: web.Request) -> web.Response:
    engine, name = request.app[ENGINE], known_campaign(request)
    return web.json_response(asdict(await forecast(engine, settings_of(engine, name))))


def settings_of(engine: ServedEngine, name: str) -> CampaignSettings:
    """Of a campaign that is there. Raises 409 for one that only drains."""
    settings = engine.site.campaigns.get(name)
    if settings is None:
        raise Problem(409, "Not possible now", f"{name} is in no file any more: it only drains.")
    return settings


async def forecast(engine: ServedEngine, settings: CampaignSettings) -> Forecast:
    """From the ledger. Raises ``LedgerDown``."""
    now, lists = engine.clock.now(), [share.list for share in settings.lists]
    past = await engine.reports.progress(settings.name, lists, now - PAST_SECONDS)
    hours = past.minutes / 60
    per_hour = past.finished / hours if past.finished else None
    left = past.left / per_hour if per_hour else None
    ends: float | None = now if not past.left else None
    if left:
        places = await engine.campaigns.store.places(lists)
        share = open_share(engine.site, settings, places[:_MOST_PLACES])
        ends = await asyncio.to_thread(when_over, now, left, share)
    return Forecast(past.left, past.done, past.finished, hours, per_hour, left, ends)


def when_over(now: float, hours: float, open_share: Callable[[float], float]) -> float | None:
    """When so many hours of dialing have gone by; ``open_share`` is the part of the leads that may
    be called at a moment."""
    for step in range(_MOST_HOURS):
        began = now + step * _HOUR
        done = open_share(began)
        if done >= hours:
            return began + hours / done * _HOUR
        hours -= done
    return None


def open_share(
    site: Site, settings: CampaignSettings, places: Sequence[Place]
) -> Callable[[float], float]:
    """Tells of a moment which part of these places may be called then, from 0 to 1."""
    law, calendar = law_of(settings.rules, site.rules), settings.calendar
    everywhere = sum(place.count for place in places)

    def share(moment: float) -> float:
        if calendar and site.hours_status(calendar, moment).state is not HoursState.OPEN:
            return 0.0
        may = (
            place.count
            for place in places
            if law.opens(place.zones, place.region, moment, purpose=settings.purpose)
        )
        return sum(may) / everywhere if everywhere else 0.0

    return share


ROUTES = [web.get("/v1/campaigns/{campaign}/forecast", _forecast)]
