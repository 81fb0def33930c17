"""The quantile base stock: place calls until the chance that the agents run out reaches theta.

``C`` agents become ready within the lead time, ``A`` of the calls in flight are answered; both are
sums of coins with known chances. Agents ready now plus C minus A is what will be left. One call more
is placed while the chance that nothing is left stays below theta, as a shop orders stock while its
chance to be caught empty is small (the newsvendor's rule).

A coin of A that shows tails is as good as an agent who became ready, so the whole is one sum of coins
``S = C + (calls in flight - A)``, and nothing is left when ``S <= calls in flight - ready``. Up to
``EXACT_COINS`` the sum is added up exactly; beyond, a normal curve corrected for skewness is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

EXACT_COINS = 64
_ROOT_2 = math.sqrt(2.0)
_ROOT_2PI = math.sqrt(2.0 * math.pi)


class Stock(Protocol):
    """Agents left over when all that is in flight has ended."""

    def risk(self) -> float:
        """The chance that none is left."""

    def shortage(self) -> float:
        """Answered calls that are expected to find no agent."""

    def add(self, answered: float) -> None:
        """One call more, answered with that chance."""


def stock(ready: int, freed: Sequence[float], answered: Sequence[float]) -> Stock:
    """``ready`` agents (less who holds for one), chances to be freed, chances to be answered."""
    if len(freed) + len(answered) <= EXACT_COINS:
        return ExactStock(ready, freed, answered)
    return NormalStock(ready, freed, answered)


class ExactStock:
    """Every coin counted."""

    def __init__(self, ready: int, freed: Sequence[float], answered: Sequence[float]) -> None:
        chances = [1.0]
        for heads in freed:
            chances = _tossed(chances, heads)
        for tails in answered:
            chances = _tossed(chances, 1.0 - tails)
        self._chances = chances
        self._short_at = len(answered) - ready

    def risk(self) -> float:
        return sum(self._chances[: max(0, self._short_at + 1)])

    def shortage(self) -> float:
        at = self._short_at
        return sum((at - s) * chance for s, chance in enumerate(self._chances[: max(0, at)]))

    def add(self, answered: float) -> None:
        self._chances = _tossed(self._chances, 1.0 - answered)
        self._short_at += 1


def _tossed(chances: list[float], heads: float) -> list[float]:
    tails = 1.0 - heads
    return [a * tails + b * heads for a, b in zip([*chances, 0.0], [0.0, *chances], strict=True)]


class NormalStock:
    """Many coins: mean, variance and skewness of their sum."""

    def __init__(self, ready: int, freed: Sequence[float], answered: Sequence[float]) -> None:
        self._mean = ready + sum(freed) - sum(answered)
        self._variance = sum(x * (1.0 - x) for x in freed) + sum(x * (1.0 - x) for x in answered)
        self._third = sum(x * (1.0 - x) * (1.0 - 2.0 * x) for x in freed)
        self._third -= sum(x * (1.0 - x) * (1.0 - 2.0 * x) for x in answered)
        self._least, self._most = ready - len(answered), ready + len(freed)

    def risk(self) -> float:
        if self._least > 0:
            return 0.0
        if self._most <= 0:
            return 1.0
        sd = math.sqrt(max(self._variance, 1e-9))
        z = (0.5 - self._mean) / sd
        skew = self._third / sd**3
        chance = 0.5 * math.erfc(-z / _ROOT_2) - skew * (z * z - 1.0) / 6.0 * _density(z)
        return min(1.0, max(0.0, chance))

    def shortage(self) -> float:
        sd = math.sqrt(max(self._variance, 1e-9))
        z = -self._mean / sd
        return sd * (_density(z) + z * 0.5 * math.erfc(-z / _ROOT_2))

    def add(self, answered: float) -> None:
        spread = answered * (1.0 - answered)
        self._mean -= answered
        self._variance += spread
        self._third -= spread * (1.0 - 2.0 * answered)
        self._least -= 1


def _density(z: float) -> float:
    return math.exp(-z * z / 2.0) / _ROOT_2PI
