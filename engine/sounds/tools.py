"""Runs the programs that make sound files: espeak-ng and sox, bytes in and bytes out."""

from __future__ import annotations

import subprocess
from typing import Protocol


class Programs(Protocol):
    """Where the programs are: ``engine.asterisk.install`` knows those of a private Asterisk."""

    def program(self, name: str) -> list[str] | None:
        """How the command line of ``name`` begins; None when it is not installed."""

    def environment(self, name: str) -> dict[str, str]:
        """The environment that it needs."""


class SoundError(Exception):
    """A sound cannot be made; says why and what to do."""


def run(
    programs: Programs, program: str, *arguments: str, content: bytes = b"", seconds: float = 60.0
) -> bytes:
    """What ``program`` writes to its standard output for ``content`` on its input.

    Raises ``SoundError`` when it is not installed, fails, or does not end within ``seconds``.
    """
    command = programs.program(program)
    if command is None:
        raise SoundError(
            f"{program} is not installed: install it, or put a recording in the text's place"
        )
    try:
        ran = subprocess.run(
            [*command, *arguments],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=programs.environment(program),
        )
    except subprocess.TimeoutExpired as error:
        raise SoundError(f"{program} did not end within {error.timeout:g} s") from error
    if ran.returncode:
        complaint = ran.stderr.decode(errors="replace").strip()
        raise SoundError(f"{program} failed: {complaint or f'exit code {ran.returncode}'}")
    return ran.stdout
