"""The lookups of a caller's flow that are under way; each answer comes by his mailbox."""

from __future__ import annotations

import asyncio

import structlog

from engine.calls.call import Call
from engine.calls.mail import LookupDone
from engine.calls.switchboard import LookupDesk
from engine.ivr.messages import Lookup
from engine.lookups.result import error

log = structlog.get_logger("flow")


class Inquiries:
    """Those of one run of a flow, which gives them up when it is left."""

    def __init__(self, call: Call, desk: LookupDesk) -> None:
        self._call, self._desk = call, desk
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, lookup: Lookup) -> None:
        """Ask; the caller may press keys meanwhile."""
        task = asyncio.create_task(self._ask(lookup), name=f"lookup {lookup.request.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def give_up(self) -> None:
        """Nobody waits for the answers any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, lookup: Lookup) -> None:
        name = lookup.request.name
        try:
            result = await self._desk.perform(lookup.request)
        except Exception:  # a fault of ours must not keep the caller waiting
            log.exception("lookup_failed", name=name)
            result = error("fault")
        self._call.deliver(LookupDone(lookup.lookup, name, result))
