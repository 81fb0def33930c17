"""`tongdai serve` as a process, beside a scripted Asterisk: how it ends, and what it says then."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fake_asterisk import PASSWORD, USER, FakeAsterisk, fake_asterisk

from engine.asterisk.port_block import LISTENING, PortBlock
from engine.store.ledger import Ledger

PATIENCE = 50
_free: list[int] = []


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with fake_asterisk() as running:
        yield running


@pytest.fixture(autouse=True)
def _ports() -> Iterator[None]:
    """Nobody else takes these, between the choice of a port and the start of who listens there."""
    with PortBlock(rtp_ports=0) as block:
        _free[:] = range(block.first, block.first + LISTENING)
        yield


def settings(asterisk: FakeAsterisk, state: Path, **more: object) -> dict[str, str]:
    named = {
        "state_dir": state,
        "ari_url": asterisk.url,
        "ari_user": USER,
        "ari_password": PASSWORD,
        "api_port": _free.pop(),
        **more,
    }
    return {f"TONGDAI_{name.upper()}": str(value) for name, value in named.items()}


class Served:
    """A running engine, what it prints, and its API."""

    def __init__(self, process: Process, url: str, http: aiohttp.ClientSession) -> None:
        self.process = process
        self._url = url
        self._http = http

    async def health(self) -> dict[str, Any]:
        async with self._http.get(f"{self._url}/health") as answer:
            return dict(await answer.json())

    async def until(self, **wanted: object) -> dict[str, Any]:
        """Wait until its health says this."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(aiohttp.ClientConnectionError):
                health = await self.health()
                if wanted.items() <= health.items():
                    return health
            assert self.process.returncode is None, await self.output()
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    async def end(self, how: signal.Signals) -> tuple[int, str]:
        """Its exit code and all it printed."""
        self.process.send_signal(how)
        return await self.ended()

    async def ended(self) -> tuple[int, str]:
        said = await self.output()
        return await self.process.wait(), said

    async def output(self) -> str:
        assert self.process.stdout is not None
        said = await asyncio.wait_for(self.process.stdout.read(), PATIENCE)
        return said.decode()


@asynccontextmanager
async def serving(environ: dict[str, str]) -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.cli.main", "serve",
        env=os.environ | environ, stdout=PIPE, stderr=STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{environ['TONGDAI_API_PORT']}"
    try:
        async with aiohttp.ClientSession() as http:
            yield Served(process, url, http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def refusal(environ: dict[str, str]) -> str:
    """The one line with which an engine says why it does not serve."""
    async with serving(environ) as served:
        code, said = await served.ended()
    assert code == 1
    assert "Traceback" not in said
    [line] = [line for line in said.splitlines() if "[error" in line]
    return line


def arrival(channel: str, number: str = "0901234567") -> dict[str, Any]:
    """A caller on the line of the support queue."""
    born = "2026-01-31T08:15:00.000+0700"
    return {
        "type": "StasisStart",
        "timestamp": born,
        "args": ["inbound", "19001003"],
        "channel": {
            "id": channel,
            "name": "PJSIP/trunk-00000001",
            "state": "Ring",
            "caller": {"name": "", "number": number},
            "creationtime": born,
        },
    }


def hangs_up(asterisk: FakeAsterisk, channel: str) -> None:
    """Asterisk does what it is told, and tells the end of the channel."""

    async def hang_up() -> tuple[int, Any]:
        end = {
            "type": "ChannelDestroyed",
            "timestamp": "2026-01-31T08:15:09.000+0700",
            "channel": {"id": channel},
            "cause": 16,
        }
        await asterisk.say(end)
        return 204, None

    asterisk.script(f"DELETE /channels/{channel}", hang_up)


# -- how it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_an_engine_that_stops_leaves_its_callers_in_asterisk(
    asterisk: FakeAsterisk, tmp_path: Path, how: signal.Signals
) -> None:
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok")
        await asterisk.say(arrival("1790000000.1"))
        await served.until(calls=1)
        code, said = await served.end(how)
    assert code == 0
    assert "Traceback" not in said
    assert not asterisk.asked("DELETE /channels/1790000000.1")


async def test_an_engine_that_closes_hangs_up_and_writes_the_records(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    hangs_up(asterisk, "1790000000.1")
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok", ledger="up")
        await asterisk.say(arrival("1790000000.1"))
        await served.until(calls=1)
        code, _ = await served.end(signal.SIGUSR1)
    assert code == 0
    with closing(sqlite3.connect(tmp_path / "tongdai.db")) as ledger:
        assert ledger.execute("SELECT call, cause FROM calls").fetchall() == [("1790000000.1", 16)]


async def test_an_engine_without_callers_closes_at_once(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok", ledger="up")
        code, said = await served.end(signal.SIGUSR1)
    assert code == 0
    assert "not_closed" not in said  # it waited for nothing


async def test_an_engine_that_closes_does_not_wait_for_ever_for_a_silent_asterisk(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    """The journal keeps the call: the next engine writes its record. (Nobody knows the number, so
    the caller is not called back.)"""
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok", ledger="up")
        await asterisk.say(arrival("1790000000.1", "anonymous"))
        await served.until(calls=1)
        code, said = await served.end(signal.SIGUSR1)
    assert code == 0
    assert asterisk.asked("DELETE /channels/1790000000.1")
    assert "not_closed" in said
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok", ledger="up", calls=0, records_waiting=0)
        await served.end(signal.SIGTERM)
    with closing(sqlite3.connect(tmp_path / "tongdai.db")) as ledger:
        assert ledger.execute("SELECT call FROM calls").fetchall() == [("1790000000.1",)]


# -- why it does not begin ------------------------------------------------------------------------


async def test_two_engines_on_one_state_folder_are_refused(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    async with serving(settings(asterisk, tmp_path)) as first:
        await first.until(status="ok")
        told = await refusal(settings(asterisk, tmp_path))
        assert "another engine runs on this state directory" in told
        assert f"process {first.process.pid}" in told
        assert (await first.health())["status"] == "ok"


async def test_a_taken_port_of_the_api_is_named(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        told = await refusal(settings(asterisk, tmp_path, api_port=port))
    assert f"port {port} of 127.0.0.1" in told
    assert "TONGDAI_API_PORT" in told


async def test_a_wrong_password_of_ari_is_named(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    told = await refusal(settings(asterisk, tmp_path, ari_password="not this one"))
    assert "Asterisk refuses our ARI user (401)" in told
    assert "TONGDAI_ARI_PASSWORD" in told
    assert "not this one" not in told


async def test_a_ledger_of_a_newer_version_is_not_touched(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/tongdai.db")
    await ledger.open()
    await ledger.close()
    with closing(sqlite3.connect(tmp_path / "tongdai.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    assert "start the newer Tongdai again" in await refusal(settings(asterisk, tmp_path))


async def test_a_state_folder_that_is_no_folder_is_named(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file")
    environ = settings(asterisk, tmp_path / "state", log_file=tmp_path / "engine.log")
    assert str(tmp_path / "state") in await refusal(environ)


# -- what does not keep it from serving -----------------------------------------------------------


async def test_calls_are_served_while_the_database_is_away(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    away = f"postgresql://me:s3cret@127.0.0.1:{_free.pop()}/calls"
    async with serving(settings(asterisk, tmp_path, database_url=away)) as served:
        await served.until(status="ok", ledger="down", records_waiting=0)
        await asterisk.say(arrival("1790000000.1"))
        await served.until(calls=1)
        await asterisk.say(
            {"type": "ChannelDestroyed", "channel": {"id": "1790000000.1"}, "cause": 16}
        )
        await served.until(calls=0, records_waiting=1, status="ok")
        code, said = await served.end(signal.SIGTERM)
    assert code == 0
    assert "ledger_down" in said
    assert "s3cret" not in said
    assert "Traceback" not in said


async def test_a_second_engine_leaves_the_ledger_to_the_first_and_takes_it_when_that_ends(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    async with fake_asterisk() as another:
        mine = settings(asterisk, tmp_path / "mine", database_url=ledger)
        yours = settings(another, tmp_path / "yours", database_url=ledger)
        async with serving(mine) as first:
            await first.until(status="ok", ledger="up")
            async with serving(yours) as second:
                await second.until(status="ok", ledger="down")
                await first.end(signal.SIGKILL)
                await second.until(status="ok", ledger="up")
                _, said = await second.end(signal.SIGTERM)
    assert "another engine works with this ledger" in said


async def test_the_record_that_waited_is_written_by_the_next_engine(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    away = f"postgresql://me:s3cret@127.0.0.1:{_free.pop()}/calls"
    async with serving(settings(asterisk, tmp_path, database_url=away)) as served:
        await served.until(status="ok")
        await asterisk.say(arrival("1790000000.1"))
        await served.until(calls=1)
        await asterisk.say(
            {"type": "ChannelDestroyed", "channel": {"id": "1790000000.1"}, "cause": 16}
        )
        await served.until(calls=0, records_waiting=1)
        await served.end(signal.SIGKILL)
    async with serving(settings(asterisk, tmp_path)) as served:
        await served.until(status="ok", ledger="up", records_waiting=0)
        await served.end(signal.SIGTERM)
    with closing(sqlite3.connect(tmp_path / "tongdai.db")) as ledger:
        assert ledger.execute("SELECT call FROM calls").fetchall() == [("1790000000.1",)]


async def test_others_on_the_machine_cannot_read_what_the_engine_knows_of_callers(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with serving(settings(asterisk, state)) as served:
        await served.until(status="ok", ledger="up")
        modes = {file.name: file.stat().st_mode & 0o007 for file in [state, *state.iterdir()]}
    assert {"state", "tongdai.db", "engine.log", "journal.jsonl", "secret"} <= modes.keys()
    assert set(modes.values()) == {0}, modes
