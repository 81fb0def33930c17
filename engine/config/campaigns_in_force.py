"""A site with its campaigns changed while it runs, and what is wrong with the change.

No file but that of the changes is looked at: what people write in the meantime comes into force
when they say so (``tongdai reload``), not with a change of a campaign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dialer.campaign import CampaignSettings
from dialer.compliance import RULES
from engine.config.campaign_changes import Changes, merged, settings_of
from engine.config.check_campaigns import Around, check_campaigns
from engine.config.drafts import Written
from engine.config.problems import Problem, has_errors
from engine.config.site import Site, limits_of_all
from engine.config.spoken import by_language


def with_changes(site: Site, changes: Changes) -> tuple[Site | None, list[Problem]]:
    """The site with exactly these changes over what its campaigns' file says, or ``None``; and all
    that is wrong with the campaigns that are other than now."""
    drafts, problems = _changed(site, changes)
    problems += check_campaigns(drafts, around_site(site))
    if has_errors(problems):
        return None, problems
    gone = _touched(site, changes) - drafts.keys()
    campaigns: dict[str, CampaignSettings] = {
        **{name: each for name, each in site.campaigns.items() if name not in gone},
        **{name: each.value for name, each in drafts.items()},
    }
    return replace(
        site,
        campaigns=campaigns,
        campaign_changes=changes,
        trunk_limits=limits_of_all(site.trunk_limits, campaigns, site.outbound),
    ), problems


def problems_of(site: Site, name: str) -> list[Problem]:
    """What `tongdai check` would say of a campaign as it is in force."""
    settings = merged(site.campaigns_written.get(name), site.campaign_changes.get(name, ()))
    value, document, problems = settings_of(name, settings)
    if value and document:
        problems += check_campaigns({name: Written(name, value, document, ())}, around_site(site))
    return problems


def around_site(site: Site) -> Around:
    """What campaigns may refer to in a site that is in force."""
    entries = [*site.routes.entries.values(), site.routes.default]
    spoken = {entry.route.language for entry in entries if entry}.union(
        *(flow.languages() for flow in site.flows.values())
    )
    return Around(
        queue_names=frozenset(site.queues),
        queues=site.queues,
        agents=tuple(site.agents.values()),
        flow_names=frozenset(site.flows),
        calendar_names=frozenset(site.calendars),
        rule_names=frozenset(site.rules) | RULES.keys(),
        rules=site.rules,
        prompts=by_language(site.prompts),
        languages=tuple(sorted(spoken - {""})),
        outbound=site.outbound,
        numbers=frozenset(site.routes.entries),
        region=site.routes.region,
    )


def _touched(site: Site, changes: Changes) -> set[str]:
    """The campaigns whose changes are others than now."""
    names = changes.keys() | site.campaign_changes.keys()
    return {name for name in names if changes.get(name) != site.campaign_changes.get(name)}


def _changed(
    site: Site, changes: Changes
) -> tuple[Mapping[str, Written[CampaignSettings]], list[Problem]]:
    drafts: dict[str, Written[CampaignSettings]] = {}
    problems: list[Problem] = []
    for name in sorted(_touched(site, changes)):
        written = site.campaigns_written.get(name)
        if written is None and not changes.get(name):
            continue  # it was made by the API, and is no more
        settings = merged(written, changes.get(name, ()))
        value, document, found = settings_of(name, settings)
        problems += found
        if value and document:
            drafts[name] = Written(name, value, document, ())
    return drafts, problems
