"""`tongdai replay`: a day from its journal under other settings, beside what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from acd import journal as acd_journal
from acd.messages import Configured
from acd.simulation.comparison import Comparison, Hands, compare
from acd.simulation.figures import Figures
from acd.simulation.history import History, read_history
from engine.config.check_agents import check_agents
from engine.config.check_needs import check_needs
from engine.config.drafts import Draft, read_center
from engine.config.problems import Problem, has_errors
from engine.store import journal
from engine.tables import Table

QUEUES_FILE, AGENTS_FILE = "queues.yaml", "agents.yaml"
MOST_CHANGED = 25
"""Contacts that are listed in the terminal; JSON has all of them."""


class CannotReplay(Exception):
    """There is no day in the journal, or it cannot be read; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a folder says instead of the settings of the day."""

    draft: Draft
    queues: bool
    agents: bool

    def __call__(self, before: Configured) -> Configured:
        """Those of the folder; of what it has no file for, those of the day."""
        if self.queues:
            queues = tuple(written.value for written in self.draft.queues.values())
            before = replace(before, queues=queues)
        if self.agents:
            before = replace(
                before,
                agents=tuple(written.value for written in self.draft.agents.values()),
                media=tuple(self.draft.all_media().values()),
                reasons=tuple(written.value for written in self.draft.reasons.values()),
            )
        return before


def changes_in(folder: Path) -> tuple[Changes | None, list[Problem]]:
    """What ``queues.yaml``, ``agents.yaml`` or both in a folder say; and what is wrong there."""
    queues, agents = folder / QUEUES_FILE, folder / AGENTS_FILE
    there = [file if file.exists() else None for file in (queues, agents)]
    if there == [None, None]:
        message = f"there is no {QUEUES_FILE} and no {AGENTS_FILE} in it"
        hint = "copy your site's files there, and change them"
        return None, [Problem.about(folder, "E101", message, hint)]
    draft = read_center(*there)
    problems = draft.problems
    if not has_errors(problems) and None not in there:
        problems = [*problems, *check_agents(draft), *check_needs(draft)]
    changes = Changes(draft, there[0] is not None, there[1] is not None)
    return (None if has_errors(problems) else changes), problems


def replay(journals: Sequence[Path], changes: Changes, as_json: bool, console: Console) -> None:
    """Run the day of ``journals``, in their order, again. Raises ``CannotReplay``."""
    day = read_day(journals)
    try:
        comparison = compare(day, changes)
    except ValueError as error:
        raise CannotReplay(str(error)) from error
    if as_json:
        print(json.dumps(asdict(comparison)))
    else:
        _show(comparison, console)


def read_day(journals: Iterable[Path]) -> History:
    """The day in these journals. Raises ``CannotReplay``."""
    try:
        return _read_day(journals)
    except (ValueError, KeyError, TypeError) as error:
        why = str(error).splitlines()[0]
        raise CannotReplay(f"this journal is of another version of the engine ({why})") from error


def _read_day(journals: Iterable[Path]) -> History:
    snapshot: dict[str, Any] | None = None
    start: float | None = None
    entries: list[acd_journal.Entry] = []
    for entry in _entries(journals):
        if entry.kind == "snapshot" and start is None:
            snapshot, start = dict(entry.data), entry.at
        elif entry.kind in ("event", "deadline"):
            start = entry.at if start is None else start
            event = acd_journal.from_json(dict(entry.data)) if entry.kind == "event" else None
            entries.append((entry.at, event))
    return read_history(entries, snapshot, start or 0.0)


def _entries(journals: Iterable[Path]) -> Iterable[journal.Entry]:
    for path in journals:
        try:
            entries, damaged = journal.read(path)
        except OSError as error:
            raise CannotReplay(f"{path} cannot be read: {error.strerror}") from error
        if damaged:
            lines = ", ".join(map(str, damaged[:10]))
            raise CannotReplay(f"{path} is damaged in line {lines}: that day cannot be run again")
        yield from entries


# -- tables ------------------------------------------------------------------------------------


def _show(comparison: Comparison, console: Console) -> None:
    console.print(_queues(comparison))
    console.print(_agents(comparison))
    if comparison.changed:
        console.print(_changed(comparison))
    more = len(comparison.changed) - MOST_CHANGED
    if more > 0:
        console.print(f"and {more} contacts more: --json lists all")
    if not comparison.changed:
        console.print("no contact would have gone another way")
    if comparison.absent:
        names = ", ".join(comparison.absent)
        console.print(f"not logged in that day, and so not in the replay: {names}")
    for what, times in comparison.refused.items():
        console.print(
            f"could not have been done: {what}" + (f" ({times} times)" if times > 1 else "")
        )


_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "offered": ("offered", lambda value: f"{value:g}"),
    "answered": ("answered", lambda value: f"{value:g}"),
    "abandoned": ("abandoned", lambda value: f"{value:g}"),
    "flowed_out": ("flowed out", lambda value: f"{value:g}"),
    "waiting": ("waiting", lambda value: f"{value:g}"),
    "service_level": ("service level", lambda value: f"{100 * value:.1f}%"),
    "mean_wait": ("ASA", lambda value: f"{value:.1f} s"),
    "p90_wait": ("p90", lambda value: f"{value:.1f} s"),
    "longest_wait": ("longest", lambda value: f"{value:.1f} s"),
    "occupancy": ("occupancy", lambda value: f"{100 * value:.1f}%"),
}


def _queues(comparison: Comparison) -> Table:
    start, end = (
        datetime.fromtimestamp(t).astimezone() for t in (comparison.start, comparison.end)
    )
    table = Table(title=f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")
    table.add_column("queue")
    table.add_column("")
    for title, _ in _COLUMNS.values():
        table.add_column(title, justify="right")
    was, would_be = comparison.was.queues, comparison.would_be.queues
    for queue in dict.fromkeys([*was, *would_be]):
        table.add_row(queue, "was", *_cells(was.get(queue)))
        table.add_row("", "would be", *_cells(would_be.get(queue)))
        table.add_row(
            "", "change", *_differences(was.get(queue), would_be.get(queue)), style="bold"
        )
        table.add_section()
    return table


def _cells(figures: Figures | None) -> list[str]:
    values = ((getattr(figures, name, None), say) for name, (_, say) in _COLUMNS.items())
    return ["–" if value is None else say(value) for value, say in values]


def _differences(was: Figures | None, would_be: Figures | None) -> list[str]:
    cells = []
    for name, (_, say) in _COLUMNS.items():
        before: Any = getattr(was, name, None)
        after: Any = getattr(would_be, name, None)
        known = None not in (before, after)
        cells.append(_signed(after - before, say) if known else "")
    return cells


def _signed(difference: float, say: Callable[[float], str]) -> str:
    text = say(abs(difference))
    if text == say(0.0):
        return "="
    return f"{'+' if difference > 0 else '−'}{text}"


def _agents(comparison: Comparison) -> Table:
    table = Table(title="Contacts answered")
    table.add_column("agent")
    for name in ("was", "would be", "change"):
        table.add_column(name, justify="right")
    was, would_be = comparison.was.contacts, comparison.would_be.contacts
    for agent in dict.fromkeys([*was, *would_be]):
        before, after = was.get(agent, 0), would_be.get(agent, 0)
        change = _signed(after - before, lambda value: f"{value:g}")
        table.add_row(agent, str(before), str(after), change)
    return table


def _changed(comparison: Comparison) -> Table:
    title = f"{len(comparison.changed)} contacts would have gone another way"
    table = Table("contact", "was", "would be", title=title)
    for contact, (was, would_be) in list(comparison.changed.items())[:MOST_CHANGED]:
        table.add_row(contact, _said(was), _said(would_be))
    return table


def _said(hands: Hands | None) -> str:
    if hands is None:
        return "did not come"
    return f"{hands.queue}: {hands.how}" + (f" by {hands.agent}" if hands.agent else "")
