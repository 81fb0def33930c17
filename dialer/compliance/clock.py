"""Whether the clock can be trusted: calling hours are worth as much as the clock they go by. Pure.

The wall clock is held against one that only ever goes forward. Where the two drift apart by more
than a few seconds, somebody or something set the wall clock, and which of its times was right is
not known: nothing is dialed until a person says that it is right now, or until it has kept step
again for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

JUMP_SECONDS = 5.0
SETTLED_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """What was seen of the clocks: both at the last look, in seconds; ``jumped`` by how much the
    wall clock moved against the other, 0 for trusted; ``since`` when, by the other clock."""

    wall: float
    steady: float
    jumped: float = 0.0
    since: float = 0.0

    @property
    def why(self) -> str:
        """What is wrong, '' for nothing."""
        if not self.jumped:
            return ""
        return f"the clock was set by {self.jumped:+.0f} s; `tongdai` waits until that is confirmed"


def trusted(
    last: ClockTrust,
    wall: float,
    steady: float,
    *,
    jump_seconds: float = JUMP_SECONDS,
    settled_seconds: float = SETTLED_SECONDS,
) -> ClockTrust:
    """What is to be thought of the clock after another look at both.

    ``wall`` is the time of day in seconds since the epoch, ``steady`` a clock that nobody sets.
    Slow drift is forgiven: it is measured from look to look, and looks should be seconds apart.
    """
    moved = (wall - last.wall) - (steady - last.steady)
    if abs(moved) > jump_seconds:
        return ClockTrust(wall, steady, last.jumped + moved or moved, steady)
    if last.jumped and steady - last.since >= settled_seconds:
        return ClockTrust(wall, steady)
    return ClockTrust(wall, steady, last.jumped, last.since)


def confirmed(last: ClockTrust) -> ClockTrust:
    """A person says that the clock is right now."""
    return ClockTrust(last.wall, last.steady)
