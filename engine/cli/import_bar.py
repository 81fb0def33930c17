"""The progress of an import at the terminal, on standard error: its result is on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from engine.cli.terminal import errors
from engine.lead_import.in_thread import Progress


@contextmanager
def import_bar(file: Path) -> Iterator[Callable[[Progress], None]]:
    """A bar while the block runs; what it gives is told how far the import is."""
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
    with bar:
        task = bar.add_task(file.name, total=None, rows=0)

        def tell(made: Progress) -> None:
            bar.update(task, completed=made.read, total=made.size, rows=made.rows)

        yield tell
