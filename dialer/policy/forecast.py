"""What the next seconds bring: which agents become free, which ringing calls are answered.

Four hazards are learned (``learning.Hazard``): the end of a talk, the end of a wrap-up, and the two
ends of a dial, answered and failed. Every few seconds they become tables by age, so that a decision
only looks up.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from dialer.policy.interface import PacingEvent, PacingState
from dialer.policy.learning import Hazard

TALK_EDGES = (5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 240, 300, 400, 600)
WRAP_EDGES = (2, 4, 6, 8, 10, 13, 16, 20, 25, 30, 40, 60, 90, 120)
DIAL_EDGES = (*range(1, 41), 45, 50, 60, 90, 120)
#: Dials are tabled second by second so far; whatever rings longer is as likely as at the end.
DIAL_SECONDS = 60
#: Tables are made so often; at first, when each second teaches something, more often.
REFRESH_SECONDS = 10.0
#: No dial is sure to be answered.
MOST_CHANCE = 0.98
#: What is believed of a campaign that never dialed, on purpose pessimistic: every other dial is
#: answered, and nobody talks for less than two minutes and a half on average.
FIRST_ANSWER_RATE = 0.5
FIRST_DIALS = 10.0
#: When it is decided which ringing calls to give up: who answers, who is free so soon.
SOON_ANSWERED, SOON_FREE = 5, 7
#: After a longer silence nobody knows what ran meanwhile.
LONGEST_TICK = 5.0
_LEAST_LEAD, _MOST_LEAD = 4, 25
#: An answered call may wait two seconds for its agent: on average half of that helps.
_GRACE = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """Chances by age."""

    #: By second of a dial's age: it will be answered at all, or within the next seconds.
    answered: list[float]
    answered_soon: list[float]
    #: By bin of age: that agent will be ready within the lead time, or within the next seconds.
    talk_lead: list[float]
    talk_soon: list[float]
    wrap_lead: list[float]
    wrap_soon: list[float]
    #: Seconds from dial to live answer, plus the grace.
    lead: int


class Forecast:
    """Learns from events and from what runs; looks up chances for what runs now."""

    def __init__(self) -> None:
        self._hazards = {
            "talk": Hazard(TALK_EDGES, _flat(TALK_EDGES, 20, 1 / 400, 1 / 150, 60.0), 400.0),
            "wrap": Hazard(WRAP_EDGES, _flat(WRAP_EDGES, 0, 1 / 20, 1 / 20, 20.0), 400.0),
            "answer": Hazard(DIAL_EDGES, _answer_prior(), 400.0),
            "failure": Hazard(DIAL_EDGES, _flat(DIAL_EDGES, 0, 0.01, 0.01, 10.0), 1200.0),
        }
        self._rates = {name: hazard.rates(()) for name, hazard in self._hazards.items()}
        self._outlook = outlook(**self._rates)
        self._tabled_factor = 1.0
        self._seconds = self._next_tables = 0.0

    def learn(self, state: PacingState) -> None:
        """Take in what happened since the last call and what runs now."""
        for event in state.events:
            self._hear(event)
        running = {"talk": state.talk, "wrap": state.wrap}
        running |= {"answer": state.ringing, "failure": state.ringing}
        seconds = min(max(state.tick, 0.0), LONGEST_TICK)
        for name, ages in running.items():
            self._hazards[name].lived(ages, seconds if 0.0 < state.tick <= LONGEST_TICK else 0.0)
        self._seconds += seconds
        if self._seconds >= self._next_tables:
            self._next_tables = self._seconds + min(REFRESH_SECONDS, self._seconds / 6.0)
            self._rates = {name: self._hazards[name].rates(ages) for name, ages in running.items()}
            self._outlook = outlook(**self._rates)
            self._tabled_factor = self._hazards["answer"].factor

    def _hear(self, event: PacingEvent) -> None:
        match event:
            case ("answer" | "fail" | "cancel" as how, float() | int() as age, *_):
                self._hazards["answer"].ended(age, how == "answer")
                self._hazards["failure"].ended(age, how == "fail")
            case ("talk" | "wrap" as what, float() | int() as age):
                self._hazards[what].ended(age)
            case _:  # a drop, which steering counts, or news that this version does not know
                pass

    @property
    def answer_rate(self) -> float:
        """The chance that a fresh dial is answered by a person."""
        return self._now_answered(self._outlook.answered[0])

    def _now_answered(self, chance: float) -> float:
        """A chance from the tables, seconds old, at the rate of answers of this moment."""
        return min(MOST_CHANCE, chance * self._hazards["answer"].factor / self._tabled_factor)

    @property
    def lead_seconds(self) -> int:
        """How far ahead a dial has to look: until its answer, and half the time that may wait."""
        return self._outlook.lead

    def answered(self, ringing: Iterable[float]) -> list[float]:
        """For each dial in flight, the chance that it will be answered."""
        return self._looked_up(self._outlook.answered, ringing)

    def answered_soon(self, ringing: Iterable[float]) -> list[float]:
        """The same within ``SOON_ANSWERED`` seconds."""
        return self._looked_up(self._outlook.answered_soon, ringing)

    def _looked_up(self, table: Sequence[float], ringing: Iterable[float]) -> list[float]:
        now = [self._now_answered(chance) for chance in table]
        return [now[max(0, min(int(age), DIAL_SECONDS))] for age in ringing]

    def freed(self, state: PacingState) -> list[float]:
        """For each busy agent, the chance to be ready within the lead time."""
        return _freed(state, self._outlook.talk_lead, self._outlook.wrap_lead)

    def freed_soon(self, state: PacingState) -> list[float]:
        """The same within ``SOON_FREE`` seconds."""
        return _freed(state, self._outlook.talk_soon, self._outlook.wrap_soon)

    def snapshot(self) -> dict[str, Any]:
        """All that was learned, as plain JSON."""
        return {
            "seconds": self._seconds,
            "next_tables": self._next_tables,
            "tabled_factor": self._tabled_factor,
            "rates": {name: list(rates) for name, rates in self._rates.items()},
            "hazards": {name: hazard.snapshot() for name, hazard in self._hazards.items()},
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from a ``snapshot``. ``ValueError`` when it was learned with other bins."""
        for name, hazard in self._hazards.items():
            hazard.restore(saved["hazards"][name])
        self._seconds, self._next_tables = saved["seconds"], saved["next_tables"]
        self._tabled_factor = saved["tabled_factor"]
        self._rates = {name: list(saved["rates"][name]) for name in self._hazards}
        self._outlook = outlook(**self._rates)


def _freed(state: PacingState, talk: Sequence[float], wrap: Sequence[float]) -> list[float]:
    found = [talk[bisect_right(TALK_EDGES, age)] for age in state.talk]
    found += [wrap[bisect_right(WRAP_EDGES, age)] for age in state.wrap]
    staying = max(0, state.n_agents - len(state.idle))
    if staying >= len(found):
        return found
    share = staying / len(found)  # some of the busy ones have asked to leave; nobody says who
    return [chance * share for chance in found]


def outlook(
    talk: Sequence[float], wrap: Sequence[float], answer: Sequence[float], failure: Sequence[float]
) -> Outlook:
    """Chances by age, from chances per second by bin of age."""
    answered, soon, mean = dial_tables(
        _by_second(DIAL_EDGES, answer, DIAL_SECONDS), _by_second(DIAL_EDGES, failure, DIAL_SECONDS)
    )
    lead = min(_MOST_LEAD, max(_LEAST_LEAD, round(mean + _GRACE)))
    wraps = _survival(WRAP_EDGES, wrap, WRAP_EDGES[-1] + _MOST_LEAD + 1)
    talks = _survival(TALK_EDGES, talk, TALK_EDGES[-1] + _MOST_LEAD + 1)
    return Outlook(
        answered,
        soon,
        [_ready_within(lead, age, talks, wraps) for age in _middles(TALK_EDGES)],
        [_ready_within(SOON_FREE, age, talks, wraps) for age in _middles(TALK_EDGES)],
        [1.0 - wraps[age + lead] / wraps[age] for age in _middles(WRAP_EDGES)],
        [1.0 - wraps[age + SOON_FREE] / wraps[age] for age in _middles(WRAP_EDGES)],
        lead,
    )


def dial_tables(
    answer: Sequence[float], failure: Sequence[float]
) -> tuple[list[float], list[float], float]:
    """By age: answered at all, answered soon; and the mean seconds from dial to live answer.

    Two hazards compete. In each second a dial ends with 1 - exp(-(a + f)), and a share a / (a + f)
    of these ends are answers.
    """
    ends = [1.0 - math.exp(-(a + f)) for a, f in zip(answer, failure, strict=True)]
    wins = [a / (a + f) for a, f in zip(answer, failure, strict=True)]
    here = [end * win for end, win in zip(ends, wins, strict=True)]
    at_all = [wins[-1]]
    for k in range(DIAL_SECONDS - 1, -1, -1):
        at_all.append(here[k] + (1.0 - ends[k]) * at_all[-1])
    at_all.reverse()
    soon = [_within(SOON_ANSWERED, age, here, ends) for age in range(DIAL_SECONDS + 1)]
    alive = list(accumulate((1.0 - end for end in ends), initial=1.0, func=float.__mul__))
    moments = sum(alive[k] * here[k] * (k + 0.5) for k in range(DIAL_SECONDS))
    return at_all, soon, moments / at_all[0]


def _within(seconds: int, age: int, here: Sequence[float], ends: Sequence[float]) -> float:
    found, alive = 0.0, 1.0
    for k in range(age, age + seconds):
        k = min(k, DIAL_SECONDS)
        found += alive * here[k]
        alive *= 1.0 - ends[k]
    return found


def _ready_within(seconds: int, age: int, talk: Sequence[float], wrap: Sequence[float]) -> float:
    """The chance that a talk of that age ends, and its wrap-up too, within ``seconds``."""
    found = 0.0
    for u in range(seconds):
        ends = (talk[age + u] - talk[age + u + 1]) / talk[age]
        found += ends * (1.0 - (wrap[seconds - u] + wrap[seconds - u - 1]) / 2.0)
    return found


def _by_second(edges: Sequence[float], rates: Sequence[float], seconds: int) -> list[float]:
    return [rates[bisect_right(edges, age)] for age in range(seconds + 1)]


def _survival(edges: Sequence[float], rates: Sequence[float], seconds: int) -> list[float]:
    """The share of spells that last longer, from 0 to ``seconds`` + 1 seconds; never 0."""
    sums = accumulate(_by_second(edges, rates, seconds), initial=0.0)
    return [math.exp(-min(total, 500.0)) for total in sums]


def _middles(edges: Sequence[int]) -> list[int]:
    return [(low + high) // 2 for low, high in zip((0, *edges), (*edges, edges[-1]), strict=True)]


def _flat(
    edges: Sequence[float], until: float, early: float, rate: float, weight: float
) -> list[tuple[float, float]]:
    """``early`` for ages below ``until``, then ``rate``; each bin worth ``weight`` seconds."""
    return [(early if low < until else rate, weight) for low in (0.0, *edges)]


def _answer_prior() -> list[tuple[float, float]]:
    """Rates and weights of ten dials, half of them answered, most after about nine seconds."""
    starts, ends = (0, *DIAL_EDGES), (*DIAL_EDGES, 180)
    bell = [_bell(low, high) for low, high in zip(starts, ends, strict=True)]
    shares = [FIRST_ANSWER_RATE * b / sum(bell) for b in bell]
    gone = [0.0, *accumulate(shares)]
    return [
        (share / ((1.0 - before) * (high - low)), FIRST_DIALS * (1.0 - before) * (high - low))
        for share, before, low, high in zip(shares, gone[:-1], starts, ends, strict=True)
    ]


def _bell(low: float, high: float) -> float:
    middle = (low + high) / 2.0
    return (high - low) * middle * middle * math.exp(-middle / 4.5)
