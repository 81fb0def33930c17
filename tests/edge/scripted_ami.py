"""A loopback AMI peer that sends exactly what a test's script says, byte by byte if need be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from engine.asterisk.ami import Ami

USER, SECRET = "engine", "open sesame"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


class Peer:
    """One connection, from Asterisk's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def action(self, pings: bool = False) -> dict[str, str]:
        """The next action; a ping is answered by the way, unless ``pings`` are what is wanted."""
        while True:
            block = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            action = dict(line.split(": ", 1) for line in block.strip().split("\r\n"))
            if pings or action["Action"] != "Ping":
                return action
            await self.answer(action)

    async def answer(self, action: dict[str, str], response: str = "Success", **more: str) -> None:
        await self.send(Response=response, ActionID=action["ActionID"], **more)

    async def send(self, **headers: str) -> None:
        await self.write("".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n")

    async def write(self, text: str | bytes) -> None:
        self._writer.write(text.encode() if isinstance(text, str) else text)
        await self._writer.drain()

    async def log_in(self) -> None:
        await self.write(BANNER)
        action = await self.action()
        assert (action["Action"], action["Secret"]) == ("Login", SECRET)
        await self.answer(action, Message="Authentication accepted")

    async def silent(self) -> None:
        """Take whatever comes and say nothing, until the client leaves."""
        while await self._reader.read(1024):
            pass

    def cut(self) -> None:
        self._writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class ScriptedAmi:
    """Plays one script per connection, in order; a connection closes when its script ends."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self._playing: set[asyncio.Task[None] | None] = set()
        self.port = 0
        self.failures: list[BaseException] = []
        self.links = 0

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._playing.add(task)
        self.links += 1
        peer = Peer(reader, writer)
        try:
            await (self._scripts.pop(0) if self._scripts else Peer.silent)(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left
        except AssertionError as error:
            self.failures.append(error)
        finally:
            peer.cut()
            self._playing.discard(task)

    async def stop(self) -> None:
        for task in self._playing:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in self._playing if task), return_exceptions=True)


class Watcher:
    """An engine that watches: its ``Ami`` and the events it was given."""

    def __init__(self, port: int, **options: Any) -> None:
        self.heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.ami = Ami(
            "127.0.0.1",
            port,
            USER,
            SECRET,
            on_event=options.pop("on_event", self.heard.put_nowait),
            **options,
        )

    async def next(self) -> dict[str, str]:
        return await asyncio.wait_for(self.heard.get(), 60)

    async def linked(self) -> None:
        async with asyncio.timeout(60):
            while not self.ami.connected:  # noqa: ASYNC110 - a plain flag
                await asyncio.sleep(0)


@asynccontextmanager
async def watching(*scripts: Script, **options: Any) -> AsyncIterator[tuple[ScriptedAmi, Watcher]]:
    """A peer that plays ``scripts`` and an ``Ami`` that runs against it."""
    asterisk = ScriptedAmi(*scripts)
    server = await asyncio.start_server(asterisk.play, "127.0.0.1", 0)
    asterisk.port = server.sockets[0].getsockname()[1]
    engine = Watcher(asterisk.port, **options)
    running = asyncio.create_task(engine.ami.run())
    try:
        yield asterisk, engine
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await asterisk.stop()
        server.close()
        await server.wait_closed()
    assert asterisk.failures == []
