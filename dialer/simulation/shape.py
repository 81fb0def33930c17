"""What a simulated campaign is made of: who answers, how soon, and how long they talk."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

#: Draws one duration in seconds.
Draw = Callable[[Random], float]
#: A value that changes during the shift, by the share of the shift that is over (0 to 1).
Curve = Callable[[float], float]


def always(value: float) -> Curve:
    """A value that never changes."""
    return lambda _share: value


def steps(first: float, *later: tuple[float, float]) -> Curve:
    """``first``, then each ``(from_share, value)`` in order."""

    def at(share: float) -> float:
        value = first
        for start, then in later:
            if share >= start:
                value = then
        return value

    return at


def lognormal(mean: float, sigma: float) -> Draw:
    """Durations of people: ``mean`` seconds, ``sigma`` of the logarithm."""
    mu = math.log(mean) - sigma * sigma / 2
    return lambda dice: dice.lognormvariate(mu, sigma)


def gamma(shape: float, mean: float) -> Draw:
    """Ring times until somebody picks up."""
    return lambda dice: dice.gammavariate(shape, mean / shape)


def uniform(low: float, high: float) -> Draw:
    """Anything between two bounds."""
    return lambda dice: dice.uniform(low, high)


def exactly(seconds: float) -> Draw:
    """Always the same."""
    return lambda _dice: seconds


def machine_ring(dice: Random) -> float:
    """Voicemail: one in five picks up at once, the others after about 20 s."""
    return dice.uniform(1.0, 4.0) if dice.random() < 0.2 else max(1.0, dice.gauss(20.0, 3.0))


@dataclass(frozen=True, slots=True)
class Failure:
    """A way for a dial to end without a person: its share of such dials, and when it shows."""

    kind: str
    share: float
    #: Seconds after the set-up; whatever is longer than the ring limit ends there.
    after: Draw


PEOPLE_AWAY: tuple[Failure, ...] = (
    Failure("busy", 0.10, exactly(0.2)),
    Failure("invalid", 0.05, uniform(0.0, 2.0)),
    Failure("machine", 0.35, machine_ring),
    Failure("no_answer", 0.50, exactly(math.inf)),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A campaign's world. The defaults are the stationary one of ``docs/pacing.md``."""

    answer_rate: Curve = field(default=always(0.30))
    talk: Draw = field(default=lognormal(120.0, 0.8))
    #: Multiplies every talk that begins now.
    talk_factor: Curve = field(default=always(1.0))
    wrap: Draw = field(default=lognormal(20.0, 0.6))
    #: From the dial until it rings.
    set_up: Draw = field(default=uniform(0.8, 3.0))
    #: From there until a person answers, if one does before the limit.
    ring: Draw = field(default=gamma(3.0, 9.5))
    ring_limit: float = 25.0
    failures: tuple[Failure, ...] = PEOPLE_AWAY
    #: An answered call waits this long for an agent, then it is abandoned.
    wait_limit: float = 2.0
    #: A call that rang so long may be given up; None: never.
    give_up_after: float | None = 15.0
    cap: float = 0.03
    #: How often the policy is asked.
    tick: Draw = field(default=exactly(1.0))
    #: Share of the agents who are there; those who leave finish their call first.
    present: Curve = field(default=always(1.0))
    #: What the trunks can carry; launches beyond are not placed.
    max_lines: float = math.inf
    #: At one decision: calls per second times the tick.
    max_launches: float = math.inf


STATIONARY = Shape()
#: Answer rate 0.30, 0.15, 0.40 by thirds; talk 120 s, then 75 s.
SHIFTING = Shape(
    answer_rate=steps(0.30, (1 / 3, 0.15), (2 / 3, 0.40)),
    talk_factor=steps(1.0, (1 / 2, 75 / 120)),
)
