"""An engine that is killed at any step with a recording, and one that runs on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from recorded import RATE, Recorded, T, center, tone

from engine.call_record import (
    SIDE_IN,
    SIDE_OUT,
    Gap,
)
from engine.ports import LedgerDown
from engine.recordings import wav
from engine.recordings.keys import MasterKeys
from engine.recordings.making import Job, Track
from engine.recordings.places import Folder, Places
from engine.recordings.settings import RecordingsSettings
from engine.recordings.wav import Unreadable
from engine.recordings.workshop import WorkFailed, Workshop
from engine.store.recordings import FileState

__all__ = ["center"]

SEALING = RecordingsSettings(key="${secret:RECORDINGS}", free_mb=0)
MASTER = MasterKeys(bytes(range(32)))


# -- killed ------------------------------------------------------------------------------------


class Killed(BaseException):
    """The engine is no more."""


class Fuse:
    """Kills the engine at the n-th step that leaves a trace, before it or just after it."""

    def __init__(self, at: int, after: bool) -> None:
        self.left, self.after = at, after

    def on(self, step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def fused(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise Killed
            done = await step(*args, **kwargs)
            if self.left == 0:
                raise Killed
            return done

        return fused


def fused(center: Recorded, fuse: Fuse) -> None:
    archive = center.archive
    for owner, name in (
        (center.bench, "make"),
        (archive.files, "change"),
        (archive.files, "cleared"),
        (archive.places, "remove"),
        (archive.places.target, "put"),
    ):
        setattr(owner, name, fuse.on(getattr(owner, name)))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_any_step_nothing_is_lost_and_nothing_is_said_that_is_not(
    center: Recorded, tmp_path: Path, after: bool
) -> None:
    sound = wav.header(RATE, 1, RATE) + tone(RATE // 2) + bytes(RATE)
    for step in range(1, 30):
        archived = tmp_path / f"archive-{step}"
        name = f"c-{step}-r1"
        await center.talk(name, tone(RATE // 2), (Gap(T + 0.5, T + 1),), killed=True)
        raw = center.folder / f"{name}.wav"
        doomed = center.restarted(places=Places(Folder(archived)), settings=SEALING, keys=MASTER)
        fused(doomed, Fuse(step, after))
        try:
            await doomed.look_after()
        except Killed:
            died = True
        else:
            died = False
        engine = center.restarted(places=Places(Folder(archived)), settings=SEALING, keys=MASTER)
        file = await engine.file(name)
        if file.state is FileState.NEW:
            assert raw.exists()
        else:
            assert await engine.heard(name) == sound
        await engine.look_after()
        assert (await engine.file(name)).state is FileState.MOVED
        assert await engine.heard(name) == sound
        assert engine.files() == []
        assert [f.name for f in archived.rglob("*") if f.is_file()] == [f"{name}.wav.sealed"]
        if not died:
            break
    # He outlived all: made, finished, removed, cleared; put, moved, removed, cleared.
    assert step == 9


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_while_two_sides_are_joined_both_are_heard(
    center: Recorded, after: bool
) -> None:
    for step in range(1, 30):
        said = center.left(f"c-{step}-r1.1", tone(RATE, 1), kind=SIDE_IN)
        told = center.left(f"c-{step}-r1.2", tone(RATE, 2), kind=SIDE_OUT)
        await center.call(f"c-{step}", said, told)
        doomed = center.restarted(places=Places(Folder()))
        fused(doomed, Fuse(step, after))
        try:
            await doomed.service.finish()
        except Killed:
            died = True
        else:
            died = False
        await center.restarted().look_after()
        both = (tone(1, 1) + tone(1, 2)) * RATE
        assert await center.heard(said.name) == wav.header(RATE, 2, RATE) + both
        assert (await center.file(told.name)).state is FileState.JOINED
        assert center.files() == [f"finished/2026/09/21/c-{n}-r1.1.wav" for n in range(1, step + 1)]
        if not died:
            break
    assert step == 7  # he outlived all: made, finished, joined, removed twice, cleared


async def test_killed_while_deleting_nobody_hears_it_and_the_next_engine_removes_the_file(
    center: Recorded,
) -> None:
    for step in range(1, 10):
        name = f"c-{step}-r1"
        sealing = center.restarted(settings=SEALING, keys=MASTER, places=Places(Folder()))
        await sealing.talk(name)
        await sealing.service.finish()
        fused(sealing, Fuse(step, after=False))
        try:
            await sealing.archive.delete(await sealing.file(name), "boss")
        except Killed:
            pass
        else:
            break
        engine = center.restarted(settings=SEALING, keys=MASTER)
        file = await engine.file(name)
        assert (file.state is FileState.DELETED) == (file.wrapped_key == "") == (step > 1)
        await engine.archive.delete(file, "boss")
        await engine.service.finish()
        assert engine.files() == []
        assert (await engine.file(name)).wrapped_key == ""
        assert (await engine.deleted()).count(name) == 1
    assert step == 4


async def test_a_worker_that_is_killed_costs_one_try(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav.header(0, 1, RATE) + tone(RATE))
    job = Job((Track(str(path), T),), str(tmp_path / "new"))
    suicide = (sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})")
    dying = Workshop(suicide)
    with pytest.raises(WorkFailed, match="the worker failed"):
        await dying.make(job)
    workshop = Workshop()
    try:
        with pytest.raises(Unreadable, match="no file"):
            await workshop.make(Job((Track(str(tmp_path / "none"), T),), str(tmp_path / "x")))
        made = await workshop.make(job)
        assert (made.repaired, made.seconds) == (True, 1.0)
    finally:
        await workshop.close()


@pytest.mark.parametrize("how", ["killed", "cancelled"])
async def test_what_is_given_up_leaves_neither_sound_nor_a_program_that_goes_on(
    tmp_path: Path, how: str
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav.header(0, 1, RATE) + tone(RATE))
    os.mkfifo(tmp_path / "alive")
    hangs = f"import time; alive = open({str(tmp_path / 'alive')!r}, 'w'); time.sleep(100)"
    command = (sys.executable, "-c", hangs)
    job = Job((Track(str(path), T),), str(tmp_path / "new"), "opus", command)
    workshop = Workshop()
    making = asyncio.create_task(workshop.make(job))
    alive = os.fdopen(await asyncio.to_thread(os.open, tmp_path / "alive", os.O_RDONLY), "rb")
    with alive:
        if how == "cancelled":
            making.cancel()
        else:  # as for want of memory
            assert workshop._process is not None
            workshop._process.kill()
        with pytest.raises((WorkFailed, asyncio.CancelledError)):
            await making
        assert await asyncio.to_thread(alive.read) == b""  # nobody has the other end any more
    assert set(await asyncio.to_thread(os.listdir, tmp_path)) == {"a.wav", "alive"}


async def test_what_a_killed_engine_had_begun_to_write_is_swept_away(center: Recorded) -> None:
    part = center.folder / "finished" / "making" / f"x.wav.{'0a1b' * 8}.part.sealed"
    part.parent.mkdir(parents=True)
    played = center.folder / f"c-1-m1.wav.{'0a1b' * 8}.part"
    recorded = center.folder / "pbx.partner.vn-1.1-r1.wav"
    for file in (part, played, recorded):
        file.write_bytes(b"half")
    center.finishing.sweep()
    assert center.files() == [recorded.name]


# -- while the engine runs ---------------------------------------------------------------------


async def test_a_call_that_ends_has_its_recording_finished_and_moved_at_once(
    center: Recorded, tmp_path: Path
) -> None:
    """By the worker's own process; nobody waits for the next look."""
    moving = center.restarted(places=Places(Folder(tmp_path / "archive")), maker=Workshop())
    moved = asyncio.Event()
    looked = asyncio.Event()
    change, clear = moving.archive.files.change, moving.archive.clear

    async def changed(*args: Any, **columns: Any) -> bool:
        done = await change(*args, **columns)
        if columns.get("state") is FileState.MOVED:
            moved.set()
        return done

    async def cleared() -> None:
        await clear()
        looked.set()

    moving.archive.files.change = changed  # type: ignore[method-assign]
    moving.archive.clear = cleared  # type: ignore[method-assign]
    running = asyncio.create_task(moving.service.run())
    await looked.wait()
    await moving.talk("c-1-r1", killed=True)
    moving.service.wake()
    await moved.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await moving.heard("c-1-r1"))[44:] == tone(RATE)


async def test_a_ledger_that_is_away_is_waited_for(center: Recorded) -> None:
    await center.talk("c-1-r1")
    asked = asyncio.Event()
    finished = asyncio.Event()
    every = center.finishing.all

    async def away() -> None:
        if not asked.is_set():
            asked.set()
            raise LedgerDown("gone")
        await every()
        finished.set()

    center.finishing.all = away  # type: ignore[method-assign]
    running = asyncio.create_task(center.service.run())
    await asked.wait()
    center.service.wake()
    await finished.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await center.file("c-1-r1")).state is FileState.FINISHED
