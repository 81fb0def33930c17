"""Recorded prompts that callers would not hear, or not well: measured before the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.config.problems import Problem
from engine.config.recorded import recorded_files
from engine.sounds.making import recorded
from engine.sounds.tools import Programs, SoundError


def check_sounds(flows_dir: Path, programs: Programs) -> Iterator[Problem]:
    """What is wrong with the recordings, each by itself."""
    for file in recorded_files(flows_dir):
        try:
            taken = recorded(file, programs)
        except (SoundError, OSError) as error:
            message = f"this recording cannot be used: {error}"
            hint = "save it again as WAV, for the phone as mono with 8000 samples a second"
            yield Problem.about(file, "W503", message, hint)
            continue
        if taken.was.silent:
            message = f"nobody says anything in this recording ({taken.seconds:.1f} s)"
            yield Problem.about(file, "W504", message, "record it again, or remove it")
        elif taken.was.quiet or taken.was.loud:
            message = f"this recording is too {'quiet' if taken.was.quiet else 'loud'}: {taken.was}"
            hint = "it is played louder or quieter than it is, with its noise: record it again"
            yield Problem.about(file, "W505", message, hint)
