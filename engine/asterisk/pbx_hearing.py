"""The command of ``AsteriskPbx`` that hears what a caller says.

His channel is snooped on, the snoop is bridged with a media channel, and Asterisk sends that one's
audio over a websocket. We connect to Asterisk and not the other way: then there is no port of ours
to protect, and 22.10 can hang in a handshake that it began itself. The id of the connection, which
only Asterisk knows beforehand, is all that guards ``/media``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from engine.asterisk.pbx_link import PbxLink
from engine.asterisk.translate import OWN_LEG
from engine.ports import Down, PbxError, Refused

_CONNECT_SECONDS = 3.0
_FORMAT = "slin"  # 16 bits, 8 kHz
_CONNECTION = "MEDIA_WEBSOCKET_CONNECTION_ID"


class HearingCommands(PbxLink):
    """Each caller who is heard has a websocket, two channels and a bridge of his own."""

    @asynccontextmanager
    async def hear(self, channel: str, ears: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What is said into the channel. ``Gone`` when it has just ended."""
        snoop, media = f"{ears}.1", f"{ears}.2"
        try:
            url = await self._media_channel(media)
            async with aiohttp.ClientSession() as http, await _connect(http, url) as socket:
                await self.ari.channels.snoop_channel(
                    channel, self._app, spy="in", app_args=OWN_LEG, snoop_id=snoop
                )
                await self.ari.bridges.create(type="mixing", bridge_id=ears, name=ears)
                join = self.ari.bridges.add_channel
                await self._once_entered(lambda: join(ears, [snoop, media]))
                yield _audio(socket)
        finally:
            for leg in (snoop, media):
                with suppress(PbxError):  # what is left now, the audit finds
                    await self.hang_up(leg)
            with suppress(PbxError):
                await self.ari.bridges.destroy(ears)

    async def _media_channel(self, media: str) -> str:
        """Make the channel, which waits for somebody to connect; where to."""
        made = await self.ari.channels.external_media(
            self._app,
            _FORMAT,
            channel_id=media,
            encapsulation="none",
            transport="websocket",
            connection_type="server",
            direction="in",
            data=OWN_LEG,
        )
        connection = (made.channelvars or {}).get(_CONNECTION)
        if not connection:
            raise Refused("Asterisk names no connection for the media channel")
        return f"{self._media_url}/{connection}"


async def _connect(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await http.ws_connect(
                url, protocols=("media",), timeout=aiohttp.ClientWSTimeout(ws_close=1.0)
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Down(f"no media connection: {error or type(error).__name__}") from error


async def _audio(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[bytes]:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.BINARY:
            yield message.data
