"""A loopback ARI server that says what a test tells it to, and cuts where it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

from engine.asterisk.ari import Ari
from engine.asterisk.ari_models import Event

APP, USER, PASSWORD = "tongdai", "engine", "open sesame"

CUT = "cut"  # close the connection without a byte
HANG = "hang"  # never answer
Step = str | tuple[int, Any] | Callable[[], Awaitable[tuple[int, Any]]]


@dataclass(frozen=True, slots=True)
class Request:
    """What the client asked."""

    line: str  # 'POST /channels/x/answer', the path as it was on the wire
    query: dict[str, str]
    body: Any


@dataclass(slots=True)
class FakeAsterisk:
    """Answers 204 to everything it has no script for. ``port`` stays the same over restarts."""

    port: int = 0
    started: str = "2026-01-31T08:00:00.000+0700"
    password: str = PASSWORD
    accepts_websockets: bool = True
    answers_pings: bool = True
    links: int = 0
    requests: list[Request] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    at_work: int = 0
    most_at_work: int = 0
    _scripts: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    _socket: web.WebSocketResponse | None = None
    _transport: asyncio.WriteTransport | None = None
    _runner: web.AppRunner | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    async def start(self) -> None:
        self._stopping.clear()
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._command)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._stopping.set()
        self.cut()
        if self._runner:
            await self._runner.cleanup()

    def script(self, line: str, *steps: Step) -> None:
        """Answer the next requests of this ``line`` with ``steps``, one each."""
        self._scripts[line].extend(steps)

    async def say(self, *events: dict[str, Any] | str) -> None:
        """Send events over the websocket."""
        assert self._socket is not None
        for event in events:
            await self._socket.send_str(event if isinstance(event, str) else json.dumps(event))

    def cut(self) -> None:
        """Lose the websocket as a broken network does: no close frame."""
        if self._transport is not None:
            self._transport.abort()
        self._transport = self._socket = None

    def asked(self, line: str) -> list[Request]:
        return [request for request in self.requests if request.line == line]

    def _admits(self, request: web.Request) -> bool:
        login = aiohttp.encode_basic_auth(USER, self.password)
        self.urls.append(str(request.url))
        return request.headers.get("Authorization") == login

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self._admits(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        if not self.accepts_websockets:
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=self.answers_pings)
        await socket.prepare(request)
        self.links += 1
        self._socket, self._transport = socket, request.transport
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        return socket

    async def _command(self, request: web.Request) -> web.StreamResponse:
        if not self._admits(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        line = f"{request.method} {request.rel_url.raw_path.removeprefix('/ari')}"
        body = await request.json() if request.can_read_body else None
        self.requests.append(Request(line, dict(request.query), body))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            return await self._answer(request, line)
        finally:
            self.at_work -= 1

    async def _answer(self, request: web.Request, line: str) -> web.StreamResponse:
        if line in self.files:
            return web.Response(body=self.files[line], content_type="audio/x-wav")
        steps = self._scripts[line]
        step = steps.pop(0) if steps else self._usual(line)
        if step == CUT:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if step == HANG:
            await self._stopping.wait()
            return web.Response()
        assert not isinstance(step, str)
        status, content = await step() if callable(step) else step
        return web.json_response(content, status=status) if content else web.Response(status=status)

    def _usual(self, line: str) -> Step:
        if line == "GET /asterisk/info":
            return 200, {"status": {"startup_time": self.started, "last_reload_time": self.started}}
        if "/applications/" in line:
            return 200, {"name": APP}
        return 204, None


class Listener:
    """An engine's ear: everything that ``Ari`` tells, in order, in ``heard``."""

    def __init__(self, asterisk: FakeAsterisk, **options: Any) -> None:
        self.heard: asyncio.Queue[Event | tuple[bool, str]] = asyncio.Queue()
        self.ari = Ari(
            asterisk.url,
            USER,
            PASSWORD,
            APP,
            on_event=options.pop("on_event", self.heard.put_nowait),
            on_link=lambda up, incarnation: self.heard.put_nowait((up, incarnation)),
            **options,
        )

    async def next(self) -> Event | tuple[bool, str]:
        return await asyncio.wait_for(self.heard.get(), 60)

    async def next_event(self) -> Event:
        told = await self.next()
        assert isinstance(told, Event)
        return told

    async def next_link(self) -> tuple[bool, str]:
        told = await self.next()
        assert isinstance(told, tuple)
        return told


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until ``condition`` holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no asyncio.Event
            await asyncio.sleep(0)


@asynccontextmanager
async def fake_asterisk(**options: Any) -> AsyncIterator[FakeAsterisk]:
    asterisk = FakeAsterisk(**options)
    await asterisk.start()
    try:
        yield asterisk
    finally:
        await asterisk.stop()


@asynccontextmanager
async def listening(asterisk: FakeAsterisk, **options: Any) -> AsyncIterator[Listener]:
    """An ``Ari`` that runs, its first link-up not yet taken from ``heard``."""
    listener = Listener(asterisk, **options)
    running = asyncio.create_task(listener.ari.run())
    try:
        yield listener
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[FakeAsterisk, Listener]]:
    """A fake Asterisk and an ``Ari`` linked to it."""
    async with fake_asterisk() as asterisk, listening(asterisk) as engine:
        assert (await engine.next_link())[0]
        yield asterisk, engine
