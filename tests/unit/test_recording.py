"""The recording of a talk is judged by its file: what Asterisk says of it is not proof."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import pytest

from engine.call_record import Gap
from engine.calls.recording import Recorder
from engine.ports import RecordingEnded

T = 1790000000.0
DONE = RecordingEnded(T + 10, "c-1-r1", True, 10.0)


def wav(folder: Path, seconds: float, *, closed: bool = True) -> int:
    """A file of so many seconds, as Asterisk closes it, or was killed over it; its size."""
    file, size = folder / "c-1-r1.wav", int(seconds * 16_000)
    file.write_bytes(bytes(40) + (size if closed else 0).to_bytes(4, "little") + bytes(size))
    return file.stat().st_size


async def test_a_whole_recording_is_complete(tmp_path: Path) -> None:
    size = wav(tmp_path, 10)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.problem) == (True, "")
    assert (seen.seconds, seen.bytes, seen.started, seen.at) == (10.0, size, T, T + 10)
    assert (seen.name, seen.path) == ("c-1-r1", str(tmp_path / "c-1-r1.wav"))


async def test_a_file_that_asterisk_was_killed_over_is_not_complete(tmp_path: Path) -> None:
    wav(tmp_path, 10, closed=False)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, None)
    assert (seen.complete, seen.problem) == (False, "Asterisk did not close the file")
    assert seen.seconds == 10.0


async def test_minutes_that_an_hour_lacks_are_told(tmp_path: Path) -> None:
    wav(tmp_path, 3500)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 3600, DONE)
    assert (seen.complete, seen.problem) == (False, "3500.0 s of 3600.0 s")


async def test_what_was_paused_is_not_missed(tmp_path: Path) -> None:
    wav(tmp_path, 10)
    gaps = (Gap(T + 2, T + 5, "an (phone)"), Gap(T + 6, T + 9, "secure"))
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 16, DONE, gaps=gaps)
    assert (seen.complete, seen.gaps) == (True, gaps)


async def test_nothing_is_recorded_on_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    full, roomy = Recorder(tmp_path, free * 2), Recorder(tmp_path, free // 2)
    assert (await full.no_room()).endswith("MB are free on the disk")
    assert (await roomy.no_room(), await Recorder(None, free * 2).no_room()) == ("", "")


async def test_a_disk_that_is_away_is_a_problem_and_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wav(tmp_path, 10)
    assert "No such file" in await Recorder(tmp_path / "unmounted").no_room()

    def refused(*_: object) -> None:
        raise PermissionError("Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.seconds) == (False, 10.0)
    assert seen.problem == "the disk cannot be read: Permission denied"


async def test_a_disk_that_hangs_holds_up_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    awake = Event()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: awake.wait(60))
    monkeypatch.setattr(Path, "is_file", lambda _: awake.wait(60))
    recorder = Recorder(tmp_path, patience=0.01)
    told = "the disk cannot be read: it does not answer"
    assert await recorder.no_room() == told
    assert (await recorder.inspect("c-1-r1", T, T + 10, DONE)).problem == told
    awake.set()


async def test_a_recording_begins_and_ends_a_little_inside_the_talk(tmp_path: Path) -> None:
    wav(tmp_path, 8.6)
    assert (await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)).complete


async def test_a_message_without_the_silence_that_ended_it_is_complete(tmp_path: Path) -> None:
    wav(tmp_path, 3.2)
    ended = await Recorder(tmp_path).inspect("c-1-r1", T, T + 8, DONE, missing=5.0)
    assert ended.complete


async def test_half_a_file_is_told_though_asterisk_says_done(tmp_path: Path) -> None:
    wav(tmp_path, 5)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.problem) == (False, "5.0 s of 10.0 s")


@pytest.mark.parametrize("size", [0, 20, 44])
async def test_an_empty_file_is_no_recording(tmp_path: Path, size: int) -> None:
    (tmp_path / "c-1-r1.wav").write_bytes(bytes(size))
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.seconds, seen.bytes) == (False, 0.0, size)
    assert seen.problem == ("0.0 s of 10.0 s" if size else "no file")


@pytest.mark.parametrize("folder", [False, True])
async def test_a_missing_file_is_told(tmp_path: Path, folder: bool) -> None:
    if folder:
        (tmp_path / "c-1-r1.wav").mkdir()
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.bytes, seen.problem) == (False, 0, "no file")


async def test_what_asterisk_says_went_wrong_is_told(tmp_path: Path) -> None:
    wav(tmp_path, 10)
    for cause, told in (("disk full", "Asterisk reports: disk full"), ("", "failed")):
        report = RecordingEnded(T + 10, "c-1-r1", False, 10.0, cause)
        seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, report)
        assert not seen.complete
        assert told in seen.problem


async def test_without_a_report_the_file_speaks_for_itself(tmp_path: Path) -> None:
    wav(tmp_path, 10)
    assert (await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, None)).complete


async def test_asterisk_is_believed_where_its_files_cannot_be_seen() -> None:
    seen = await Recorder(None).inspect("c-1-r1", T, T + 10, DONE)
    assert (seen.complete, seen.seconds, seen.bytes, seen.path) == (True, 10.0, 0, "c-1-r1.wav")
    unseen = await Recorder(None).inspect("c-1-r1", T, T + 10, None)
    assert (unseen.complete, unseen.problem) == (False, "0.0 s of 10.0 s")


async def test_a_problem_that_is_known_already_stands(tmp_path: Path) -> None:
    wav(tmp_path, 10)
    seen = await Recorder(tmp_path).inspect("c-1-r1", T, T + 10, DONE, "refused: 409")
    assert (seen.complete, seen.problem) == (False, "refused: 409")
