"""What voice commands understand, and what they cost, with each recogniser that is installed.

A human's 65 words and 40 sentences, telephone quality, are cut out of silence and given to one
worker process. *Accepted* is a confidence from 0.75, *confirmed* from 0.5, as a flow takes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from rich.console import Console
from rich.table import Table

from bench.human_words import MENUS, WORDS, Spoken, sentences, words
from engine.speech.models import models, not_installed
from engine.speech.recogniser import Heard
from engine.speech.workers import Workers

ACCEPT, CONFIRM = 0.75, 0.5
RECOGNISERS = ("whisper", "pocketsphinx")


@dataclass(frozen=True, slots=True)
class Listening:
    """What came of one menu: what was said and heard, and how long each answer took."""

    spoken: Sequence[Spoken]
    heard: Sequence[Heard]
    seconds: Sequence[float]

    @property
    def right(self) -> int:
        """Words that were taken for what they are, sure or not."""
        return sum(
            said.word is not None and said.word == heard.phrase and heard.confidence >= CONFIRM
            for said, heard in zip(self.spoken, self.heard, strict=True)
        )

    def wrong(self, least: float, most: float = 2.0) -> int:
        """What was taken for what it is not, with a confidence from ``least`` to below ``most``."""
        return sum(
            said.word != heard.phrase and least <= heard.confidence < most
            for said, heard in zip(self.spoken, self.heard, strict=True)
            if heard.phrase is not None
        )


async def show(console: Console) -> None:
    """Measure and print."""
    every, others = words(), sentences()
    for kind in RECOGNISERS:
        if missing := not_installed(kind):
            console.print(f"{kind}: not installed ({', '.join(missing)})")
            continue
        found = models(kind, ["en"], None, {})
        workers = Workers(kind, found, 1)
        running = asyncio.create_task(workers.run())
        began = perf_counter()
        await workers.ready.wait()
        loaded = perf_counter() - began
        console.print(await _table(kind, workers, every, others, loaded))
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _table(
    kind: str, workers: Workers, every: list[Spoken], others: list[Spoken], loaded: float
) -> Table:
    table = Table(title=f"{kind}, one worker", title_justify="left")
    table.add_column("menu", no_wrap=True)
    for column in ("right", "wrong accepted", "wrong to confirm", "p50 ms", "p95 ms"):
        table.add_column(column, justify="right")
    _add(table, f"all {len(WORDS)} words", await listen(workers, every, tuple(WORDS)))
    for name, phrases in MENUS.items():
        inside = [each for each in every if each.word in phrases]
        if inside:
            _add(table, f"{name}: its words", await listen(workers, inside, phrases))
        _add(table, f"{name}: sentences", await listen(workers, others, phrases))
    table.caption = f"ready after {loaded:.1f} s, {_megabytes(workers):.0f} MB"
    return table


async def listen(workers: Workers, spoken: Sequence[Spoken], phrases: Sequence[str]) -> Listening:
    """One after the other, as one worker does."""
    heard, seconds = [], []
    for each in spoken:
        began = perf_counter()
        answer = await workers.recognise(each.pcm, phrases, "en")
        seconds.append(perf_counter() - began)
        assert answer is not None, "the worker is gone"
        heard.append(answer)
    return Listening(spoken, heard, seconds)


def _add(table: Table, name: str, found: Listening) -> None:
    inside = sum(each.word is not None for each in found.spoken)
    table.add_row(
        name,
        f"{found.right} of {inside}" if inside else "",
        f"{found.wrong(ACCEPT)} of {len(found.spoken)}",
        str(found.wrong(CONFIRM, ACCEPT)),
        f"{1000 * median(found.seconds):.0f}",
        f"{1000 * quantiles(found.seconds, n=20)[-1]:.0f}",
    )


def _megabytes(workers: Workers) -> float:
    """Resident memory of all workers."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in workers.pids]
    return sum(pages) * 4096 / 1e6
