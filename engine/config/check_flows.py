"""Flows against what is around them: queues, calendars, prompts, secrets, each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from acd.queues import OverflowWhen
from engine.config.check_calendars import ROUTE_CALENDAR
from engine.config.check_features import place_flows
from engine.config.check_queues import overflow_flows
from engine.config.drafts import Draft, SitePaths, Written, every_target
from engine.config.problems import Problem, listed
from engine.config.spoken import Prompts, languages_into
from engine.config.text_file import Position
from engine.config.yaml_file import Document, Loc
from engine.ivr.findings import Finding
from engine.ivr.lint import Known, lint, prompt_clashes
from engine.ivr.lint.requests import requests_of
from engine.ivr.rehearsal.voice import estimate
from engine.ivr.schema import Flow, SubFlow
from engine.ivr.schema.lookups import SYSTEM
from engine.sounds import wav

_HASH = re.compile(r"[ ]+#:[ ]+([{]|[\w'\"]+[ ]*(#.*)?$)")
"""`#: sales`, also with a remark behind it: no sentence."""
_NOTHING = re.compile(r"[ ]*(#|$)")
_RETYPED = re.compile(r"[+0-9][0-9]*")


def check_flows(draft: Draft, paths: SitePaths, prompts: Prompts) -> Iterator[Problem]:
    """Every problem of the flows."""
    for flow in draft.flows.values():
        known = Known(
            queues=frozenset(draft.queue_names),
            calendars=frozenset(draft.calendar_names | {ROUTE_CALENDAR}),
            prompts=prompts,
            languages=languages_into(draft, flow.name),
            agents=frozenset(draft.agents),
            flows={name: each.value for name, each in draft.flows.items()},
            secrets=paths.secrets,
            systems=paths.systems,
            seconds=_lengths(draft, paths),
            unclosed=frozenset(_unclosed(draft)),
            broken=frozenset(draft.flow_names - draft.flows.keys()),
        )
        yield from (_found(flow, finding) for finding in lint(flow.value, known))
        yield from _unquoted(flow)
    clashes = prompt_clashes({str(path): file.value for path, file in draft.prompts.items()})
    for path, file in draft.prompts.items():
        yield from (_found(file, finding) for finding in clashes[str(path)])


def check_systems(flows: Iterable[Flow], systems: Collection[str]) -> list[Problem]:
    """Flows that ask systems where no system has an address at all: no name of one is judged then
    (flows can be tried out like that), and this says so."""
    asked: dict[str, set[str]] = {}
    for flow in flows:
        for _, call in requests_of(flow):
            for system in SYSTEM.findall(call.url):
                asked.setdefault(system, set()).add(flow.name)
    if systems or not asked:
        return []
    told = "; ".join(f"`{name}` (in {listed(asked[name])})" for name in sorted(asked))
    message = f"no system has an address, but flows ask {told}"
    hint = f"systems: {{{min(asked)}: https://…}}; until then every such request ends by `error`"
    return [Problem.about("TONGDAI_SYSTEMS", "N223", message, hint)]


def check_used(draft: Draft) -> Iterator[Problem]:
    """Flows that nothing leads to: no number, queue, short code, campaign, other flow."""
    targets = [target for one in draft.entries() for _, target in every_target(one.value)]
    used = {target.flow for target in targets} | overflow_flows(draft) | called_flows(draft)
    used |= {campaign.value.flow for campaign in draft.campaigns.values()} | place_flows(draft)
    for flow in draft.flows.values():
        if draft.numbers and flow.name not in used:
            message = f"no number leads to the flow `{flow.name}`"
            hint = "give it a number in the routes, or remove the file"
            yield flow.problem("W302", message, hint, at=("flow",))


def called_flows(draft: Draft) -> set[str]:
    """The flows that other flows call."""
    nodes = (node for flow in draft.flows.values() for node in flow.value.nodes.values())
    return {node.flow for node in nodes if isinstance(node, SubFlow)}


def _found(file: Written[Any], finding: Finding) -> Problem:
    """A finding at its place; what holds lines, or lacks one, is pointed at by its key."""
    document, told = file.document, (finding.code, finding.message, finding.hint)
    path, value = document.nearest((*file.path, *finding.path))
    if finding.key or not isinstance(value, str):
        return document.problem(path, *told, key=True)
    if (at := _place_of(finding.word, value)) is not None:
        return document.problem_in_text(path, value, at, *told)
    return document.problem(path, *told)


def _place_of(word: str, text: str) -> int | None:
    """Where a name stands in an expression or a template: rather in a hole of it than before."""
    name = rf"({re.escape(word)})(?!\w)"
    found = word and (re.search(rf"\{{\{{\s*{name}", text) or re.search(rf"(?<![\w.]){name}", text))
    return found.start(1) if found else None


def _lengths(draft: Draft, paths: SitePaths) -> Callable[[str, str], float | None]:
    """How long prompts are: recordings as they are, others by the number of their letters."""
    texts = {
        (language, key): text
        for file in draft.prompts.values()
        for key, by_language in file.value.items()
        for language, text in by_language.items()
    }

    def seconds(language: str, key: str) -> float | None:
        recording = paths.flows_dir / "recordings" / language / f"{key}.wav"
        try:
            return wav.seconds_of(recording)
        except OSError:
            text = texts.get((language, key))
            return None if text is None else estimate(text)

    return seconds


def _unclosed(draft: Draft) -> Iterator[str]:
    for name, queue in draft.queues.items():
        rules = {rule.when for rule in queue.value.overflow}
        if queue.value.calendar in draft.calendar_names and OverflowWhen.CLOSED not in rules:
            yield name


def _unquoted(flow: Written[Flow]) -> Iterator[Problem]:
    """Keys that an editor, or another program, would read as numbers: 01 becomes 1. And `#`, which
    nobody reads: it begins a comment."""
    for table, keys in _tables(flow.document.data):
        for number, line in _lines_of(flow.document, table):
            if _HASH.match(line):
                place = Position(number, line.index("#") + 1)
                message = "the key # is written as a comment, which nobody reads"
                yield flow.document.problem_at(place, "E623", message, 'put it in quotes: "#"')
        yield from _retyped(flow, table, keys)


def _retyped(flow: Written[Flow], table: Loc, keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        path = (*table, key)
        if _RETYPED.fullmatch(key) and not flow.document.is_quoted(path, key=True):
            message = f"the key {key} is written as a number"
            yield flow.problem("E623", message, f'put it in quotes: "{key}"', at=path, key=True)


def _tables(data: Any) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """The tables of keys, each with its place."""
    if keys := _mapping(data, "global_keys"):
        yield ("global_keys",), keys
    for name, node in _mapping(data, "nodes").items():
        if keys := _mapping(node, "keys"):
            yield ("nodes", name, "keys"), keys


def _lines_of(document: Document, table: Loc) -> Iterator[tuple[int, str]]:
    """The lines below the name of a table that are further in than it, with their numbers."""
    place = document.position(table, key=True)
    for number, line in enumerate(document.lines[place.line :], place.line + 1):
        if line.startswith(" " * place.column):
            yield number, line
        elif not _NOTHING.match(line):
            return


def _mapping(data: Any, key: str) -> dict[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
