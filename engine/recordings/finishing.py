"""Finishes recordings: from what Asterisk left of a talk to a file that was checked and is whole.

A recording is finished once its call is in the ledger. The new file is made under a name of its
own, then gets its name, then one update of the ledger says all that is known of it and what is
superfluous now. Whatever ends the engine in between, Asterisk's file is still there and the row
says ``new``: the next engine begins again.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from engine import whole_file
from engine.recordings import whose
from engine.recordings.archive import Archive
from engine.recordings.converting import Command, command_for
from engine.recordings.making import Job, Made, Track, writes
from engine.recordings.patience import Patience
from engine.recordings.places import PART
from engine.recordings.retention import PLAYED
from engine.recordings.sealing import new_key
from engine.recordings.settings import RecordingsSettings
from engine.recordings.sides import Pair, pair_of
from engine.recordings.wav import Unreadable
from engine.recordings.workshop import WorkFailed
from engine.store.recordings import FileState, RecordingFile

log = structlog.get_logger("recordings")

_SUFFIXES = {"wav": ".wav", "opus": ".opus", "mp3": ".mp3"}
_SEALED = ".sealed"
_MAKING = "making"
"""The folder of what has no name yet, so that it is found after a crash among a million others."""
_BEGUN = re.compile(rf"\.[0-9a-f]{{32}}{re.escape(PART)}(\.\w+)?$")
"""Asterisk's own names may have ``PART`` in them, too."""
_SHORT_SECONDS = 0.5
_AWAY_SECONDS = 86_400.0
"""So long is a file that was there before waited for."""
_MB = 1_000_000


class Maker(Protocol):
    """Makes files elsewhere than in the event loop: ``engine.recordings.workshop``."""

    async def make(self, job: Job) -> Made:
        """Raises ``Unreadable``, and ``WorkFailed`` for what may succeed later."""

    async def close(self) -> None:
        """End what works there; the next job begins it again."""


class Finishing:
    """Finishes what is ``new`` in the ledger. ``folder`` is where Asterisk's recordings are."""

    def __init__(
        self, archive: Archive, settings: RecordingsSettings, folder: Path, maker: Maker
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._folder = folder
        self._own = settings.dir or folder / "finished"
        self._maker = maker
        self._patience = Patience(archive.now)
        self._command = _command(settings)
        self._full: set[Path] = set()

    def sweep(self) -> None:
        """Remove what an engine that was killed had begun to write."""
        for folder in (self._own / _MAKING, self._folder):
            for part in folder.glob(f"*{PART}*"):
                if _BEGUN.search(part.name):
                    with suppress(OSError):
                        part.unlink()

    async def close(self) -> None:
        """End what makes files."""
        await self._maker.close()

    async def all(self) -> None:
        """Finish all that are new; those that cannot be finished now are tried again later."""
        async for file in self._archive.files.in_state(FileState.NEW):
            if self._patience.may_try(file.name):
                await self._try(file)

    async def _try(self, file: RecordingFile) -> None:
        try:
            await self.one(file)
            self._patience.forget(file.name)
        except (WorkFailed, OSError) as error:
            seconds = self._patience.failed(file.name)
            log.warning(
                "recording_not_finished",
                recording=file.name,
                reason=str(error),
                retry_in=seconds,
            )

    async def one(self, file: RecordingFile) -> None:
        """Finish one. Raises ``WorkFailed`` and ``OSError`` when that may succeed later."""
        now = await self._archive.files.one(file.name)
        if now is None or now.state is not FileState.NEW:  # it went with its other side
            return
        pair = pair_of(file, await self._archive.files.of_call(file.call))
        if pair is None or not (pair.can_be_joined or pair.is_joined):
            await self._finish_alone(file)
        elif pair.is_joined:  # and the engine ended before it could say so of this side
            await self._archive.files.change(file.name, [FileState.NEW], state=FileState.JOINED)
        else:
            await self._join(pair)

    async def _join(self, pair: Pair) -> None:
        try:
            await self._finish([pair.said, pair.heard])
        except Unreadable:
            await self._finish_alone(pair.said)
            await self._finish_alone(pair.heard)

    async def _finish_alone(self, file: RecordingFile) -> None:
        try:
            await self._finish([file])
        except Unreadable as error:
            stays, ended = await self._archive.files.stays(file.call), file.started + file.seconds
            await self._archive.files.change(
                file.name,
                [FileState.NEW],
                agents=whose.agents_in(file.kind, stays, file.started, ended),
                state=FileState.FAILED,
                place=str(self._path(file)),
                trouble=str(error),
                finished=self._archive.now(),
                queue=whose.queue_of(file.kind, stays, file.started, ended),
            )
            log.warning("recording_failed", recording=file.name, reason=str(error))

    async def _finish(self, files: Sequence[RecordingFile]) -> None:
        """Make one file of these and let the ledger know. Raises ``Unreadable``."""
        first = files[0]
        archive = self._archive
        await asyncio.to_thread(self._look_for, files, archive.now())
        final, job, wrapped = self._job(files)
        for folder in (final.parent, Path(job.target).parent):
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        if not await asyncio.to_thread(self._has_room, job):
            return
        made = await self._maker.make(job)
        if made.written:
            final = final.with_name(_file_name(first, made.format, bool(job.key)))
            await asyncio.to_thread(_name, Path(job.target), final)
        place = str(final) if made.written else str(self._path(first))
        if not await self._settle(files, made, place, wrapped):  # it was deleted meanwhile
            if made.written:
                await archive.not_needed(first.name, place)
            return
        for other in files[1:]:
            await archive.files.change(other.name, [FileState.NEW], state=FileState.JOINED)
        log.info("recording_finished", recording=first.name, repaired=made.repaired, place=place)
        if made.trouble:
            log.warning("recording_not_converted", recording=first.name, reason=made.trouble)

    async def _settle(
        self, files: Sequence[RecordingFile], made: Made, place: str, wrapped: tuple[str, str]
    ) -> bool:
        """All that is known of it now, in one update; whether it was still to be finished."""
        started, kind = min(file.started for file in files), files[0].kind
        stays = await self._archive.files.stays(files[0].call)
        left = [str(self._path(file)) for file in files]
        return await self._archive.files.change(
            files[0].name,
            [FileState.NEW],
            agents=whose.agents_in(kind, stays, started, started + made.seconds),
            superfluous=[path for path in left if path != place],
            state=FileState.FINISHED,
            place=place,
            format=made.format,
            channels=made.channels,
            stored_seconds=made.seconds,
            stored_bytes=made.bytes,
            sha256=made.sha256,
            key_id=wrapped[0],
            wrapped_key=wrapped[1],
            peaks=made.peaks,
            trouble=_trouble(files, made),
            finished=self._archive.now(),
            queue=whose.queue_of(kind, stays, started, started + made.seconds),
        )

    def _job(self, files: Sequence[RecordingFile]) -> tuple[Path, Job, tuple[str, str]]:
        """Where the file is to be, how it is made, and its wrapped key with that one's id."""
        first, settings = files[0], self._settings
        tracks = tuple(
            Track(str(self._path(f)), f.started, tuple((gap.began, gap.ended) for gap in f.gaps))
            for f in files
        )
        if first.kind in PLAYED:  # Asterisk plays them: where and as they are
            final = self._path(first)
            return final, Job(tracks, _part(self._folder, final)), ("", "")
        day = datetime.fromtimestamp(first.started, UTC).strftime("%Y/%m/%d")
        final = self._own / day / _file_name(first, settings.format, settings.key is not None)
        target = _part(self._own / _MAKING, final)
        if settings.key is None:
            return final, Job(tracks, target, settings.format, self._command), ("", "")
        key = new_key()
        job = Job(tracks, target, settings.format, self._command, key.hex())
        return final, job, self._archive.keys.wrap(first.name, key)

    def _path(self, file: RecordingFile) -> Path:
        return self._folder / file.path

    def _look_for(self, files: Sequence[RecordingFile], now: float) -> None:
        """A file that was there when its call ended is waited for, for a disk may be away.
        Raises ``WorkFailed``."""
        for file in files:
            path, age = self._path(file), now - file.started
            if file.bytes and age < _AWAY_SECONDS and not path.exists():
                raise WorkFailed(f"there is no file {path} any more")

    def _has_room(self, job: Job) -> bool:
        """What writes nothing needs none. Told once when there is none, and once when there is
        again."""
        if not writes(job):
            return True
        folder = Path(job.target).parent
        free = shutil.disk_usage(folder).free
        is_full, was_full = free < self._settings.free_mb * _MB, folder in self._full
        if is_full and not was_full:
            log.warning("recordings_wait", free_mb=free // _MB)
            self._full.add(folder)
        elif was_full and not is_full:
            log.info("recordings_go_on", free_mb=free // _MB)
            self._full.remove(folder)
        return not is_full


def _command(settings: RecordingsSettings) -> Command:
    if settings.format == "wav":
        return ()
    found = command_for(settings.format)
    if found is None:
        log.warning("recordings_stay_wav", wanted=settings.format)
    return found or ()


def _file_name(file: RecordingFile, format: str, is_sealed: bool) -> str:
    if file.kind in PLAYED:
        return Path(file.path).name
    return file.name + _SUFFIXES[format] + (_SEALED if is_sealed else "")


def _part(folder: Path, final: Path) -> str:
    return str(folder / f"{final.name}.{uuid.uuid4().hex}{PART}")


def _name(part: Path, final: Path) -> None:
    """From now on it has this name, also after a power cut."""
    os.replace(part, final)
    whole_file.sync(final.parent)


def _trouble(files: Sequence[RecordingFile], made: Made) -> str:
    """What is wrong with a file that one can listen to."""
    if made.trouble:
        return made.trouble
    expected = max(f.seconds + sum(gap.ended - gap.began for gap in f.gaps) for f in files)
    if made.seconds < expected - _SHORT_SECONDS:
        return f"{made.seconds:.1f} s, where there were {expected:.1f} s when the call ended"
    return ""
