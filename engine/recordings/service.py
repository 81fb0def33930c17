"""The service that looks after recordings while the engine runs: finishes them after their call,
moves them to where they are kept, deletes them when their time is over.

Three tasks, so that a store that is slow holds up nothing on this machine. Each works on what the
ledger says and keeps nothing in memory that a restart would miss.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from engine.ports import LedgerDown
from engine.recordings import retention
from engine.recordings.archive import Archive, KeptForGood
from engine.recordings.finishing import Finishing
from engine.recordings.patience import Patience
from engine.recordings.places import PlaceError
from engine.recordings.settings import RecordingsSettings
from engine.store.recordings import FileState, RecordingFile

log = structlog.get_logger("recordings")

LOOK_SECONDS = 15.0
RETIRE_SECONDS = 600.0

_ENGINE, _OVER = "engine", "its time is over"
"""Who deletes, as the audit log has it, and why."""


class RecordingService:
    """``keep_days`` are those of each queue, as they are in force when asked for."""

    def __init__(
        self,
        archive: Archive,
        settings: RecordingsSettings,
        finishing: Finishing | None,
        keep_days: Callable[[], Mapping[str, float | None]],
    ) -> None:
        """Without ``finishing`` recordings stay as they are: Asterisk's files cannot be seen."""
        self._archive = archive
        self._settings = settings
        self._finishing = finishing
        self._keep_days = keep_days
        self._patience = Patience(archive.now)
        self._new, self._finished = asyncio.Event(), asyncio.Event()

    def wake(self) -> None:
        """A call was written: it may have a recording."""
        self._new.set()

    async def run(self) -> None:
        """Look after them until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._finishing is not None:
                    await asyncio.to_thread(self._finishing.sweep)
                tasks.create_task(_again(self.finish, self._new, LOOK_SECONDS))
                tasks.create_task(_again(self.move, self._finished, LOOK_SECONDS))
                tasks.create_task(_again(self.retire, asyncio.Event(), RETIRE_SECONDS))
        finally:
            if self._finishing is not None:
                await self._finishing.close()
            await self._archive.places.close()

    async def finish(self) -> None:
        """Finish what is new, and remove what is superfluous."""
        if self._finishing is not None:
            await self._finishing.all()
        await self._archive.clear()
        self._finished.set()

    async def move(self) -> None:
        """Move what is finished to where the settings say, if anywhere."""
        if self._archive.places.target is None:
            return
        async for file in self._archive.files.in_state(FileState.FINISHED, retention.PLAYED):
            if not self._patience.may_try(file.name):
                continue
            try:
                await self._move(file)
                self._patience.forget(file.name)
            except (PlaceError, OSError) as error:
                seconds = self._patience.failed(file.name)
                log.warning(
                    "recording_not_moved",
                    recording=file.name,
                    reason=str(error),
                    retry_in=seconds,
                )

    async def retire(self) -> None:
        """Delete those whose time is over, but for what is kept for good."""
        settings = self._settings
        for rule in retention.rules(
            self._archive.now(),
            self._keep_days(),
            settings.keep_days,
            settings.voicemail_keep_days,
            settings.survey_keep_days,
        ):
            while due := await self._archive.files.due(
                rule.kinds, rule.before, rule.queue, rule.but_queues
            ):
                for file in due:
                    await self._retire(file)

    async def _move(self, file: RecordingFile) -> None:
        """The file here is given up only when the one there was read back and is the same."""
        archive, here = self._archive, Path(file.file)
        day = datetime.fromtimestamp(file.started, UTC).strftime("%Y/%m/%d")
        place = await archive.places.move(
            f"{day}/{here.name}", here, file.stored_bytes, file.sha256
        )
        moved = await archive.files.change(
            file.name,
            [FileState.FINISHED],
            superfluous=[] if await asyncio.to_thread(_is_same, place, here) else [str(here)],
            state=FileState.MOVED,
            place=place,
            moved=archive.now(),
        )
        if not moved:  # it was deleted meanwhile
            await archive.not_needed(file.name, place)
            return
        log.info("recording_moved", recording=file.name, place=place)
        await archive.clear()

    async def _retire(self, file: RecordingFile) -> None:
        try:
            if await self._archive.delete(file, _ENGINE, _OVER):
                log.info("recording_deleted", recording=file.name, why=_OVER)
        except KeptForGood:  # since it was asked for
            return


def _is_same(place: str, here: Path) -> bool:
    """Also by a link: the folder that it was moved to is the one that it was in."""
    return os.path.exists(place) and os.path.samefile(place, here)


async def _again(work: Callable[[], Awaitable[None]], woken: asyncio.Event, seconds: float) -> None:
    """Do it now, whenever woken, and every so many seconds. A ledger that is away is waited for,
    and a fault of ours in one recording does not end the engine."""
    while True:
        woken.clear()
        try:
            await work()
        except LedgerDown:
            pass  # the clerk tells of it
        except Exception:
            log.exception("recordings_failed")
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            continue
