"""What the next seconds bring: which agents become free, which ringing calls are answered.

Four hazards are learned (``learning.Hazard``): the end of a talk, the end of a wrap-up, and the two
ends of a dial, answered and failed. Every few seconds they are turned into tables by age, so that a
decision only looks up.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from dialer.policy.interface import PacingEvent, PacingState
from dialer.policy.learning import Hazard

TALK_EDGES = (5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 240, 300, 400, 600)
WRAP_EDGES = (2, 4, 6, 8, 10, 13, 16, 20, 25, 30, 40, 60, 90, 120)
DIAL_EDGES = (*range(1, 41), 45, 50, 60, 90, 120)
#: Dials are tabled second by second so far; whatever rings longer is as likely as at the end.
DIAL_SECONDS = 60
REFRESH_SECONDS = 10.0
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
    #: By bin of age: an agent in that state is ready within the lead time, or within the next seconds.
    talk_lead: list[float]
    talk_soon: list[float]
    wrap_lead: list[float]
    wrap_soon: list[float]
    #: Seconds from dial to live answer, plus the grace.
    lead: int


class Forecast:
    """Learns from events and from what runs; looks up chances for what runs now."""

    def __init__(self) -> None:
        self.talk = Hazard(TALK_EDGES, _flat(TALK_EDGES, 20, 1 / 400, 1 / 150, 60.0), 400.0)
        self.wrap = Hazard(WRAP_EDGES, _flat(WRAP_EDGES, 0, 1 / 20, 1 / 20, 20.0), 400.0)
        self.answer = Hazard(DIAL_EDGES, _answer_prior(), 400.0)
        self.failure = Hazard(DIAL_EDGES, _flat(DIAL_EDGES, 0, 0.01, 0.01, 10.0), 1200.0)
        self._age = math.inf
        self.outlook = self._tables((), (), ())

    def learn(self, state: PacingState) -> None:
        """Take in what happened since the last call and what runs now."""
        for event in state.events:
            self._hear(event)
        seconds = min(max(state.tick, 0.0), LONGEST_TICK)
        self.talk.lived(state.talk, seconds)
        self.wrap.lived(state.wrap, seconds)
        self.answer.lived(state.ringing, seconds)
        self.failure.lived(state.ringing, seconds)
        self._age += seconds
        if self._age >= REFRESH_SECONDS:
            self._age = 0.0
            self.outlook = self._tables(state.talk, state.wrap, state.ringing)

    def _hear(self, event: PacingEvent) -> None:
        match event:
            case ("answer" | "fail" | "cancel" as how, float() | int() as age, *_):
                self.answer.ended(age, how == "answer")
                self.failure.ended(age, how == "fail")
            case ("talk", float() | int() as age):
                self.talk.ended(age)
            case ("wrap", float() | int() as age):
                self.wrap.ended(age)
            case _:  # a drop, or news that this version does not know
                pass

    def _tables(
        self, talk: Sequence[float], wrap: Sequence[float], ringing: Sequence[float]
    ) -> Outlook:
        answer = by_second(DIAL_EDGES, self.answer.refresh(ringing), DIAL_SECONDS)
        failure = by_second(DIAL_EDGES, self.failure.refresh(ringing), DIAL_SECONDS)
        answered, soon, mean = dial_tables(answer, failure)
        lead = min(_MOST_LEAD, max(_LEAST_LEAD, round(mean + _GRACE)))
        wrap_left = survival(WRAP_EDGES, self.wrap.refresh(wrap), WRAP_EDGES[-1] + _MOST_LEAD + 2)
        talk_left = survival(TALK_EDGES, self.talk.refresh(talk), TALK_EDGES[-1] + _MOST_LEAD + 2)
        return Outlook(
            answered,
            soon,
            [then_wrapped(talk_left, age, lead, wrap_left) for age in middles(TALK_EDGES)],
            [then_wrapped(talk_left, age, SOON_FREE, wrap_left) for age in middles(TALK_EDGES)],
            [1 - wrap_left[age + lead] / wrap_left[age] for age in middles(WRAP_EDGES)],
            [1 - wrap_left[age + SOON_FREE] / wrap_left[age] for age in middles(WRAP_EDGES)],
            lead,
        )

    @property
    def answer_rate(self) -> float:
        """The chance that a fresh dial is answered by a person."""
        return self.outlook.answered[0]

    def answered(self, ringing: Iterable[float]) -> list[float]:
        """For each dial in flight, the chance that it will be answered."""
        table = self.outlook.answered
        return [table[min(int(age), DIAL_SECONDS)] for age in ringing]

    def answered_soon(self, ringing: Iterable[float]) -> list[float]:
        """The same within ``SOON_ANSWERED`` seconds."""
        table = self.outlook.answered_soon
        return [table[min(int(age), DIAL_SECONDS)] for age in ringing]

    def freed(self, state: PacingState) -> list[float]:
        """For each busy agent, the chance to be ready within the lead time."""
        return self._freed(state, self.outlook.talk_lead, self.outlook.wrap_lead)

    def freed_soon(self, state: PacingState) -> list[float]:
        """The same within ``SOON_FREE`` seconds."""
        return self._freed(state, self.outlook.talk_soon, self.outlook.wrap_soon)

    def _freed(self, state: PacingState, talk: list[float], wrap: list[float]) -> list[float]:
        found = [talk[bisect_right(TALK_EDGES, age)] for age in state.talk]
        return found + [wrap[bisect_right(WRAP_EDGES, age)] for age in state.wrap]


def by_second(edges: Sequence[float], rates: Sequence[float], seconds: int) -> list[float]:
    """The rate in each second of age, from rates per bin."""
    return [rates[bisect_right(edges, age)] for age in range(seconds + 1)]


def survival(edges: Sequence[float], rates: Sequence[float], seconds: int) -> list[float]:
    """The share of spells that last so many seconds, from none to ``seconds``; never 0."""
    sums = accumulate(by_second(edges, rates, seconds), initial=0.0)
    return [math.exp(-min(total, 500.0)) for total in sums]


def dial_tables(
    answer: Sequence[float], failure: Sequence[float]
) -> tuple[list[float], list[float], float]:
    """By age: answered at all, answered soon; and the mean seconds from dial to live answer."""
    both = [a + f for a, f in zip(answer, failure, strict=True)]
    ends = [1.0 - math.exp(-rate) for rate in both]
    here = [a / rate * end if rate else 0.0 for a, rate, end in zip(answer, both, ends, strict=True)]
    at_all = here[-1:] if not both[-1] else [answer[-1] / both[-1]]
    for k in range(DIAL_SECONDS - 1, -1, -1):
        at_all.append(here[k] + (1.0 - ends[k]) * at_all[-1])
    at_all.reverse()
    soon = [_within(here, ends, k, SOON_ANSWERED) for k in range(DIAL_SECONDS + 1)]
    alive, weighed = 1.0, 0.0
    for k in range(DIAL_SECONDS):
        weighed += alive * here[k] * (k + 0.5)
        alive *= 1.0 - ends[k]
    return at_all, soon, weighed / at_all[0] if at_all[0] else float(_MOST_LEAD)


def _within(here: Sequence[float], ends: Sequence[float], age: int, seconds: int) -> float:
    found, alive = 0.0, 1.0
    for k in range(age, age + seconds):
        k = min(k, DIAL_SECONDS)
        found += alive * here[k]
        alive *= 1.0 - ends[k]
    return found


def middles(edges: Sequence[int]) -> list[int]:
    """An age in the middle of each bin."""
    return [(low + high) // 2 for low, high in zip((0, *edges), (*edges, edges[-1]), strict=True)]


def then_wrapped(
    talk: Sequence[float], age: int, seconds: int, wrap: Sequence[float]
) -> float:
    """The chance that a talk of that age ends and its wrap-up too, within ``seconds``."""
    found = 0.0
    for u in range(seconds):
        ends = (talk[age + u] - talk[age + u + 1]) / talk[age]
        left = seconds - u
        found += ends * (1.0 - (wrap[left] + wrap[left - 1]) / 2.0)
    return found


def _flat(
    edges: Sequence[float], until: float, early: float, rate: float, weight: float
) -> list[tuple[float, float]]:
    """``early`` for ages below ``until``, then ``rate``; each bin with the weight of so many seconds."""
    return [(early if low < until else rate, weight) for low in (0.0, *edges)]


def _answer_prior() -> list[tuple[float, float]]:
    """Rates and weights of ten dials, half of them answered, most after about nine seconds."""
    starts, ends = (0, *DIAL_EDGES), (*DIAL_EDGES, 180)
    bell = [_bell(low, high) for low, high in zip(starts, ends, strict=True)]
    shares = [FIRST_ANSWER_RATE * b / sum(bell) for b in bell]
    gone = [0.0, *accumulate(shares)]
    return [
        (share / ((1.0 - before) * (high - low)), FIRST_DIALS * (1.0 - before) * (high - low))
        for share, before, low, high in zip(shares, gone, starts, ends, strict=False)
    ]


def _bell(low: float, high: float) -> float:
    middle = (low + high) / 2.0
    return (high - low) * middle * middle * math.exp(-middle / 4.5)
