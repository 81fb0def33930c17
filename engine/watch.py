"""Notices that somebody wrote into a folder, by looking once a second."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

EVERY_SECONDS = 1.0

Stamps = dict[str, tuple[int, int]]


async def watch(folder: Path, changed: Callable[[], Awaitable[object]]) -> None:
    """Call ``changed`` whenever a file in there is new, gone or another, until cancelled."""
    before = await asyncio.to_thread(_stamps, folder)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        now = await asyncio.to_thread(_stamps, folder)
        if now != before:
            before = now
            await changed()


def _stamps(folder: Path) -> Stamps:
    """When each file was last written, and how long it is; what goes away meanwhile is left out."""
    found: Stamps = {}
    for place, _, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            with suppress(OSError):
                status = os.stat(path)
                found[path] = (status.st_mtime_ns, status.st_size)
    return found
