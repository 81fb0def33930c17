"""The journal: what happened, one line of JSON each, for the next engine to replay.

A line is in the kernel when ``append`` returns, so a kill -9 of the engine loses nothing; only a
power cut, which ends the calls as well, can take the last moments. The file holds callers' numbers:
only its owner can read it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import structlog

from engine import whole_file

log = structlog.get_logger()

_OWNER_ONLY = 0o600


class JournalBusy(Exception):
    """Another engine uses this journal."""


class JournalFull(Exception):
    """No space is left for the journal; it holds everything up to the line before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when (seconds since the epoch), what kind, and its data in JSON's own types."""

    at: float
    kind: str
    data: Mapping[str, object]


class Journal:
    """An open journal, ours alone until ``close``. Made by ``Journal.open``.

    ``entries`` is what was read at opening, in order; ``damaged`` the numbers of the lines that
    could not be read then.
    """

    def __init__(self, path: Path, lock: int, archives: int) -> None:
        self.path = path
        self._lock = lock
        self._archives = archives
        self._file = _open_to_append(path)
        self.entries, self.damaged = self._read()

    @classmethod
    def open(cls, path: Path, *, archives: int = 10) -> Self:
        """Open or create the journal at ``path``; ``archives`` is how many old ones are kept.

        A last line without its end (cut by a crash) is dropped. Lines damaged otherwise are left
        out, and the file as it was is kept beside, ``.corrupt``. Raises ``JournalBusy``.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path, _lock(path), archives)

    def append(self, at: float, kind: str, data: Mapping[str, object]) -> None:
        """Write one entry, all or nothing.

        Raises ``JournalFull``, or ``TypeError`` and ``ValueError`` for data that JSON cannot hold.
        """
        line = _line(Entry(at, kind, data))
        with _room_for(self.path):
            end = os.fstat(self._file).st_size
            written = os.write(self._file, line)
            if written < len(line):  # the disk took a part of it
                os.ftruncate(self._file, end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Begin anew with ``entries``, in one step; the journal so far becomes an archive.

        A crash leaves either the old journal or the new one. Raises ``JournalFull``.
        """
        new = _beside(self.path, ".new")
        with _room_for(self.path):
            _write_durably(new, b"".join(map(_line, entries)))
            os.link(self.path, self._archive_name())
        self._replace_by(new)
        for old in self.archives()[: -self._archives or None]:
            old.unlink()

    def archives(self) -> list[Path]:
        """The journals before this one, oldest first."""
        return sorted(self.path.parent.glob(f"{self.path.name}.2*Z"))

    def close(self) -> None:
        """Let another engine have the journal."""
        os.close(self._file)
        os.close(self._lock)

    def _archive_name(self) -> Path:
        now = datetime.now(UTC)
        return _beside(self.path, f".{now:%Y%m%dT%H%M%S.%fZ}")

    def _replace_by(self, new: Path) -> None:
        new.replace(self.path)
        whole_file.sync(self.path.parent)
        os.close(self._file)
        self._file = _open_to_append(self.path)

    def _read(self) -> tuple[tuple[Entry, ...], tuple[int, ...]]:
        whole = self.path.read_bytes()
        lines = whole.split(b"\n")
        torn = lines.pop()
        if torn:
            log.warning("journal_last_line_dropped", journal=str(self.path), bytes=len(torn))
            os.ftruncate(self._file, len(whole) - len(torn))
        readable, damaged = _entries(lines)
        if damaged:
            self._set_aside(whole, damaged, readable)
        return readable, damaged

    def _set_aside(
        self, whole: bytes, damaged: tuple[int, ...], readable: tuple[Entry, ...]
    ) -> None:
        """Keep the damaged file for whoever wants to know, and go on with what can be read."""
        copy = _beside(self.path, ".corrupt")
        log.error(
            "journal_damaged",
            journal=str(self.path),
            lines=damaged,
            copy=str(copy),
            kept=len(readable),
        )
        new = _beside(self.path, ".new")
        with _room_for(self.path):
            _write_durably(copy, whole)
            _write_durably(new, b"".join(map(_line, readable)))
        self._replace_by(new)


def read(path: Path) -> tuple[tuple[Entry, ...], tuple[int, ...]]:
    """The entries of a journal or an archive, which may be in use, and the numbers of its damaged
    lines. Changes nothing. Raises ``OSError``."""
    lines = path.read_bytes().split(b"\n")[:-1]  # the last one is being written, or empty
    return _entries(lines)


def _entries(lines: Iterable[bytes]) -> tuple[tuple[Entry, ...], tuple[int, ...]]:
    """Those that can be read, and the numbers of the other lines."""
    found = [_entry(line) for line in lines]
    damaged = tuple(number for number, entry in enumerate(found, 1) if entry is None)
    return tuple(entry for entry in found if entry is not None), damaged


def _line(entry: Entry) -> bytes:
    fields = {"at": entry.at, "kind": entry.kind, "data": entry.data}
    return json.dumps(fields, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _entry(line: bytes) -> Entry | None:
    """The entry of a line, None when it is damaged."""
    try:
        match json.loads(line):
            case {"at": float() | int() as at, "kind": str() as kind, "data": dict() as data}:
                return Entry(float(at), kind, data)
    except (ValueError, RecursionError):
        pass
    return None


def _lock(path: Path) -> int:
    """An exclusive lock for as long as the returned descriptor is open; on a file of its own, since
    the journal itself is replaced by ``rewrite``."""
    lock = os.open(_beside(path, ".lock"), os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise JournalBusy(
            f"{path} is in use by process {holder}: another engine runs on this state directory; "
            "stop it, or give this one a directory of its own"
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


@contextmanager
def _room_for(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        _beside(path, ".new").unlink(missing_ok=True)
        raise JournalFull(f"no space left for {path}: {error.strerror}") from error


def _open_to_append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
