"""The clerk writes records: in order, each until the ledger has taken it.

Stories hand over what is finished and go on; a slow or absent database holds up nobody's call.
What is not yet written is in the journal, so a crash loses nothing, and the ledger takes each
record once however often it is offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from engine.ports import AgentStretch, CallRecord, LedgerDown, LedgerRefused, Records, Segment

log = structlog.get_logger("clerk")

_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Clerk:
    """A queue of writes and one task that does them."""

    def __init__(self, records: Records, on_saved: Callable[[str], None]) -> None:
        """``on_saved`` is told each call whose record is safely in the ledger."""
        self._records = records
        self._on_saved = on_saved
        self._work: asyncio.Queue[tuple[str, Callable[[], Awaitable[None]]]] = asyncio.Queue()

    def file_call(self, record: CallRecord) -> None:
        """A call is over."""

        async def write() -> None:
            await self._records.save_call(record)
            self._on_saved(record.call)

        self._work.put_nowait((record.call, write))

    def file_wrap_up(self, call: str, segment: Segment) -> None:
        """An agent's work after ``call`` is done."""
        self._work.put_nowait((call, lambda: self._records.save_wrap_up(call, segment)))

    def file_stretch(self, stretch: AgentStretch) -> None:
        """An agent went from one state to another."""
        self._work.put_nowait((stretch.agent, lambda: self._records.save_agent_stretch(stretch)))

    @property
    def backlog(self) -> int:
        """How many writes are waiting, the one under way included."""
        return self._work.qsize()

    async def run(self, open_ledger: Callable[[], Awaitable[None]]) -> None:
        """Open the ledger, then write until cancelled. A ledger that cannot be opened ends it."""
        await self._insist("ledger", open_ledger)
        while True:
            subject, write = await self._work.get()
            await self._insist(subject, write)
            self._work.task_done()

    async def finish(self) -> None:
        """Wait until everything handed over is written."""
        await self._work.join()

    async def _insist(self, subject: str, write: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                await write()
                return
            except LedgerRefused:
                log.exception("record_refused", subject=subject)
                return
            except LedgerDown as error:
                pause = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                log.warning("ledger_down", error=str(error), retry_in=pause, backlog=self.backlog)
                attempt += 1
                await asyncio.sleep(pause)
