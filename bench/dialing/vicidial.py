"""VICIdial's adaptive modes, by the mathematics of its source.

``AST_VDadapt.pl`` (build 250218) moves the dial level every 15 seconds and refreshes the counts of
dropped calls every minute; ``AST_VDauto_dial.pl`` places calls every 2.5 seconds. There, an agent
who writes up a call is paused: logged in, but neither ready nor in a call. Two things are kinder
here: an answered call waits two seconds as under every policy (``drop_call_seconds`` is 5 by
default), and its limit of five calls per second and server is left out, as of enough servers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from dialer.pacing import Pace, PacingState
from dialer.policy.simple import held

DIALING_SECONDS, LEVEL_SECONDS, COUNTS_SECONDS = 2.5, 15.0, 60.0
SAMPLES = 15
FEWEST_CALLS_A_MINUTE, FEWEST_CALLS_A_DAY = 20, 50

Overflow = Callable[[float, float], float]
"""What becomes of the dial level, at so many seconds, while too many calls were dropped."""


def hard_limit(level: float, now: float) -> float:
    """ADAPT_HARD_LIMIT: no faster than one call per agent."""
    return 1.0


def average(level: float, now: float) -> float:
    """ADAPT_AVERAGE: half, and half again after the next 15 seconds."""
    return level / 2


def tapered(ends: float) -> Overflow:
    """ADAPT_TAPERED: a tenth of the level for each hour that is left of the day."""

    def taper(level: float, now: float) -> float:
        hours = (ends - now) / 3600
        return level * min(1.0, max(0.0, hours) / 10)

    return taper


@dataclass(slots=True)
class _Counts:
    """As of the last minute's refresh."""

    at: float = 0.0
    dialed: int = 0
    answered: int = 0
    dropped: int = 0
    dialed_in_a_minute: int = 0
    dropped_in_a_minute: int = 0

    def refresh(self, state: PacingState) -> None:
        self.dialed_in_a_minute = state.dialed - self.dialed
        self.dropped_in_a_minute = state.abandoned - self.dropped
        self.dialed, self.answered = state.dialed, state.answered
        self.dropped, self.at = state.abandoned, state.now


class Vicidial:
    """One campaign; ``available_only`` is its `available_only_ratio_tally`."""

    def __init__(
        self,
        overflow: Overflow,
        max_level: float = 3.0,
        intensity: float = 0.0,
        available_only: bool = False,
    ) -> None:
        self._overflow = overflow
        self._max_level = max_level
        self._intensity = intensity
        self._available_only = available_only
        self._samples: deque[tuple[int, int, int]] = deque(maxlen=SAMPLES)
        self._counts = _Counts()
        self._level = 1.0
        self._leveled = self._dialed = 0.0

    def decide(self, state: PacingState) -> Pace:
        """Calls to place now: none between two runs of its dialing script."""
        self._samples.append((len(state.idle), held(state), state.n_agents))
        if state.now - self._counts.at >= COUNTS_SECONDS:
            self._counts.refresh(state)
        if state.now - self._leveled >= LEVEL_SECONDS:
            self._leveled = state.now
            self._level = self._next_level(state)
        return Pace(self._launch(state), (), {"level": self._level})

    def _next_level(self, state: PacingState) -> float:
        ready, waiting, agents = (fmean(each) for each in zip(*self._samples, strict=True))
        difference = ready - waiting
        change = difference / agents if agents else 0.0
        change *= abs(self._intensity / 100 + (-1 if change < 0 else 1))
        level = max(1.0, min(self._max_level, self._level * (1 + change)))
        counts = self._counts
        if counts.dialed_in_a_minute > FEWEST_CALLS_A_MINUTE and (
            counts.dropped_in_a_minute > counts.dialed_in_a_minute / 2
        ):
            level /= 2
        if counts.dialed > FEWEST_CALLS_A_DAY and counts.dropped > state.cap * counts.answered:
            level = self._overflow(level, state.now)
        return max(1.0, level)

    def _launch(self, state: PacingState) -> int:
        if state.now - self._dialed < DIALING_SECONDS:
            return 0
        self._dialed += DIALING_SECONDS
        ready, talking = len(state.idle), len(state.talk)
        active = len(state.ringing) + held(state)
        if self._available_only:
            return max(0, round(self._level * ready) - active)
        return max(0, round(self._level * (ready + talking)) - active - talking)
