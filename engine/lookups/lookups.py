"""Makes the HTTP requests of flows, so that no host and no answer can harm a call.

Each request is over at its timeout, retries and waits included. A host that does not answer is soon
not asked any more (``circuit.py``), and has only so many connections, so a slow one cannot take
them all. Redirects are not followed. Nothing of a request but its name and its host is logged:
parameters, headers and bodies hold numbers of customers, and secrets.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import aiohttp
import structlog
from yarl import URL

from engine.ivr.lookup_result import ERROR, NOT_FOUND, OK, TIMEOUT, word_for
from engine.ivr.messages import Request
from engine.lookups.answer import TooLarge, Unreadable, json_of, read
from engine.lookups.cache import Cache
from engine.lookups.circuit import Circuit
from engine.lookups.counts import Counts
from engine.lookups.flight import Flight
from engine.lookups.once import once
from engine.lookups.outgoing import (
    BadHeader,
    Outgoing,
    address_of,
    fill,
    key_of,
    unknown_system,
)
from engine.lookups.result import LookupResult, error
from engine.secrets import Secrets, UnknownSecret

log = structlog.get_logger("lookups")

CONNECTIONS = 200
CONNECTIONS_PER_HOST = 40
KEEP_ALIVE_SECONDS = 4.0
"""Shorter than servers keep a connection: a request that must not be sent twice finds none that is
just being closed."""
BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 1.0

_PASSING = (502, 503, 504)
_NO_CONNECTION, _CUT = "no connection", "cut"


class Lookups:
    """All lookups of one engine; ``close`` it.

    ``secrets`` may be replaced while it works; ``systems`` are the addresses that flows name as
    ``${system:NAME}``. ``now`` is any clock in seconds that does not run backwards, ``random``
    spreads the retries.
    """

    def __init__(
        self,
        secrets: Secrets,
        now: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        systems: Mapping[str, str] | None = None,
    ) -> None:
        self.secrets = secrets
        self.systems = systems or {}
        self._now = now
        self._random = random or Random()
        self._cache = Cache()
        self._flights: dict[str, Flight] = {}
        self._circuits: dict[str, Circuit] = defaultdict(Circuit)
        self._counts: dict[str, Counts] = defaultdict(Counts)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; who still waits for an answer is cut."""
        if self._session is not None:
            await self._session.close()

    async def perform(self, request: Request) -> LookupResult:
        """Make the request, unless its answer is known. Never raises for what a host does."""
        began = self._now()
        url, result = address_of(request.url, self.systems), error("bad url")
        if url is not None:
            result = await self._answer(request, url)
        elif unknown := unknown_system(request.url, self.systems):
            log.error("system_unknown", system=unknown, name=request.name)
        result = replace(result, took=self._now() - began)
        self._counts[request.name].add(result)
        log.info(
            "lookup",
            name=request.name,
            host=url.host if url else "",
            result=result.result,
            status=result.status,
            ms=round(result.took * 1000),
            cached=result.from_cache,
            reason=result.reason,
        )
        return result

    def stats(self) -> dict[str, Any]:
        """Counts by the name of the lookup, and which hosts are not asked now."""
        return {
            "lookups": {name: counts.as_json() for name, counts in self._counts.items()},
            "open_circuits": [host for host, each in self._circuits.items() if each.is_open],
        }

    # -- answers that others have asked for -----------------------------------------------------

    async def _answer(self, request: Request, url: URL) -> LookupResult:
        if request.private:
            return await self._ask(request, url)
        key = key_of(request)
        known = self._cache.get(key, self._now()) if request.cache_seconds else None
        if known is not None:
            return known
        if request.only_reads:
            result = await self._ask_together(key, request, url)
        else:
            result = await self._ask(request, url)
        if request.cache_seconds and result.result in (OK, NOT_FOUND):
            self._cache.put(key, result, self._now() + request.cache_seconds)
        return result

    async def _ask_together(self, key: str, request: Request, url: URL) -> LookupResult:
        """Equal requests at one time are one; who joined one that was too slow asks himself."""
        until = self._now() + request.timeout_seconds
        while (flight := self._flights.get(key)) is not None and flight.is_under_way:
            result = await self._join(key, flight, until - self._now())
            if result.result != TIMEOUT or self._now() >= until:
                return result
        left = until - self._now()
        flight = Flight(self._ask(replace(request, timeout_seconds=left), url))
        self._flights[key] = flight
        return await self._join(key, flight)

    async def _join(self, key: str, flight: Flight, patience: float | None = None) -> LookupResult:
        try:
            return await flight.join(patience)
        finally:
            if not flight.is_under_way and self._flights.get(key) is flight:
                del self._flights[key]

    # -- asking ---------------------------------------------------------------------------------

    async def _ask(self, request: Request, url: URL) -> LookupResult:
        try:
            outgoing = fill(request, url, self.secrets)
        except UnknownSecret as unknown:
            log.error("secret_unknown", secret=unknown.name, name=request.name)
            return error("unknown secret")
        except BadHeader:
            return error("bad header")
        circuit = self._circuits[f"{url.host}:{url.port}"]
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self._try_until_answered(request, outgoing, circuit)
        except TimeoutError:
            circuit.fail(self._now())
            return LookupResult(TIMEOUT)

    async def _try_until_answered(
        self, request: Request, outgoing: Outgoing, circuit: Circuit
    ) -> LookupResult:
        until = self._now() + request.timeout_seconds
        retries = request.retries if request.repeatable else 0
        result, tried = error("circuit open"), 0
        while circuit.admits(self._now()):
            result = await self._try(outgoing, circuit)
            tried += 1
            pause = self._backoff(tried)
            if tried > retries or not _may_pass(result) or self._now() + pause >= until:
                break
            await asyncio.sleep(pause)
        return result

    def _backoff(self, tried: int) -> float:
        """Longer each time, and for no two engines the same."""
        most = min(BACKOFF_SECONDS * (1 << tried), LONGEST_BACKOFF_SECONDS)
        return most * self._random.uniform(0.5, 1.0)

    async def _try(self, outgoing: Outgoing, circuit: Circuit) -> LookupResult:
        result = await self._send(outgoing)
        if result.status == 0 or result.status >= 500:
            circuit.fail(self._now())
        else:
            circuit.succeed()
        return result

    def _connections(self) -> aiohttp.ClientSession:
        """Made when the first request leaves."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS,
                    limit_per_host=CONNECTIONS_PER_HOST,
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),  # of one caller, not for the next one
                timeout=aiohttp.ClientTimeout(),  # ``_ask`` has the one over all
                headers={"Accept": "application/json", "User-Agent": "tongdai"},
            )
        return self._session

    async def _send(self, outgoing: Outgoing) -> LookupResult:
        """One request. What aiohttp raises holds the URL, so only its kind is told."""
        status = 0
        try:
            async with self._connections().request(
                outgoing.method,
                outgoing.url,
                headers=outgoing.headers,
                data=outgoing.data,
                allow_redirects=False,
                middlewares=() if outgoing.repeatable else (once,),
            ) as response:
                status = response.status
                return _result(status, await read(response))
        except TooLarge:
            return _unusable(status, "too large")
        except aiohttp.ClientConnectorCertificateError:
            return error("certificate")
        except aiohttp.ClientPayloadError:
            return error(_CUT)
        except (aiohttp.ClientConnectionError, OSError):
            return error(_NO_CONNECTION)
        except (aiohttp.ClientError, ValueError):
            return error("not HTTP", status)


def _result(status: int, raw: bytes) -> LookupResult:
    try:
        body = json_of(raw)
    except Unreadable:
        return _unusable(status, "not JSON")
    word = word_for(status)
    return (
        error("redirect", status) if word == ERROR else LookupResult(word, status, body, len(raw))
    )


def _unusable(status: int, reason: str) -> LookupResult:
    """Of a failure the status is enough, whatever page comes with it."""
    word = word_for(status)
    return error(reason, status) if word in (OK, ERROR) else LookupResult(word, status)


def _may_pass(result: LookupResult) -> bool:
    """Whether another attempt could do better."""
    return result.status in _PASSING or result.reason in (_NO_CONNECTION, _CUT)
