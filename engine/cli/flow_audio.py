"""What a rehearsed caller heard, as sound: the prompts' files with the silence between them."""

from __future__ import annotations

import array
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.ivr.rehearsal.transcript import Hears, Line
from engine.ivr.rehearsal.voice import Spoken
from engine.sounds import wav

_LONGEST_SILENCE = 2.0  # seconds; nobody wants to listen to a queue


def as_sound(lines: Sequence[Line], prompts_dir: Path) -> array.array[int]:
    """The samples of all that is heard in ``lines``; what has no file is as long a silence."""
    samples = array.array("h")
    over: float | None = None
    for line in lines:
        if isinstance(line.event, Hears):
            if over is not None:
                samples.extend(_silence(min(max(0.0, line.at - over), _LONGEST_SILENCE)))
            samples.extend(_heard(line.event, prompts_dir))
            cut = line.event.stopped_after
            over = line.at + (line.event.seconds if cut is None else cut)
    return samples


def without_audio(lines: Sequence[Line], prompts_dir: Path) -> list[str]:
    """What is heard in ``lines`` and has no file, once each."""
    parts = (part for line in lines if isinstance(line.event, Hears) for part in line.event.parts)
    missing = (part for part in parts if part.text and not _file(part, prompts_dir).is_file())
    return list(dict.fromkeys(part.name or part.text for part in missing))


def player() -> str | None:
    """The program that plays a WAV file here."""
    return shutil.which("aplay")


def play(file: Path, program: str) -> None:
    """Play ``file`` to its end; a machine without a sound card stays silent."""
    subprocess.run([program, "-q", str(file)], check=False, capture_output=True)


def _heard(heard: Hears, prompts_dir: Path) -> array.array[int]:
    samples = array.array("h")
    for part in heard.parts:
        samples.extend(_part(part, prompts_dir))
    cut = heard.stopped_after
    return samples if cut is None else samples[: round(cut * wav.RATE)]


def _part(part: Spoken, prompts_dir: Path) -> array.array[int]:
    file = _file(part, prompts_dir)
    if part.name and file.is_file() and wav.is_ours(file):
        return wav.read(file)
    return array.array("h", _silence(part.seconds))


def _file(part: Spoken, prompts_dir: Path) -> Path:
    return prompts_dir / part.language / f"{part.name}.wav"


def _silence(seconds: float) -> Iterator[int]:
    return iter([0] * round(seconds * wav.RATE))
