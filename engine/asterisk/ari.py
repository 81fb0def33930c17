"""The link to Asterisk's REST interface: events in over one websocket, commands out over HTTP.

Commands never go over the websocket: there one slow command stops all others, and a large answer
kills Asterisk. ``Ari`` carries them over a small pool of keep-alive connections, as typed methods
(``ari.channels.answer(id)``), each with a deadline and with its failure named in the words of
``engine.ports``:

* ``Gone``: 404, the channel, bridge, playback or recording does not exist
* ``NotInStasis``: 409 on a channel, 422; it lives but is not in our application
* ``Refused``: 400, 412, 500 (a phone that is not registered), 409 on anything but a channel
* ``Down``: no connection, or no answer before the deadline; whether it took effect is unknown

Calls outlive the websocket, so a lost one only makes us blind. On each connect the event filter
and the subscriptions are given again, because Asterisk may have forgotten them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Never
from urllib.parse import quote

import aiohttp
import structlog
from yarl import URL

from engine.asterisk.ari_models import ApplicationReplaced, Event, Json, parse_event
from engine.asterisk.ari_operations import Operations, Query
from engine.asterisk.backoff import Backoff
from engine.ports import Down, Gone, NotInStasis, PbxError, Refused

log = structlog.get_logger("ari")

COMMAND_SECONDS = 3.0
ORIGINATE_SECONDS = 5.0
TURN_SECONDS = 15.0
"""What a burst of calls may make a command wait for a connection, before its deadline begins: what
has not been sent yet says nothing of Asterisk."""
POOL_SIZE = 16
POOL_IDLE_SECONDS = 10.0  # below Asterisk's session_keep_alive of 15 s
HEARTBEAT_SECONDS = 5.0  # a dead peer is noticed after one and a half of these

# A list of *allowed* types would also swallow ApplicationReplaced.
UNWANTED = ("ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId")


class Replaced(Exception):
    """Another engine has connected under our application's name: it owns the calls now."""


class LoginRefused(Exception):
    """Asterisk does not know our ARI user, or not this password."""


class Ari(Operations):
    """One Asterisk's ARI.

    ``url`` is the root ('http://127.0.0.1:8088/ari'). ``on_event`` gets every event, in order, and
    ``on_link`` gets ``(True, incarnation)`` before the first event of a connection and
    ``(False, "")`` after its last; the incarnation is Asterisk's start time. Both are called by the
    reader and must return at once. Events that come after ``on_link(True, …)`` are newer than or
    as old as a snapshot asked for then: fold them into it.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        app: str,
        *,
        on_event: Callable[[Event], None],
        on_link: Callable[[bool, str], None],
        random: Random | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        super().__init__(self._send)
        self.connected = False
        self._url = url.rstrip("/")
        login = aiohttp.encode_basic_auth(user, password)
        self._headers = {"Authorization": login}  # never in the URL: URLs are logged
        self._app = app
        self._on_event = on_event
        self._on_link = on_link
        self._backoff = Backoff(log, random)
        self._heartbeat_seconds = heartbeat_seconds
        self._sources: dict[str, None] = {}
        self._session: aiohttp.ClientSession | None = None
        self._replaced = False

    async def run(self) -> None:
        """Hold the link until cancelled: connect, read events, connect again.

        ``Replaced`` and ``LoginRefused`` end it; the latter only before the first link, since a
        reload may refuse us for a moment.
        """
        connector = aiohttp.TCPConnector(
            limit=POOL_SIZE + 1,  # the websocket takes one
            keepalive_timeout=POOL_IDLE_SECONDS,
        )
        async with aiohttp.ClientSession(connector=connector, headers=self._headers) as session:
            self._session = session
            await self._stay_linked(session)

    async def subscribe(self, *sources: str) -> None:
        """Get the events of ``sources`` ('deviceState:PJSIP/101'), now and after every reconnect.

        A source that Asterisk does not know is tried again at the next connect. Beware of
        'endpoint:…': it tells every event of the endpoint's channels a second time, keys too.
        """
        self._sources |= dict.fromkeys(sources)
        if self.connected:
            await self._subscribe(*sources)

    # -- the websocket ------------------------------------------------------------------------

    async def _stay_linked(self, session: aiohttp.ClientSession) -> Never:
        linked_once = False
        while True:
            try:
                async with await self._connect(session) as socket:
                    incarnation = await self._set_up()
                    linked_once = True
                    reason = await self._read(socket, incarnation)
            except aiohttp.WSServerHandshakeError as error:
                if error.status in (401, 403) and not linked_once:
                    raise LoginRefused(f"Asterisk refuses our ARI user ({error.status})") from error
                reason = f"HTTP {error.status}"
            except (PbxError, aiohttp.ClientError, OSError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
            await self._backoff.unlinked(reason)

    async def _connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        async with asyncio.timeout(COMMAND_SECONDS):
            return await session.ws_connect(
                f"{self._url}/events",
                params={"app": self._app},
                heartbeat=self._heartbeat_seconds,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )

    async def _set_up(self) -> str:
        """Tell Asterisk what we want to hear; its incarnation.

        Events wait in the socket meanwhile, so none is lost or comes before ``on_link``.
        """
        unwanted = [{"type": name} for name in UNWANTED]
        await self.applications.filter(self._app, filter={"disallowed": unwanted})
        await self._subscribe(*self._sources)
        info = await self.asterisk.get_info(only=["status"])
        if info.status is None:
            raise Down("Asterisk does not say when it started")
        return str(info.status.startup_time)

    async def _subscribe(self, *sources: str) -> None:
        for source in sources:
            try:
                await self.applications.subscribe(self._app, [source])
            except (Gone, NotInStasis, Refused) as error:
                log.warning("source_unknown", source=source, reason=str(error))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, incarnation: str) -> str:
        """Hand out events until the socket ends; why it ended."""
        self.connected = True
        self._backoff.linked()
        self._on_link(True, incarnation)
        log.info("linked", app=self._app, incarnation=incarnation)
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
            return str(socket.exception() or f"closed with {socket.close_code}")
        finally:
            self.connected = False
            self._on_link(False, "")

    def _take(self, text: str) -> None:
        """One event. A faulty one, or one its receiver fails on, must not cost those behind it."""
        try:
            event = parse_event(json.loads(text))
            if not isinstance(event, ApplicationReplaced):
                self._on_event(event)
                return
        except Exception:
            log.exception("event_failed")
            return
        self._replaced = True
        raise Replaced(f"another engine runs the application {self._app!r}")

    # -- commands -----------------------------------------------------------------------------

    async def _send(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Json | None = None,
        *,
        originates: bool = False,
    ) -> Any:
        """One request and its decoded answer.

        aiohttp repeats a GET, PUT or DELETE once when a connection taken from the pool turns out
        to be closed; it never repeats a POST, and neither do we.
        """
        status, payload = await self._exchange(
            method, path, query or {}, body, ORIGINATE_SECONDS if originates else COMMAND_SECONDS
        )
        if status < 400:
            return payload
        text = f"{status} {_reason(payload)} ({method} {path})"
        if status == 409 and originates:
            return await self._already_there(query or {}, text)
        raise _error(status, path)(text)

    async def _exchange(
        self, method: str, path: str, query: Query, body: Json | None, seconds: float
    ) -> tuple[int, Any]:
        """Status and content of the answer: decoded JSON ({} for none), or bytes."""
        if self._replaced:
            raise Down("another engine has taken over")  # Asterisk would still obey us
        if self._session is None or self._session.closed:
            raise Down("the link to Asterisk is not running")
        url = URL(self._url + path, encoded=True).with_query(_on_the_wire(query))
        deadline = aiohttp.ClientTimeout(
            connect=TURN_SECONDS, sock_connect=seconds, sock_read=seconds
        )
        try:
            async with self._session.request(method, url, json=body, timeout=deadline) as response:
                content = await response.read()
        except aiohttp.ConnectionTimeoutError as error:
            raise Down(f"not sent: {error} ({method} {path})") from error
        except TimeoutError as error:
            raise Down(f"no answer in {seconds:g} s ({method} {path})") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Down(f"{error or type(error).__name__} ({method} {path})") from error
        if response.content_type == "application/json" or not content:
            return response.status, json.loads(content or "{}")
        return response.status, content

    async def _already_there(self, query: Query, text: str) -> Any:
        """The channel that a 409 on its creation says to exist, if it does.

        After one duplicate id Asterisk says 409 for any failed originate of the same connection.
        Ids are never used twice, so a channel that is there is the one that was asked for.
        """
        channel = quote(str(query.get("channelId")), safe="")
        try:
            return await self._send("GET", f"/channels/{channel}")
        except Gone:
            raise Refused(text) from None


def _error(status: int, path: str) -> type[PbxError]:
    """What an HTTP status means for the thing that the command was about."""
    if status == 404:
        return Gone
    if status == 422 or (status == 409 and path.startswith("/channels/")):
        return NotInStasis
    return Refused


def _reason(payload: Any) -> str:
    """Asterisk's own words for a failure."""
    if isinstance(payload, dict):
        return str(payload.get("message") or payload.get("error") or "")
    return bytes(payload).decode(errors="replace")[:200]


def _on_the_wire(query: Query) -> Mapping[str, str | int]:
    return {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in query.items()
        if value is not None
    }
