"""Tables as people read them in a terminal, however narrow it is.

Rich folds and cuts cells until a table fits. Words that are cut off tell nobody anything, so here a
table that is too wide loses its frame and, when that is not enough, is told row by row: the first
cell as a headline, below it what the others say. (psql calls that ``\\x auto``.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

import rich.table
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Column
from rich.text import Text

_INDENT = 2
_FRAMED = 3
"""Columns that each cell needs beside its words: a line and a space at either side."""


class Table(rich.table.Table):
    """A table with its title at the left; numbers, which stand at the right, are never folded.

    ``nothing`` is said instead of it when it has no rows.
    """

    def __init__(self, *headers: str, title: str = "", nothing: str = "", **options: Any) -> None:
        super().__init__(*headers, title=title or None, title_justify="left", **options)
        self._nothing = nothing

    def add_column(self, header: str = "", **options: Any) -> None:  # type: ignore[override]
        """As ``rich`` does; ``justify="right"`` is for numbers."""
        super().add_column(header, **{"no_wrap": options.get("justify") == "right", **options})

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._nothing and not self.rows:
            yield Text(self._nothing)
            return
        spans = [self._span(column, console, options) for column in self.columns]
        room, columns = options.max_width, len(self.columns)
        if widths := _widths(spans, room - _FRAMED * columns - 1):
            yield from super(Table, self._wide(widths)).__rich_console__(console, options)
        elif widths := _widths(spans, room - columns + 1):
            frameless = self._wide(widths)
            frameless.box, frameless.pad_edge, frameless.collapse_padding = None, False, True
            yield from super(Table, frameless).__rich_console__(console, options)
        else:
            yield from self._row_by_row(console, room - _INDENT)

    def _span(self, column: Column, console: Console, options: ConsoleOptions) -> Measurement:
        """How wide its longest word is, and its longest cell."""
        cells = [*column.cells, *([column.header] if self.show_header else [])]
        spans = [Measurement.get(console, options, cell) for cell in cells]
        longest = max((span.maximum for span in spans), default=0)
        word = max((span.minimum for span in spans), default=0)
        return Measurement(longest if column.no_wrap else word, longest)

    def _wide(self, widths: Sequence[int]) -> Table:
        """The same with columns of these widths."""
        same = copy(self)
        same.columns = [copy(column) for column in self.columns]
        for column, width in zip(same.columns, widths, strict=True):
            column.width = width
        return same

    def _row_by_row(self, console: Console, width: int) -> Iterator[Text | Padding]:
        if self.title:
            yield Text(str(self.title), style="italic")
        headers = [_text(console, column.header) for column in self.columns[1:]]
        for row in zip(*(column.cells for column in self.columns), strict=True):
            first, *others = (_text(console, cell) for cell in row)
            first.stylize("bold")
            if first:
                yield first
            said = [_said(*each) for each in zip(headers, others, strict=True) if each[1]]
            yield from (Padding(line, (0, 0, 0, _INDENT)) for line in _lines(said, width))


def _widths(spans: Sequence[Measurement], room: int) -> list[int] | None:
    """What each column gets: its longest word at least, and of what is left all alike, as far as
    they need it. None when not even that fits."""
    left = room - sum(span.minimum for span in spans)
    if left < 0:
        return None
    widths = [span.minimum for span in spans]
    wanting = sorted(range(len(spans)), key=lambda index: spans[index].span)
    for served, index in enumerate(wanting):
        more = min(spans[index].span, left // (len(spans) - served))
        widths[index] += more
        left -= more
    return widths


def _text(console: Console, cell: Any) -> Text:
    return cell.copy() if isinstance(cell, Text) else console.render_str(str(cell))


def _said(header: Text, cell: Text) -> Text:
    return Text.assemble((header.plain, "dim"), " ", cell) if header else cell


def _lines(said: Iterable[Text], width: int) -> Iterator[Text]:
    """As many on a line as there is room for; only what is longer than a line is broken."""
    line = Text()
    for each in said:
        more = Text.assemble(line, " · ", each) if line else each
        if line and more.cell_len > width:
            yield _folding(line)
            more = each
        line = more
    yield _folding(line)


def _folding(text: Text) -> Text:
    text.no_wrap, text.overflow = False, "fold"  # also where the console never folds
    return text
