"""Where the sound of each prompt comes from, and which prompts have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from engine.sounds import wav
from engine.sounds.prompts import PromptReport, Texts, recording_of

_NAMES_SHOWN = 5


class Origin(StrEnum):
    """Where a sound comes from."""

    RECORDED = "recorded"
    SPOKEN = "spoken"  # by text-to-speech
    NOT_MADE = "not made yet"
    NO_TEXT = "no text"  # its callers hear it in another language


class Entry(NamedTuple):
    """One prompt in one language; ``seconds`` is None while there is no sound."""

    language: str
    key: str
    origin: Origin
    seconds: float | None
    text: str


def inventory(
    texts: Texts, languages: Sequence[str], folder: Path, recordings: Path
) -> Iterator[Entry]:
    """Every prompt in every language that it has, or should have, in the order of the flows."""
    for key, by_language in texts.items():
        for language in dict.fromkeys([*languages, *by_language]):
            text = by_language.get(language)
            file = folder / language / f"{key}.wav"
            seconds = _seconds(file) if text is not None else None
            yield Entry(language, key, _origin(text, seconds, recordings, language, key),
                        seconds, text or "")  # fmt: skip


def _origin(
    text: str | None, seconds: float | None, recordings: Path, language: str, key: str
) -> Origin:
    if text is None:
        return Origin.NO_TEXT
    if seconds is None:
        return Origin.NOT_MADE
    return Origin.RECORDED if recording_of(recordings, language, key) else Origin.SPOKEN


def _seconds(file: Path) -> float | None:
    try:
        return wav.seconds_of(file)
    except OSError:
        return None


def summary(
    report: PromptReport, texts: Texts, languages: Sequence[str], folder: Path
) -> Iterator[str]:
    """What a set-up did and what is left to do, in a few lines."""
    spoken = len(report.by_voice)
    by_people = len(report.made) + len(report.recorded) + len(report.kept) - spoken
    yield f"prompts in {folder}: {spoken} by text-to-speech, {by_people} recorded"
    if report.made:
        yield f"  spoken now: {some(report.made)}"
    if report.recorded:
        yield f"  taken from recordings now: {some(report.recorded)}"
    for what, recordings in (("louder", report.quiet), ("quieter", report.loud)):
        if recordings:
            were = [f"{name} ({loudness})" for name, loudness in recordings.items()]
            yield f"  recordings made {what}: {some(were)}"
    for language in languages:
        if lacking := [key for key, by_language in texts.items() if language not in by_language]:
            yield f"  without {language}, heard in another language: {some(lacking)}"


def some(names: Sequence[str]) -> str:
    """How many, and their names as far as anybody wants to read them."""
    more = ", … (`tongdai setup --list` has all)" if len(names) > _NAMES_SHOWN else ""
    return f"{len(names)}: {', '.join(names[:_NAMES_SHOWN])}{more}"
