"""A store that speaks S3: put, read a range, remove, each one signed request over HTTP.

Paths are ``/bucket/key`` behind the store's address, which all of them understand. A file goes up
in one request, with its SHA-256 in the signature: so a store that checks it refuses a damaged one.
The limit of that is five gigabytes; an hour of a stereo recording has 0.12.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from yarl import URL

from engine.recordings.places import PIECE_BYTES, FileGone, PlaceError
from engine.recordings.signing import EMPTY_SHA256, Credentials, quoted, signed

SCHEME = "s3:"
_CONNECT_SECONDS, _ANSWER_SECONDS = 10.0, 60.0
_TIMEOUT = aiohttp.ClientTimeout(
    total=None, sock_connect=_CONNECT_SECONDS, sock_read=_ANSWER_SECONDS
)
_SLOWEST_BYTES = 50_000
"""A second: a store that takes fewer has stalled."""


class S3:
    """One bucket of one store, to write to; what is read may lie in another bucket of it."""

    def __init__(
        self,
        url: str,
        bucket: str,
        prefix: str,
        credentials: Credentials,
        now: Callable[[], float],
    ) -> None:
        """``now`` in seconds since the epoch: it is signed."""
        self._url = URL(url)
        self._root = f"{bucket}/{prefix}"
        self._credentials = credentials
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def put(self, key: str, source: Path, size: int, sha256: str) -> str:
        """See ``engine.recordings.places.Place``."""
        path = self._root + key
        try:
            with source.open("rb") as file:
                headers = {"content-length": str(size)}
                async with asyncio.timeout(_ANSWER_SECONDS + size / _SLOWEST_BYTES):
                    async with self._ask("PUT", path, headers, sha256, file) as response:
                        await response.read()
        except OSError as error:
            raise PlaceError(str(error) or f"PUT {path}: the store has stalled") from error
        return f"{SCHEME}//{path}"

    async def read(self, place: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """See ``engine.recordings.places.Place``."""
        if length <= 0:
            return
        headers = {"range": f"bytes={start}-{start + length - 1}"}
        left = length
        async with self._ask("GET", _path(place), headers) as response:
            if response.status != 206 and (start, response.content_length) != (0, length):
                raise PlaceError(f"{place}: the store does not give parts of a file")
            async for piece in response.content.iter_chunked(PIECE_BYTES):
                left -= len(piece)
                yield piece
        if left:
            raise PlaceError(f"{place} ended {left} bytes early")

    async def remove(self, place: str) -> None:
        """See ``engine.recordings.places.Place``."""
        try:
            async with self._ask("DELETE", _path(place), {}) as response:
                await response.read()
        except FileGone:
            return

    async def close(self) -> None:
        """See ``engine.recordings.places.Place``."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        sha256: str = EMPTY_SHA256,
        data: object = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=_TIMEOUT, skip_auto_headers=("content-type", "accept-encoding")
            )
        whole = f"{self._url.raw_path.rstrip('/')}/{path}"
        host = self._url.raw_authority
        sent = signed(self._credentials, method, host, whole, headers, sha256, self._now())
        address = self._url.with_path(quoted(whole), encoded=True)
        try:
            async with self._session.request(
                method, address, headers=sent, data=data, allow_redirects=False
            ) as response:
                await _check(response, path)
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlaceError(f"{method} {path}: {error or type(error).__name__}") from error


async def _check(response: aiohttp.ClientResponse, path: str) -> None:
    if response.status in (200, 204, 206):
        return
    if response.status == 404:
        raise FileGone(f"there is no {path}")
    said = (await response.content.read(500)).decode(errors="replace")
    raise PlaceError(f"{response.method} {path}: {response.status} {' '.join(said.split())}")


def _path(place: str) -> str:
    return place.removeprefix(f"{SCHEME}//")
