"""`tongdai run` for real: what it prints is enough to call, and Ctrl-C ends calls, not records."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

from center import PATIENCE, until

from engine.demo.phones import Phones

START_SECONDS = 60


class Running:
    """A `tongdai run`, and what it has printed so far."""

    def __init__(self, process):
        self.process = process
        self.printed = ""

    async def says(self, pattern):
        """What the parentheses in ``pattern`` stand for in the lines that it prints."""
        async with asyncio.timeout(START_SECONDS):
            while (found := re.search(pattern, self._lines())) is None:
                assert await self._more(), self.printed
        return found.groups()

    async def ended(self):
        """Its exit code."""
        async with asyncio.timeout(PATIENCE * 2):
            while await self._more():
                pass
            return await self.process.wait()

    def _lines(self):
        """What it has printed to the end of a line: a read may end within a word."""
        return self.printed[: self.printed.rfind("\n") + 1]

    async def _more(self):
        more = await self.process.stdout.read(65536)
        self.printed += more.decode()
        return more


@contextlib.asynccontextmanager
async def running(state, **settings):
    environ = {"TONGDAI_STATE_DIR": str(state), **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.cli.main", "run",
        env=os.environ | environ, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
    )  # fmt: skip
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def processes_of(state):
    """The processes that have this folder in their command line or environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            for what in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{what}", "rb") as file:
                    if str(state).encode() in file.read():
                        found.append(int(pid))
    return set(found) - {os.getpid()}


async def test_ctrl_c_hangs_up_the_callers_and_their_records_are_written(prepared, tmp_path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        wanted = str(taken.getsockname()[1])
        async with running(tmp_path, TONGDAI_API_PORT=wanted) as center:
            host, port = await center.says(r"serves at (\S+):(\d+) ")
            [password] = await center.says(r"caller1\s+│ (\S+)")
            await center.says("Ctrl-C stops")
            assert f"port {wanted} is taken by another program: the API uses another" in (
                center.printed
            )
            async with Phones() as phones:
                phone = await phones.caller("caller1", password, host, int(port))
                calling = await phone.dial("19001003")
                await calling.wait_established(PATIENCE)
                center.process.send_signal(signal.SIGINT)
                await calling.wait_ended(PATIENCE)
            assert await center.ended() == 0
    assert "Traceback" not in center.printed
    assert center.printed.endswith("stopped\n")
    with contextlib.closing(sqlite3.connect(tmp_path / "tongdai.db")) as ledger:
        [(called, outcome, estimated)] = ledger.execute(
            "SELECT called, outcome, estimated_end FROM calls"
        ).fetchall()
    assert (called, outcome, estimated) == ("19001003", "dismissed", 0)
    await until(lambda: not processes_of(tmp_path))


async def test_a_second_center_leaves_the_first_alone(prepared, tmp_path):
    async with running(tmp_path) as first:
        await first.says("Ctrl-C stops")
        async with running(tmp_path) as second:
            assert await second.ended() == 1
        assert "another engine runs on this state directory" in second.printed
        assert "Traceback" not in second.printed
        first.process.send_signal(signal.SIGTERM)
        assert await first.ended() == 0
    assert "the engine ended" not in first.printed


async def test_centers_that_start_at_once_do_not_take_each_others_calls(prepared, tmp_path):
    folders = tmp_path / "one", tmp_path / "other"
    async with running(folders[0]) as one, running(folders[1]) as other:
        [[mine], [others]] = await asyncio.gather(
            *(each.says(r"serves at \S+:(\d+) ") for each in (one, other))
        )
        assert mine != others
        for each in (one, other):
            await each.says("Ctrl-C stops")
            each.process.send_signal(signal.SIGTERM)
        assert [await one.ended(), await other.ended()] == [0, 0]


async def test_a_center_that_is_killed_leaves_no_process(prepared, tmp_path):
    async with running(tmp_path) as center:
        await center.says("Ctrl-C stops")
        assert processes_of(tmp_path)
        center.process.kill()
        await center.ended()
    await until(lambda: not processes_of(tmp_path))


async def test_an_engine_that_dies_is_started_again(prepared, tmp_path):
    async with running(tmp_path) as center:
        await center.says("Ctrl-C stops")
        os.kill(int((tmp_path / "journal.jsonl.lock").read_text()), signal.SIGKILL)
        await center.says("the engine ended; starting it again")
        center.process.send_signal(signal.SIGINT)
        assert await center.ended() == 0
    await until(lambda: not processes_of(tmp_path))
