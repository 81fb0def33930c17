"""What no clock and no counter says: a state with it is refused, and nothing is learned from it.

NaN compares as false with everything, so a cap or a count that is one would pass for a window with
much left to abandon; and a hazard that has once added it up forgets nothing so well that it would
be gone again. Clocks that stutter or run back are not refused: they only teach nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sized
from typing import Final

from dialer.policy.interface import PacingState

_TIMES: Final[tuple[str, ...]] = ("idle", "talk", "wrap", "ringing")
_COUNTS: Final[tuple[str, ...]] = ("n_agents", "dialed", "answered", "connected", "abandoned")


def refuse_nonsense(state: PacingState) -> None:
    """``ValueError`` when the cap is no share, a count is below zero, or a time is not finite."""
    if not 0.0 <= state.cap <= 1.0:
        raise ValueError(f"a cap is a share from 0 to 1, not {state.cap}")
    counts, times = _COUNTS, _TIMES
    if isinstance(state.waiting, Sized):
        times = (*times, "waiting")
    else:
        counts = (*counts, "waiting")
    for name in counts:
        if not 0 <= getattr(state, name) < math.inf:
            raise ValueError(f"`{name}` is no count: {getattr(state, name)}")
    if not math.isfinite(state.tick):
        raise ValueError(f"`tick` is no time: {state.tick}")
    for name in times:
        if not math.isfinite(sum(getattr(state, name))):  # one that is not finite makes it so
            raise ValueError(f"`{name}` has a time that is not finite")
    for event in state.events:
        if any(isinstance(value, float) and not math.isfinite(value) for value in event):
            raise ValueError(f"an event with a time that is not finite: {event}")
