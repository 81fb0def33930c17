"""Whoever guesses PINs is locked out for a while, over all calls, and also after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.lockouts import COUNT_SECONDS, Lockouts

ANNA, BINH = "customer 4711", "customer 4712"


def fail(lockouts: Lockouts, times: int, at: float = 0.0, subject: str = ANNA) -> None:
    for _ in range(times):
        lockouts.attempted(subject, False, attempts=3, lock_seconds=900, now=at)


def test_the_third_wrong_pin_locks_for_a_quarter_of_an_hour() -> None:
    lockouts = Lockouts()
    fail(lockouts, 2)
    assert not lockouts.locked(ANNA, 1.0)
    fail(lockouts, 1)
    assert lockouts.locked(ANNA, 899.0)
    assert not lockouts.locked(ANNA, 900.0)


def test_another_customer_is_not_locked_out() -> None:
    lockouts = Lockouts()
    fail(lockouts, 3)
    assert not lockouts.locked(BINH, 1.0)


def test_a_right_pin_forgets_the_wrong_ones_before_it() -> None:
    lockouts = Lockouts()
    fail(lockouts, 2)
    lockouts.attempted(ANNA, True, attempts=3, lock_seconds=900, now=1.0)
    fail(lockouts, 2, at=2.0)
    assert not lockouts.locked(ANNA, 3.0)


def test_who_never_failed_leaves_no_trace(tmp_path: Path) -> None:
    lockouts = Lockouts(tmp_path / "lockouts.json")
    lockouts.attempted(ANNA, True, attempts=3, lock_seconds=900, now=1.0)
    assert list(tmp_path.iterdir()) == []


def test_a_right_pin_in_another_call_does_not_end_a_lock() -> None:
    lockouts = Lockouts()
    fail(lockouts, 3)
    lockouts.attempted(ANNA, True, attempts=3, lock_seconds=900, now=1.0)
    assert lockouts.locked(ANNA, 2.0)


def test_wrong_pins_of_more_than_an_hour_ago_do_not_count() -> None:
    lockouts = Lockouts()
    fail(lockouts, 2)
    fail(lockouts, 1, at=COUNT_SECONDS)
    assert not lockouts.locked(ANNA, COUNT_SECONDS)
    fail(lockouts, 2, at=COUNT_SECONDS + 1)
    assert lockouts.locked(ANNA, COUNT_SECONDS + 2)


def test_after_a_lock_he_has_all_his_attempts_again() -> None:
    lockouts = Lockouts()
    fail(lockouts, 3)
    fail(lockouts, 2, at=901.0)
    assert not lockouts.locked(ANNA, 902.0)


def test_a_restart_ends_no_lock_and_forgets_no_failure(tmp_path: Path) -> None:
    before = Lockouts(tmp_path / "lockouts.json")
    fail(before, 3)
    fail(before, 2, subject=BINH)
    after = Lockouts(tmp_path / "lockouts.json")
    assert after.locked(ANNA, 1.0)
    fail(after, 1, subject=BINH, at=1.0)
    assert after.locked(BINH, 2.0)


def test_the_file_tells_nobody_who_it_was(tmp_path: Path) -> None:
    path = tmp_path / "lockouts.json"
    fail(Lockouts(path), 1)
    assert ANNA not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["lockouts.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"subjects": {"x": {"y": 1}}, "key": ""}'])
def test_a_damaged_file_keeps_nobody_from_calling(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lockouts.json"
    path.write_text(text)
    lockouts = Lockouts(path)
    fail(lockouts, 3)
    assert lockouts.locked(ANNA, 1.0)
    assert Lockouts(path).locked(ANNA, 1.0)


def test_without_room_on_the_disk_locks_hold_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lockouts = Lockouts(tmp_path / "file" / "lockouts.json")
    fail(lockouts, 3)
    assert lockouts.locked(ANNA, 1.0)


def test_who_tries_all_numbers_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.lockouts.MOST_SUBJECTS", 10)
    lockouts = Lockouts()
    for number in range(50):
        fail(lockouts, 1, subject=str(number))
    fail(lockouts, 2, subject="49")
    assert len(lockouts._subjects) == 10
    assert lockouts.locked("49", 1.0)


def test_what_is_over_is_forgotten() -> None:
    lockouts = Lockouts()
    fail(lockouts, 3)
    fail(lockouts, 1, at=COUNT_SECONDS * 2, subject=BINH)
    assert len(lockouts._subjects) == 1
