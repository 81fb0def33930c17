"""The quantile base stock: place calls until the chance that the agents run out reaches theta.

Of the busy agents C become ready within the lead time; of the calls in flight A are answered. Both
are sums of coins with known chances. What is left is ready agents + C - A, and one call more is
placed while the chance that *nothing* is left stays below theta: as a shop orders stock as long as
its chance to stand empty is small.

A call that is not answered is worth an agent who becomes ready, so all is one sum of coins,
S = C + (calls in flight - A), and nothing is left when S <= calls in flight - ready. Up to
``EXACT_COINS`` it is added up exactly; beyond, a normal curve corrected for skewness (the first
term of Edgeworth's series) costs no more for 300 agents than for 30.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

EXACT_COINS = 64
_ROOT_2 = math.sqrt(2.0)
_ROOT_2PI = math.sqrt(2.0 * math.pi)


class Stock(Protocol):
    """The agents that will be left when all that is in flight has ended."""

    def risk(self) -> float:
        """The chance that none is left."""

    def shortage(self) -> float:
        """How many answered calls are expected to find no agent."""

    def add(self, answered: float) -> None:
        """One call more, which will be answered with that chance."""


def stock(ready: int, freed: Sequence[float], answered: Sequence[float]) -> Stock:
    """The stock of ``ready`` agents, chances to be freed, chances to be answered.

    Whoever holds for an agent already has been taken off ``ready``, which may be negative.
    """
    exact = len(freed) + len(answered) <= EXACT_COINS
    return (ExactStock if exact else NormalStock)(ready, freed, answered)


class ExactStock:
    """Every coin counted."""

    def __init__(self, ready: int, freed: Sequence[float], answered: Sequence[float]) -> None:
        chances = [1.0]
        for heads in [*freed, *(1.0 - q for q in answered)]:
            chances = _tossed(chances, heads)
        #: The chance of each S.
        self._chances = chances
        self._empty_at = len(answered) - ready

    def risk(self) -> float:
        """The chance that none is left."""
        return math.fsum(self._chances[: max(0, self._empty_at + 1)])

    def shortage(self) -> float:
        """How many answered calls are expected to find no agent."""
        short = range(self._empty_at, 0, -1)
        return math.fsum(n * chance for n, chance in zip(short, self._chances, strict=False))

    def add(self, answered: float) -> None:
        """One call more, which will be answered with that chance."""
        self._chances = _tossed(self._chances, 1.0 - answered)
        self._empty_at += 1


def _tossed(chances: list[float], heads: float) -> list[float]:
    tails = 1.0 - heads
    return [a * tails + b * heads for a, b in zip([*chances, 0.0], [0.0, *chances], strict=True)]


class NormalStock:
    """Many coins: the mean, variance and skewness of what is left."""

    def __init__(self, ready: int, freed: Sequence[float], answered: Sequence[float]) -> None:
        self._mean = ready + math.fsum(freed) - math.fsum(answered)
        self._variance = math.fsum(x * (1.0 - x) for x in [*freed, *answered])
        self._third = math.fsum(x * (1.0 - x) * (1.0 - 2.0 * x) for x in freed) - math.fsum(
            x * (1.0 - x) * (1.0 - 2.0 * x) for x in answered
        )
        self._fewest, self._most = ready - len(answered), ready + len(freed)

    def risk(self) -> float:
        """The chance that none is left."""
        if self._fewest > 0 or self._most <= 0:
            return 0.0 if self._fewest > 0 else 1.0
        deviation = self._deviation()
        z = (0.5 - self._mean) / deviation
        skewness = self._third / deviation**3
        chance = _below(z) - skewness * (z * z - 1.0) / 6.0 * _density(z)
        return min(1.0, max(0.0, chance))

    def shortage(self) -> float:
        """How many answered calls are expected to find no agent."""
        deviation = self._deviation()
        z = -self._mean / deviation
        return deviation * (_density(z) + z * _below(z))

    def add(self, answered: float) -> None:
        """One call more, which will be answered with that chance."""
        spread = answered * (1.0 - answered)
        self._mean -= answered
        self._variance += spread
        self._third -= spread * (1.0 - 2.0 * answered)
        self._fewest -= 1

    def _deviation(self) -> float:
        return math.sqrt(max(self._variance, 1e-6))


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / _ROOT_2)


def _density(z: float) -> float:
    return math.exp(-z * z / 2.0) / _ROOT_2PI
