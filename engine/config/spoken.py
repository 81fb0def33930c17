"""What is said in which language: the prompts that there are, the languages of the callers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from engine.config.drafts import Draft, every_target
from engine.ivr.schema import PROMPT_PATTERN

Prompts = Mapping[str, frozenset[str]]
"""Per language, the prompts that have a text or a recording in it."""

_SOUNDS = (".wav", ".ulaw", ".alaw", ".sln", ".gsm", ".flac", ".ogg", ".mp3")


def recordings(flows_dir: Path) -> dict[str, frozenset[str]]:
    """Per language, the prompts that have a recorded file ``recordings/<language>/<key>.wav``."""
    keys: dict[str, set[str]] = {}
    for file in flows_dir.glob("recordings/*/*"):
        if file.suffix in _SOUNDS and re.fullmatch(PROMPT_PATTERN, file.stem):
            keys.setdefault(file.parent.name, set()).add(file.stem)
    return {language: frozenset(found) for language, found in keys.items()}


def known_prompts(draft: Draft, flows_dir: Path) -> Prompts:
    """The prompts of all files, and the recordings."""
    known = recordings(flows_dir)
    for file in draft.prompts.values():
        for key, texts in file.value.items():
            for language in texts:
                known[language] = known.get(language, frozenset()) | {key}
    return known


def languages_into(draft: Draft, flow: str) -> frozenset[str]:
    """The languages in which numbers lead to ``flow``."""
    return frozenset(
        language
        for number in draft.entries()
        for _, target in every_target(number.value)
        if target.flow == flow and (language := target.language or number.value.language)
    )


def languages_of_callers(draft: Draft) -> list[str]:
    """All languages in which a caller may come to a queue, sorted."""
    of_numbers = {
        target.language or number.value.language or ""
        for number in draft.entries()
        for _, target in every_target(number.value)
    }
    of_flows = {tag for flow in draft.flows.values() for tag in flow.value.languages()}
    return sorted((of_numbers | of_flows) - {""})
