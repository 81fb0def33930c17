"""The rules that campaigns go by, and whose days they count in."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.compliance.law import Law, law_of
from engine.config.site import Site


def laws_of(site: Site) -> Mapping[str, Law]:
    """Those of each campaign."""
    return {
        name: law_of(each.rules, site.rules, _zone_of(site, each.calendar))
        for name, each in site.campaigns.items()
    }


def _zone_of(site: Site, calendar: str | None) -> str:
    """Where a campaign with this calendar is: where the center is, without one."""
    its_own = site.calendars.get(calendar) if calendar else None
    known = its_own or next(iter(site.calendars.values()), None)
    return known.zone.key if known else "UTC"
