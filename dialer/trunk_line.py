"""One trunk: what goes on over it now, and what its limits leave. Pure; ``dialer.trunks`` has all.

Pace, exactly: in any 1.05 seconds no more than ``calls_per_second`` calls are taken, a fraction
above one rounded down; below one, each call keeps its distance from the one before. All of a second
may be taken at once, also after a pause, and nothing is saved up. The twentieth above a second is
for what a call meets on its way to the wire: late by some milliseconds, it still breaks no limit.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from dialer.trunk_health import Health, TrunkState

WINDOW_SECONDS: Final = 1.05
HOUR: Final = 3600.0
DAY_HOURS: Final = 24
FASTEST: Final = 500


class TrunkLimits(BaseModel):
    """What may be sent over one trunk, by all campaigns together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls_per_second: float = Field(5, gt=0, le=FASTEST)
    channels: int = Field(30, ge=1, le=100000, description="calls at once")
    calls_per_day: int | None = Field(None, ge=1, description="of the last 24 hours")
    minutes_per_day: float | None = Field(
        None, gt=0, description="of calls that ended in the last 24 hours; those going on go on"
    )


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk now. ``pace`` is the share of its calls per second that its health allows, ``room``
    how many calls could be placed now, ``why`` says it in words. ``calls`` and ``minutes`` are of
    the last 24 hours, ``answered`` and ``faults`` of its ``recent`` calls."""

    name: str
    state: TrunkState
    since: float
    active: int
    room: int
    pace: float
    calls: int
    minutes: float
    recent: int
    answered: int
    faults: int
    why: str


@dataclass(frozen=True, slots=True)
class _Limit:
    """So many calls are left by one limit; none: until that moment, or (None) until a call ends."""

    room: int
    until: float | None
    why: str


class Line:
    """One trunk under its ``limits``. Times are seconds since the epoch."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.limits = TrunkLimits()
        self.health = Health()
        self.active = 0
        self._invites: deque[float] = deque(maxlen=FASTEST)
        self._hours: dict[int, tuple[int, float]] = {}

    def room(self, now: float) -> int:
        """How many calls could be placed over it now."""
        return min(limit.room for limit in self._all(now))

    def next_room(self, now: float) -> float | None:
        """When it has room by the passing of time: now, if it has; None: not by time alone."""
        untils = [limit.until for limit in self._all(now) if not limit.room]
        known = [until for until in untils if until is not None]
        return max([now, *known]) if len(known) == len(untils) else None

    def why(self, now: float) -> str:
        """What leaves it no room, in numbers; when it has room, all that counts."""
        limits = list(self._all(now))
        return "; ".join(
            limit.why for limit in [each for each in limits if not each.room] or limits
        )

    def turn(self, now: float) -> int:
        """Of several that have room the lowest is used: one to be probed, well ones, the rest."""
        return -1 if self.health.state is TrunkState.DOWN else self.health.rank(now)

    def take(self, now: float) -> None:
        """A call is placed: its channel, its place in the second and in the day."""
        self.active += 1
        self._invites.append(now)
        self.health.placed()
        self.count(now, 1, 0.0)

    def count(self, at: float, calls: int, seconds: float) -> None:
        """So many calls and seconds of talk count for the 24 hours after ``at``."""
        hour = int(at // HOUR)
        before = self._hours.get(hour, (0, 0.0))
        self._hours[hour] = (before[0] + calls, before[1] + max(0.0, seconds))
        for old in [each for each in self._hours if each < hour - DAY_HOURS]:
            del self._hours[old]

    def view(self, now: float) -> TrunkView:
        """All that is known of it."""
        pace, room, (calls, seconds) = self.health.pace(now), self.room(now), self._day(now)
        faults, recent = self.health.faults(now)
        return TrunkView(
            name=self.name,
            state=self.health.state,
            since=self.health.since,
            active=self.active,
            room=room,
            pace=pace,
            calls=calls,
            minutes=seconds / 60,
            recent=recent,
            answered=self.health.answers(now)[0],
            faults=faults,
            why=self.why(now),
        )

    def _all(self, now: float) -> Iterator[_Limit]:
        yield self._by_health(now) if self.health.pace(now) == 0.0 else self._by_pace(now)
        yield self._by_channels()
        yield from self._by_day(now)

    def _by_health(self, now: float) -> _Limit:
        words = f"down for {now - self.health.since:.0f} s, {self.health.faults_in_a_row} faults"
        due = self.health.probe_due()
        if due is None:
            return _Limit(0, None, f"{words}; one call probes it")
        if due > now:
            return _Limit(0, due, f"{words}; probed in {due - now:.0f} s")
        return _Limit(1, None, f"{words}; the next call probes it")

    def _by_pace(self, now: float) -> _Limit:
        pace = self.health.pace(now)
        per_second = self.limits.calls_per_second * pace
        most, window = max(1, math.floor(per_second)), WINDOW_SECONDS * max(1.0, 1 / per_second)
        taken = [at for at in self._invites if now - window < at <= now]
        words = f"{self.health.state}: {len(taken)} of {most} calls in {window:.3g} s"
        if self.health.state is not TrunkState.WELL:
            faults, recent = self.health.faults(now)
            words += f", {100 * pace:.0f} % of its pace after {faults} faults in {recent} calls"
        elif self.health.few_answers(now):
            answered, expected = self.health.answers(now)
            words += f", {answered} answers where {expected:.0f} are usual: used after the others"
        if len(taken) < most:
            return _Limit(most - len(taken), None, words)
        return _Limit(0, taken[-most] + window, words)

    def _by_channels(self) -> _Limit:
        words = f"{self.active} of {self.limits.channels} channels"
        return _Limit(max(0, self.limits.channels - self.active), None, words)

    def _by_day(self, now: float) -> Iterator[_Limit]:
        (calls, seconds), most = self._day(now), self.limits.calls_per_day
        oldest = min(self._hours, default=0)
        until = (oldest + 1 + DAY_HOURS) * HOUR
        if most is not None:
            words = f"{calls} of {most} calls in 24 hours"
            yield _Limit(max(0, most - calls), until, words)
        if (minutes := self.limits.minutes_per_day) is not None:
            left = seconds < 60 * minutes
            words = f"{seconds / 60:.0f} of {minutes:g} minutes in 24 hours"
            yield _Limit(FASTEST if left else 0, until, words)

    def _day(self, now: float) -> tuple[int, float]:
        """Calls and seconds of the last 24 hours, the hour in which they began counted whole."""
        first = int(now // HOUR) - DAY_HOURS
        kept = [used for hour, used in self._hours.items() if hour >= first]
        return sum(calls for calls, _ in kept), sum(seconds for _, seconds in kept)
