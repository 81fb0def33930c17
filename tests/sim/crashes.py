"""An engine that dies at every moment of a story, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from tests.unit.virtual_time import run

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
