"""Tests in virtual time: when everybody waits, the clock jumps to the next timer.

Hours of calls pass in milliseconds, and always in the same order. The wall clock that the engine
reads once at its start is the same one.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

EPOCH = 1_790_000_000.0
_ROUNDS_AT_ONCE = 50_000


class Stuck(Exception):
    """Everybody waits and nobody has a timer, or somebody runs in circles while time stands."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is what its timers say."""

    def __init__(self) -> None:
        super().__init__()
        self._elapsed = 0.0
        self._rounds = 0
        self._poll = self._selector.select
        self._selector.select = self._jump

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._elapsed

    def stand_still(self, seconds: float) -> None:
        """Time passes and nobody has his turn, as on a busy machine."""
        self._elapsed += seconds

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """At once: while a thread works, time would jump ahead of it."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def _jump(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise Stuck("nobody has a timer")
        self._elapsed += timeout
        self._rounds = 0 if timeout else self._rounds + 1
        if self._rounds > _ROUNDS_AT_ONCE:
            raise Stuck("time stands still")
        return self._poll(0)


class _WallClock:
    @staticmethod
    def time() -> float:
        return EPOCH + asyncio.get_running_loop().time()


def run(story: Awaitable[Any]) -> Any:
    """Run a coroutine to its end in virtual time."""
    with (
        pytest.MonkeyPatch.context() as patch,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        patch.setattr("engine.clock.time", _WallClock)
        return runner.run(story)


def in_virtual_time(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """An async test on a clock of its own."""

    @functools.wraps(test)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        run(test(*args, **kwargs))

    return wrapped
