"""What becomes of recordings after their call, with a real ledger, real files and a store."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fake_s3 import ACCESS, REGION, SECRET, FakeS3, fake_s3
from recorded import RATE, Recorded, T, tone
from structlog.testing import capture_logs

from engine.call_record import (
    GREETING,
    SIDE_IN,
    SIDE_OUT,
    SURVEY,
    VOICEMAIL,
    Gap,
    PartyStretch,
    SegmentKind,
)
from engine.ports import LedgerDown
from engine.recordings import wav
from engine.recordings.archive import KeptForGood, NotHere
from engine.recordings.keys import MasterKeys
from engine.recordings.making import Job, Track
from engine.recordings.opening import open_service
from engine.recordings.places import Folder, PlaceError, Places
from engine.recordings.s3 import S3, SCHEME
from engine.recordings.settings import RecordingsSettings
from engine.recordings.signing import Credentials
from engine.recordings.wav import Unreadable
from engine.recordings.workshop import WorkFailed, Workshop
from engine.secrets import Secrets
from engine.store.ledger import Ledger
from engine.store.recordings import FileState, Wanted

DAY = 86_400.0
MASTER = MasterKeys(bytes(range(32)))
SEALING = RecordingsSettings(key="${secret:RECORDINGS}", free_mb=0)


def content(place: str) -> bytes:
    return Path(place).read_bytes()


@pytest.fixture(scope="module")
def new_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, to be copied: making the tables takes longer than any test."""
    file = tmp_path_factory.mktemp("new") / "ledger.db"

    async def make() -> None:
        ledger = Ledger(f"sqlite:///{file}")
        await ledger.open()
        await ledger.close()

    asyncio.run(make())
    return file


@pytest.fixture
async def center(tmp_path: Path, new_ledger: Path) -> AsyncIterator[Recorded]:
    ledger = Ledger(f"sqlite:///{shutil.copy(new_ledger, tmp_path)}")
    folder = tmp_path / "spool"
    folder.mkdir()
    yield Recorded(ledger, folder, RecordingsSettings(free_mb=0))
    await ledger.close()


@pytest.fixture
async def store() -> AsyncIterator[FakeS3]:
    async with fake_s3() as store:
        yield store


@pytest.fixture
async def s3(store: FakeS3) -> AsyncIterator[Places]:
    credentials = Credentials(ACCESS, SECRET, REGION)
    place = S3(store.url, "calls", "ho chi minh/", credentials, lambda: T)
    places = Places(place, {SCHEME: place})
    yield places
    await places.close()


# -- finished -----------------------------------------------------------------------------------


async def test_a_recording_that_is_right_stays_where_it_is_and_is_known_by_its_hash(
    center: Recorded,
) -> None:
    path = await center.talk("c-1-r1", tone(2 * RATE))
    await center.service.finish()
    file = await center.file("c-1-r1")
    assert (file.state, file.place, file.trouble) == (FileState.FINISHED, str(path), "")
    assert (file.stored_seconds, file.format, file.channels) == (2.0, "wav", 1)
    assert (file.queue, file.finished) == ("support", center.now)
    assert await center.archive.files.agents(["c-1-r1"]) == {"c-1-r1": ["mai"]}
    assert (await center.archive.check(file)).problem == ""


async def test_after_asterisk_was_killed_what_there_is_can_be_heard_with_its_gap_in_its_place(
    center: Recorded,
) -> None:
    gap = Gap(T + 0.5, T + 3.5, "card")
    path = await center.talk("c-1-r1", tone(RATE), (gap,), killed=True)
    await center.service.finish()
    expected = tone(RATE // 2) + bytes(3 * RATE * 2) + tone(RATE // 2)
    assert await center.heard("c-1-r1") == wav.header(4 * RATE, 1, RATE) + expected
    assert not path.exists()
    assert center.files() == ["finished/2026/09/21/c-1-r1.wav"]


async def test_both_sides_of_a_talk_become_one_stereo_file(center: Recorded) -> None:
    both = center.left("c-1-r1")
    said = center.left("c-1-r1.1", tone(RATE, 1), kind=SIDE_IN)
    told = center.left("c-1-r1.2", tone(RATE, 2), kind=SIDE_OUT, started=T - 0.25)
    await center.call("c-1", both, said, told)
    await center.service.finish()
    stereo, other = await center.file("c-1-r1.1"), await center.file("c-1-r1.2")
    assert (stereo.state, stereo.channels, stereo.stored_seconds) == (FileState.FINISHED, 2, 1.25)
    assert other.state is FileState.JOINED
    assert center.files() == ["c-1-r1.wav", "finished/2026/09/21/c-1-r1.1.wav"]
    with pytest.raises(NotHere, match="one side of a stereo recording"):
        center.archive.bytes_of(other)


async def test_a_side_whose_other_one_is_lost_is_heard_alone(center: Recorded) -> None:
    said = center.left("c-1-r1.1", kind=SIDE_IN)
    told = center.left("c-1-r1.2", b"", kind=SIDE_OUT)
    await center.call("c-1", said, told)
    await center.service.finish()
    assert (await center.file("c-1-r1.1")).state is FileState.FINISHED
    lost = await center.file("c-1-r1.2")
    assert (lost.state, lost.trouble) == (FileState.FAILED, "nothing was recorded")


async def test_of_a_recording_that_is_no_sound_the_ledger_says_so(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    path.write_bytes(b"no sound at all")
    await center.service.finish()
    file = await center.file("c-1-r1")
    assert (file.state, file.trouble) == (FileState.FAILED, "15 bytes that are no WAV file")
    assert await center.archive.files.agents(["c-1-r1"]) == {"c-1-r1": ["mai"]}


async def test_a_file_that_was_there_is_waited_for_a_day(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    path.unlink()  # a disk that is not mounted
    with capture_logs() as logs:
        await center.service.finish()
        await center.service.finish()
    assert [(each["event"], each["retry_in"]) for each in logs] == [
        ("recording_not_finished", 10.0)
    ]
    assert (await center.file("c-1-r1")).state is FileState.NEW
    center.now = T + DAY + 1
    await center.service.finish()
    assert (await center.file("c-1-r1")).state is FileState.FAILED


async def test_a_file_that_got_shorter_since_its_call_is_finished_and_says_so(
    center: Recorded,
) -> None:
    path = await center.talk("c-1-r1", tone(4 * RATE))
    os.truncate(path, 44 + 2 * RATE)
    await center.service.finish()
    file = await center.file("c-1-r1")
    assert file.state is FileState.FINISHED
    assert file.trouble == "1.0 s, where there were 4.0 s when the call ended"


async def test_one_hears_who_was_brought_to_the_caller_and_not_who_was_only_asked(
    center: Recorded,
) -> None:
    parties = (
        PartyStretch("c-1-a8", "agent", "an", SegmentKind.CONSULT, T, T + 5),
        PartyStretch("c-1-a9", "agent", "linh", SegmentKind.TALK, T, T + 9),
        PartyStretch("c-1-c1", "number", "+8428", SegmentKind.TALK, T, T + 9),
    )
    await center.talk("c-1-r1", parties=parties)
    await center.service.finish()
    assert await center.archive.files.agents(["c-1-r1"]) == {"c-1-r1": ["linh", "mai"]}
    files = center.archive.files
    assert [f.name for f in await files.find(Wanted(agent="linh"))] == ["c-1-r1"]
    assert [f.name for f in await files.find(Wanted(only=["mai", "linh"]))] == ["c-1-r1"]
    assert await files.find(Wanted(only=["mai"])) == []


async def test_messages_and_greetings_stay_where_asterisk_plays_them(center: Recorded) -> None:
    sealing = center.restarted(settings=SEALING, keys=MASTER)
    paths = [
        await sealing.talk("c-1-m1", kind=VOICEMAIL, killed=True),
        await sealing.talk("c-2-g1", kind=GREETING),
    ]
    await sealing.service.finish()
    await sealing.service.move()
    for path, name in zip(paths, ("c-1-m1", "c-2-g1"), strict=True):
        assert wav.examine(path).is_right
        assert (await sealing.file(name)).place == str(path)


async def test_while_the_disk_is_full_nothing_is_written_and_it_is_told_once(
    center: Recorded,
) -> None:
    await center.talk("c-1-r1", killed=True)
    full = center.restarted(settings=RecordingsSettings(free_mb=10**9))
    with capture_logs() as logs:
        await full.service.finish()
        await full.service.finish()
    assert [each["event"] for each in logs] == ["recordings_wait"]
    assert (await center.file("c-1-r1")).state is FileState.NEW
    await center.service.finish()
    assert (await center.file("c-1-r1")).state is FileState.FINISHED


async def test_what_fails_is_tried_after_longer_and_longer_times(center: Recorded) -> None:
    await center.talk("c-1-r1")
    center.bench.failure = WorkFailed("no space left on device")
    waits = []
    for _ in range(12):
        with capture_logs() as logs:
            await center.service.finish()
        waits.append(logs[0]["retry_in"])
        center.now += logs[0]["retry_in"]
    assert waits[:4] == [10.0, 20.0, 40.0, 80.0]
    assert waits[-1] == 3600.0
    center.bench.failure = None
    await center.service.finish()
    assert (await center.file("c-1-r1")).state is FileState.FINISHED


# -- encrypted ----------------------------------------------------------------------------------


async def test_an_encrypted_recording_is_heard_by_its_key_alone(center: Recorded) -> None:
    sealing = center.restarted(settings=SEALING, keys=MASTER)
    path = await sealing.talk("c-1-r1", tone(RATE))
    original = path.read_bytes()
    await sealing.service.finish()
    file = await sealing.file("c-1-r1")
    assert file.place.endswith("c-1-r1.wav.sealed")
    assert original[44:76] not in content(file.place)
    assert await sealing.heard("c-1-r1") == original
    part = [p async for p in sealing.archive.read(file, 100, 50)]
    assert b"".join(part) == original[100:150]
    assert (await center.archive.check(file)).problem.endswith("name its secret in `old_keys`")


async def test_after_a_new_master_key_all_is_heard_without_the_old_one(center: Recorded) -> None:
    sealing = center.restarted(settings=SEALING, keys=MASTER)
    names = [f"c-{n}-r1" for n in range(3)]
    for name in names:
        await sealing.talk(name)
    await sealing.service.finish()
    before = [content((await sealing.file(name)).place) for name in names]
    new = bytes([7] * 32)
    assert await sealing.restarted(keys=MasterKeys(new, [bytes(range(32))])).archive.rewrap() == 3
    only_new = sealing.restarted(keys=MasterKeys(new))
    assert await only_new.archive.rewrap() == 0
    for name, stored in zip(names, before, strict=True):
        assert (await only_new.heard(name))[:4] == b"RIFF"
        assert content((await only_new.file(name)).place) == stored


async def test_with_a_key_that_nobody_has_nothing_is_finished_as_plain_sound(
    center: Recorded,
) -> None:
    path = await center.talk("c-1-r1", killed=True)
    with capture_logs() as logs:
        archive, service = open_service(
            SEALING, center.folder, Secrets(), center.ledger, lambda: T, dict, center._note
        )
    [told] = logs
    assert (told["event"], "there is no secret RECORDINGS" in told["reason"]) == (
        "recordings_key_unusable",
        True,
    )
    await service.finish()
    await archive.places.close()
    assert center.files() == ["c-1-r1.wav"]
    assert path.exists()
    assert (await center.file("c-1-r1")).state is FileState.NEW


# -- other formats ------------------------------------------------------------------------------


async def test_without_a_program_for_it_recordings_stay_wav_and_that_is_told_once(
    center: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with capture_logs() as logs:
        waiting = center.restarted(settings=RecordingsSettings(format="opus", free_mb=0))
        for name in ("c-1-r1", "c-2-r1"):
            await waiting.talk(name)
        await waiting.service.finish()
    events = [each["event"] for each in logs]
    assert events == ["recordings_stay_wav", "recording_finished", "recording_finished"]
    assert waiting.files() == ["c-1-r1.wav", "c-2-r1.wav"]


async def test_opus_is_kept_with_its_own_name_and_type(
    center: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'wb').write(b'OggS!')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    converting = center.restarted(settings=RecordingsSettings(format="opus", free_mb=0))
    await converting.talk("c-1-r1", tone(2 * RATE))
    await converting.service.finish()
    file = await converting.file("c-1-r1")
    assert (file.format, file.stored_seconds, file.stored_bytes) == ("opus", 2.0, 5)
    assert await converting.heard("c-1-r1") == b"OggS!"
    assert converting.files() == ["finished/2026/09/21/c-1-r1.opus"]


# -- moved --------------------------------------------------------------------------------------


async def test_a_recording_moves_to_a_folder_by_its_date(center: Recorded, tmp_path: Path) -> None:
    path = await center.talk("c-1-r1")
    original = path.read_bytes()
    moving = center.restarted(places=Places(Folder(tmp_path / "archive")))
    await moving.service.finish()
    await moving.service.move()
    file = await moving.file("c-1-r1")
    assert file.place == str(tmp_path / "archive" / "2026/09/21/c-1-r1.wav")
    assert (file.state, file.moved) == (FileState.MOVED, moving.now)
    assert await moving.heard("c-1-r1") == original
    assert moving.files() == []


async def test_a_recording_moves_to_a_store_and_is_heard_and_deleted_there(
    center: Recorded, store: FakeS3, s3: Places
) -> None:
    moving = center.restarted(places=s3, settings=SEALING, keys=MASTER)
    path = await moving.talk("c-1-r1", tone(100_000))
    original = path.read_bytes()
    await moving.service.finish()
    await moving.service.move()
    file = await moving.file("c-1-r1")
    assert file.place == "s3://calls/ho chi minh/2026/09/21/c-1-r1.wav.sealed"
    assert moving.files() == []
    assert await moving.heard("c-1-r1") == original
    part = [p async for p in moving.archive.read(file, 70_000, 100_000)]
    assert b"".join(part) == original[70_000:170_000]
    assert await moving.archive.delete(file)
    assert (store.objects, store.refused) == ({}, [])


async def test_a_wrong_secret_is_told_by_the_store_and_nothing_is_lost(
    center: Recorded, store: FakeS3
) -> None:
    place = S3(store.url, "calls", "", Credentials(ACCESS, "wrong", REGION), lambda: T)
    moving = center.restarted(places=Places(place, {SCHEME: place}))
    path = await moving.talk("c-1-r1")
    await moving.service.finish()
    with capture_logs() as logs:
        await moving.service.move()
    await place.close()
    assert "403" in logs[0]["reason"]
    assert "SignatureDoesNotMatch" in logs[0]["reason"]
    assert path.exists()
    assert (await moving.file("c-1-r1")).state is FileState.FINISHED


async def test_a_store_that_damages_or_fails_is_tried_again_and_the_file_here_is_kept_so_long(
    center: Recorded, store: FakeS3, s3: Places
) -> None:
    moving = center.restarted(places=s3)
    path = await moving.talk("c-1-r1")
    await moving.service.finish()
    store.damage = True
    await moving.service.move()
    assert path.exists()
    store.damage, store.failures = False, 1
    moving.now += 10
    await moving.service.move()
    assert path.exists()
    moving.now += 20
    await moving.service.move()
    assert not path.exists()
    assert (await moving.file("c-1-r1")).state is FileState.MOVED


async def test_a_store_that_is_gone_from_the_settings_is_told(center: Recorded) -> None:
    with pytest.raises(PlaceError, match="name no such store"):
        await center.archive.places.remove("s3://calls/a")


# -- killed -------------------------------------------------------------------------------------


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


async def life(center: Recorded) -> None:
    center.finishing.sweep()
    await center.service.finish()
    await center.service.move()


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
            await life(doomed)
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
        await life(engine)
        assert (await engine.file(name)).state is FileState.MOVED
        assert await engine.heard(name) == sound
        assert engine.files() == []
        assert [f.name for f in archived.rglob("*") if f.is_file()] == [f"{name}.wav.sealed"]
        if not died:
            break
    # He outlived all: made, finished, removed, cleared; put, moved, removed, cleared.
    assert step == 9


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
            await sealing.archive.delete(await sealing.file(name))
        except Killed:
            pass
        else:
            break
        engine = center.restarted(settings=SEALING, keys=MASTER)
        file = await engine.file(name)
        assert (file.state is FileState.DELETED) == (file.wrapped_key == "") == (step > 1)
        await engine.archive.delete(file)
        await engine.service.finish()
        assert engine.files() == []
        assert (await engine.file(name)).wrapped_key == ""
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


async def test_what_a_killed_engine_had_begun_to_write_is_swept_away(center: Recorded) -> None:
    part = center.folder / "finished" / "making" / "x.wav.0a1b.part.sealed"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    center.finishing.sweep()
    assert center.files() == []


# -- their time is over -------------------------------------------------------------------------


async def test_each_recording_is_deleted_when_its_own_time_is_over(center: Recorded) -> None:
    kinds = {"c-1-r1": "talk", "c-2-m1": VOICEMAIL, "c-3-s1": SURVEY, "c-4-g1": GREETING}
    for name, kind in kinds.items():
        await center.talk(name, kind=kind)
    days = {"keep_days": 30, "voicemail_keep_days": 20, "survey_keep_days": 10}
    keeping = center.restarted(settings=RecordingsSettings.model_validate(days | {"free_mb": 0}))
    await keeping.service.finish()
    gone = []
    for day in (9, 11, 21, 31, 10_000):
        keeping.now = T + day * DAY
        await keeping.service.retire()
        gone.append(list(keeping.deleted))
    assert gone[0] == []
    assert gone[1:4] == [["c-3-s1"], ["c-3-s1", "c-2-m1"], ["c-3-s1", "c-2-m1", "c-1-r1"]]
    assert gone[4] == gone[3]
    assert keeping.files() == ["c-4-g1.wav"]


async def test_a_queue_s_own_time_goes_before_the_default(center: Recorded) -> None:
    await center.talk("c-1-r1")
    keeping = center.restarted(
        settings=RecordingsSettings(keep_days=1, free_mb=0), keep_days={"support": 10.0}
    )
    await keeping.service.finish()
    keeping.now = T + 5 * DAY
    await keeping.service.retire()
    assert keeping.deleted == []
    keeping.now = T + 11 * DAY
    await keeping.service.retire()
    assert keeping.deleted == ["c-1-r1"]


async def test_what_is_kept_for_good_is_deleted_by_nobody(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    keeping = center.restarted(settings=RecordingsSettings(keep_days=1, free_mb=0))
    await keeping.service.finish()
    assert await keeping.archive.keep("c-1-r1", True)
    keeping.now = T + 99 * DAY
    await keeping.service.retire()
    with pytest.raises(KeptForGood):
        await keeping.archive.delete(await keeping.file("c-1-r1"))
    assert path.exists()
    assert await keeping.archive.keep("c-1-r1", False)
    await keeping.service.retire()
    assert not path.exists()
    assert keeping.deleted == ["c-1-r1"]


async def test_a_hold_that_comes_while_it_is_deleted_holds(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    await center.service.finish()
    stale = await center.file("c-1-r1")
    await center.archive.keep("c-1-r1", True)
    assert not await center.archive.delete(stale)
    assert path.exists()


# -- checked ------------------------------------------------------------------------------------


async def test_a_recording_that_was_changed_or_lost_is_found_by_checking(center: Recorded) -> None:
    for name in ("c-1-r1", "c-2-r1", "c-3-r1"):
        await center.talk(name)
    await center.service.finish()
    with (center.folder / "c-1-r1.wav").open("r+b") as file:
        file.seek(500)
        file.write(b"!")
    (center.folder / "c-2-r1.wav").unlink()
    problems = [
        (await center.archive.check(await center.file(name))).problem
        for name in ("c-1-r1", "c-2-r1", "c-3-r1")
    ]
    assert problems[0] == "it was changed since it was stored"
    assert "there is no file" in problems[1]
    assert problems[2] == ""


async def test_a_file_that_cannot_be_removed_yet_is_remembered(center: Recorded) -> None:
    """Also when the recording goes on its way meanwhile."""
    path = await center.talk("c-1-r1", killed=True)
    moving = center.restarted(places=Places(Folder(center.folder / "archive")))
    remove = moving.places.remove

    async def refuse(place: str) -> None:
        raise PlaceError(f"{place}: read-only file system")

    moving.places.remove = refuse  # type: ignore[method-assign]
    with capture_logs() as logs:
        await life(moving)
        await life(moving)
    assert [each["event"] for each in logs].count("recording_not_removed") == 1
    assert path.exists()
    moving.places.remove = remove  # type: ignore[method-assign]
    await moving.service.finish()
    assert center.files() == ["archive/2026/09/21/c-1-r1.wav"]


# -- while the engine runs ----------------------------------------------------------------------


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
