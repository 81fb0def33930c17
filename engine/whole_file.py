"""Files that others read while we write them: whoever reads has the old file or the new one, also
after a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes, *, mode: int = 0o666, durable: bool = True) -> None:
    """Put ``content`` into ``path`` in one step; ``mode`` is its rights before the umask.

    Makes the folder. ``durable``: returns when it survives a power cut, which waits for the disk;
    else such a cut may leave an empty file (``has_content``). Raises ``OSError``, and then the file
    is as it was, unless it was the disk that failed in the end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    if durable:
        sync(path.parent)


def has_content(path: Path) -> bool:
    """Whether there is a file that no power cut has left empty."""
    return path.is_file() and path.stat().st_size > 0


def sync(path: Path) -> None:
    """What is in this file, or the names that are in this folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Everything in this folder survives a power cut."""
    for path in (*folder.rglob("*"), folder):
        sync(path)
