"""Opus or MP3 instead of WAV, where a program for it is installed: ffmpeg, or sox for MP3.

Their work is checked: a file that does not begin as its format does, or is empty, is none.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

_FFMPEG = ("-nostdin", "-v", "error", "-y", "-i", "{source}", "-map_metadata", "-1")
_COMMANDS = {
    "opus": (("ffmpeg", *_FFMPEG, "-c:a", "libopus", "-b:a", "24k", "-f", "ogg", "{target}"),),
    "mp3": (
        ("ffmpeg", *_FFMPEG, "-c:a", "libmp3lame", "-q:a", "5", "-f", "mp3", "{target}"),
        ("sox", "-V1", "{source}", "-t", "mp3", "{target}"),
    ),
}
_BEGINNINGS = {"opus": (b"OggS",), "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")}
_PATIENCE_SECONDS = 600.0


class NotConverted(Exception):
    """The program failed; says how."""


Command = tuple[str, ...]
"""A command line with ``{source}`` and ``{target}`` in it."""


def command_for(format: str, which: Callable[[str], str | None] = shutil.which) -> Command | None:
    """How to make a WAV file this format; None when no program for it is installed."""
    for program, *arguments in _COMMANDS[format]:
        if found := which(program):
            return (found, *arguments)
    return None


def convert(command: Command, source: Path, target: Path, format: str) -> None:
    """Make ``target`` of a WAV file. Raises ``NotConverted``."""
    places = {"{source}": str(source), "{target}": str(target)}
    line = [places.get(each, each) for each in command]
    try:
        ran = subprocess.run(
            line,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotConverted(f"{command[0]}: {error}") from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        raise NotConverted(f"{command[0]}: {said[-1] if said else f'exit code {ran.returncode}'}")
    with target.open("rb") as file:
        if not file.read(4).startswith(_BEGINNINGS[format]):
            raise NotConverted(f"{command[0]} wrote no {format}")
