"""Published versions of the flows: what callers hear, whatever is written in the working files.

The *working files* are the folder in which people write. Publishing copies it whole (flows,
prompts, recordings, tests) to ``<state>/flows/<number>-<version>/flows``, beside a ``version.yaml``
that says who, when and why; nothing in there changes any more. ``<state>/flows/current`` is a link
to the one in force. While nothing is published, the working files are in force themselves.

A version has its name when all of it is on the disk, and is pointed to after that: a power cut
leaves what was in force before, or what was published.

A version is named by what is written in it: 12 hex digits over the names and bytes of its files.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine import whole_file
from engine.config.drafts import SitePaths
from engine.config.problems import printable
from engine.config.recorded import recorded_files
from engine.config.text_file import BadFile
from engine.config.yaml_file import read

KEPT = 20
"""So many versions are kept, and those that live calls are in."""

_HASH_DIGITS = 12


class ChangedMeanwhile(Exception):
    """Somebody wrote into the working files while they were published."""


class Version(BaseModel):
    """One published version; ``folder`` has its files, to be read like the working ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1)
    version: str
    published: datetime
    by: str
    note: str = ""
    folder: Path

    def __str__(self) -> str:
        return f"version {self.number} ({self.version})"


class Publications:
    """The published versions in one state folder. Nothing is made before the first one.

    ``link`` is what points to the version in force.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "flows"
        self.link = self._folder / "current"

    def versions(self) -> list[Version]:
        """All that are kept, the oldest first; folders that are no version are passed over."""
        found = map(_version, self._folder.glob("*-*/version.yaml"))
        return sorted((one for one in found if one is not None), key=lambda one: one.number)

    def find(self, name: str) -> Version | None:
        """The version of this number or (the beginning of) this hash; the newest that fits."""
        fits = (
            one
            for one in reversed(self.versions())
            if name == str(one.number) or (len(name) >= 4 and one.version.startswith(name))
        )
        return next(fits, None)

    def current(self) -> Version | None:
        """The version in force; None while nothing is published."""
        return _version(self.link / "version.yaml") if self.is_published() else None

    def is_published(self) -> bool:
        """Whether a published version is in force, and not the working files.

        Also for who may not look: that it cannot be read is told by who reads it.
        """
        try:
            self.link.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def current_folder(self) -> Path:
        """Where the files of the version in force are; as a path that stays what it is."""
        return self.link.resolve() / "flows"

    def add(self, flows_dir: Path, version: str, by: str, note: str) -> Version:
        """Copy the working files, whose hash is ``version``, as the next one; not in force yet.

        Raises ``ChangedMeanwhile`` when the files are not what was checked, and ``OSError``.
        """
        with self._alone():
            number = max((one.number for one in self.versions()), default=0) + 1
            final = self._folder / f"{number}-{version}"
            scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
            try:
                _copy(flows_dir, scratch / "flows")
                if content_hash(scratch / "flows") != version:
                    raise ChangedMeanwhile(f"{flows_dir} was changed meanwhile: publish it again")
                now = datetime.now(UTC).replace(microsecond=0)
                _write_version(scratch / "version.yaml", number, version, now, by, note)
                scratch.chmod(0o755)
                whole_file.sync_tree(scratch)
                scratch.rename(final)
                whole_file.sync(self._folder)
            except BaseException:
                shutil.rmtree(scratch, ignore_errors=True)
                raise
        made = _version(final / "version.yaml")
        assert made is not None
        return made

    def put_in_force(self, version: Version | None) -> None:
        """Point to this one, in one step; None: to the working files again."""
        if version is None:
            self.link.unlink(missing_ok=True)
        else:
            fresh = self._folder / f".current-{os.getpid()}"
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(version.folder.parent.name)
            fresh.replace(self.link)
        whole_file.sync(self._folder)

    def before(self, version: Version) -> Version | None:
        """The one that was published before this one."""
        older = [one for one in self.versions() if one.number < version.number]
        return older[-1] if older else None

    def prune(self, in_use: Collection[str]) -> list[Version]:
        """Remove what is older than the last ``KEPT``, but nothing in force or ``in_use``."""
        current = self.current()
        wanted = {*in_use, *([current.version] if current else [])}
        old = [one for one in self.versions()[:-KEPT] if one.version not in wanted]
        for one in old:
            self.remove(one)
        return old

    def remove(self, version: Version) -> None:
        """Have it no more; not for one in force, or that a call is in."""
        shutil.rmtree(version.folder.parent, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two who publish at once get two numbers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def in_force(paths: SitePaths, state_dir: Path) -> SitePaths:
    """The site's files with the published flows in place of the working ones, if there are any."""
    published = Publications(state_dir)
    if not published.is_published():
        return paths
    return replace(paths, flows_dir=published.current_folder())


def content_hash(flows_dir: Path) -> str:
    """Names what is written in a folder of flows: equal names, equal contents.

    Empty when the folder cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for file in _files(flows_dir):
            with file.open("rb") as content:
                written = hashlib.file_digest(content, "sha256").hexdigest()
            digest.update(f"{file.relative_to(flows_dir).as_posix()}\0{written}\n".encode())
    except OSError:  # the readers tell why
        return ""
    return digest.hexdigest()[:_HASH_DIGITS]


def _files(flows_dir: Path) -> list[Path]:
    """All that belongs to a version, in the order of the names."""
    written = [path for path in flows_dir.iterdir() if path.suffix in (".yaml", ".yml")]
    return sorted([*filter(Path.is_file, written), *recorded_files(flows_dir)])


def _copy(flows_dir: Path, target: Path) -> None:
    for file in _files(flows_dir):
        copy = target / file.relative_to(flows_dir)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _write_version(
    path: Path, number: int, version: str, now: datetime, by: str, note: str
) -> None:
    written = {
        "number": number,
        "version": version,
        "published": now.isoformat(),
        "by": printable(by),
        "note": printable(" ".join(note.split())),
    }
    lines = (
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in written.items()
    )
    path.write_text("".join(lines), encoding="utf-8")


def _version(path: Path) -> Version | None:
    """What ``version.yaml`` says; None when it is none."""
    try:
        data = read(path).data
        return Version.model_validate({**data, "folder": path.resolve().parent / "flows"})
    except (BadFile, ValidationError, TypeError):
        return None
