"""The journal on a real file system: what a new engine finds after the old one was killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd import messages as m
from engine.store.codec import Codec, UnknownMessage
from engine.store.journal import Entry, Journal, JournalBusy

CODEC = Codec(*get_args(m.AcdEvent))

ENTRIES = (
    Entry(1790000000.25, "acd", {"agent": "mai", "name": "Nguyễn Thị Mai ☎"}),
    Entry(1790000001.000001, "call", {"digits": None, "list": [1, 2.5, True], "deep": {"a": "\n"}}),
    Entry(1790000002.0, "acd", {"odd": "\ud800\u2028\x00"}),
)

OpenJournal = Callable[[], Journal]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


@pytest.fixture
def open_journal(path: Path) -> Iterator[OpenJournal]:
    """Opens the journal after closing the one opened before, as a new engine would."""
    opened: list[Journal] = []

    def close_and_open() -> Journal:
        while opened:
            opened.pop().close()
        opened.append(Journal.open(path, archives=2))
        return opened[-1]

    yield close_and_open
    for journal in opened:
        journal.close()


def fill(journal: Journal, entries: tuple[Entry, ...] = ENTRIES) -> None:
    for entry in entries:
        journal.append(entry.at, entry.kind, entry.data)


def test_a_new_engine_reads_what_the_old_one_appended(open_journal: OpenJournal) -> None:
    fill(open_journal())
    assert open_journal().entries == ENTRIES


def test_an_engine_killed_right_after_an_append_loses_nothing(
    path: Path, open_journal: OpenJournal
) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from engine.store.journal import Journal\n"
        "journal = Journal.open(Path(sys.argv[1]))\n"
        "for n in range(1000): journal.append(float(n), 'acd', {'n': n})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)
    assert [entry.data["n"] for entry in open_journal().entries] == list(range(1000))


def test_a_journal_cut_at_any_byte_keeps_every_whole_line(
    path: Path, open_journal: OpenJournal
) -> None:
    fill(open_journal())
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        journal = open_journal()
        assert journal.entries == ENTRIES[: whole[:length].count(b"\n")]
        assert journal.damaged == ()
        journal.append(3.0, "next", {})
        assert open_journal().entries[-1] == Entry(3.0, "next", {})


@pytest.mark.parametrize("damage", [b"\x00" * 40, b"{}", b"", b"[" * 100_000, b'{"at":"x"}'])
def test_a_damaged_middle_line_is_named_and_kept_aside_and_the_rest_is_read(
    path: Path, open_journal: OpenJournal, damage: bytes
) -> None:
    fill(open_journal())
    first, _, third, end = path.read_bytes().split(b"\n")
    damaged = b"\n".join([first, damage, third, end])
    path.write_bytes(damaged)
    journal = open_journal()
    assert journal.damaged == (2,)
    assert journal.entries == (ENTRIES[0], ENTRIES[2])
    assert path.with_name("journal.jsonl.corrupt").read_bytes() == damaged
    journal.append(3.0, "next", {})
    again = open_journal()
    assert again.damaged == ()
    assert again.entries == (ENTRIES[0], ENTRIES[2], Entry(3.0, "next", {}))


def test_a_second_engine_on_the_same_state_is_told_who_has_it(
    path: Path, open_journal: OpenJournal
) -> None:
    open_journal()
    with pytest.raises(JournalBusy, match=rf"in use by process {os.getpid()}:.*stop it"):
        Journal.open(path)


def test_after_a_rewrite_a_second_engine_is_still_kept_out(
    path: Path, open_journal: OpenJournal
) -> None:
    open_journal().rewrite([])
    with pytest.raises(JournalBusy):
        Journal.open(path)


def test_a_rewrite_leaves_the_new_entries_and_archives_the_old_ones(
    path: Path, open_journal: OpenJournal
) -> None:
    journal = open_journal()
    fill(journal)
    before = path.read_bytes()
    journal.rewrite(ENTRIES[1:])
    journal.append(3.0, "next", {})
    assert open_journal().entries == (*ENTRIES[1:], Entry(3.0, "next", {}))
    [archive] = open_journal().archives()
    assert archive.read_bytes() == before


def test_only_the_newest_archives_are_kept(open_journal: OpenJournal) -> None:
    journal = open_journal()
    for n in range(5):
        journal.rewrite([Entry(float(n), "acd", {"n": n})])
    assert [b'"n":2' in old.read_bytes() for old in journal.archives()] == [True, False]
    assert [b'"n":3' in old.read_bytes() for old in journal.archives()] == [False, True]


def test_nobody_else_on_the_machine_can_read_the_journal(
    path: Path, open_journal: OpenJournal
) -> None:
    journal = open_journal()
    journal.rewrite(ENTRIES)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_data_that_json_cannot_hold_is_refused_and_leaves_no_trace(
    open_journal: OpenJournal,
) -> None:
    journal = open_journal()
    with pytest.raises(TypeError):
        journal.append(1.0, "acd", {"set": {1}})
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.append(float("nan"), "acd", {})
    assert open_journal().entries == ()


# A file size limit stands in for a full disk: the kernel takes the bytes that fit, then refuses.
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from engine.store.journal import Entry, Journal, JournalFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
journal = Journal.open(Path(sys.argv[1]))
try:
    for n in range(100):
        journal.append(float(n), "acd", {"n": n, "text": "x" * 57})
except JournalFull as full:
    print(n, full)
try:
    journal.rewrite([Entry(0.0, "acd", {"text": "x" * 2000})])
except JournalFull as full:
    print(full)
"""


def test_a_full_disk_is_reported_with_the_path_and_leaves_whole_lines_only(
    path: Path, open_journal: OpenJournal
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    appending, rewriting = ran.stdout.splitlines()
    written = int(appending.split()[0])
    assert 0 < written < 100
    assert f"no space left for {path}" in appending
    assert f"no space left for {path}" in rewriting
    assert path.read_bytes().endswith(b"\n")
    assert [entry.data["n"] for entry in open_journal().entries] == list(range(written))
    assert not path.with_name("journal.jsonl.new").exists()


def test_a_disk_fault_that_is_not_about_space_stays_what_it_is(
    open_journal: OpenJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(descriptor: int, data: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    journal = open_journal()
    monkeypatch.setattr(os, "write", broken)
    with pytest.raises(OSError, match="Input/output error"):
        journal.append(1.0, "acd", {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
times = st.floats(min_value=0, max_value=4e9)
anything = st.builds(Entry, times, st.text(), st.dictionaries(st.text(), json_values, max_size=4))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(entries=st.lists(anything, max_size=5))
def test_any_data_comes_back_equal(entries: list[Entry], open_journal: OpenJournal) -> None:
    journal = open_journal()
    journal.rewrite([])
    fill(journal, tuple(entries))
    assert open_journal().entries == tuple(entries)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({}, "no message is called 'None'"),
        ({"message": "AgentVanished"}, "no message is called 'AgentVanished'"),
        ({"message": "AgentReady"}, "AgentReady: agent"),
        ({"message": "AgentReady", "agent": "mai", "mood": "good"}, "AgentReady: mood"),
        ({"message": "AgentReady", "agent": 7}, "AgentReady: agent"),
        ({"message": "ContactLeft", "contact": "c1", "reason": "bored"}, "ContactLeft: reason"),
        ({"message": "ContactQueued", "contact": "c", "queue": "q", "since": "1"}, "since"),
    ],
)
def test_what_is_no_event_of_this_version_is_named(
    written: dict[str, object], problem: str
) -> None:
    with pytest.raises(UnknownMessage, match=problem):
        CODEC.from_json(written)
