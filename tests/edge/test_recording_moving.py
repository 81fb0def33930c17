"""Recordings that are encrypted, converted, or moved to a folder or a store."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fake_s3 import ACCESS, REGION, SECRET, FakeS3, fake_s3
from recorded import RATE, Recorded, T, center, tone
from structlog.testing import capture_logs

from engine.recordings import s3 as s3_store
from engine.recordings.keys import MasterKeys
from engine.recordings.opening import open_service
from engine.recordings.places import Folder, PlaceError, Places
from engine.recordings.s3 import S3, SCHEME
from engine.recordings.settings import RecordingsSettings
from engine.recordings.signing import Credentials
from engine.secrets import Secrets
from engine.store.recordings import FileState

__all__ = ["center"]

SEALING = RecordingsSettings(key="${secret:RECORDINGS}", free_mb=0)
MASTER = MasterKeys(bytes(range(32)))


def content(place: str) -> bytes:
    return Path(place).read_bytes()


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


# -- encrypted ---------------------------------------------------------------------------------


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
            SEALING, center.folder, Secrets(), center.ledger, lambda: T, dict
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


# -- other formats -----------------------------------------------------------------------------


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


# -- moved -------------------------------------------------------------------------------------


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


async def test_who_listens_while_a_recording_moves_hears_all_of_it(
    center: Recorded, tmp_path: Path
) -> None:
    original = (await center.talk("c-1-r1", tone(300_000))).read_bytes()
    moving = center.restarted(places=Places(Folder(tmp_path / "archive")))
    await moving.service.finish()
    stale = await moving.file("c-1-r1")
    pieces = moving.archive.read(stale, 0, len(original))
    heard = await anext(pieces)
    await moving.service.move()
    assert moving.files() == []
    assert heard + b"".join([piece async for piece in pieces]) == original
    checked = await moving.archive.check(stale)
    assert (checked.state, checked.problem) == (FileState.MOVED, "")


async def test_a_recording_that_moves_to_where_it_is_is_not_removed(
    center: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "archive").symlink_to(center.folder / "finished")
    for name, target in (("c-1-r1", center.folder / "finished"), ("c-2-r1", tmp_path / "archive")):
        await center.talk(name, tone(RATE), killed=True)
        moving = center.restarted(places=Places(Folder(target)))
        await moving.look_after()
        await moving.service.finish()
        assert (await moving.file(name)).state is FileState.MOVED
        assert (await moving.heard(name))[44:] == tone(RATE)


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
    assert await moving.archive.delete(file, "boss")
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


async def test_a_store_that_takes_nothing_more_is_given_up(
    center: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_store, "_ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(s3_store, "_SLOWEST_BYTES", 1 << 40)
    over = asyncio.Event()

    async def stall(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    async with await asyncio.start_server(stall, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        place = S3(url, "calls", "", Credentials(ACCESS, SECRET, REGION), lambda: T)
        with pytest.raises(PlaceError, match="stalled"):
            await place.put("a", path, 50_000_000, "0" * 64)
        await place.close()
        over.set()


async def test_a_store_that_is_gone_from_the_settings_is_told(center: Recorded) -> None:
    with pytest.raises(PlaceError, match="name no such store"):
        await center.archive.places.remove("s3://calls/a")
