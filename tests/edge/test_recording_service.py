"""What becomes of recordings after their call: finished, deleted in time, checked."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from recorded import RATE, Recorded, T, center, tone
from structlog.testing import capture_logs

from engine.call_record import (
    CONFERENCE,
    GREETING,
    SIDE_IN,
    SIDE_OUT,
    SURVEY,
    VOICEMAIL,
    Gap,
    PartyStretch,
    SegmentKind,
)
from engine.recordings import wav
from engine.recordings.archive import KeptForGood, NotHere
from engine.recordings.keys import MasterKeys
from engine.recordings.places import Folder, PlaceError, Places
from engine.recordings.settings import RecordingsSettings
from engine.recordings.workshop import WorkFailed
from engine.store.recordings import FileState, Wanted

__all__ = ["center"]

DAY = 86_400.0
SEALING = RecordingsSettings(key="${secret:RECORDINGS}", free_mb=0)
MASTER = MasterKeys(bytes(range(32)))


# -- finished ----------------------------------------------------------------------------------


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


async def test_a_room_s_recording_is_nobody_s_though_an_agent_s_call_held_it_last(
    center: Recorded,
) -> None:
    lost = center.left("c-1-k2", kind=CONFERENCE)
    await center.call("c-1", center.left("c-1-k1", kind=CONFERENCE), lost)
    (center.folder / "c-1-k2.wav").write_bytes(b"no sound at all")
    await center.service.finish()
    for name in ("c-1-k1", "c-1-k2"):
        assert await center.archive.files.agents([name]) == {name: []}
        assert (await center.file(name)).queue == ""


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


async def test_while_the_disk_is_full_what_is_right_is_finished_and_moved_away(
    center: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"

    def usage(folder: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if folder.is_relative_to(made) else 1 << 40)

    monkeypatch.setattr("shutil.disk_usage", usage)
    await center.talk("c-1-r1", killed=True)
    right = await center.talk("c-2-r1")
    moving = center.restarted(
        places=Places(Folder(tmp_path / "archive")), settings=RecordingsSettings(dir=made)
    )
    await moving.look_after()
    assert (await center.file("c-1-r1")).state is FileState.NEW
    assert (await center.file("c-2-r1")).state is FileState.MOVED
    assert not right.exists()


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


# -- their time is over ------------------------------------------------------------------------


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
        gone.append(await keeping.deleted())
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
    assert await keeping.deleted() == []
    keeping.now = T + 11 * DAY
    await keeping.service.retire()
    assert await keeping.deleted() == ["c-1-r1"]


async def test_what_is_kept_for_good_is_deleted_by_nobody(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    keeping = center.restarted(settings=RecordingsSettings(keep_days=1, free_mb=0))
    await keeping.service.finish()
    assert await keeping.archive.keep("c-1-r1", True)
    keeping.now = T + 99 * DAY
    await keeping.service.retire()
    with pytest.raises(KeptForGood):
        await keeping.archive.delete(await keeping.file("c-1-r1"), "boss")
    assert path.exists()
    assert await keeping.archive.keep("c-1-r1", False)
    await keeping.service.retire()
    assert not path.exists()
    assert await keeping.deleted() == ["c-1-r1"]


async def test_a_hold_that_comes_while_it_is_deleted_holds(center: Recorded) -> None:
    path = await center.talk("c-1-r1")
    await center.service.finish()
    stale = await center.file("c-1-r1")
    await center.archive.keep("c-1-r1", True)
    with pytest.raises(KeptForGood):
        await center.archive.delete(stale, "boss")
    assert path.exists()


async def test_what_has_moved_while_it_is_deleted_is_removed_where_it_is_now(
    center: Recorded,
) -> None:
    moving = center.restarted(places=Places(Folder(center.folder / "archive")))
    await moving.talk("c-1-r1", killed=True)
    await moving.talk("c-2-r1", killed=True)
    new = await moving.file("c-1-r1")
    await moving.service.finish()
    finished = await moving.file("c-2-r1")
    await moving.service.move()
    for stale in (new, finished):
        assert await moving.archive.delete(stale, "boss")
    assert moving.files() == []


@pytest.mark.parametrize("step", ["finish", "move"])
async def test_what_is_deleted_while_it_is_made_or_moved_is_removed_however_late(
    center: Recorded, step: str
) -> None:
    moving = center.restarted(places=Places(Folder(center.folder / "archive")))
    await moving.talk("c-1-r1", killed=True)
    if step == "move":
        await moving.service.finish()
    change, remove = moving.archive.files.change, moving.places.remove

    async def deleted(name: str, *args: Any, **columns: Any) -> bool:
        moving.archive.files.change = change  # type: ignore[method-assign]
        await center.archive.delete(await center.file(name), "boss")
        return await change(name, *args, **columns)

    async def refuse(place: str) -> None:
        raise PlaceError(f"{place}: read-only file system")

    moving.archive.files.change = deleted  # type: ignore[method-assign]
    moving.places.remove = refuse  # type: ignore[method-assign]
    await getattr(moving.service, step)()
    assert len(center.files()) == 1
    moving.places.remove = remove  # type: ignore[method-assign]
    await moving.archive.clear()
    assert center.files() == []


async def test_a_hundred_files_that_cannot_be_removed_hold_up_no_other(center: Recorded) -> None:
    names = [f"c-1-r{n}" for n in range(100, 200)]
    await center.call("c-1", *(replace(center.left(n), path=f"tape://{n}") for n in names))
    for name in names:
        await center.archive.files.change(name, [FileState.NEW], superfluous=[f"tape://{name}"])
    path = await center.talk("c-2-r1")
    assert await center.archive.delete(await center.file("c-2-r1"), "boss")
    assert not path.exists()


# -- checked -----------------------------------------------------------------------------------


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
        await moving.look_after()
        await moving.look_after()
    assert [each["event"] for each in logs].count("recording_not_removed") == 1
    assert path.exists()
    moving.places.remove = remove  # type: ignore[method-assign]
    await moving.service.finish()
    assert center.files() == ["archive/2026/09/21/c-1-r1.wav"]


async def test_the_key_of_what_was_deleted_is_not_in_the_ledger_s_file_either(
    center: Recorded, tmp_path: Path
) -> None:
    sealing = center.restarted(settings=SEALING, keys=MASTER)
    await sealing.talk("c-1-r1")
    await sealing.service.finish()
    file = await sealing.file("c-1-r1")
    ledger = tmp_path / "ledger.db"
    assert await sealing.archive.delete(file, "boss")
    await center.ledger.close()
    assert file.wrapped_key.encode() not in await asyncio.to_thread(ledger.read_bytes)
