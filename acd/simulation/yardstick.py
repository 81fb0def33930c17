"""Erlang C or Erlang A beside a simulated queue, or why they are no yardstick for it.

The formulas (``acd.erlang``) know one queue with a constant stream, one exponential handling time
and agents who are all alike and always there. A day that is anything else is what simulation is
for; then this says what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from acd.erlang import ErlangA, ErlangC, erlang_a, erlang_c
from acd.queues import WrapUpMode
from acd.simulation.durations import Duration, Exponential, Fixed
from acd.simulation.scenario import HOUR, Arrivals, Group, Scenario


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What theory says of a queue. Shares from 0 to 1, seconds; ``service_level`` counts answered
    within the target's seconds among all callers."""

    model: str
    service_level: float
    mean_wait: float
    abandoned: float
    occupancy: float
    delayed: float


def yardstick(scenario: Scenario) -> Yardstick | tuple[str, ...]:
    """What theory says, or the assumptions that do not hold."""
    reasons = tuple(dict.fromkeys(_broken(scenario)))
    if reasons:
        return reasons
    ((queue, arrivals),) = scenario.arrivals.items()
    agents = sum(group.count for group in scenario.agents.values())
    rate, handling = arrivals.per_hour[0] / HOUR, arrivals.talk.mean_seconds()
    seconds = scenario.queues[queue].service_level.seconds
    if arrivals.patience is None:
        return _of_c(erlang_c(agents, rate, handling), seconds)
    return _of_a(erlang_a(agents, rate, handling, arrivals.patience.mean_seconds()), seconds)


def _of_c(theory: ErlangC, seconds: float) -> Yardstick:
    return Yardstick(
        "Erlang C",
        theory.answered_within(seconds),
        theory.mean_wait_seconds,
        0.0,
        theory.occupancy,
        theory.delayed,
    )


def _of_a(theory: ErlangA, seconds: float) -> Yardstick:
    return Yardstick(
        "Erlang A",
        theory.answered_within(seconds),
        theory.mean_answered_wait_seconds,
        theory.abandoned,
        theory.occupancy,
        theory.delayed,
    )


def _broken(scenario: Scenario) -> Iterator[str]:
    if len(scenario.arrivals) > 1:
        yield f"there are {len(scenario.arrivals)} queues"
        return
    ((name, arrivals),) = scenario.arrivals.items()
    yield from _of_arrivals(arrivals)
    queue = scenario.queues[name]
    if queue.wrap_up.mode is not WrapUpMode.NONE:
        yield "a wrap-up follows the talk, so handling times are not exponential"
    if queue.needs or any(kind.needs for kind in arrivals.kinds):
        yield "not every agent may serve every contact"
    if queue.overflow:
        yield "contacts overflow"
    for group in scenario.agents.values():
        yield from _of_agents(group)
    if not any(group.count for group in scenario.agents.values()):
        yield "there is no agent"


def _of_arrivals(arrivals: Arrivals) -> Iterator[str]:
    if len(set(arrivals.per_hour)) > 1:
        yield "arrivals are not constant"
    if not arrivals.per_hour[0]:
        yield "nobody comes"
    if not isinstance(arrivals.talk, Exponential):
        yield f"talk times are not exponential, but {arrivals.talk.type}"
    if not isinstance(arrivals.patience, Exponential | None):
        yield f"patience is not exponential, but {arrivals.patience.type}"
    if any(kind.talk or kind.patience for kind in arrivals.kinds):
        yield "contacts are of different kinds"


def _of_agents(group: Group) -> Iterator[str]:
    if group.shift or group.breaks:
        yield "agents are not there all day"
    if not _at_once(group.pick_up) or group.missed:
        yield "agents do not pick up at once"


def _at_once(duration: Duration) -> bool:
    return isinstance(duration, Fixed) and duration.seconds == 0
