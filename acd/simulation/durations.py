"""How long things take, as a scenario says it, and how such a time is drawn.

The dice are handed in: a seeded ``random.Random`` makes every run repeatable.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field


class Dice(Protocol):
    """What is used of ``random.Random``."""

    def random(self) -> float:
        """Between 0 and 1."""

    def expovariate(self, lambd: float) -> float:
        """Exponential, of mean ``1 / lambd``."""

    def gammavariate(self, alpha: float, beta: float) -> float:
        """Gamma, of mean ``alpha * beta``."""

    def lognormvariate(self, mu: float, sigma: float) -> float:
        """The exponential of a normal variate."""


Draw = Callable[[Dice], float]
"""Draws one duration, in seconds."""

Seconds = Annotated[float, Field(gt=0, le=86400)]
Variation = Annotated[float, Field(gt=0, le=10)]


class _Duration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fixed(_Duration):
    """Always the same."""

    type: Literal["fixed"]
    seconds: float = Field(ge=0, le=86400)

    def mean_seconds(self) -> float:
        """The mean."""
        return self.seconds

    def draw(self) -> Draw:
        """How to draw one."""
        seconds = self.seconds
        return lambda dice: seconds


class Exponential(_Duration):
    """Memoryless: what Erlang's formulas assume."""

    type: Literal["exponential"]
    mean: Seconds

    def mean_seconds(self) -> float:
        """The mean."""
        return self.mean

    def draw(self) -> Draw:
        """How to draw one."""
        rate = 1 / self.mean
        return lambda dice: dice.expovariate(rate)


class Lognormal(_Duration):
    """Long-tailed, as talk times mostly are. ``cv`` is the standard deviation over the mean.

    L. Brown et al., "Statistical Analysis of a Telephone Call Center", Journal of the American
    Statistical Association 100, 2005.
    """

    type: Literal["lognormal"]
    mean: Seconds
    cv: Variation

    def mean_seconds(self) -> float:
        """The mean."""
        return self.mean

    def draw(self) -> Draw:
        """How to draw one."""
        variance = log(1 + self.cv**2)
        mu, sigma = log(self.mean) - variance / 2, sqrt(variance)
        return lambda dice: dice.lognormvariate(mu, sigma)


class Gamma(_Duration):
    """Between fixed (``cv`` near 0), exponential (1) and bursty (above)."""

    type: Literal["gamma"]
    mean: Seconds
    cv: Variation

    def mean_seconds(self) -> float:
        """The mean."""
        return self.mean

    def draw(self) -> Draw:
        """How to draw one."""
        alpha, beta = 1 / self.cv**2, self.mean * self.cv**2
        return lambda dice: dice.gammavariate(alpha, beta)


class Erlang(_Duration):
    """The sum of ``stages`` exponential times that are alike."""

    type: Literal["erlang"]
    mean: Seconds
    stages: int = Field(ge=1, le=1000)

    def mean_seconds(self) -> float:
        """The mean."""
        return self.mean

    def draw(self) -> Draw:
        """How to draw one."""
        stages, beta = float(self.stages), self.mean / self.stages
        return lambda dice: dice.gammavariate(stages, beta)


class Measured(_Duration):
    """One of a list of times that were measured, each as likely."""

    type: Literal["measured"]
    seconds: tuple[Annotated[float, Field(ge=0, le=86400)], ...] = Field(min_length=1)

    def mean_seconds(self) -> float:
        """The mean."""
        return sum(self.seconds) / len(self.seconds)

    def draw(self) -> Draw:
        """How to draw one."""
        seconds, count = self.seconds, len(self.seconds)
        return lambda dice: seconds[int(count * dice.random())]


Duration = Annotated[
    Fixed | Exponential | Lognormal | Gamma | Erlang | Measured, Field(discriminator="type")
]
