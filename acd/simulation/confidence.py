"""A mean over several simulated days, and how far it can be trusted.

The interval is Student's: mean ± t · s / √n, for days that are drawn independently. Quantiles of t
are those of the usual tables up to 30 degrees of freedom, and beyond by their expansion in terms of
the normal quantile (M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 26.7.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

NORMAL_975 = 1.959963985

_T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True, slots=True)
class Mean:
    """The 95 % interval is ``mean`` ± ``half_width``, which is NaN for a single value."""

    mean: float
    half_width: float


def mean_of(values: Sequence[float]) -> Mean | None:
    """Of independent ``values``; None without any."""
    count = len(values)
    if not count:
        return None
    mean = sum(values) / count
    if count == 1:
        return Mean(mean, nan)
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    return Mean(mean, t_975(count - 1) * sqrt(variance / count))


def t_975(freedom: int) -> float:
    """Student's t that is exceeded by one in forty, with so many degrees of freedom."""
    if freedom <= len(_T_975):
        return _T_975[freedom - 1]
    z = NORMAL_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2
