"""What no file can know alone: names that others define, numbers and codes used twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

from dialplan.inbound import spelling
from dialplan.schema import NumberSettings, TargetSettings
from engine.config.check_outbound import check_outbound
from engine.config.drafts import Draft, SitePaths, Written
from engine.config.problems import Problem, has_errors, listed, suggestion
from engine.config.yaml_file import Loc
from engine.ivr.findings import Finding
from engine.ivr.lint import Known, lint, prompt_clashes
from engine.ivr.schema import PROMPT_PATTERN, Flow, Hours

ROUTE_CALENDAR = "route"
"""What an hours node says to ask the calendar of the number that was dialed."""

_SOUNDS = (".wav", ".ulaw", ".alaw", ".sln", ".gsm", ".flac", ".ogg", ".mp3")


def check_across(draft: Draft, paths: SitePaths, region: str) -> list[Problem]:
    """Every problem between the files of a site."""
    found = [
        *_agents(draft),
        *_numbers(draft, region),
        *_targets(draft),
        *_calendars(draft),
        *_features(draft),
        *check_outbound(draft, region),
        *_flows(draft, paths.flows_dir),
    ]
    if not has_errors(draft.problems):  # what is wrong may be just what serves and leads there
        found += [*_unserved_queues(draft), *_unused_flows(draft)]
    return found


def recordings(flows_dir: Path) -> dict[str, frozenset[str]]:
    """Per language, the prompts that have a recorded file ``recordings/<language>/<key>.wav``."""
    keys: dict[str, set[str]] = {}
    for file in flows_dir.glob("recordings/*/*"):
        if file.suffix in _SOUNDS and re.fullmatch(PROMPT_PATTERN, file.stem):
            keys.setdefault(file.parent.name, set()).add(file.stem)
    return {language: frozenset(found) for language, found in keys.items()}


# -- agents and queues --------------------------------------------------------------------------


def _agents(draft: Draft) -> Iterator[Problem]:
    seen: dict[str, Written[Any]] = {}
    for agent in draft.agents.values():
        for index, queue in enumerate(agent.value.queues):
            if queue not in draft.queue_names:
                yield _unknown(agent, ("queues", index), "E301", "queue", queue, draft.queue_names)
        first = seen.setdefault(agent.value.extension, agent)
        if first is not agent:
            message = f"extension {agent.value.extension} is `{first.name}`'s already"
            hint = f"give one of them another; see {first.place()}"
            yield agent.problem("E305", message, hint, at=("extension",))


def _unserved_queues(draft: Draft) -> Iterator[Problem]:
    served = {queue for agent in draft.agents.values() for queue in agent.value.queues}
    for queue in draft.queues.values():
        if queue.name not in served:
            message = f"nobody serves the queue `{queue.name}`: its callers wait in vain"
            hint = f"add `{queue.name}` to the queues of an agent"
            yield queue.problem("W301", message, hint, key=True)


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
    for number in _entries(draft):
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


def _entries(draft: Draft) -> list[Written[NumberSettings]]:
    return [*draft.numbers, *([draft.default] if draft.default else [])]


def _targets(draft: Draft) -> Iterator[Problem]:
    for number in _entries(draft):
        for at, target in _every_target(number.value):
            yield from _target(draft, number, at, target)


def _every_target(number: NumberSettings) -> Iterator[tuple[Loc, TargetSettings]]:
    yield (), number
    if number.closed:
        yield ("closed",), number.closed
    for caller, target in number.callers.items():
        yield ("callers", caller), target


def _target(
    draft: Draft, number: Written[NumberSettings], at: Loc, target: TargetSettings
) -> Iterator[Problem]:
    names = (
        ("E301", "queue", target.queue, draft.queue_names),
        ("E302", "flow", target.flow, draft.flow_names),
        ("E303", "calendar", target.calendar, draft.calendar_names),
    )
    for code, what, name, known in names:
        if name is not None and name not in known:
            yield _unknown(number, (*at, what), code, what, name, known)
    flow = draft.flows.get(target.flow or "")
    if flow and _asks_route(flow.value) and not (target.calendar or number.value.calendar):
        message = f"flow `{flow.name}` asks this number's calendar, and there is none: always open"
        hint = "add `calendar: …`"
        yield number.problem("W303", message, hint, at=at, key=True)


def _asks_route(flow: Flow) -> bool:
    hours = (node for node in flow.nodes.values() if isinstance(node, Hours))
    return any(node.calendar == ROUTE_CALENDAR for node in hours)


def _calendars(draft: Draft) -> Iterator[Problem]:
    if taken := draft.calendars.get(ROUTE_CALENDAR):
        message = f"no calendar can be called `{ROUTE_CALENDAR}`: it means the dialed number's"
        yield taken.problem("E309", message, "choose another name", key=True)


def _features(draft: Draft) -> Iterator[Problem]:
    """A code that begins another would swallow it, as digits may follow a code."""
    if draft.features is None:
        return
    codes = draft.features.value.codes()
    for (action, code), (other, shorter) in permutations(codes.items(), 2):
        if code.startswith(shorter) and (code != shorter or action > other):
            message = f"`{code}` begins like the code of `{other}`, `{shorter}`"
            hint = "choose a code that no other code begins"
            yield draft.features.problem("E307", message, hint, at=(str(action),))


# -- flows --------------------------------------------------------------------------------------


def _flows(draft: Draft, flows_dir: Path) -> Iterator[Problem]:
    prompts = _known_prompts(draft, flows_dir)
    for flow in draft.flows.values():
        known = Known(
            frozenset(draft.queue_names),
            frozenset(draft.calendar_names | {ROUTE_CALENDAR}),
            prompts,
            _languages(draft, flow.name),
        )
        yield from (_found(flow, finding) for finding in lint(flow.value, known))
    clashes = prompt_clashes({str(path): file.value for path, file in draft.prompts.items()})
    for path, file in draft.prompts.items():
        yield from (_found(file, finding) for finding in clashes[str(path)])


def _found(file: Written[Any], finding: Finding) -> Problem:
    return file.problem(finding.code, finding.message, finding.hint, at=finding.path)


def _known_prompts(draft: Draft, flows_dir: Path) -> dict[str, frozenset[str]]:
    known = recordings(flows_dir)
    for file in draft.prompts.values():
        for key, texts in file.value.items():
            for language in texts:
                known[language] = known.get(language, frozenset()) | {key}
    return known


def _languages(draft: Draft, flow: str) -> frozenset[str]:
    """The languages in which numbers lead to ``flow``."""
    return frozenset(
        language
        for number in _entries(draft)
        for _, target in _every_target(number.value)
        if target.flow == flow and (language := target.language or number.value.language)
    )


def _unused_flows(draft: Draft) -> Iterator[Problem]:
    targets = [target for one in _entries(draft) for _, target in _every_target(one.value)]
    used = {target.flow for target in targets}
    for flow in draft.flows.values():
        if draft.numbers and flow.name not in used:
            message = f"no number leads to the flow `{flow.name}`"
            hint = "give it a number in the routes, or remove the file"
            yield flow.problem("W302", message, hint, at=("flow",))


def _unknown(
    one: Written[Any], at: Loc, code: str, what: str, name: str, known: set[str]
) -> Problem:
    message = f"there is no {what} `{name}`{suggestion(name, known)}"
    return one.problem(code, message, f"known: {listed(known)}", at=at)
