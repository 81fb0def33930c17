"""How agents did: where their time went, what became of the offers to them, what they handled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from acd.messages import AgentState
from engine.store.handling import Handling
from engine.store.tables import offers

_BUSY = (AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent in the time asked for.

    ``seconds`` is his time by state; talking has holds in it. ``occupancy``, 0 to 1, is talking and
    wrap-up as a part of these and ready: pauses, ringing and not responding are no part of it
    (None when he did none of the three). ``pauses`` is his time by reason, ``billable_seconds`` his
    time at work without the pauses that are not. ``offers`` counts offers to him by how they ended.
    ``handling`` is of the contacts that he came to in that time.
    """

    agent: str
    logged_in_seconds: float
    billable_seconds: float
    seconds: Mapping[str, float]
    pauses: Mapping[str, float]
    occupancy: float | None
    offers: Mapping[str, int]
    handling: Handling


def agent_lines(
    stretches: Iterable[tuple[str, str, float]],
    paused: Iterable[tuple[str, str, float]],
    offered: Iterable[tuple[str, str, int]],
    handling: Mapping[str, Handling],
    billable: Collection[str],
) -> list[AgentLine]:
    """A line for each agent, by name, of (agent, state, seconds), (agent, reason, seconds),
    (agent, outcome, how many) and by agent what he handled; ``billable`` are the reasons that count
    as paid work."""
    days: dict[str, dict[str, float]] = defaultdict(dict)
    pauses: dict[str, dict[str, float]] = defaultdict(dict)
    ends: dict[str, dict[str, int]] = defaultdict(dict)
    for agent, state, seconds in stretches:
        days[agent][state] = seconds
    for agent, reason, seconds in paused:
        pauses[agent][reason] = seconds
    for agent, outcome, count in offered:
        ends[agent][outcome] = count
    return [
        _line(
            *(agent, days[agent], pauses[agent], ends[agent]),
            handling.get(agent, Handling()),
            billable,
        )
        for agent in sorted({*days, *ends, *handling})
    ]


def offers_by_agent(since: float, until: float) -> Select[Any]:
    """``agent``, ``outcome`` and ``times`` of the offers that began in this time."""
    offer = offers.c
    return (
        select(offer.agent, offer.outcome, func.count().label("times"))
        .where(offer.offered >= since, offer.offered < until)
        .group_by(offer.agent, offer.outcome)
        .order_by(offer.agent, offer.outcome)
    )


def _line(
    agent: str,
    seconds: Mapping[str, float],
    pauses: Mapping[str, float],
    ends: Mapping[str, int],
    handling: Handling,
    billable: Collection[str],
) -> AgentLine:
    at_work = sum(seconds.values()) - seconds.get(AgentState.LOGGED_OUT, 0.0)
    own = sum(spent for reason, spent in pauses.items() if reason not in billable)
    busy = sum(seconds.get(state, 0.0) for state in _BUSY)
    counted = busy + seconds.get(AgentState.READY, 0.0)
    return AgentLine(
        agent,
        logged_in_seconds=at_work,
        billable_seconds=at_work - own,
        seconds=seconds,
        pauses=pauses,
        occupancy=busy / counted if counted else None,
        offers=ends,
        handling=handling,
    )
