"""What is said in which language: the prompts that there are, the languages of the callers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.config.drafts import Draft, every_target
from engine.config.recorded import recordings
from engine.ivr.schema import SubFlow

Prompts = Mapping[str, frozenset[str]]
"""Per language, the prompts that have a text or a recording in it."""


def texts_of_prompts(draft: Draft, flows_dir: Path) -> dict[str, dict[str, str]]:
    """The text of each prompt per language; empty for one that is only recorded."""
    prompts: dict[str, dict[str, str]] = {}
    for language, keys in recordings(flows_dir).items():
        for key in sorted(keys):
            prompts.setdefault(key, {})[language] = ""
    for table in draft.prompts.values():
        for key, texts in table.value.items():
            prompts.setdefault(key, {}).update(texts)
    return prompts


def by_language(prompts: Mapping[str, Mapping[str, str]]) -> Prompts:
    """The same prompts the other way round: what can be heard in each language."""
    found: dict[str, set[str]] = {}
    for key, texts in prompts.items():
        for language in texts:
            found.setdefault(language, set()).add(key)
    return {language: frozenset(keys) for language, keys in found.items()}


def known_prompts(draft: Draft, flows_dir: Path) -> Prompts:
    """The prompts of all files, and the recordings."""
    known = recordings(flows_dir)
    for file in draft.prompts.values():
        for key, texts in file.value.items():
            for language in texts:
                known[language] = known.get(language, frozenset()) | {key}
    return known


def languages_into(draft: Draft, flow: str) -> frozenset[str]:
    """The languages in which numbers lead to ``flow``, also by way of flows that call it."""
    callers = _callers(draft, flow)
    by_numbers = {
        language
        for number in draft.entries()
        for _, target in every_target(number.value)
        if target.flow in callers and (language := target.language or number.value.language)
    }
    spoken = (draft.flows[name].value.languages() for name in callers - {flow})
    return frozenset(by_numbers.union(*spoken))


def _callers(draft: Draft, flow: str) -> set[str]:
    """The flows by which a call may come into this one, itself among them."""
    found, waiting = set[str](), {flow}
    while waiting:
        found |= waiting
        waiting = {
            name
            for name, each in draft.flows.items()
            for node in each.value.nodes.values()
            if isinstance(node, SubFlow) and node.flow in waiting
        } - found
    return found


def languages_of_callers(draft: Draft) -> list[str]:
    """All languages in which a caller may come to a queue, sorted."""
    of_numbers = {
        target.language or number.value.language or ""
        for number in draft.entries()
        for _, target in every_target(number.value)
    }
    of_flows = {tag for flow in draft.flows.values() for tag in flow.value.languages()}
    return sorted((of_numbers | of_flows) - {""})
