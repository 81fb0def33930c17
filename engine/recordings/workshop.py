"""Has files made in another process, so that the engine's event loop never waits for one.

One process, begun with the first job and kept: what is made is bounded by it, however many calls
end at once. When it dies, the job that killed it fails, and the next one begins another.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.recordings.making import Job, Made, scraps
from engine.recordings.wav import Unreadable

JOB_SECONDS = 1800.0
_LINE_BYTES = 1_000_000


class WorkFailed(Exception):
    """A file could not be made now: a full disk, a worker that died. It may be tried again."""


class Workshop:
    """``make`` as ``engine.recordings.making.make``, elsewhere."""

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "engine.recordings.worker"),
        job_seconds: float = JOB_SECONDS,
    ) -> None:
        self._command = command
        self._job_seconds = job_seconds
        self._turn = asyncio.Lock()
        self._process: Process | None = None

    async def make(self, job: Job) -> Made:
        """Raises ``Unreadable`` and ``WorkFailed``; then nothing is at the job's target."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._job_seconds):
                    answer = await self._ask(job)
            except (TimeoutError, OSError, ValueError) as error:
                await self._abandon(job)
                raise WorkFailed(f"the worker failed: {error or type(error).__name__}") from error
            except asyncio.CancelledError:
                await self._abandon(job)  # its answer would be taken for that of the next job
                raise
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        if "failed" in answer:
            raise WorkFailed(answer["failed"])
        return Made(**answer["made"])

    async def close(self) -> None:
        """End the process, and the program that converts for it; the next job begins another."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _abandon(self, job: Job) -> None:
        await self.close()
        for scrap in scraps(job):
            with suppress(OSError):
                await asyncio.to_thread(scrap.unlink)

    async def _ask(self, job: Job) -> dict[str, Any]:
        process = await self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise ValueError(f"it ended ({await process.wait()})")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _begun(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # Our own code, whatever folder the engine was started in.
            here = Path(__file__).parents[2]
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                limit=_LINE_BYTES,
                cwd=here,
                start_new_session=True,
            )
        return self._process
