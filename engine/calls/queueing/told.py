"""What a waiting caller is told of his place and his wait, given what he was told before. Pure.

Nobody is told a wait that is longer than the last one told plus the time gone by since, unless
somebody came before him. When the truth lies wholly beyond that, it is said that it takes longer,
without a number. Minutes are said in steps that fit what an estimate knows: whole ones to ten,
then fives, and beyond fifty-five nothing but "more than".
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from acd.waiting import Estimate
from engine.calls.notes import Told

_MINUTES: tuple[int, ...] = (*range(11), *range(15, 61, 5))
_LONGEST = 55
"""What is said as the end of a range, at most."""


@dataclass(frozen=True, slots=True)
class Wait:
    """From ``low`` to ``high`` whole minutes; ``high`` None has no end."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be said now. ``longer``: the wait is longer than what he was told allows."""

    position: int | None = None
    wait: Wait | None = None
    longer: bool = False


def tell(
    told: Sequence[Told],
    estimate: Estimate,
    now: float,
    *,
    position: bool,
    only_up: bool,
    wait: bool,
) -> Telling:
    """What he is told ``now``, of what is wanted, after all that he was ``told`` in this queue.

    ``only_up``: his position only when it is better than the last one told.
    """
    place = _position(told, estimate.position, only_up) if position else None
    if not wait:
        return Telling(place)
    bound = _bound(told, estimate.position, now)
    if bound is not None and estimate.low > bound:
        return Telling(place, longer=True)
    return Telling(place, _wait(estimate, bound))


def _position(told: Sequence[Told], position: int, only_up: bool) -> int | None:
    last = next((each.position for each in reversed(told) if each.position is not None), None)
    return None if only_up and last is not None and position >= last else position


def _bound(told: Sequence[Told], position: int, now: float) -> float | None:
    """Seconds that may be told at most; None when nothing that was told binds."""
    last = next((each for each in reversed(told) if each.low is not None), None)
    if last is None or last.high is None or position > last.place:
        return None
    return last.high * 60 + now - last.at


def _wait(estimate: Estimate, bound: float | None) -> Wait | None:
    """The range in whole minutes, none when it would say nothing."""
    low, high = _below(estimate.low), _above(estimate.high)
    if bound is None and high > _LONGEST:
        return Wait(low, None) if low else None
    if bound is not None:
        high = min(high, _below(bound), _LONGEST)
    return Wait(min(low, high), high)


def _below(seconds: float) -> int:
    return _MINUTES[bisect_right(_MINUTES, int(seconds // 60)) - 1]


def _above(seconds: float) -> int:
    """At least a minute: "less than a minute" is the shortest that is said."""
    at = bisect_left(_MINUTES, max(1, math.ceil(seconds / 60)))
    return _MINUTES[min(at, len(_MINUTES) - 1)]
