"""Everything that operations people write, loaded together: one immutable ``Site``.

``load`` never raises on bad input. It gives a ``Site`` only when there is no error, so a running
engine that reloads keeps the site it has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from acd.agent_settings import AgentSettings, Medium, PauseReason
from acd.queues import QueueSettings
from dialer.campaign import CampaignSettings, DoNotCallSettings
from dialer.compliance.rules import RuleSet
from dialer.trunks import TrunkLimits
from dialplan.features import Features
from dialplan.hours import Calendar, HoursState, HoursStatus
from dialplan.inbound import Entry, Route, Routes, spelling
from dialplan.outbound import Outbound
from dialplan.rooms import MeetMe
from dialplan.schema import NumberSettings
from engine.config.campaign_changes import Changes
from engine.config.check_calendars import ROUTE_CALENDAR
from engine.config.crosscheck import check_across
from engine.config.drafts import Draft, SitePaths, Written, read_all, read_flows
from engine.config.problems import Problem, has_errors
from engine.config.published import content_hash
from engine.config.spoken import texts_of_prompts
from engine.ivr.flowset import FlowSet
from engine.ivr.schema import Flow


@dataclass(frozen=True, slots=True)
class Site:
    """What the engine runs on.

    ``prompts`` holds the text of each prompt per language; empty for one that is only recorded, in
    ``recordings_dir``. ``reasons`` are the pause reasons that agents may give; none: any.
    ``older_flows`` are sets of earlier versions that calls are still in, by version. ``campaigns``
    are as they are in force: ``campaigns_written`` is what their file says, ``campaign_changes``
    what the API made of it. ``trunk_limits`` has every trunk that anything is dialed through.
    """

    queues: Mapping[str, QueueSettings]
    agents: Mapping[str, AgentSettings]
    media: tuple[Medium, ...]
    reasons: tuple[PauseReason, ...]
    routes: Routes
    features: Features
    outbound: Outbound
    rooms: Mapping[str, MeetMe]
    flow_set: FlowSet
    prompts: Mapping[str, Mapping[str, str]]
    recordings_dir: Path
    older_flows: Mapping[str, FlowSet] = field(default_factory=dict)
    campaigns: Mapping[str, CampaignSettings] = field(default_factory=dict)
    trunk_limits: Mapping[str, TrunkLimits] = field(default_factory=dict)
    rules: Mapping[str, RuleSet] = field(default_factory=dict)
    do_not_call: Mapping[str, DoNotCallSettings] = field(default_factory=dict)
    campaigns_written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    campaign_changes: Changes = field(default_factory=dict)

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flows by name, for calls that begin now."""
        return self.flow_set.flows

    def flow_version(self, version: str) -> FlowSet | None:
        """The flows that a call began with; None when nobody has them any more."""
        if version == self.flow_set.version:
            return self.flow_set
        return self.older_flows.get(version)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars by name."""
        return self.routes.calendars

    def route(self, did: str, caller: str, now: float) -> Route | None:
        """Where a call to ``did`` goes; ``None`` when no number fits and there is no default."""
        return self.routes.match(did, caller, now)

    def hours_status(self, calendar: str, now: float, route_calendar: str = "") -> HoursStatus:
        """What a calendar says of ``now``, the name of the holiday, and when it opens next.

        ``calendar`` may be ``route``, for the calendar of the call's route. Without a calendar it
        is always open; one that is gone since the call began is closed for good.
        """
        name = route_calendar if calendar == ROUTE_CALENDAR else calendar
        if not name:
            return HoursStatus(HoursState.OPEN)
        known = self.calendars.get(name)
        return known.status(now) if known else HoursStatus(HoursState.CLOSED)

    def in_emergency(self, calendars: Collection[str]) -> Site:
        """The same site, with these of its calendars in emergency, too."""
        known = {
            name: replace(calendar, emergency=calendar.emergency or name in calendars)
            for name, calendar in self.calendars.items()
        }
        return replace(self, routes=replace(self.routes, calendars=known))


def load(paths: SitePaths, region: str = "VN") -> tuple[Site | None, list[Problem]]:
    """The site in these files, or ``None``; and all that is wrong with them, in file order.

    While a file cannot be read at all, what the others say of it is not judged.
    """
    draft = read_all(paths)
    problems = draft.problems
    if not draft.unread and not any(problem.code.startswith("E1") for problem in problems):
        problems = problems + check_across(draft, paths, region)
    problems.sort(key=lambda problem: (problem.file, problem.line, problem.column))
    return (None if has_errors(problems) else _site(draft, paths, region)), problems


def load_flows(flows_dir: Path) -> FlowSet | None:
    """The flows of a folder without the rest of the site, which may have changed since.

    ``None`` when they cannot be read any more.
    """
    draft = read_flows(flows_dir)
    return None if has_errors(draft.problems) else _flow_set(draft, flows_dir)


def _flow_set(draft: Draft, flows_dir: Path) -> FlowSet:
    flows = {name: flow.value for name, flow in draft.flows.items()}
    return FlowSet(flows, content_hash(flows_dir))


def _site(draft: Draft, paths: SitePaths, region: str) -> Site:
    outbound = _outbound(draft, region)
    campaigns = {name: campaign.value for name, campaign in draft.campaigns.items()}
    written_limits = {name: limits.value for name, limits in draft.trunk_limits.items()}
    return Site(
        queues={name: queue.value for name, queue in draft.queues.items()},
        agents={name: agent.value for name, agent in draft.agents.items()},
        media=tuple(draft.all_media().values()),
        reasons=tuple(reason.value for reason in draft.reasons.values()),
        routes=_routes(draft, region),
        features=draft.features.value.features() if draft.features else Features(),
        outbound=outbound,
        rooms={name: one.value.room(name) for name, one in draft.rooms.items()},
        flow_set=_flow_set(draft, paths.flows_dir),
        prompts=texts_of_prompts(draft, paths.flows_dir),
        recordings_dir=paths.flows_dir / "recordings",
        campaigns=campaigns,
        trunk_limits=limits_of_all(written_limits, campaigns, outbound),
        rules={name: rules.value for name, rules in draft.rules.items()},
        do_not_call={name: each.value for name, each in draft.do_not_call.items()},
        campaigns_written=draft.campaigns_written,
        campaign_changes=draft.campaign_changes,
    )


def limits_of_all(
    written: Mapping[str, TrunkLimits],
    campaigns: Mapping[str, CampaignSettings],
    outbound: Outbound,
) -> dict[str, TrunkLimits]:
    """The limits of every trunk that is used: the usual ones, where none are written."""
    used = {rule.trunk.name for rule in outbound.rules.values() if rule.trunk}
    used |= {use.trunk for campaign in campaigns.values() for use in campaign.trunks}
    return {name: TrunkLimits() for name in sorted(used)} | dict(written)


def _routes(draft: Draft, region: str) -> Routes:
    entries = {spelling(one.name, region) or "": _entry(one, region) for one in draft.numbers}
    default = _entry(draft.default, region) if draft.default else None
    calendars = {name: one.value.calendar(name) for name, one in draft.calendars.items()}
    return Routes(entries, default, calendars, region)


def _entry(number: Written[NumberSettings], region: str) -> Entry:
    callers = {caller: spelling(caller, region) or "" for caller in number.value.callers}
    return number.value.entry(number.name, callers)


def _outbound(draft: Draft, region: str) -> Outbound:
    if draft.outbound is None:
        return Outbound(region=region)
    written = draft.outbound.value
    rules = {spelling(number, region) or "": written.rule(number) for number in written.numbers}
    trunks = {name: one.trunk(name) for name, one in written.trunks.items()}
    return Outbound(rules, region, trunks)
