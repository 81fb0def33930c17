"""The modes that need no forecast: preview, progressive and power."""

from __future__ import annotations

import math
from collections.abc import Sized

from dialer.policy.interface import Pace, PacingState


def held(state: PacingState) -> int:
    """Answered calls that wait for an agent, however ``waiting`` tells them."""
    waiting = state.waiting
    return len(waiting) if isinstance(waiting, Sized) else max(0, int(waiting))


class Ratio:
    """``ratio`` calls for each ready agent; 1 is progressive."""

    def __init__(self, ratio: float) -> None:
        if not 1.0 <= ratio < math.inf:
            raise ValueError(f"calls per free agent must be at least 1, not {ratio}")
        self._ratio = ratio

    def decide(self, state: PacingState) -> Pace:
        """So many that ringing and waiting calls together are the ratio's share."""
        ready, waiting, ringing = len(state.idle), held(state), len(state.ringing)
        launch = max(0, math.floor(self._ratio * ready) - waiting - ringing)
        why = {"ready": ready, "waiting": waiting, "ringing": ringing, "ratio": self._ratio}
        return Pace(launch, (), why)
