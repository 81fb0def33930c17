"""Processes that recognise, and who may ask them.

Each worker is a process of its own with the models in it: a crash or a hang in a recogniser costs
one utterance, and the engine's event loop never waits for one. Who asks when too many wait already
is told so at once, for an answer that comes late is worth nothing to a caller.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from engine.speech.recogniser import NOTHING, Heard

log = structlog.get_logger("speech")

ANSWER_SECONDS = 5.0
LOAD_SECONDS = 60.0
RETRY_SECONDS = 1.0
"""Between two starts of a worker that does not live longer than that."""
WAITING_PER_WORKER = 2
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class _Question:
    pcm: bytes
    phrases: tuple[str, ...]
    language: str
    answer: asyncio.Future[Heard]


class WorkerFailed(Exception):
    """The process died, hung, or said what is no answer."""


class Workers:
    """``count`` processes with the same models, while ``run`` runs.

    ``pids`` are the processes that are ready to work, ``ready`` is set while there are any.
    ``models`` is the folder of each language's model. ``command`` begins the command line; the
    recogniser's name and the models follow it.
    """

    def __init__(
        self,
        kind: str,
        models: Mapping[str, Path],
        count: int,
        command: Sequence[str] = (sys.executable, "-m", "engine.speech.worker"),
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._languages = frozenset(models)
        self.ready = asyncio.Event()
        pairs = [f"{language}={folder}" for language, folder in models.items()]
        self._command = (*command, kind, *pairs)
        self._count = count
        self._answer_seconds = answer_seconds
        self._questions: asyncio.Queue[_Question] = asyncio.Queue()
        self._asked = 0
        self.pids: set[int] = set()

    async def run(self) -> None:
        """Keep the workers running until cancelled; then none of them is left."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, self._count + 1):
                tasks.create_task(self._keep(number))

    def can(self, language: str) -> bool:
        """Whether there is a model for this language, and a worker that has it."""
        return language in self._languages and self.ready.is_set()

    async def recognise(self, pcm: bytes, phrases: Sequence[str], language: str) -> Heard | None:
        """What was said. None at once when nobody is there to tell: ``can`` is false, or too many
        utterances wait already."""
        if not self.can(language) or self._asked >= self._count * (1 + WAITING_PER_WORKER):
            return None
        answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._questions.put_nowait(_Question(pcm, tuple(phrases), language, answer))
        self._asked += 1
        try:
            async with asyncio.timeout(2 * self._answer_seconds):
                return await answer
        except TimeoutError:  # behind one that hung, and no other worker came
            return NOTHING
        finally:
            self._asked -= 1

    async def _keep(self, number: int) -> None:
        """One worker, and the next when it fails."""
        time = asyncio.get_running_loop().time
        while True:
            began = time()
            try:
                await self._work(number)
            except Exception as error:  # whatever it does: calls go on by keys
                log.warning("speech_worker_failed", worker=number, reason=str(error))
            await asyncio.sleep(max(0.0, began + RETRY_SECONDS - time()))

    async def _work(self, number: int) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, env=os.environ | _ONE_THREAD
        )
        try:
            await _answer(process, LOAD_SECONDS)
            log.info("speech_ready", worker=number, pid=process.pid)
            with self._serving(process.pid):
                while True:
                    await self._serve(process, await self._questions.get())
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    @contextmanager
    def _serving(self, pid: int) -> Iterator[None]:
        """``ready`` while there is at least one."""
        self.pids.add(pid)
        self.ready.set()
        try:
            yield
        finally:
            self.pids.discard(pid)
            if not self.pids:
                self.ready.clear()

    async def _serve(self, process: Process, question: _Question) -> None:
        """One utterance; when the worker fails at it, it was not understood."""
        if question.answer.done():  # nobody waits for it any more
            return
        heard = NOTHING
        try:
            _ask(process, question)
            heard = Heard(**await _answer(process, self._answer_seconds))
        finally:
            if not question.answer.done():
                question.answer.set_result(heard)


def _ask(process: Process, question: _Question) -> None:
    assert process.stdin is not None
    header = {
        "bytes": len(question.pcm),
        "phrases": question.phrases,
        "language": question.language,
    }
    process.stdin.write(json.dumps(header).encode() + b"\n" + question.pcm)


async def _answer(process: Process, seconds: float) -> dict[str, Any]:
    """The next line that the worker says. ``WorkerFailed`` when none comes in time.

    Not by ``wait_for``: in Python 3.11 it forgets a cancellation that comes with the line.
    """
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            line = await process.stdout.readline()
    except TimeoutError as error:
        raise WorkerFailed(f"no answer in {seconds:g} s") from error
    if not line:
        raise WorkerFailed(f"it ended ({await process.wait()})")
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise WorkerFailed(f"it said {line[:80]!r}") from error
    return answer
