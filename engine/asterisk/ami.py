"""The link to Asterisk's manager interface (AMI): it watches the box, ARI moves the calls.

panoramisk speaks the protocol: it writes actions, splits the stream and parses messages. What it
does around that is not used, because it sends unanswered actions again after a reconnect (one
Originate, two calls), lets a value carry a line break (and with it another action), loses
characters cut by a packet's end, drops the rest of a packet when a callback raises, and never
looks whether its pings are answered.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Never

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from engine.asterisk.backoff import Backoff
from engine.ports import Down, Refused

log = structlog.get_logger("ami")

ACTION_SECONDS = 5.0
PING_SECONDS = 10.0
LOGIN_PAUSE = 60.0  # a wrong password does not become right in two seconds

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Ami:
    """One Asterisk's AMI.

    ``on_event`` gets every event as a plain dict, in order, and must return at once. A header that
    came several times is one text with a line each.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_event: Callable[[Mapping[str, str]], None],
        random: Random | None = None,
        ping_seconds: float = PING_SECONDS,
        action_seconds: float = ACTION_SECONDS,
        login_pause: float = LOGIN_PAUSE,
    ) -> None:
        self.connected = False
        self._address = (host, port)
        self._login = {"Username": user, "Secret": secret, "Events": "on"}
        self._on_event = on_event
        self._backoff = Backoff(log, random)
        self._ping_seconds = ping_seconds
        self._action_seconds = action_seconds
        self._login_pause = login_pause
        self._wire: _Wire | None = None

    async def run(self) -> Never:
        """Hold the link until cancelled: connect, log in, ping, connect again.

        A refused login is logged as one error and tried again each ``login_pause`` seconds.
        """
        login_refused = False
        while True:
            try:
                await self._live()
            except Refused as error:  # of the two actions in there only the login can be refused
                if not login_refused:
                    log.error("login_refused", user=self._login["Username"], reason=str(error))
                login_refused = True
                await asyncio.sleep(self._login_pause)
            except (Down, OSError, TimeoutError) as error:
                login_refused = False
                await self._backoff.unlinked(str(error) or type(error).__name__)

    async def action(self, name: str, **fields: str) -> Mapping[str, str]:
        """Send one action, once; its response.

        Events that belong to the action come by ``on_event``, with the same ``ActionID``; give one
        to tell them. ``Refused`` when Asterisk says so. ``Down`` when the link is lost or the
        answer late: the outcome is unknown, and nothing is sent again. ``ValueError``, before
        anything is sent, for a control character, since a line break starts another header.
        """
        if not self.connected or self._wire is None:
            raise Down("no link to Asterisk's manager")
        return await self._ask(self._wire, name, fields)

    async def _live(self) -> None:
        """One life of the link; ends by an exception."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._action_seconds):
            _, wire = await loop.create_connection(lambda: _Wire(self._on_event), *self._address)
        try:
            await self._ask(wire, "Login", self._login)
            self._wire, self.connected = wire, True
            self._backoff.linked()
            log.info("linked", version=wire.version)
            while True:
                await asyncio.wait([wire.lost], timeout=self._ping_seconds)
                await self._ask(wire, "Ping", {})
        finally:
            self._wire, self.connected = None, False
            wire.transport.abort()

    async def _ask(self, wire: _Wire, name: str, fields: Mapping[str, str]) -> Mapping[str, str]:
        for key, value in {"Action": name, **fields}.items():
            if _CONTROL.search(key) or _CONTROL.search(value) or ":" in key:
                raise ValueError(f"{name!r}: a control character in or under the header {key!r}")
        try:
            async with asyncio.timeout(self._action_seconds):
                response = await wire.ask(Action({**fields, "Action": name}))
        except TimeoutError as error:
            raise Down(f"{name}: no answer in {self._action_seconds:g} s") from error
        if not response.success:
            raise Refused(f"{name}: {response.message}")
        return _plain(response)


class _Wire(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One connection. ``lost`` is done when it ends; pending actions fail with ``Down``."""

    encoding = "utf-8"

    def __init__(self, on_event: Callable[[Mapping[str, str]], None]) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._on_event = on_event
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending: dict[str, asyncio.Future[Message]] = {}

    async def ask(self, action: Action) -> Message:
        """Write the action and wait for the response with its id."""
        if self.lost.done():
            raise Down("the manager link is lost")
        future = self._pending[action.id] = asyncio.get_running_loop().create_future()
        try:
            self.transport.write(str(action).encode())
            return await future
        finally:
            self._pending.pop(action.id, None)

    def data_received(self, data: bytes) -> None:
        """Hand panoramisk whole characters only: it decodes each packet by itself."""
        super().data_received(self._decoder.decode(data).encode())

    def handle_message(self, message: Message) -> None:
        """An event to its receiver (OriginateResponse has a Response too), a response by its id."""
        if "Event" in message:
            self._deliver(message)
        elif (future := self._pending.get(message.id)) and not future.done():
            future.set_result(message)

    def _deliver(self, message: Message) -> None:
        try:
            self._on_event(_plain(message))
        except Exception:  # the rest of the packet must not pay for a faulty receiver
            log.exception("event_failed", type=message.event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits: whether it took effect is unknown."""
        self.closed = True
        for future in self._pending.values():
            if not future.done():
                future.set_exception(Down("the manager link was lost before the answer"))
        self.lost.set_result(None)


def _plain(message: Message) -> Mapping[str, str]:
    return {key: _text(value) for key, value in message.items() if key != "content"}


def _text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)
