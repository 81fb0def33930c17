"""A ledger with recorded calls and the files that Asterisk left of them."""

from __future__ import annotations

import array
import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sample_call import CALL

from engine.call_record import TALK, Gap, RecordingMade
from engine.recordings import wav
from engine.recordings.archive import Archive
from engine.recordings.finishing import Finishing, Maker
from engine.recordings.keys import MasterKeys
from engine.recordings.making import Job, Made, make
from engine.recordings.places import Places
from engine.recordings.service import RecordingService
from engine.recordings.settings import RecordingsSettings
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger
from engine.store.recordings import RecordingFile, RecordingFiles

T = CALL.segments[-1].started  # the talk with mai, in support, begins
RATE = 8000


def tone(frames: int, value: int = 1000) -> bytes:
    return array.array("h", [value] * frames).tobytes()


class Bench:
    """Makes files in a thread, as the worker's process would."""

    def __init__(self) -> None:
        self.failure: Exception | None = None

    async def make(self, job: Job) -> Made:
        if self.failure is not None:
            raise self.failure
        return await asyncio.to_thread(make, job)

    async def close(self) -> None:
        pass


@dataclass
class Recorded:
    """One installation; ``restarted`` is the next engine of it."""

    ledger: Ledger
    folder: Path
    settings: RecordingsSettings = field(default_factory=RecordingsSettings)
    places: Places = field(default_factory=Places)
    keys: MasterKeys = field(default_factory=MasterKeys)
    keep_days: dict[str, float | None] = field(default_factory=dict)
    now: float = T + 100
    maker: Maker | None = None

    def __post_init__(self) -> None:
        self.bench = Bench()
        self.archive = Archive(RecordingFiles(self.ledger), self.places, self.keys, self._now)
        self.finishing = Finishing(
            self.archive, self.settings, self.folder, self.maker or self.bench
        )
        self.service = RecordingService(
            self.archive, self.settings, self.finishing, lambda: self.keep_days
        )

    def restarted(self, **changed: Any) -> Recorded:
        return replace(self, **changed)

    def _now(self) -> float:
        return self.now

    async def deleted(self) -> list[str]:
        """In their order, as the audit log has it."""
        entries = await AuditLog(self.ledger).entries(action="delete_recording")
        return [entry.subject for entry in reversed(entries)]

    async def call(self, call: str, *recordings: RecordingMade, **changed: Any) -> None:
        """A call with these recordings is in the ledger."""
        own = replace(CALL, call=call, offers=(), recordings=recordings, **changed)
        await self.ledger.save_call(own)

    async def talk(
        self,
        name: str,
        pcm: bytes = tone(RATE),
        gaps: tuple[Gap, ...] = (),
        *,
        killed: bool = False,
        kind: str = TALK,
        **changed: Any,
    ) -> Path:
        """A call of its own with one recording, and its file."""
        made = self.left(name, pcm, gaps, killed=killed, kind=kind)
        await self.call(name.rpartition("-")[0], made, **changed)
        return Path(made.path)

    def left(
        self,
        name: str,
        pcm: bytes = tone(RATE),
        gaps: tuple[Gap, ...] = (),
        *,
        killed: bool = False,
        kind: str = TALK,
        started: float = T,
    ) -> RecordingMade:
        """A file of Asterisk's, and what the call tells of it."""
        path = self.folder / f"{name}.wav"
        frames = len(pcm) // 2
        path.write_bytes(wav.header(0 if killed else frames, 1, RATE) + pcm)
        size = path.stat().st_size
        seconds = frames / RATE
        return RecordingMade(name, str(path), started, seconds, size, True, "", kind, gaps)

    async def file(self, name: str) -> RecordingFile:
        found = await self.archive.files.one(name)
        assert found is not None
        return found

    async def heard(self, name: str) -> bytes:
        """All that is to be heard of it."""
        file = await self.file(name)
        size = self.archive.bytes_of(file)
        return b"".join([piece async for piece in self.archive.read(file, 0, size)])

    async def look_after(self) -> None:
        """What the service does from its start on."""
        self.finishing.sweep()
        await self.service.finish()
        await self.service.move()

    def files(self) -> list[str]:
        """Every file below Asterisk's folder."""
        return sorted(
            str(f.relative_to(self.folder)) for f in self.folder.rglob("*") if f.is_file()
        )


@pytest.fixture
async def center(tmp_path: Path, new_ledger: Path) -> AsyncIterator[Recorded]:
    ledger = Ledger(f"sqlite:///{shutil.copy(new_ledger, tmp_path)}")
    folder = tmp_path / "spool"
    folder.mkdir()
    yield Recorded(ledger, folder, RecordingsSettings(free_mb=0))
    await ledger.close()
