"""When a lead may be called back: by the customer's clock, within the hours of law and campaign."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dialer.campaign import CampaignSettings
from dialer.compliance import law_of
from dialplan.hours import HoursState
from engine.api.problems import Problem
from engine.config.site import Site
from engine.store.lead_views import LeadView

_STEP_SECONDS: Final = 900.0
_AHEAD_SECONDS: Final = 30 * 86400.0


def moment_of(due: float | datetime, lead: LeadView) -> float:
    """In epoch seconds; a time without a zone is that of the customer's clock.

    Raises a ``Problem`` when it is not known which that is.
    """
    if not isinstance(due, datetime):
        return due
    return (due if due.tzinfo else due.replace(tzinfo=_zone(lead))).timestamp()


def next_hour(site: Site, campaign: CampaignSettings, lead: LeadView, due: float) -> float | None:
    """``due``, or the first quarter of an hour after it in which he may be called; None: never."""
    law, zones = law_of(campaign.rules, site.rules), _zones(lead)
    region, moment = lead.numbers[lead.next].region, due
    while moment <= due + _AHEAD_SECONDS:
        lawful = law.opens(zones, region, moment, purpose=campaign.purpose)
        if lawful and _is_open(site, campaign.calendar, moment):
            return moment
        moment = (moment // _STEP_SECONDS + 1) * _STEP_SECONDS
    return None


def local(moment: float, lead: LeadView) -> str:
    """A moment by the customer's clock, the first of those that may be his."""
    zone = ZoneInfo((*_zones(lead), "UTC")[0])
    return datetime.fromtimestamp(moment, zone).isoformat(timespec="minutes")


def _is_open(site: Site, calendar: str | None, moment: float) -> bool:
    return not calendar or site.hours_status(calendar, moment).state is HoursState.OPEN


def _zone(lead: LeadView) -> ZoneInfo:
    zones = _zones(lead)
    if len(zones) != 1:
        told = f"lead {lead.lead} may be in {', '.join(zones) or 'any zone'}: give `due` a zone."
        raise Problem(422, "Invalid body", told)
    return ZoneInfo(zones[0])


def _zones(lead: LeadView) -> tuple[str, ...]:
    zones = lead.numbers[lead.next].zones
    return tuple(zones.split(",")) if zones else ()
