"""Reads the answer of a host: JSON, of a bounded size, that a journal can hold."""

from __future__ import annotations

import json
import math

import aiohttp

MOST_BYTES = 256_000

_CHUNK = 16_384


class TooLarge(Exception):
    """The answer has more than ``MOST_BYTES``."""


class Unreadable(Exception):
    """The answer is not JSON, or not what a variable can hold."""


async def read(response: aiohttp.ClientResponse) -> bytes:
    """The body of the answer, unpacked. Raises ``TooLarge`` as soon as it is."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise TooLarge
    return bytes(raw)


def json_of(raw: bytes) -> object:
    """The value; None for no body at all. Raises ``Unreadable``.

    Python's reader takes more than JSON: ``NaN``, numbers beyond a float, halves of characters.
    None of them could be written down again.
    """
    if not raw.strip():
        return None
    try:
        body: object = json.loads(raw, parse_constant=_refuse, parse_float=_finite)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as reason:
        raise Unreadable from reason
    return body


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)
    return number


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
