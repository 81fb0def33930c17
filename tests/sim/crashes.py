"""An engine that dies at every moment of a story, one after the other, and the one after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.unit.small_center import SmallCenter
from tests.unit.virtual_time import run

AWAY_SECONDS = 1.0
"""For so long no engine is there."""

Live = Callable[[int], Coroutine[Any, Any, bool]]
"""The story with an engine that dies at moment ``cut``; false when it outlived the story."""


def die_everywhere(live: Live, most: int = 400) -> None:
    """Every moment in its turn; all that went wrong is told together."""
    failures, cut, died = [], 0, True
    while died:
        cut += 1
        try:
            died = run(live(cut))
        except Exception as error:
            failures.append(f"cut {cut}: {error!r:.500}")
        assert cut < most
    assert not failures, f"{len(failures)} of {cut}:\n" + "\n".join(failures[:20])


async def dies_before(end: Coroutine[Any, Any, None], center: SmallCenter) -> bool:
    """Whether the engine dies before this is over; what is not over then goes on no more."""
    loop = asyncio.get_running_loop()
    over, dead = loop.create_task(end), loop.create_task(center.dead.wait())
    await asyncio.wait([over, dead], return_when=asyncio.FIRST_COMPLETED)
    if not center.dead.is_set():
        over.result()
    over.cancel()
    dead.cancel()
    return center.dead.is_set()


@asynccontextmanager
async def next_engine(dead: SmallCenter) -> AsyncIterator[SmallCenter]:
    """The engine after this one, ready, until the block ends."""
    center = dead.successor(witness_file=dead.settings.witness_file)
    try:
        await center.start()
        yield center
    finally:
        await center.kill()
