"""Key → silence → next prompt: a flow of the engine, and Asterisk's own menus, on one Asterisk."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from bench import menus
from bench.center import bench_center
from bench.menus import MenuCaller, Pressed
from engine.asterisk.process import PrivateAsterisk
from engine.center import Center
from engine.demo import sipp
from engine.demo.rtp import KeyPress

ROUNDS = 4
PRESSES = 18  # in each round: in one call
LISTENS = (0.35, 0.65)
"""Seconds between two keys: he hears each prompt for a while, and presses at any moment of it."""
OURS = "Tongdai"
LINES = {
    OURS: menus.FLOW_NUMBER,
    "Background()": menus.BACKGROUND_NUMBER,
    "Read()": menus.READ_NUMBER,
}


_LEAST = 0.0001  # what a ratio is taken of, at least


class NothingHeard(Exception):
    """A menu did not answer its keys: there is nothing to compare. Says which."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of one line, in seconds, the soonest first."""

    silent: tuple[float, ...]
    heard: tuple[float, ...]

    @classmethod
    def of(cls, presses: list[Pressed]) -> Times:
        """Those of all its presses."""
        return cls(
            tuple(sorted(press.silent for press in presses)),
            tuple(sorted(press.heard for press in presses)),
        )


async def show(console: Console) -> None:
    """Measure all lines in one center, in turn, and print them with the ratios."""
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as name:
        folder = Path(name)
        async with bench_center(folder, 1, menus.write_site(folder)) as center:
            times = await _measure(center, folder / "prompts")
    console.print(_table(times))
    for line, theirs in times.items():
        if line != OURS:
            silent = _compared(times[OURS].silent, theirs.silent)
            heard = _compared(times[OURS].heard, theirs.heard)
            console.print(f"beside {line}: silent {silent}, next prompt {heard}")


def _compared(ours: tuple[float, ...], theirs: tuple[float, ...]) -> str:
    later = median(ours) - median(theirs)
    return f"{1000 * later:+.1f} ms ({median(ours) / max(median(theirs), _LEAST):.1f} times)"


async def _measure(center: Center, prompts: Path) -> dict[str, Times]:
    await menus.load_dialplan(center.asterisk, prompts)
    found: dict[str, list[Pressed]] = {line: [] for line in LINES}
    for number in range(ROUNDS):
        for line, dialed in LINES.items():
            presses = await _call(center.asterisk, dialed, seed=number)
            if not presses:
                raise NothingHeard(f"{line} led nowhere in round {number + 1}")
            found[line] += presses
    return {line: Times.of(presses) for line, presses in found.items()}


async def _call(asterisk: PrivateAsterisk, number: str, seed: int) -> list[Pressed]:
    """One caller who presses keys; the same ``seed`` draws the same times."""
    draw = random.Random(seed)
    at, keys = 1.0, []
    for _ in range(PRESSES):
        at += draw.uniform(*LISTENS)
        keys.append(KeyPress(at, menus.KEY))
    result = await sipp.run(
        asterisk.installation,
        (asterisk.addresses.sip_host, asterisk.addresses.sip_port),
        [sipp.CallPlan(number, "0901234567", at + 2, tuple(keys))],
        party=MenuCaller,
    )
    caller = result.calls[0].party
    assert isinstance(caller, MenuCaller)
    return caller.pressed()


def _table(times: dict[str, Times]) -> Table:
    table = Table(title="Key released → prompt silent → next prompt heard, ms", box=box.SIMPLE)
    table.add_column("menus of")
    for heading in ("keys", "silent: median", "p95", "worst", "next: median", "p95", "worst"):
        table.add_column(heading, justify="right")
    for line, each in times.items():
        figures = [
            f"{1000 * figure:.1f}"
            for series in (each.silent, each.heard)
            for figure in (median(series), p95(series), series[-1])
        ]
        table.add_row(line, f"{len(each.silent)} of {ROUNDS * PRESSES}", *figures)
    return table


def p95(series: tuple[float, ...]) -> float:
    """Of a sorted series."""
    return series[round(0.95 * (len(series) - 1))]
