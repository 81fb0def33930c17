"""Sends a request that must not be sent twice: not by the HTTP library, either."""

from __future__ import annotations

import aiohttp


async def once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send it; a connection that is cut before the answer comes is an error of its own kind.

    aiohttp sends each PUT and DELETE again after ``ClientOSError`` and ``ServerDisconnectedError``,
    on a fresh connection as well as on a kept one.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # there was no connection: nothing was sent, and nothing is sent again
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as cut:
        raise aiohttp.ClientConnectionError from cut
