"""How soon is a free agent offered the next waiting caller? Measured on the wire.

One agent without wrap-up serves a line that never empties: three callers, each followed by another.
Counted is the time from the moment his phone is free (his BYE is sent, or the BYE that ended his
talk is answered) to the arrival of the next INVITE at the same phone.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bench.sip_agent import Served, SipAgent
from engine.asterisk.process import PrivateAsterisk
from engine.demo import sipp

CALLERS = 3
ARRIVALS_PER_SECOND = 20.0
ENDLESS = 120.0


@dataclass(frozen=True, slots=True)
class Work:
    """So many calls for the queue behind ``number``, each talk ended by the same side.

    ``seconds`` is the range from which is drawn: how long a talk lasts when the agent ends it, how
    long after the one before him a caller hangs up when the callers do.
    """

    number: str
    calls: int
    ended_by: Literal["agent", "caller"]
    seconds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured in several rounds; seconds."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def offers(self) -> tuple[float, ...]:
        """All of them, the soonest first."""
        return tuple(sorted(itertools.chain.from_iterable(self.rounds)))

    @property
    def median(self) -> float:
        """Of all offers."""
        return median(self.offers)

    @property
    def p95(self) -> float:
        """Of all offers."""
        return self.offers[round(0.95 * (len(self.offers) - 1))]

    @property
    def medians(self) -> list[float]:
        """One for each round, in their order."""
        return [median(offers) for offers in self.rounds]


async def serve(asterisk: PrivateAsterisk, agent: SipAgent, work: Work, seed: int) -> list[Served]:
    """Let the calls of ``work`` come and be served; returns them as the agent's phone saw them.

    The same ``seed`` draws the same times.
    """
    draw = random.Random(seed)
    drawn = [draw.uniform(*work.seconds) for _ in range(work.calls)]
    by_agent = work.ended_by == "agent"
    agent.talks = itertools.cycle(drawn) if by_agent else None
    waits = itertools.repeat(ENDLESS) if by_agent else patience(drawn)
    served_before = len(agent.calls)
    await sipp.run(
        asterisk.installation,
        (asterisk.addresses.sip_host, asterisk.addresses.sip_port),
        [
            sipp.CallPlan(work.number, f"09{n:08d}", seconds)
            for n, seconds in zip(range(work.calls), waits, strict=False)
        ],
        rate=ARRIVALS_PER_SECOND,
        concurrent=CALLERS,
    )
    return agent.calls[served_before:]


def patience(gaps: Sequence[float]) -> Iterable[float]:
    """How long each caller stays, so that they leave with these gaps between them.

    The first three come together, each later one when somebody leaves: he stays until the two
    before him have left, and his own gap longer.
    """
    return (sum(gaps[max(0, n - CALLERS + 1) : n + 1]) for n in range(len(gaps)))


def offers(calls: Iterable[Served]) -> tuple[float, ...]:
    """Seconds from being free to the next INVITE, once for each pair of neighbours."""
    return tuple(
        after.invited - before.freed
        for before, after in itertools.pairwise(calls)
        if before.freed is not None
    )
