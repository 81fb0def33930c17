"""Looks at the file of a recording: what Asterisk reports of it is not proof.

On a full disk Asterisk says "done" for half a file. So the length is measured from the file and
held against the talk.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.call_record import TALK
from engine.calls.notes import RecordingClosed
from engine.ports import RecordingEnded

_WAV_HEADER = 44
_BYTES_PER_SECOND = 16_000  # WAV, 8 kHz, 16 bit, mono
_SHARE = 0.9
_GRACE_SECONDS = 0.5


class Recorder:
    """Knows where recordings are; ``directory`` is None when the engine cannot see Asterisk's."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    async def inspect(
        self,
        name: str,
        started: float,
        ended: float,
        report: RecordingEnded | None,
        problem: str = "",
        kind: str = TALK,
        missing: float = 0.0,
    ) -> RecordingClosed:
        """What there is of a talk or a message from ``started`` to ``ended``; so many seconds may
        be ``missing``, for it was paused, or its silence was cut off."""
        size = await asyncio.to_thread(self._size, name)
        said = report.seconds if report is not None else 0.0
        seconds = said if size is None else max(0.0, (size - _WAV_HEADER) / _BYTES_PER_SECOND)
        problem = problem or _problem(seconds, ended - started - missing, report, size)
        path = str(self._path(name) or f"{name}.wav")
        return RecordingClosed(
            ended, name, path, started, round(seconds, 3), size or 0, not problem, problem, kind
        )

    def _path(self, name: str) -> Path | None:
        return None if self._directory is None else self._directory / f"{name}.wav"

    def _size(self, name: str) -> int | None:
        """Bytes of the file, 0 when there is none, None when we cannot look."""
        path = self._path(name)
        if path is None:
            return None
        return path.stat().st_size if path.is_file() else 0


def _problem(seconds: float, wanted: float, report: RecordingEnded | None, size: int | None) -> str:
    if size == 0:
        return "no file"
    if report is not None and not report.ok:
        return f"Asterisk reports: {report.cause or 'failed'}"
    if seconds < wanted * _SHARE - _GRACE_SECONDS:
        return f"{seconds:.1f} s of {wanted:.1f} s"
    return ""
