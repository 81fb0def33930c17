"""What no file can know alone: names that others define, numbers and codes used twice."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.inbound import spelling
from dialplan.schema import NumberSettings, TargetSettings
from engine.config.check_agents import check_agents
from engine.config.check_calendars import asks_route, check_asked, check_calendars
from engine.config.check_campaigns import around_draft, check_campaigns, check_trunk_limits
from engine.config.check_features import check_features
from engine.config.check_flows import check_flows, check_used
from engine.config.check_needs import check_needs, check_served
from engine.config.check_outbound import check_outbound
from engine.config.check_queues import check_queues
from engine.config.check_rooms import check_rooms
from engine.config.drafts import Draft, SitePaths, Written, every_target
from engine.config.problems import Problem, has_errors
from engine.config.spoken import Prompts, known_prompts
from engine.config.yaml_file import Loc


def check_across(draft: Draft, paths: SitePaths, region: str) -> list[Problem]:
    """Every problem between the files of a site."""
    prompts = known_prompts(draft, paths.flows_dir)
    found = [
        *check_agents(draft),
        *check_queues(draft, prompts, region),
        *check_needs(draft),
        *_numbers(draft, region),
        *_targets(draft),
        *check_calendars(draft),
        *check_features(draft, region),
        *check_outbound(draft, region),
        *check_rooms(draft),
        *check_flows(draft, paths, prompts),
        *_campaigns(draft, prompts, region),
    ]
    if not has_errors(draft.problems):  # what is wrong may be just what serves and leads there
        found += [*check_served(draft), *check_used(draft), *check_asked(draft)]
    return found


def _campaigns(draft: Draft, prompts: Prompts, region: str) -> Iterator[Problem]:
    around = around_draft(draft, prompts, region)
    yield from check_campaigns(draft.campaigns, around)
    yield from check_trunk_limits(draft.trunk_limits, draft.campaigns, around)


# -- numbers ------------------------------------------------------------------------------------


def _numbers(draft: Draft, region: str) -> Iterator[Problem]:
    seen: dict[str, Written[NumberSettings]] = {}
    extensions = {agent.value.extension: agent for agent in draft.agents.values()}
    for number in draft.numbers:
        key = spelling(number.name, region)
        if key is None:
            yield number.problem("E205", *_no_number(number.name), key=True)
            continue
        first = seen.setdefault(key, number)
        if first is not number:
            message = f"`{number.name}` is the number `{first.name}` of {first.place()} again"
            yield number.problem("E306", message, "keep one of them", key=True)
        if agent := extensions.get(key):
            message = f"`{number.name}` is also the extension of the agent `{agent.name}`"
            hint = f"change one of them; see {agent.place()}"
            yield number.problem("E308", message, hint, key=True)
    for number in draft.entries():
        yield from _callers(number, region)


def _callers(number: Written[NumberSettings], region: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for caller in number.value.callers:
        key, at = spelling(caller, region), ("callers", caller)
        if key is None:
            yield number.problem("E205", *_no_number(caller), at=at, key=True)
        elif first := seen.get(key):
            message = f"`{caller}` is the number `{first}` above again"
            yield number.problem("E306", message, "keep one of them", at=at, key=True)
        else:
            seen[key] = caller


def _no_number(written: str) -> tuple[str, str]:
    message = f"`{written}` is no telephone number and no pattern"
    return message, "write digits; in a pattern X is any digit, and a last `.` is the rest"


def _targets(draft: Draft) -> Iterator[Problem]:
    for number in draft.entries():
        for at, target in every_target(number.value):
            yield from _target(draft, number, at, target)


def _target(
    draft: Draft, number: Written[NumberSettings], at: Loc, target: TargetSettings
) -> Iterator[Problem]:
    names = (
        ("E301", "queue", target.queue, draft.queue_names),
        ("E302", "flow", target.flow, draft.flow_names),
        ("E303", "calendar", target.calendar, draft.calendar_names),
        ("E325", "room", target.room, draft.room_names),
    )
    for code, what, name, known in names:
        if name is not None and name not in known:
            yield number.unknown(code, what, name, known, at=(*at, what))
    flow = draft.flows.get(target.flow or "")
    if flow and asks_route(flow.value) and not (target.calendar or number.value.calendar):
        message = f"flow `{flow.name}` asks this number's calendar, and there is none: always open"
        hint = "add `calendar: …`"
        yield number.problem("W303", message, hint, at=at, key=True)
