"""A hundred callers in menus at once, each pressing keys: what the engine uses."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench import menus
from bench.center import bench_center
from engine.center import Center
from engine.demo import sipp
from engine.demo.rtp import PACKET_SAMPLES, KeyPress, RtpParty

CALLERS = 100
ARRIVALS_PER_SECOND = 10.0
SETTLE_SECONDS = 2.0
MEASURED_SECONDS = 40.0
EVERY_SECONDS = (3.0, 5.0)
"""Between two keys of one caller."""

_TICKS = os.sysconf("SC_CLK_TCK")


class QuietCaller(RtpParty):
    """Sends its keys, and between them one packet a second instead of fifty of silence: what the
    callers use is not what is measured."""

    def __init__(self, keys: Sequence[KeyPress] = (), tone_hz: float | None = None) -> None:
        super().__init__(keys, tone_hz)
        self._ticks = 0

    def tick(self, now: float) -> None:
        """Every 20 ms."""
        self._ticks += 1
        if self._key_packets or self._is_due(now) or self._ticks % 50 == 0:
            super().tick(now)
        else:
            self._timestamp = (self._timestamp + PACKET_SAMPLES) & 0xFFFFFFFF

    def _is_due(self, now: float) -> bool:
        heard = self.first_heard
        return bool(self._plan) and heard is not None and now - heard >= self._plan[0].after


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds so far, and what they are of."""

    at: float
    engine: float
    asterisk: float

    @classmethod
    def by(cls, center: Center) -> Used:
        """The two processes of a center."""
        engine = int((center.state_dir / "journal.jsonl.lock").read_text())
        return cls(time.monotonic(), _seconds(engine), _seconds(center.asterisk.pid))


async def show(console: Console) -> None:
    """Let them come, measure while all of them are there, and print the shares of one core."""
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as name:
        folder = Path(name)
        async with bench_center(folder, 1, menus.write_site(folder)) as center:
            calling = asyncio.create_task(_callers(center))
            await asyncio.sleep(CALLERS / ARRIVALS_PER_SECOND + SETTLE_SECONDS)
            there = len(await center.get("/v1/calls"))
            before = Used.by(center)
            await asyncio.sleep(MEASURED_SECONDS)
            after = Used.by(center)
            still = len(await center.get("/v1/calls"))
            result = await calling
            taken = await _keys_taken(center)
    table = Table(title=f"{there} callers in menus, a key every {EVERY_SECONDS} s", box=box.SIMPLE)
    for heading in ("measured", "callers at its end", "engine", "Asterisk", "keys taken"):
        table.add_column(heading, justify="right")
    seconds = after.at - before.at
    table.add_row(
        f"{seconds:.0f} s",
        str(still),
        f"{(after.engine - before.engine) / seconds:.1%} of a core",
        f"{(after.asterisk - before.asterisk) / seconds:.1%} of a core",
        f"{taken} of {sum(len(call.plan.keys) for call in result.calls)}",
    )
    console.print(table)


async def _callers(center: Center) -> sipp.SippResult:
    address = (center.asterisk.addresses.sip_host, center.asterisk.addresses.sip_port)
    stays = CALLERS / ARRIVALS_PER_SECOND + 2 * SETTLE_SECONDS + MEASURED_SECONDS
    plans = [
        sipp.CallPlan(menus.FLOW_NUMBER, f"09{n:08d}", stays, tuple(_keys(n, stays)))
        for n in range(CALLERS)
    ]
    return await sipp.run(
        center.asterisk.installation,
        address,
        plans,
        rate=ARRIVALS_PER_SECOND,
        concurrent=CALLERS,
        party=QuietCaller,
    )


async def _keys_taken(center: Center) -> int:
    """Keys that led from one menu to the other, by the records of all calls."""
    lines = await center.get(f"/v1/records?limit={CALLERS}")
    records = [await center.get(f"/v1/records/{line['call']}") for line in lines]
    return sum(len(record["nodes"]) - 1 for record in records)


def _keys(seed: int, until: float) -> Iterator[KeyPress]:
    draw = random.Random(seed)
    at = draw.uniform(*EVERY_SECONDS)
    while at < until - 1:
        yield KeyPress(at, menus.KEY)
        at += draw.uniform(*EVERY_SECONDS)


def _seconds(process: int) -> float:
    """User and system time of a process and its threads."""
    behind_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(behind_name[11]) + int(behind_name[12])) / _TICKS
