"""Prompts as sound files: spoken by a voice, or recorded by people, whichever there is.

The texts stand in the flows. Each becomes ``<folder>/<language>/<key>.wav``: 8 kHz, mono, 16 bit,
the one format that any Asterisk plays. A file ``<recordings>/<language>/<key>.wav`` (or .ulaw,
.alaw, .sln, .gsm, .flac, .ogg, .mp3) is taken instead of the voice. What has not changed is not
made again; a file is replaced in one step, for callers may be listening to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from engine import whole_file
from engine.sounds.loudness import Loudness
from engine.sounds.making import RECIPE, RECORDED, fingerprint, recorded, spoken
from engine.sounds.text_to_speech import Espeak, Voice
from engine.sounds.tools import Programs, SoundError

Texts = Mapping[str, Mapping[str, str]]
"""Key → language → text, as flows have them."""

MANIFEST = ".prompts.json"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,8})?")


class PromptError(Exception):
    """The name of a prompt cannot be a file's; says which and what to do."""


@dataclass(slots=True)
class PromptReport:
    """What became of each prompt; names are ``language/key``."""

    made: list[str] = field(default_factory=list)  # spoken now
    recorded: list[str] = field(default_factory=list)  # taken from a recording now
    kept: list[str] = field(default_factory=list)  # unchanged
    missing: dict[str, str] = field(default_factory=dict)  # why there is no up-to-date file
    quiet: dict[str, Loudness] = field(default_factory=dict)  # recordings made louder now
    loud: dict[str, Loudness] = field(default_factory=dict)  # recordings made quieter now
    by_voice: list[str] = field(default_factory=list)  # made or kept, and no recording


@dataclass(frozen=True, slots=True)
class _Prompt:
    language: str
    key: str
    text: str
    recording: Path | None

    @property
    def name(self) -> str:
        return f"{self.language}/{self.key}"


def build(
    texts: Texts,
    folder: Path,
    programs: Programs,
    *,
    recordings: Path | None = None,
    voice: Voice | None = None,
    parallel: int = 4,
) -> PromptReport:
    """Make the files of all ``texts`` in ``folder``, ``parallel`` at a time.

    ``voice`` is espeak-ng unless another is given. It waits for other programs, so call it in a
    thread. Forty new prompts take about a second. One that cannot be made is ``missing`` in the
    report and stops no other; ``PromptError`` is raised only for names that no file can have. Files
    of texts that are gone stay.
    """
    maker = _Maker(folder, programs, voice or Espeak(programs))
    report, known = PromptReport(), _manifest(folder)
    stale: list[_Prompt] = []
    for prompt in _prompts(texts, recordings):
        if maker.has(prompt, known):
            report.kept.append(prompt.name)
            report.by_voice += [] if prompt.recording else [prompt.name]
        else:
            stale.append(prompt)
    with ThreadPoolExecutor(parallel) as pool:
        outcomes = list(pool.map(maker.make, stale))
    for prompt, outcome in zip(stale, outcomes, strict=True):
        _tell(report, prompt, outcome)
        if not isinstance(outcome, str):
            known[prompt.name] = maker.fingerprint(prompt)
    if stale:
        whole_file.write(folder / MANIFEST, json.dumps(known, indent=1, sort_keys=True).encode())
    return report


def keep(texts: Texts, folder: Path, version: str) -> None:
    """Give this version of the flows the sounds that its prompts have now, for as long as calls are
    in it: links, which a prompt that is made anew does not change."""
    for key, by_language in texts.items():
        for language in by_language:
            made = folder / language / f"{key}.wav"
            if made.is_file():
                _link(made, folder / version / language / f"{key}.wav")


def _link(made: Path, kept: Path) -> None:
    """In one step: somebody may be about to hear the one that was kept before."""
    if kept.is_file() and kept.samefile(made):
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(f".{kept.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.hardlink_to(made)
    except OSError:  # another user's file, or a file system without links
        shutil.copyfile(made, fresh)
    fresh.replace(kept)


class _Maker:
    """Makes prompts, each by itself, so several at a time."""

    def __init__(self, folder: Path, programs: Programs, voice: Voice) -> None:
        self._folder = folder
        self._programs = programs
        self._voice = voice

    def has(self, prompt: _Prompt, known: Mapping[str, str]) -> bool:
        """Whether the file is there and up to date."""
        up_to_date = known.get(prompt.name) == self.fingerprint(prompt)
        return up_to_date and whole_file.has_content(self._file(prompt))

    def fingerprint(self, prompt: _Prompt) -> str:
        """Changes whenever the sound would."""
        if prompt.recording:
            return hashlib.sha256(b"%d" % RECIPE + prompt.recording.read_bytes()).hexdigest()
        return fingerprint(prompt.text, prompt.language, self._voice)

    def make(self, prompt: _Prompt) -> Loudness | str | None:
        """Make the file; the answer is its recording's loudness, or in words what went wrong."""
        try:
            sound, was = self._sound(prompt)
            whole_file.write(self._file(prompt), sound, durable=False)
        except (SoundError, OSError) as error:
            return str(error)
        return was

    def _sound(self, prompt: _Prompt) -> tuple[bytes, Loudness | None]:
        if prompt.recording is None:
            return spoken(prompt.text, prompt.language, self._voice, self._programs), None
        taken = recorded(prompt.recording, self._programs)
        return taken.content, taken.was

    def _file(self, prompt: _Prompt) -> Path:
        return self._folder / f"{prompt.name}.wav"


def _tell(report: PromptReport, prompt: _Prompt, outcome: Loudness | str | None) -> None:
    match outcome:
        case str(problem):
            report.missing[prompt.name] = problem
        case None:
            report.made.append(prompt.name)
            report.by_voice.append(prompt.name)
        case Loudness():
            report.recorded.append(prompt.name)
            if outcome.quiet:
                report.quiet[prompt.name] = outcome
            if outcome.loud:
                report.loud[prompt.name] = outcome


def _prompts(texts: Texts, recordings: Path | None) -> Iterator[_Prompt]:
    for key, by_language in texts.items():
        if not _NAME.fullmatch(key):
            raise PromptError(f"prompt {key!r}: a name is made of a-z, 0-9, _ and -")
        for language, text in by_language.items():
            if not _LANGUAGE.fullmatch(language):
                raise PromptError(f"prompt {key}: {language!r} is no language code such as vi")
            yield _Prompt(language, key, text, recording_of(recordings, language, key))


def recording_of(recordings: Path | None, language: str, key: str) -> Path | None:
    """The file that somebody recorded for a prompt, if there is one."""
    if recordings is None:
        return None
    candidates = (recordings / language / f"{key}{suffix}" for suffix in RECORDED)
    return next((path for path in candidates if path.is_file()), None)


def _manifest(folder: Path) -> dict[str, str]:
    """What each file was made from; empty when nothing was made yet, or it cannot be read."""
    try:
        known = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return dict(known) if isinstance(known, dict) else {}
