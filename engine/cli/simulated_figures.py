"""How simulations say a figure: a share, seconds or a count, with how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from acd.simulation.confidence import Mean


@dataclass(frozen=True, slots=True)
class Figures:
    """By name: which figures are ``shares`` (of 1) and which are ``seconds``; others are counts."""

    shares: frozenset[str]
    seconds: frozenset[str]

    def mean(self, name: str, mean: Mean | None) -> str:
        """With half the width of its interval, in the same unit: ``83.4% ±1.2``."""
        if mean is None:
            return "–"
        if not isfinite(mean.half_width):
            return self.value(name, mean.mean)
        return f"{self.value(name, mean.mean)} ±{self.value(name, mean.half_width).rstrip(' s%')}"

    def value(self, name: str, value: float) -> str:
        """With its unit, if it has one."""
        if name in self.shares:
            return f"{100 * value:.1f}%"
        if name in self.seconds:
            return f"{value:.1f} s"
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"


def clock(seconds: float) -> str:
    """So many seconds after midnight, as ``hh:mm``."""
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}"
