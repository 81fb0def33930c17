"""``python -m bench``: all measurements, as a table."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.offer_latency import measure

RUNS, CALLS = 3, 120


async def main() -> None:
    """Measure, and print a line for each run."""
    table = Table(
        "the talk ended by",
        "offers",
        "median",
        "p95",
        "worst",
        title="Agent free → next INVITE, ms",
    )
    console = Console()
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as folder:
        for who in ("agent", "caller"):
            for run in range(1, RUNS + 1):
                place = Path(folder, f"{who}{run}")
                latency = await measure(place, CALLS, agent_hangs_up=who == "agent")
                figures = (latency.median, latency.p95, latency.worst)
                table.add_row(who, str(latency.offers), *(f"{1000 * f:.1f}" for f in figures))
                console.print(f"{who} {run} of {RUNS} measured")
    console.print(table)


asyncio.run(main())
