"""Looks at the file of a recording: what Asterisk reports of it is not proof.

On a full disk Asterisk says "done" for half a file, and of one that it was killed over it says
nothing: then the header is as it was at the beginning. So the length is measured from the file and
held against the talk.
"""

from __future__ import annotations

import asyncio
import shutil
import struct
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from engine.call_record import TALK, Gap
from engine.calls.notes import RecordingClosed
from engine.ports import RecordingEnded

_WAV_HEADER = 44
_DATA_SIZE_AT = 40
_BYTES_PER_SECOND = 16_000  # WAV, 8 kHz, 16 bit, mono
_SHARE = 0.98
_GRACE_SECONDS = 1.5
MEGABYTE = 1_000_000
_LOOKING_SECONDS = 5.0
_LOOKING_AT_ONCE = 4

T = TypeVar("T")


class Recorder:
    """Knows where recordings are; ``directory`` is None when the engine cannot see Asterisk's.

    Below ``least_free`` bytes on that disk no recording is to begin. ``alarms`` counts, by the
    names of log events, what somebody should see to. A disk that fails, or does not answer within
    ``patience`` seconds, is a problem of the recording, never of its call.
    """

    def __init__(
        self, directory: Path | None, least_free: int = 0, patience: float = _LOOKING_SECONDS
    ) -> None:
        self._directory = directory
        self._least_free = least_free
        self._patience = patience
        # Its own: a disk that hangs holds these threads, and nobody else's.
        self._threads = ThreadPoolExecutor(_LOOKING_AT_ONCE, "recordings")
        self.alarms: Counter[str] = Counter()

    async def no_room(self) -> str:
        """Why no recording is to begin now: '' while the disk has room, or cannot be seen."""
        if self._directory is None:
            return ""
        try:
            free = await self._ask_disk(_free_bytes, self._directory)
        except OSError as error:
            return _not_asked(error)
        if free >= self._least_free:
            return ""
        return f"only {free // MEGABYTE} MB are free on the disk"

    async def inspect(
        self,
        name: str,
        started: float,
        ended: float,
        report: RecordingEnded | None,
        problem: str = "",
        kind: str = TALK,
        missing: float = 0.0,
        gaps: tuple[Gap, ...] = (),
    ) -> RecordingClosed:
        """What there is of a talk or a message from ``started`` to ``ended``; besides its ``gaps``
        so many seconds may be ``missing``: the silence at its end was cut off."""
        size, said = None, 0
        try:
            size, said = await self._ask_disk(self._look, name)
        except OSError as error:
            problem = problem or _not_asked(error)
        seconds = report.seconds if report is not None else 0.0
        if size is not None:
            seconds = max(0.0, (size - _WAV_HEADER) / _BYTES_PER_SECOND)
        wanted = ended - started - missing - sum(gap.ended - gap.began for gap in gaps)
        problem = problem or _problem(seconds, wanted, report, size, said)
        path = str(self._path(name) or f"{name}.wav")
        return RecordingClosed(
            *(ended, name, path, started, round(seconds, 3), size or 0),
            *(not problem, problem, kind, gaps),
        )

    async def _ask_disk(self, ask: Callable[..., T], *about: object) -> T:
        """Raises ``OSError``, also when the disk does not answer."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._patience):
            return await loop.run_in_executor(self._threads, ask, *about)

    def _path(self, name: str) -> Path | None:
        return None if self._directory is None else self._directory / f"{name}.wav"

    def _look(self, name: str) -> tuple[int | None, int]:
        """Bytes of the file, 0 when there is none, None when we cannot look; and how many its
        header says there are."""
        path = self._path(name)
        if path is None:
            return None, 0
        if not path.is_file():
            return 0, 0
        with path.open("rb") as file:
            header = file.read(_WAV_HEADER)
        if len(header) < _WAV_HEADER:
            return len(header), 0
        (data,) = struct.unpack_from("<I", header, _DATA_SIZE_AT)
        return path.stat().st_size, _WAV_HEADER + data


def _free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free


def _not_asked(error: OSError) -> str:
    return f"the disk cannot be read: {str(error) or 'it does not answer'}"


def _problem(
    seconds: float, wanted: float, report: RecordingEnded | None, size: int | None, said: int
) -> str:
    if size == 0:
        return "no file"
    if report is not None and not report.ok:
        return f"Asterisk reports: {report.cause or 'failed'}"
    if seconds < wanted * _SHARE - _GRACE_SECONDS:
        return f"{seconds:.1f} s of {wanted:.1f} s"
    if size is not None and said != size:
        return "Asterisk did not close the file"
    return ""
