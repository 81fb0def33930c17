"""Recordings at the terminal: found, fetched, checked, kept and deleted without an engine."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest
from click.testing import Result
from recorded import Recorded
from test_cli_leads import Terminal, quiet_logs

from engine.recordings.keys import MasterKeys, id_of
from engine.recordings.places import Places
from engine.recordings.settings import RecordingsSettings
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger

__all__ = ["quiet_logs"]

OLD, NEW = bytes(32), bytes([1] * 32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encrypted recording, one that was changed since, and one that is kept for good."""
    folder = tmp_path_factory.mktemp("center")

    async def make() -> None:
        ledger = Ledger(f"sqlite:///{folder}/ledger.db")
        await ledger.open()
        (folder / "spool").mkdir()
        plain = RecordingsSettings(free_mb=0)
        center = Recorded(ledger, folder / "spool", plain)
        changed = await center.talk("c-2-r1")
        await center.talk("c-3-r1")
        await center.service.finish()
        await center.archive.keep("c-3-r1", True)
        changed.write_bytes(b"!" + changed.read_bytes()[1:])
        sealed = RecordingsSettings(free_mb=0, key="${secret:K}")
        sealing = center.restarted(settings=sealed, keys=MasterKeys(OLD))
        await sealing.talk("c-1-r1")
        await sealing.service.finish()
        await ledger.close()

    asyncio.run(make())
    return folder


class Tongdai(Terminal):
    """With the keys that it has been given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.give(OLD)

    def give(self, key: bytes, *old: bytes) -> None:
        names = [f"${{secret:OLD{n}}}" for n in range(len(old))]
        settings = {"key": "${secret:K}", "old_keys": names, "free_mb": 0}
        self._env["TONGDAI_RECORDINGS"] = json.dumps(settings)
        for name, value in {"K": key, **{f"OLD{n}": k for n, k in enumerate(old)}}.items():
            self._env[f"TONGDAI_SECRET_{name}"] = base64.b64encode(value).decode()

    def lose_keys(self) -> None:
        self._env = {n: v for n, v in self._env.items() if not n.startswith("TONGDAI_SECRET_")}

    def type(self, *words: str) -> Result:
        return super().type("recordings", *words)

    def noted(self) -> list[tuple[str, str]]:
        async def ask() -> list[tuple[str, str]]:
            ledger = Ledger(f"sqlite:///{self.folder}/ledger.db")
            entries = await AuditLog(ledger).entries()
            await ledger.close()
            return [(each.action, each.subject) for each in reversed(entries)]

        return asyncio.run(ask())


@pytest.fixture
def tongdai(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tongdai:
    monkeypatch.chdir(tmp_path)
    return Tongdai(folder)


def test_recordings_are_listed_with_what_is_to_be_said_of_them(tongdai: Tongdai) -> None:
    listed = tongdai.type("list")
    assert listed.exit_code == 0
    rows = {line.split()[1]: line for line in listed.stdout.splitlines() if "-r1" in line}
    assert rows.keys() == {"c-1-r1", "c-2-r1", "c-3-r1"}
    assert "encrypted" in rows["c-1-r1"]
    assert "kept for good" in rows["c-3-r1"]
    found = json.loads(tongdai.type("list", "--agent", "mai", "--json").stdout)
    assert {each["name"] for each in found} == rows.keys()
    assert "wrapped_key" not in found[0]
    assert "no recordings yet" in tongdai.type("list", "--queue", "none").stdout


def test_one_is_shown_with_the_agents_in_it(tongdai: Tongdai) -> None:
    shown = json.loads(tongdai.type("show", "c-1-r1").stdout)
    assert (shown["agents"], shown["key_id"]) == (["mai"], id_of(OLD))
    missing = tongdai.type("show", "none")
    assert (missing.exit_code, "there is no recording none" in missing.stderr) == (1, True)


def test_what_was_encrypted_is_fetched_as_sound_and_that_is_noted(
    tongdai: Tongdai, tmp_path: Path
) -> None:
    assert tongdai.type("fetch", "c-1-r1").exit_code == 0
    assert (tmp_path / "c-1-r1.wav").read_bytes()[:4] == b"RIFF"
    assert tongdai.noted()[-1] == ("hear_recording", "c-1-r1")
    again = tongdai.type("fetch", "c-1-r1")
    assert (again.exit_code, "File exists" in again.stderr) == (1, True)


def test_what_could_not_be_fetched_leaves_nothing_behind(
    tongdai: Tongdai, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    close = Places.close

    async def told(self: Places) -> None:
        closed.append(self)
        await close(self)

    monkeypatch.setattr(Places, "close", told)
    stored = tongdai.folder / "spool" / "c-2-r1.wav"
    away = stored.rename(tmp_path / "away")
    failed = tongdai.type("fetch", "c-2-r1")
    assert (failed.exit_code, "there is no file" in failed.stderr) == (1, True)
    assert not (tmp_path / "c-2-r1.wav").exists()
    assert len(closed) == 1
    away.rename(stored)
    assert tongdai.type("fetch", "c-2-r1").exit_code == 0


def test_what_was_changed_is_found(tongdai: Tongdai) -> None:
    checked = tongdai.type("verify")
    assert checked.exit_code == 1
    assert "c-2-r1: it was changed since it was stored" in checked.stderr
    assert "2 of 3 recordings are as stored" in checked.stdout
    assert tongdai.type("verify", "c-1-r1", "c-3-r1").exit_code == 0


def test_what_is_kept_for_good_is_not_deleted_until_it_is_released(tongdai: Tongdai) -> None:
    refused = tongdai.type("delete", "c-3-r1")
    assert (refused.exit_code, "kept for good" in refused.stderr) == (1, True)
    assert tongdai.type("keep", "c-3-r1", "--release").exit_code == 0
    assert tongdai.type("delete", "c-3-r1").exit_code == 0
    assert tongdai.noted()[-2:] == [("release_recording", "c-3-r1"), ("delete_recording", "c-3-r1")]
    gone = tongdai.type("fetch", "c-3-r1")
    assert (gone.exit_code, "c-3-r1 was deleted" in gone.stderr) == (1, True)


def test_after_rewrapping_the_old_key_is_needed_no_more(tongdai: Tongdai) -> None:
    tongdai.give(NEW)
    lost = tongdai.type("rewrap")
    assert (lost.exit_code, "name its secret in `old_keys`" in lost.stderr) == (1, True)
    tongdai.give(NEW, OLD)
    assert "1 rewrapped" in tongdai.type("rewrap").stdout
    tongdai.give(NEW)
    assert tongdai.type("verify", "c-1-r1").exit_code == 0


def test_without_its_key_a_recording_is_found_and_deleted_but_not_fetched(
    tongdai: Tongdai,
) -> None:
    tongdai.lose_keys()
    assert "c-1-r1" in tongdai.type("list").stdout
    assert tongdai.type("show", "c-1-r1").exit_code == 0
    for word in ("fetch", "verify"):
        lost = tongdai.type(word, "c-1-r1")
        assert (lost.exit_code, "there is no secret K" in lost.stderr) == (1, True)
    assert tongdai.type("delete", "c-1-r1").exit_code == 0
    assert tongdai.noted()[-1] == ("delete_recording", "c-1-r1")
