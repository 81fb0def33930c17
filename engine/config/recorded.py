"""The prompts that people recorded: ``<flows>/recordings/<language>/<prompt>.wav`` and its like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from engine.config.problems import Problem
from engine.ivr.schema import PROMPT_PATTERN
from engine.sounds.making import RECORDED


def recordings(flows_dir: Path) -> dict[str, frozenset[str]]:
    """Per language, the prompts that have a recorded file."""
    keys: dict[str, set[str]] = {}
    for file in recorded_files(flows_dir):
        keys.setdefault(file.parent.name, set()).add(file.stem)
    return {language: frozenset(found) for language, found in keys.items()}


def recorded_files(flows_dir: Path) -> Iterator[Path]:
    """Every recorded prompt; what a link brings in from outside of the folder is none."""
    top = flows_dir.resolve()
    return (file for file in _sounds(flows_dir) if file.resolve().is_relative_to(top))


def check_recordings(flows_dir: Path) -> Iterator[Problem]:
    """A link that leads out of the folder: what lies there is not ours to play to callers."""
    top = flows_dir.resolve()
    for file in _sounds(flows_dir):
        if not file.resolve().is_relative_to(top):
            message = f"this recording leads out of the flows' folder, to {file.resolve()}"
            yield Problem.about(file, "E107", message, "copy the file here instead of a link")


def _sounds(flows_dir: Path) -> Iterator[Path]:
    for file in sorted(flows_dir.glob("recordings/*/*")):
        if file.suffix in RECORDED and re.fullmatch(PROMPT_PATTERN, file.stem):
            yield file
