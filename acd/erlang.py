"""Erlang B, C and A: what queueing theory says of a queue, beside what a simulation says of it.

All assume Poisson arrivals, exponential handling times, ``agents`` who can all serve everybody, and
first come first served. Erlang C lets callers wait for ever, Erlang A gives each an exponential
patience. Rates are per second, times in seconds; ``erlangs`` is the offered load, arrivals times
handling time. Where an assumption does not hold (skills, several queues, long-tailed handling
times), these are no yardstick.

A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic
Telephone Exchanges", 1917 (B and C). C. Palm, "Research on Telephone Traffic Carried by Full
Availability Groups", Tele, 1957 (A). O. Garnett, A. Mandelbaum, M. Reiman, "Designing a Call Center
with Impatient Customers", Manufacturing & Service Operations Management 4(3), 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, log

_HUGE = 1e200  # sums are scaled down when they reach this
_NEGLIGIBLE = 1e-17


def erlang_b(agents: int, erlangs: float) -> float:
    """The share of calls that find all agents busy when nobody waits (they are lost)."""
    blocked = 1.0
    for count in range(1, agents + 1):
        blocked = erlangs * blocked / (count + erlangs * blocked)
    return blocked


@dataclass(frozen=True, slots=True)
class ErlangC:
    """M/M/c. ``delayed`` is the share of callers who have to wait at all.

    With a load that the agents cannot carry the line grows for ever: ``delayed`` is 1 and
    ``mean_wait_seconds`` infinite.
    """

    agents: int
    erlangs: float
    handle_seconds: float
    delayed: float
    mean_wait_seconds: float
    occupancy: float

    def answered_within(self, seconds: float) -> float:
        """The share of callers answered after waiting at most so long."""
        spare = max(0.0, self.agents - self.erlangs) / self.handle_seconds
        return 1.0 - self.delayed * exp(-spare * seconds)


def erlang_c(agents: int, arrivals_per_second: float, handle_seconds: float) -> ErlangC:
    """A queue whose callers never give up. Raises ``ValueError`` for what is not positive."""
    _require_positive(agents, arrivals_per_second, handle_seconds)
    erlangs = arrivals_per_second * handle_seconds
    if erlangs >= agents:
        return ErlangC(agents, erlangs, handle_seconds, 1.0, inf, 1.0)
    blocked = erlang_b(agents, erlangs)
    delayed = agents * blocked / (agents - erlangs * (1.0 - blocked))
    mean_wait = delayed * handle_seconds / (agents - erlangs)
    return ErlangC(agents, erlangs, handle_seconds, delayed, mean_wait, erlangs / agents)


@dataclass(frozen=True, slots=True)
class ErlangA:
    """M/M/c+M. ``delayed`` is the share who cannot be answered at once, ``abandoned`` who give up.

    ``mean_wait_seconds`` is of all callers, ``mean_answered_wait_seconds`` (ASA) of the answered.
    """

    agents: int
    arrivals_per_second: float
    handle_seconds: float
    patience_seconds: float
    delayed: float
    abandoned: float
    mean_wait_seconds: float
    mean_answered_wait_seconds: float
    occupancy: float

    def answered_within(self, seconds: float) -> float:
        """The share of all callers who are answered after waiting at most so long.

        The density of the wait offered to a patient caller (F. Baccelli, G. Hebuterne, "On Queues
        with Impatient Customers", 1981) times the share still there, integrated by parts.
        """
        agents_per_erlang = self.agents / (self.arrivals_per_second * self.handle_seconds)
        line, then = self._line(0.0), self._line(seconds)
        beyond = self._outwaited(seconds) * -expm1(-then.log_weight)
        of_delayed = agents_per_erlang * (-expm1(-line.log_weight) - beyond)
        return max(0.0, 1.0 - self.delayed * (1.0 - of_delayed))

    def _outwaited(self, seconds: float) -> float:
        """Of the delayed: the share for whom no agent would be free within ``seconds``."""
        callers = self.arrivals_per_second * self.patience_seconds
        left_or_served = callers * -expm1(-seconds / self.patience_seconds)
        served = self.agents * seconds / self.handle_seconds
        weights = self._line(seconds).log_weight - self._line(0.0).log_weight
        return exp(left_or_served - served + weights)

    def _line(self, seconds: float) -> _Line:
        """The line of those who arrive at a rate thinned by the patience of ``seconds``."""
        arrivals = self.arrivals_per_second * exp(-seconds / self.patience_seconds)
        return _line(self.agents / self.handle_seconds, arrivals, 1.0 / self.patience_seconds)


def erlang_a(
    agents: int, arrivals_per_second: float, handle_seconds: float, patience_seconds: float
) -> ErlangA:
    """A queue whose callers give up. Raises ``ValueError`` for what is not positive."""
    _require_positive(agents, arrivals_per_second, handle_seconds, patience_seconds)
    erlangs = arrivals_per_second * handle_seconds
    line = _line(agents / handle_seconds, arrivals_per_second, 1.0 / patience_seconds)
    blocked = erlang_b(agents, erlangs)
    delayed = blocked / (blocked + (1.0 - blocked) * exp(-line.log_weight))
    mean_wait = delayed * line.mean_length / arrivals_per_second  # Little's law
    abandoned = mean_wait / patience_seconds
    answered = 1.0 - delayed * (1.0 - line.answered)
    return ErlangA(
        agents,
        arrivals_per_second,
        handle_seconds,
        patience_seconds,
        delayed,
        abandoned,
        mean_wait,
        delayed * line.answered_wait_seconds / answered,
        erlangs * answered / agents,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The states in which all agents are busy, given that they are.

    ``log_weight`` is the logarithm of their probability as a multiple of that of the first one,
    where nobody waits. ``answered`` is the share of those arriving then who are answered,
    ``answered_wait_seconds`` the mean wait of all of them when who gave up counts as 0.
    """

    log_weight: float
    mean_length: float
    answered: float
    answered_wait_seconds: float


def _line(completions: float, arrivals: float, impatience: float) -> _Line:
    """Sum the birth-death chain above ``agents``; the arguments are rates per second.

    Who finds n waiting leaves that place at ``completions + (n + 1) * impatience``, a step nearer
    to an agent or giving up, and so on: he is answered with probability
    ``completions / (completions + (n + 1) * impatience)``, after the sum of the steps' times.
    """
    term = total = 1.0
    length = answered = answered_wait = 0.0
    log_scale = steps_seconds = 0.0
    waiting = 0
    while True:
        leaving = completions + (waiting + 1) * impatience
        steps_seconds += 1.0 / leaving
        answered += term * completions / leaving
        answered_wait += term * completions / leaving * steps_seconds
        waiting += 1
        ratio = arrivals / leaving
        term *= ratio
        total += term
        length += waiting * term
        if ratio < 1.0 and waiting * term <= _NEGLIGIBLE * (1.0 - ratio) ** 2 * length:
            break
        if total > _HUGE:
            log_scale += log(_HUGE)
            term, total, length, answered, answered_wait = (
                each / _HUGE for each in (term, total, length, answered, answered_wait)
            )
    return _Line(log_scale + log(total), length / total, answered / total, answered_wait / total)


def _require_positive(*values: float) -> None:
    if not all(0.0 < value < inf for value in values):
        raise ValueError(f"agents, rates and times must be positive, not {values}")
