"""Where files of recordings lie: in folders of this machine, or in a store (``s3://…``).

What is read is read in pieces. What was put is read back and compared before it counts as there:
no answer of a disk or a store is proof, and the file that is given up for it is the only one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO, Protocol

from engine import whole_file

PIECE_BYTES = 262_144
PART = ".part"
"""In the name of what is not whole yet."""


class PlaceError(Exception):
    """A file could not be read, put or removed there now; says why."""


class FileGone(PlaceError):
    """There is no such file there."""


class Place(Protocol):
    """A kind of places; each raises ``PlaceError``."""

    async def put(self, key: str, source: Path, size: int, sha256: str) -> str:
        """Put a file there under ``key``; the place that it is at, which is new."""

    def read(self, place: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """So many bytes of a file from ``start`` on, in pieces of any size."""

    async def remove(self, place: str) -> None:
        """A file that is not there is a success."""

    async def close(self) -> None:
        """Close what is open; the next request opens it again."""


class Folder:
    """Folders of this machine. Files are put below ``root``; read and removed wherever they are."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    async def put(self, key: str, source: Path, size: int, sha256: str) -> str:
        """See ``Place``. One under that name already is replaced."""
        assert self._root is not None
        target = self._root / key
        try:
            await asyncio.to_thread(_copy, source, target)
        except OSError as error:
            raise PlaceError(str(error)) from error
        return str(target)

    async def read(self, place: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """See ``Place``."""
        with await asyncio.to_thread(_opened, place, start) as file:  # once: it may move meanwhile
            while length > 0:
                piece = await asyncio.to_thread(_piece, file, min(length, PIECE_BYTES))
                if not piece:
                    raise PlaceError(f"{place} ends at byte {start}")
                yield piece
                start, length = start + len(piece), length - len(piece)

    async def remove(self, place: str) -> None:
        """See ``Place``."""
        try:
            await asyncio.to_thread(Path(place).unlink, missing_ok=True)
        except OSError as error:
            raise PlaceError(str(error)) from error

    async def close(self) -> None:
        """See ``Place``."""


class Places:
    """All of them. New files go to ``target``, when there is one."""

    def __init__(self, target: Place | None = None, stores: dict[str, Place] | None = None) -> None:
        """``stores`` by how the names of their places begin, as ``s3:``."""
        self.target = target
        self._stores = stores or {}
        self._folder = Folder()

    async def read(self, place: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """So many bytes of a file from ``start`` on. Raises ``PlaceError``."""
        async with aclosing(self._of(place).read(place, start, length)) as pieces:
            async for piece in pieces:
                yield piece

    async def remove(self, place: str) -> None:
        """A file that is not there is a success. Raises ``PlaceError``."""
        await self._of(place).remove(place)

    async def move(self, key: str, source: Path, size: int, sha256: str) -> str:
        """Put a file into the target, and read it back: the place that it is at for certain.

        The one at ``source`` stays where it is. Raises ``PlaceError``.
        """
        assert self.target is not None
        place = await self.target.put(key, source, size, sha256)
        found = await self.digest(place, size)
        if found != sha256:
            raise PlaceError(f"{place} is not what was put there (SHA-256 {found[:12]}…)")
        return place

    async def digest(self, place: str, size: int) -> str:
        """The SHA-256, in hex, of a file of this size. Raises ``PlaceError``."""
        hashed = hashlib.sha256()
        async with aclosing(self.read(place, 0, size)) as pieces:
            async for piece in pieces:
                hashed.update(piece)
        return hashed.hexdigest()

    async def close(self) -> None:
        """Close what is open; the next request opens it again."""
        for store in self._stores.values():
            await store.close()

    def _of(self, place: str) -> Place:
        kind, colon, _ = place.partition("//")
        if not colon:
            return self._folder
        if kind not in self._stores:
            raise PlaceError(f"{place}: the settings name no such store any more")
        return self._stores[kind]


def _copy(source: Path, target: Path) -> None:
    """There is never half a file under its name, not even after a power cut."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}{PART}")
    try:
        with source.open("rb") as content, part.open("xb") as file:
            shutil.copyfileobj(content, file, PIECE_BYTES)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    whole_file.sync(target.parent)


def _opened(place: str, start: int) -> BinaryIO:
    try:
        file = open(place, "rb")  # noqa: SIM115  # whoever reads it closes it
        file.seek(start)
    except FileNotFoundError as error:
        raise FileGone(f"there is no file {place}") from error
    except OSError as error:
        raise PlaceError(str(error)) from error
    return file


def _piece(file: BinaryIO, length: int) -> bytes:
    try:
        return file.read(length)
    except OSError as error:
        raise PlaceError(str(error)) from error
