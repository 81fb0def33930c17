"""A ledger that is away, slow or wrongly addressed: nobody waits for ever, and we are told why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sample_call import CALL
from sqlalchemy import make_url, text
from test_store_sole_engine import END_SESSION, insist

from engine.asterisk.port_block import PortBlock
from engine.ports import LedgerDown
from engine.store import sole_engine
from engine.store.errors import LedgerUrlInvalid
from engine.store.ledger import Ledger
from engine.store.reports import Reports

pytest_plugins = ["databases"]


class Cable:
    """A TCP way to the server's socket that can be cut, or go silent as a dead switch does."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._writers: list[asyncio.StreamWriter] = []
        self._silent = asyncio.Event()
        self.port = 0

    def go_silent(self) -> None:
        self._silent.set()

    def speak_again(self) -> None:
        """What was sent meanwhile is lost, also that the other side has hung up."""
        self._silent.clear()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def repair(self) -> None:
        self.cut()
        self._silent.clear()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Cable]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not self._silent.is_set():
                    writer.write(data)
        except ConnectionError:
            pass
        if not self._silent.is_set():
            writer.close()


@pytest.fixture
async def cable(postgresql: Any) -> AsyncIterator[Cable]:
    socket = str(postgresql.get_postmaster_info().socket_path)
    async with Cable(socket).laid() as cable:
        yield cable


@pytest.fixture
async def distant(cable: Cable, postgresql_url: str) -> AsyncIterator[Ledger]:
    """A database, open at the far end of the cable, with little patience."""
    async with _far_away(cable, postgresql_url, 1) as ledger:
        yield ledger


@asynccontextmanager
async def _far_away(cable: Cable, url: str, timeout_seconds: float) -> AsyncIterator[Ledger]:
    nearby = Ledger(url)
    await nearby.open()  # to make the tables takes more than a second
    await nearby.close()
    name = make_url(url).database
    address = f"postgresql://postgres:s3cret@127.0.0.1:{cable.port}/{name}"
    ledger = Ledger(address, timeout_seconds=timeout_seconds)
    await insist(ledger.open)
    yield ledger
    cable.repair()
    await ledger.close()


def _written(ledger: Ledger) -> Awaitable[None]:
    """The call, by a ledger of little patience on a machine that may be slow."""
    return insist(lambda: ledger.save_call(CALL))


async def test_a_server_that_falls_silent_holds_nobody_up_and_the_call_is_written_later(
    distant: Ledger, postgresql_url: str, cable: Cable
) -> None:
    cable.go_silent()
    began = time.monotonic()
    with pytest.raises(LedgerDown, match="did not answer in time"):
        await distant.save_call(CALL)
    assert time.monotonic() - began < 60
    cable.repair()
    await _written(distant)
    nearby = Ledger(postgresql_url)
    assert await Reports(nearby).call("c-1") == CALL
    await nearby.close()


async def test_a_server_that_restarts_is_used_again_without_losing_a_call(
    postgresql_url: str, cable: Cable
) -> None:
    async with _far_away(cable, postgresql_url, 20) as ledger:
        await Reports(ledger).calls()
        cable.cut()
        await ledger.save_call(CALL)
        assert await Reports(ledger).call("c-1") == CALL


async def test_an_engine_that_was_cut_off_writes_no_more_once_another_has_the_ledger(
    distant: Ledger, postgresql_url: str, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sole_engine, "ASK_SECONDS", 0.0)
    await insist(distant.claim)
    cable.go_silent()
    other = Ledger(postgresql_url)
    async with other.writing() as connection:
        await connection.execute(END_SESSION)  # as the server does it after two minutes
    await insist(other.claim)
    cable.speak_again()

    async def learns_of_it() -> None:
        try:
            await distant.save_call(CALL)
        except LedgerDown as down:
            if "another engine works with this ledger" not in str(down):
                raise

    await insist(learns_of_it)
    assert await Reports(other).calls() == []
    await other.close()


async def test_a_lock_left_by_somebody_else_does_not_hold_the_engine_for_ever(
    distant: Ledger, postgresql_url: str
) -> None:
    somebody = Ledger(postgresql_url)
    async with somebody.writing() as connection:
        await connection.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(LedgerDown):
            await distant.save_call(CALL)
    await _written(distant)
    assert await Reports(somebody).call("c-1") == CALL
    await somebody.close()


async def test_an_sqlite_file_that_somebody_locked_is_tried_again_later(tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    ledger, somebody, reader = Ledger(url, timeout_seconds=1), Ledger(url), Ledger(url)
    await somebody.open()  # to make the tables may take longer than that
    async with somebody.writing():
        with pytest.raises(LedgerDown):
            await ledger.save_call(CALL)
        assert await Reports(reader).calls() == []  # reading goes on beside the writer
    await _written(ledger)
    await ledger.close()
    await reader.close()
    await somebody.close()


async def test_nobody_at_the_address_is_an_outage_and_the_password_stays_secret() -> None:
    with PortBlock(rtp_ports=0) as nobodys:
        ledger = Ledger(f"postgres://tongdai:s3cret@127.0.0.1:{nobodys.first}/calls")
        with pytest.raises(LedgerDown, match=r"tongdai:\*\*\*@127.0.0.1") as caught:
            await ledger.open()
    assert "s3cret" not in repr(caught.value) + str(caught.value.__cause__) + ledger.name
    await ledger.close()


async def test_a_database_that_does_not_exist_is_named(postgresql: Any) -> None:
    ledger = Ledger(postgresql.get_uri("nowhere"))
    with pytest.raises(LedgerDown, match='database "nowhere" does not exist'):
        await ledger.open()
    await ledger.close()


async def test_a_file_that_is_no_ledger_is_left_alone_and_named(tmp_path: Path) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8 not a database at all, but long enough to look" * 100)
    ledger = Ledger(str(file))
    with pytest.raises(LedgerDown, match=r"holiday.jpg.*not a database"):
        await ledger.open()
    await ledger.close()
    assert file.read_bytes().startswith(b"\xff\xd8")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger = Ledger(str(tmp_path / "file" / "ledger.db"))
    with pytest.raises(LedgerDown, match=r"file/ledger.db: (NotADirectory|FileExists)Error"):
        await ledger.open()
    await ledger.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_postgresql_is_known_by_each_of_its_names(postgresql_url: str, scheme: str) -> None:
    ledger = Ledger(postgresql_url.replace("postgresql", scheme, 1) + "&sslmode=disable")
    await ledger.open()
    await ledger.save_call(CALL)
    await ledger.close()


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite+aiosqlite:///{}", "{}"])
async def test_a_file_is_known_by_each_of_its_names(tmp_path: Path, form: str) -> None:
    file = tmp_path / "sổ cái 100%.db"
    ledger = Ledger(form.format(file))
    await ledger.open()
    await ledger.close()
    assert file.is_file()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "needs a file"),
        (":memory:", "needs a file"),
        ("sqlite://", "needs a file"),
        ("sqlite://var/lib/ledger.db", "has a host"),
        ("sqlite:///ledger.db?mode=ro", "takes no parameters"),
        ("mysql://tongdai:s3cret@db/calls", "cannot be kept in 'mysql'"),
        ("postgresql+psycopg2://tongdai:s3cret@db/calls", "cannot be kept in"),
        ("postgresql://tongdai:s3cret@db", "names no database"),
        ("postgresql://tongdai:s3cret@db/calls?pool=9&password=s3cret", "unknown.*password, pool"),
        ("postgresql://tongdai:s3cret@db:port/calls", "cannot be read"),
        ("://tongdai:s3cret@db/calls", "cannot be read"),
    ],
)
def test_a_wrong_address_is_refused_with_an_example_and_without_the_password(
    url: str, problem: str
) -> None:
    with pytest.raises(LedgerUrlInvalid, match=problem) as caught:
        Ledger(url)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
