"""Agent free → next INVITE: the engine and app_queue in turn, on one Asterisk, for one phone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench import app_queue
from bench.center import QUEUE_NUMBER, bench_center
from bench.offer_latency import Latency, Work, offers, serve
from bench.sip_agent import SipAgent
from engine.center import Center

ROUNDS = 4
EXTENSION = "3001"

# app_queue looks once a second, or once in its five seconds of `retry`: the times are drawn from a
# range as wide, so that an agent becomes free at any moment between two looks alike. The gaps
# between callers' hang-ups are longer than the second, so nobody leaves before he was offered.
_TALKS, _LONG_TALKS, _GAPS = (0.2, 1.2), (1.2, 6.2), (1.3, 2.3)


class NothingOffered(Exception):
    """A queue has stopped to offer its callers: there is nothing to compare. Says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: whose queue it is, and its work in each round."""

    name: str
    work: Work


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a line came to; ``busy`` counts the callers offered to a phone that was talking."""

    latency: Latency
    busy: int


OURS = (
    Line("Tongdai", Work(QUEUE_NUMBER, 20, "agent", _TALKS)),
    Line("Tongdai", Work(QUEUE_NUMBER, 15, "caller", _GAPS)),
)
THEIRS = (
    Line("app_queue", Work(app_queue.BEST_NUMBER, 20, "agent", _TALKS)),
    Line("app_queue", Work(app_queue.BEST_NUMBER, 15, "caller", _GAPS)),
)
DEFAULTS = Line("(defaults)", Work(app_queue.DEFAULTS_NUMBER, 5, "agent", _LONG_TALKS))
LINES = (OURS[0], THEIRS[0], DEFAULTS, OURS[1], THEIRS[1])
"""In the order in which they are measured and shown."""


async def show(console: Console) -> None:
    """Measure all lines in one center, and print them with the ratios."""
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as folder:
        async with bench_center(Path(folder), agents=1) as center:
            outcomes = await _measure(center, console)
    console.print(_table(outcomes))
    for ours, theirs in zip(OURS, THEIRS, strict=True):
        compared = _compared(outcomes[ours].latency, outcomes[theirs].latency)
        console.print(f"ended by the {ours.work.ended_by}: {compared}", soft_wrap=True)


async def _measure(center: Center, console: Console) -> Mapping[Line, Outcome]:
    """The lines take turns, so that whatever else the machine does hits all of them alike."""
    asterisk = center.asterisk
    address = (asterisk.addresses.sip_host, asterisk.addresses.sip_port)
    rounds: dict[Line, list[tuple[float, ...]]] = {line: [] for line in LINES}
    busy = dict.fromkeys(LINES, 0)
    async with SipAgent(EXTENSION, center.sip_password(EXTENSION), address) as agent:
        await center.post("/v1/agents/agent1/login")
        await app_queue.load(asterisk, EXTENSION)
        for number in range(ROUNDS):
            for line in LINES:
                refused = len(agent.refused)
                found = offers(await serve(asterisk, agent, line.work, seed=number))
                if not found:
                    raise NothingOffered(f"{line.name} offered nobody in round {number + 1}")
                rounds[line].append(found)
                busy[line] += len(agent.refused) - refused
            console.print(f"round {number + 1} of {ROUNDS} measured")
    return {line: Outcome(Latency(tuple(rounds[line])), busy[line]) for line in LINES}


def _table(outcomes: Mapping[Line, Outcome]) -> Table:
    table = Table(title="Agent free → next INVITE, ms", box=box.SIMPLE)
    table.add_column("queue")
    table.add_column("ended by")
    for heading in ("offers", "median", "p95", "worst", "rounds", "busy"):
        table.add_column(heading, justify="right")
    for line, outcome in outcomes.items():
        latency = outcome.latency
        figures = (latency.median, latency.p95, latency.offers[-1])
        table.add_row(
            line.name,
            line.work.ended_by,
            f"{len(latency.offers)} of {ROUNDS * (line.work.calls - 1)}",
            *map(_milliseconds, figures),
            f"{_milliseconds(min(latency.medians))}–{_milliseconds(max(latency.medians))}",
            str(outcome.busy),
        )
    return table


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.{1 if seconds < 0.1 else 0}f}"


def _compared(ours: Latency, theirs: Latency) -> str:
    ratios = [b / a for a, b in zip(ours.medians, theirs.medians, strict=True)]
    return (
        f"{theirs.median / ours.median:.0f} times sooner than app_queue "
        f"({min(ratios):.0f}–{max(ratios):.0f} in the single rounds)"
    )
