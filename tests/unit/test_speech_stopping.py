"""An engine that stops just as a worker of speech has something to tell stops all the same."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from engine.speech.workers import Workers


class Worker:
    """A process that has said one line, that it is ready."""

    def __init__(self):
        self.pid = 1
        self.stdout = asyncio.StreamReader()
        self.stdin = None

    def kill(self):
        self.stdout.feed_eof()

    async def wait(self):
        return 0


@pytest.mark.parametrize("later", range(8))
async def test_a_worker_that_is_ready_as_the_engine_stops_is_stopped(monkeypatch, later):
    made = asyncio.get_running_loop().create_future()

    async def start(*_, **__):
        made.set_result(Worker())
        return made.result()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    running = asyncio.create_task(Workers("tiny", {"en": Path()}, 1, ("worker",), 5.0).run())
    worker = await made
    await asyncio.sleep(0)

    worker.stdout.feed_data(b"{}\n")
    for _ in range(later):
        await asyncio.sleep(0)
    running.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(running, 30)
    assert running.cancelled()
