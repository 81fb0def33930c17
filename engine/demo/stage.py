"""What the people of the demo share: a clock to tell by, and the moments that they wait for."""

from __future__ import annotations

import asyncio
import time

from rich.console import Console

from engine.demo.cast import CallerPlan

_PATIENCE = 90.0
"""Seconds after which somebody stops waiting for a moment that does not come."""


class Stage:
    """One run of the demo with ``agents`` agents."""

    def __init__(self, console: Console, agents: int) -> None:
        self.all_busy = asyncio.Event()
        self.someone_waits = asyncio.Event()
        self.gave_up = asyncio.Event()
        self._console = console
        self._free = agents
        self._began = time.monotonic()

    def begin(self) -> None:
        """The clock of ``tell`` starts."""
        self._began = time.monotonic()

    def tell(self, who: str, what: str) -> None:
        """One line of progress."""
        seconds = time.monotonic() - self._began
        self._console.print(f"{seconds:6.1f} s  {who:<7} {what}", markup=False)

    def agent_talks(self) -> None:
        """One agent less is free."""
        self._free -= 1
        if self._free == 0:
            self.all_busy.set()

    def agent_is_free(self) -> None:
        """His talk is over."""
        self._free += 1

    async def moment(self, event: asyncio.Event) -> None:
        """Wait for one of the stage's. ``TimeoutError`` when it does not come."""
        await asyncio.wait_for(event.wait(), _PATIENCE)

    async def talk(self, plan: CallerPlan) -> None:
        """As long as this caller and his agent have something to say."""
        if plan.until_someone_waits:
            await self.moment(self.someone_waits)
        await asyncio.sleep(plan.talks)
