"""How soon is a free agent offered the next waiting caller? Measured on the wire.

One agent without wrap-up serves a line that never empties: three callers, each followed by another.
Counted is the time from the moment his phone is free (his BYE is sent, or the BYE that ended his
talk is answered) to the arrival of the next INVITE at the same phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from bench.center import QUEUE_NUMBER, bench_center
from bench.sip_agent import SipAgent
from engine.demo import sipp

CALLERS = 3
ARRIVALS_PER_SECOND = 20.0
TALK_SECONDS = 0.15
CALLERS_PATIENCE, ENDLESS = 0.6, 120.0


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured; seconds."""

    offers: int
    median: float
    p95: float
    worst: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> Latency:
        """Fold the single measurements."""
        ordered = sorted(measured)
        p95 = ordered[round(0.95 * (len(ordered) - 1))]
        return cls(len(ordered), median(ordered), p95, ordered[-1])


async def measure(folder: Path, calls: int, *, agent_hangs_up: bool) -> Latency:
    """Let ``calls`` callers be served, in a center of its own; ``folder`` keeps its logs.

    Either the agent ends each talk, or the caller does.
    """
    patience = ENDLESS if agent_hangs_up else CALLERS_PATIENCE
    plans = [sipp.CallPlan(QUEUE_NUMBER, f"09{n:08d}", patience) for n in range(calls)]
    async with bench_center(folder, agents=1) as center:
        address = center.asterisk.addresses
        target = (address.sip_host, address.sip_port)
        talk = TALK_SECONDS if agent_hangs_up else None
        async with SipAgent("3001", center.sip_password("3001"), target, talk) as agent:
            await center.post("/v1/agents/agent1/login")
            await sipp.run(
                center.asterisk.installation,
                target,
                plans,
                rate=ARRIVALS_PER_SECOND,
                concurrent=CALLERS,
            )
    return Latency.of(
        [
            after.invited - before.freed
            for before, after in pairwise(agent.calls)
            if before.freed is not None
        ]
    )
