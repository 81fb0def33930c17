"""Who is compared: the engine's own policies, and those of other dialers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.dialing.issabel import Issabel
from bench.dialing.vicidial import Vicidial, average, hard_limit, tapered
from dialer.pacing import Policy, power, predictive, progressive

Maker = Callable[[int, float, float, tuple[float, ...]], Policy]
"""Makes a policy for so many agents, a cap, a shift of so many hours, and settings of its own."""

TUNED_VICIDIAL: Mapping[tuple[float, int], tuple[float, float]] = {
    (0.03, 5): (2.0, 0.0),
    (0.03, 10): (2.0, -20.0),
    (0.03, 20): (3.0, -20.0),
    (0.03, 50): (4.0, -20.0),
    (0.03, 100): (6.0, -20.0),
    (0.03, 300): (8.0, -20.0),
    (0.01, 5): (2.0, 0.0),
    (0.01, 10): (2.0, -20.0),
    (0.01, 20): (2.0, 0.0),
    (0.01, 50): (3.0, -20.0),
    (0.01, 100): (4.0, 0.0),
    (0.01, 300): (5.0, -20.0),
}
"""By cap and number of agents: maximum level and intensity, the best of 12 (``tuning.py``)."""

TUNED_RATIO: Mapping[tuple[float, int], float] = {
    (0.03, 5): 1.9,
    (0.03, 10): 1.9,
    (0.03, 20): 2.9,
    (0.03, 50): 4.3,
    (0.03, 100): 5.1,
    (0.03, 300): 5.6,
    (0.01, 5): 1.6,
    (0.01, 10): 1.7,
    (0.01, 20): 2.3,
    (0.01, 50): 3.4,
    (0.01, 100): 4.2,
    (0.01, 300): 3.9,
}
"""By cap and number of agents: calls per ready agent that just keep the cap (``tuning.py``)."""


def _predictive(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return predictive(n_agents, cap)


def _progressive(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return progressive()


def _ratio(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    (ratio,) = settings or (TUNED_RATIO[cap, n_agents],)
    return power(ratio)


def _tuned(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    level, intensity = settings or TUNED_VICIDIAL[cap, n_agents]
    return Vicidial(average, level, intensity, available_only=True)


def _hard_limit(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return Vicidial(hard_limit)


def _average(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return Vicidial(average)


def _tapered(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return Vicidial(tapered(ends=3600 * hours))


def _issabel(n_agents: int, cap: float, hours: float, settings: tuple[float, ...]) -> Policy:
    return Issabel()


CONTESTANTS: Mapping[str, Maker] = {
    "predictive": _predictive,
    "fixed ratio, tuned": _ratio,
    "VICIdial ADAPT_AVERAGE, tuned": _tuned,
    "VICIdial ADAPT_AVERAGE": _average,
    "VICIdial ADAPT_TAPERED": _tapered,
    "VICIdial ADAPT_HARD_LIMIT": _hard_limit,
    "Issabel": _issabel,
    "progressive": _progressive,
}
