"""All recordings that are kept: listened to, checked, kept for good, deleted.

The API, the command and the service that finishes recordings do it here, each with the ledger as
the only one that knows what there is: no name or path of anybody else's ever reaches a file.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import structlog

from engine.call_record import AuditEntry
from engine.recordings import sealing
from engine.recordings.keys import KeyUnusable, MasterKeys
from engine.recordings.places import FileGone, PlaceError, Places
from engine.store.recordings import HERE, FileState, RecordingFile, RecordingFiles

log = structlog.get_logger("recordings")

CONTENT_TYPES = {"wav": "audio/wav", "opus": "audio/ogg", "mp3": "audio/mpeg"}

_DELETABLE = (FileState.NEW, FileState.FAILED, *HERE)


class NotHere(Exception):
    """There is nothing to listen to; says why."""


class KeptForGood(Exception):
    """It is not deleted while somebody wants it kept."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a recording is now: ``problem`` is '' when it is what was stored."""

    name: str
    state: FileState
    problem: str


class Archive:
    """``now`` is in seconds since the epoch."""

    def __init__(
        self, files: RecordingFiles, places: Places, keys: MasterKeys, now: Callable[[], float]
    ) -> None:
        self.files = files
        self.places = places
        self.keys = keys
        self.now = now
        self._told: set[str] = set()

    def bytes_of(self, file: RecordingFile) -> int:
        """How much there is to listen to. Raises ``NotHere``."""
        if file.state not in HERE:
            raise NotHere(_why_not(file))
        if not file.key_id:
            return file.stored_bytes
        return sealing.content_bytes(file.stored_bytes)

    async def read(self, file: RecordingFile, start: int, length: int) -> AsyncGenerator[bytes]:
        """So many bytes from ``start`` on, as one listens to them. Raises ``NotHere``,
        ``KeyUnusable`` and ``PlaceError``."""
        if file.state not in HERE:
            raise NotHere(_why_not(file))
        pieces = self._opened if file.key_id else self._as_it_is
        async with aclosing(pieces(file, start, length)) as read:
            async for piece in read:
                yield piece

    async def check(self, file: RecordingFile) -> Checked:
        """Read all of it: whether its hash is still what it was, and its key there."""
        if file.state not in HERE:
            return Checked(file.name, file.state, "" if file.deleted else _why_not(file))
        try:
            if file.key_id:
                self.keys.unwrap(file.name, file.key_id, file.wrapped_key)
            found = await self.places.digest(file.file, file.stored_bytes)
        except FileGone as error:
            now = await self.files.one(file.name)
            if now is None or (now.state, now.file) == (file.state, file.file):
                return Checked(file.name, file.state, str(error))
            return await self.check(now)  # it was moved or deleted since the row was read
        except (PlaceError, KeyUnusable) as error:
            return Checked(file.name, file.state, str(error))
        changed = found != file.sha256
        return Checked(
            file.name, file.state, "it was changed since it was stored" if changed else ""
        )

    async def delete(self, file: RecordingFile, who: str, why: str = "") -> bool:
        """Its key first, so that nobody can hear it from now on, then its file; its row stays.
        That ``who`` did it is in the audit log with the first of these, or neither is.

        False when it was deleted before, or is in another file. Raises ``KeptForGood``.
        """
        now: RecordingFile | None = file
        while now is not None and now.state in _DELETABLE:
            if now.kept:
                raise KeptForGood(f"{file.name} is kept for good: take that back first")
            if await self._delete(now, who, why):
                await self.clear()
                return True
            now = await self.files.one(file.name)  # it has gone on its way since it was asked for
        return False

    async def not_needed(self, name: str, place: str) -> None:
        """A recording was deleted while a file was made of it there: remove that one, too."""
        await self.files.change(name, [FileState.DELETED], superfluous=[place])
        await self.clear()

    async def keep(self, name: str, kept: bool) -> bool:
        """Whether nobody and no retention may delete it; False when there is no such recording
        any more."""
        return await self.files.change(name, (*_DELETABLE, FileState.JOINED), kept=kept)

    async def rewrap(self) -> int:
        """Wrap each file's own key by the master key of now; the files stay as they are. How many
        were wrapped by another one. Raises ``KeyUnusable``."""
        done = 0
        while found := await self.files.under_other_keys(self.keys.current):
            for file in found:
                key = self.keys.unwrap(file.name, file.key_id, file.wrapped_key)
                key_id, wrapped = self.keys.wrap(file.name, key)
                await self.files.change(file.name, HERE, key_id=key_id, wrapped_key=wrapped)
                done += 1
        return done

    async def clear(self) -> None:
        """Remove what is superfluous; what cannot be removed now is tried again."""
        behind = ""
        while found := await self.files.superfluous(behind):
            for name, places in found:
                await self._clear(name, places)
            behind = found[-1][0]

    async def _clear(self, name: str, places: Sequence[str]) -> None:
        try:
            for place in places:
                await self.places.remove(place)
        except PlaceError as error:
            if name not in self._told:
                log.warning("recording_not_removed", recording=name, reason=str(error))
            self._told.add(name)
            return
        await self.files.cleared(name, places)

    async def _delete(self, file: RecordingFile, who: str, why: str) -> bool:
        """Whether it was still in that state: then its file is where the row says."""
        at = self.now()
        entry = AuditEntry(uuid4().hex, at, who, "delete_recording", file.name, file.call, why)
        return await self.files.change(
            file.name,
            [file.state],
            only_unkept=True,
            superfluous=_places(file),
            entry=entry,
            state=FileState.DELETED,
            key_id="",
            wrapped_key="",
            peaks="",
            deleted=at,
        )

    async def _as_it_is(
        self, file: RecordingFile, start: int, length: int
    ) -> AsyncGenerator[bytes]:
        async with aclosing(self.places.read(file.file, start, length)) as pieces:
            async for piece in pieces:
                yield piece

    async def _opened(self, file: RecordingFile, start: int, length: int) -> AsyncGenerator[bytes]:
        key = self.keys.unwrap(file.name, file.key_id, file.wrapped_key)
        chunks = list(sealing.chunks(file.stored_bytes, start, length))
        if not chunks:
            return
        first, last = chunks[0].at, chunks[-1].at + chunks[-1].size
        there = bytearray()
        async with aclosing(self.places.read(file.file, first, last - first)) as pieces:
            async for piece in pieces:
                there += piece
                while chunks and len(there) >= chunks[0].size:
                    chunk = chunks.pop(0)
                    yield sealing.opened(chunk, bytes(there[: chunk.size]), key)
                    del there[: chunk.size]


def _places(file: RecordingFile) -> list[str]:
    """Where its file is; nowhere that we know of when we could not see Asterisk's folder."""
    return [file.file] if file.place or Path(file.path).is_absolute() else []


def _why_not(file: RecordingFile) -> str:
    match file.state:
        case FileState.NEW:
            return f"{file.name} is not finished yet"
        case FileState.DELETED:
            return f"{file.name} was deleted"
        case FileState.JOINED:
            return f"{file.name} is one side of a stereo recording of its call"
    return f"{file.name}: {file.trouble or file.problem}"
