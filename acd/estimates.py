"""What the distributor expects and counts: waits, handling times, service level.

``expected_wait`` is a forecast with its spread. The model: agents who may serve a contact become
free one after the other, each after a handling time that is exponentially distributed around the
mean seen so far, so the time until the k-th of them is free is Erlang distributed (mean k·H/n,
variance k·(H/n)²; e.g. Kleinrock, Queueing Systems I, 1975, ch. 4). ``k`` counts who is ahead, each
by the share of the agents in question that he competes for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a contact will wait from now on, in seconds: ``low`` to ``high`` about two times in
    three, ``expected`` in the mean. ``position`` is its place in its queue, from 1."""

    position: int
    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the contacts of a queue since midnight; waits in seconds.

    ``flowed_out`` are those that overflowed, asked for a callback, left a message or were moved.
    ``estimate_error`` is the mean of |expected − waited| over those answered whose wait was
    estimated at entry, ``estimate_bias`` the mean of expected − waited, ``estimates_held`` the
    share of them that came within the range.
    """

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    abandoned_short: int = 0
    flowed_out: int = 0
    waited: float = 0.0
    handled: int = 0
    handling: float = 0.0
    estimated: int = 0
    estimate_error: float = 0.0
    estimate_bias: float = 0.0
    estimates_held: float = 0.0
