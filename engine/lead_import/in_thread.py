"""Imports run beside the engine: in a thread, with a loop and connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeVar

from engine.store.ledger import Ledger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: bytes of the file, rows, and what was added."""

    read: int
    size: int
    rows: int
    added: int


class _Stopped(Exception):
    """Whoever wanted the import waits for it no more."""


async def in_thread(
    ledger: Ledger,
    progress: Callable[[Progress], None],
    job: Callable[[Ledger, Callable[[Progress], None]], Coroutine[Any, Any, T]],
) -> T:
    """Run ``job`` and return what it returns. It is given a twin of the ledger, and whom to tell
    its progress; ``progress`` is told here, in this loop. Cancelled, the job ends at its next word.
    """
    loop, stopped = asyncio.get_running_loop(), Event()

    def tell(made: Progress) -> None:
        if stopped.is_set():
            raise _Stopped
        loop.call_soon_threadsafe(progress, made)

    async def run() -> T:
        twin = ledger.twin()
        try:
            return await job(twin, tell)
        finally:
            await twin.close()

    try:
        return await asyncio.to_thread(lambda: asyncio.run(run()))
    finally:
        stopped.set()
