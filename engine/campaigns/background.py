"""What the dialer does beside its looks at the floor: tasks whose faults do not end the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import ParamSpec

import structlog

log = structlog.get_logger("campaigns")

P = ParamSpec("P")


class Background:
    """The tasks of the dialer, from the beginning of ``async with`` to its end.

    A fault in one of them is told to ``failed``, which stops the dialing, not the engine: who calls
    in still needs it.
    """

    def __init__(self, failed: Callable[[], None]) -> None:
        self._failed = failed
        self._tasks: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> None:
        self._tasks = await asyncio.TaskGroup().__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._tasks is not None
        tasks, self._tasks = self._tasks, None  # while it is cancelled it takes nothing more
        await tasks.__aexit__(kind, error, trace)

    @property
    def runs(self) -> bool:
        """Whether it takes tasks."""
        return self._tasks is not None

    def start(self, work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Begin ``work`` beside all else; nothing when it does not run yet, or no more."""
        if self._tasks is not None:
            self._tasks.create_task(self.guarded(work, *args, **kwargs))

    async def guarded(
        self, work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do ``work`` here and now, guarded."""
        # Called in here: a coroutine made before would never be awaited, were this task cancelled
        # before its first step.
        with self.guard():
            await work(*args, **kwargs)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """A fault in this block is logged and told."""
        try:
            yield
        except Exception:
            log.exception("dialer_failed")
            self._failed()
