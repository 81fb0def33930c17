"""A folder of sound files that grows only so far: what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from engine import whole_file

PRIVATE = "private-"
"""Names that begin so are not kept, and are gone after a restart."""


class SoundShelf:
    """The files ``<folder>/<name>.wav``; holds what earlier runs left there, the newest last."""

    def __init__(self, folder: Path, most_files: int, most_bytes: int) -> None:
        self._folder = folder
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self.forget_private()
        for file in sorted(folder.glob("[!.]*.wav"), key=lambda path: path.stat().st_mtime):
            self.add(file.stem)

    def file(self, name: str) -> Path:
        """Where the file of this name is, or will be."""
        return self._folder / f"{name}.wav"

    def has(self, name: str) -> bool:
        """Whether the file is there; then it is the last that will go."""
        if name not in self._sizes or not whole_file.has_content(self.file(name)):
            return False
        self._sizes.move_to_end(name)
        return True

    def add(self, name: str) -> None:
        """A file was written; others may go for it."""
        self._sizes[name] = self.file(name).stat().st_size
        self._sizes.move_to_end(name)
        while len(self._sizes) > 1 and self._overfull():
            self.drop(next(iter(self._sizes)))

    def drop(self, name: str) -> None:
        """Delete a file. A caller who is hearing it hears it to its end."""
        self._sizes.pop(name, None)
        self.file(name).unlink(missing_ok=True)

    def forget_private(self) -> None:
        """Delete all that is private."""
        for file in self._folder.glob(f"{PRIVATE}*.wav"):
            self.drop(file.stem)

    def _overfull(self) -> bool:
        return len(self._sizes) > self._most_files or sum(self._sizes.values()) > self._most_bytes
