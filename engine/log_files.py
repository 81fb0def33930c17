"""Keeps the log files of a private center small, where no logrotate looks after them.

Who writes them has them open to append (Asterisk's logger and its CEL file, the console of a
process), so a file can be emptied beneath the writer: he goes on at its new end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Never

import structlog

log = structlog.get_logger("log_files")

MOST_BYTES = 20_000_000
_LOOK_SECONDS = 60.0


async def keep_small(files: Sequence[Path], most_bytes: int = MOST_BYTES) -> Never:
    """Empty each of these files when it has become too long, until cancelled."""
    while True:
        for file in files:
            try:
                await asyncio.to_thread(empty_long, file, most_bytes)
            except OSError as error:
                log.warning("log_not_emptied", file=str(file), reason=str(error))
        await asyncio.sleep(_LOOK_SECONDS)


def empty_long(file: Path, most_bytes: int) -> None:
    """Leave what is in a file longer than ``most_bytes`` in ``<name>.1``, in place of what was
    there; what is written while it is copied may be lost. Raises ``OSError``."""
    if file.exists() and file.stat().st_size > most_bytes:
        shutil.copyfile(file, older(file))
        os.truncate(file, 0)


def older(file: Path) -> Path:
    """Where what was in the file before stands; logrotate calls it the same."""
    return file.with_name(f"{file.name}.1")
