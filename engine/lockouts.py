"""Who may not be identified for a while, because somebody tried too often: survives a restart.

Kept by a keyed hash of the subject (a customer's number, say), so the file tells nobody who it was.
A failure counts for an hour, or for as long as the lock if that is longer; a success forgets them.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from engine import whole_file

log = structlog.get_logger("lockouts")

COUNT_SECONDS = 3600.0
MOST_SUBJECTS = 10_000


@dataclass(slots=True)
class _Subject:
    """When he failed, until when that counts, and until when he is locked (0: he is not)."""

    failures: list[float] = field(default_factory=list)
    counts_until: float = 0.0
    locked_until: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Its fields; ``dataclasses.asdict`` takes ten times as long, and there may be many."""
        return {name: getattr(self, name) for name in self.__slots__}


class Lockouts:
    """Those of one installation, in the file ``path``; without one they end with the engine."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._key = secrets.token_hex(16)
        self._subjects: dict[str, _Subject] = {}
        self._unwritten = False
        if path is not None:
            self._read(path)

    def locked(self, subject: str, now: float) -> bool:
        """Whether nobody may be identified as ``subject`` now."""
        kept = self._subjects.get(self._hash(subject))
        return kept is not None and now < kept.locked_until

    def attempted(
        self, subject: str, ok: bool, attempts: int, lock_seconds: float, now: float
    ) -> None:
        """Somebody tried to be ``subject``; the ``attempts``-th failure locks him."""
        name = self._hash(subject)
        if ok and name not in self._subjects:
            return
        kept = self._subjects.pop(name, None) or _Subject()
        if ok:
            kept.failures.clear()
        else:
            window = max(COUNT_SECONDS, lock_seconds)
            kept.failures = [at for at in kept.failures if at > now - window] + [now]
            kept.counts_until = now + window
        if len(kept.failures) >= attempts:
            kept.failures.clear()
            kept.locked_until = now + lock_seconds
            log.warning("locked_out", subject=name, seconds=lock_seconds)
        self._subjects[name] = kept
        self._forget_old(now)
        self._write()

    def _hash(self, subject: str) -> str:
        key = bytes.fromhex(self._key)
        return hashlib.blake2b(subject.encode(), key=key, digest_size=12).hexdigest()

    def _forget_old(self, now: float) -> None:
        for name, kept in list(self._subjects.items()):
            if now >= kept.locked_until and (not kept.failures or now >= kept.counts_until):
                del self._subjects[name]
        while len(self._subjects) > MOST_SUBJECTS:  # the one that tried longest ago
            del self._subjects[next(iter(self._subjects))]

    # -- the file -------------------------------------------------------------------------------

    def _read(self, path: Path) -> None:
        try:
            written = json.loads(path.read_text())
            self._subjects = {name: _Subject(**each) for name, each in written["subjects"].items()}
            self._key = written["key"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("lockouts_unread", reason=str(error))

    def _write(self) -> None:
        """As a whole or not at all; on a full disk they are kept in memory."""
        if self._path is None:
            return
        subjects = {name: kept.as_json() for name, kept in self._subjects.items()}
        content = json.dumps({"key": self._key, "subjects": subjects}).encode()
        try:
            # Not durable: callers would wait for the disk whenever somebody guesses.
            whole_file.write(self._path, content, mode=0o600, durable=False)
            self._unwritten = False
        except OSError as error:
            if not self._unwritten:
                log.error("lockouts_unwritten", reason=str(error))
            self._unwritten = True
