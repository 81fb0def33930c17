"""Encrypted files that can be read from any place on.

A file is the eight bytes ``TONGDAI1``, then chunks. A chunk is 65,536 bytes of what is sealed (the
last one what is left, at least one byte unless all is empty) under AES-256-GCM, with its tag of 16
bytes behind it. The nonce of 12 bytes is the chunk's number, in eleven bytes with the highest
first, and a byte that is 1 for the last chunk: so chunks can be neither swapped nor left out, and
a file that was cut off is known as such (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár). A key is used for one file only, once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.recordings.places import PlaceError

MAGIC = b"TONGDAI1"
KEY_BYTES = 32
CHUNK_BYTES = 65_536
TAG_BYTES = 16
_SEALED_BYTES = CHUNK_BYTES + TAG_BYTES


class Broken(PlaceError):
    """The file is not what was sealed under this key: changed, cut off, or another one."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk and where it lies; ``skip`` and ``take`` what is wanted of its content."""

    number: int
    is_last: bool
    at: int
    size: int
    skip: int
    take: int


def new_key() -> bytes:
    """For one file."""
    return secrets.token_bytes(KEY_BYTES)


def seal(source: BinaryIO, target: BinaryIO, key: bytes) -> None:
    """Write what is in ``source`` from here on, sealed, into ``target``."""
    cipher = AESGCM(key)
    target.write(MAGIC)
    number, content = 0, source.read(CHUNK_BYTES)
    while True:
        following = source.read(CHUNK_BYTES)
        target.write(cipher.encrypt(_nonce(number, not following), content, MAGIC))
        if not following:
            return
        number, content = number + 1, following


def content_bytes(sealed_bytes: int) -> int:
    """How much is in a file of this size. Raises ``Broken`` for a size that none has."""
    body = sealed_bytes - len(MAGIC)
    count = -(-body // _SEALED_BYTES)
    content = body - count * TAG_BYTES
    if count < 1 or content < 0 or (count > 1 and (content - 1) // CHUNK_BYTES != count - 1):
        raise Broken(f"no sealed file has {sealed_bytes} bytes")
    return content


def chunks(sealed_bytes: int, start: int, length: int) -> Iterator[Chunk]:
    """The chunks that hold these bytes of the content, of a file of this size."""
    content = content_bytes(sealed_bytes)
    last = max(0, content - 1) // CHUNK_BYTES
    end = min(content, start + length)
    for number in range(start // CHUNK_BYTES, max(0, end - 1) // CHUNK_BYTES + 1):
        begins = number * CHUNK_BYTES
        size = min(CHUNK_BYTES, content - begins) + TAG_BYTES
        skip = max(0, start - begins)
        at = len(MAGIC) + number * _SEALED_BYTES
        yield Chunk(
            number, number == last, at, size, skip, min(size - TAG_BYTES, end - begins) - skip
        )


def opened(chunk: Chunk, sealed: bytes, key: bytes) -> bytes:
    """What is wanted of a chunk. Raises ``Broken``."""
    try:
        content = AESGCM(key).decrypt(_nonce(chunk.number, chunk.is_last), sealed, MAGIC)
    except InvalidTag as error:
        raise Broken(f"chunk {chunk.number} is not what was sealed under this key") from error
    return content[chunk.skip : chunk.skip + chunk.take]


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
