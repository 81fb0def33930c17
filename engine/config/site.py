"""Everything that operations people write, loaded together: one immutable ``Site``.

``load`` never raises on bad input. It gives a ``Site`` only when there is no error, so a running
engine that reloads keeps the site it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from acd.queues import AgentSettings, Medium, PauseReason, QueueSettings
from dialplan.features import Features
from dialplan.hours import Calendar, HoursState
from dialplan.inbound import Entry, Route, Routes, spelling
from dialplan.outbound import Outbound
from dialplan.schema import NumberSettings
from engine.config.crosscheck import ROUTE_CALENDAR, check_across
from engine.config.drafts import Draft, SitePaths, Written, read_all
from engine.config.problems import Problem, has_errors
from engine.config.spoken import recordings
from engine.ivr.schema import Flow


@dataclass(frozen=True, slots=True)
class Site:
    """What the engine runs on.

    ``prompts`` holds the text of each prompt per language; empty for one that is only recorded.
    ``reasons`` are the pause reasons that agents may give; none: any.
    """

    queues: Mapping[str, QueueSettings]
    agents: Mapping[str, AgentSettings]
    media: tuple[Medium, ...]
    reasons: tuple[PauseReason, ...]
    routes: Routes
    features: Features
    outbound: Outbound
    flows: Mapping[str, Flow]
    prompts: Mapping[str, Mapping[str, str]]

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars by name."""
        return self.routes.calendars

    def route(self, did: str, caller: str, now: float) -> Route | None:
        """Where a call to ``did`` goes; ``None`` when no number fits and there is no default."""
        return self.routes.match(did, caller, now)

    def hours(self, calendar: str, now: float, route_calendar: str = "") -> str:
        """``open``, ``closed``, ``holiday`` or ``emergency``.

        ``calendar`` may be ``route``, for the calendar of the call's route (empty: always open).
        A calendar that is gone since the call began is closed.
        """
        name = route_calendar if calendar == ROUTE_CALENDAR else calendar
        if not name:
            return "open"
        known = self.calendars.get(name)
        return str(known.status(now).state) if known else "closed"

    def opens(self, calendar: str, at: float) -> float | None:
        """The first moment from ``at`` on when this calendar is open; None for never.

        Without a calendar it is always open; one that is gone never is.
        """
        if not calendar:
            return at
        known = self.calendars.get(calendar)
        if known is None:
            return None
        status = known.status(at)
        return at if status.state is HoursState.OPEN else status.next_open


def load(paths: SitePaths, region: str = "VN") -> tuple[Site | None, list[Problem]]:
    """The site in these files, or ``None``; and all that is wrong with them, in file order.

    While a file cannot be read at all, what the others say of it is not judged.
    """
    draft = read_all(paths)
    problems = draft.problems
    if not any(problem.code.startswith("E1") for problem in problems):
        problems = problems + check_across(draft, paths, region)
    problems.sort(key=lambda problem: (problem.file, problem.line, problem.column))
    return (None if has_errors(problems) else _site(draft, paths, region)), problems


def _site(draft: Draft, paths: SitePaths, region: str) -> Site:
    return Site(
        queues={name: queue.value for name, queue in draft.queues.items()},
        agents={name: agent.value for name, agent in draft.agents.items()},
        media=tuple(draft.all_media().values()),
        reasons=tuple(reason.value for reason in draft.reasons.values()),
        routes=_routes(draft, region),
        features=draft.features.value.features() if draft.features else Features(),
        outbound=_outbound(draft, region),
        flows={name: flow.value for name, flow in draft.flows.items()},
        prompts=_prompts(draft, paths.flows_dir),
    )


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
    return Outbound(rules, region)


def _prompts(draft: Draft, flows_dir: Path) -> dict[str, dict[str, str]]:
    prompts: dict[str, dict[str, str]] = {}
    for language, keys in recordings(flows_dir).items():
        for key in sorted(keys):
            prompts.setdefault(key, {})[language] = ""
    for table in draft.prompts.values():
        for key, texts in table.value.items():
            prompts.setdefault(key, {}).update(texts)
    return prompts
