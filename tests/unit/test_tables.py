"""What a supervisor reads in a terminal of any width."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from engine.tables import Table


def shown(table: Table, width: int) -> list[str]:
    paper = StringIO()
    Console(file=paper, width=width, soft_wrap=True, highlight=False).print(table)
    return [line.rstrip() for line in paper.getvalue().splitlines()]


@pytest.fixture
def queues() -> Table:
    table = Table(title="Queues", nothing="there are no queues")
    table.add_column("queue")
    for name in ("waiting", "longest", "service level"):
        table.add_column(name, justify="right")
    table.add_row(Text("sales"), "3", "95 s", "")
    table.add_row(Text("outreach_preview"), "0", "0 s", "81 % (of 80 in 20 s)")
    return table


def test_a_supervisor_with_room_sees_a_framed_table(queues: Table) -> None:
    lines = shown(queues, 70)
    assert lines[0].strip() == "Queues"
    assert "│ outreach_preview │       0 │     0 s │ 81 % (of 80 in 20 s) │" in lines


def test_a_supervisor_with_less_room_sees_it_without_the_frame(queues: Table) -> None:
    assert shown(queues, 54)[1:] == [
        "queue            waiting longest        service level",
        "sales                  3    95 s",
        "outreach_preview       0     0 s 81 % (of 80 in 20 s)",
    ]


def test_a_supervisor_at_a_small_screen_reads_row_by_row_and_misses_no_word(queues: Table) -> None:
    assert shown(queues, 40) == [
        "Queues",
        "sales",
        "  waiting 3 · longest 95 s",
        "outreach_preview",
        "  waiting 0 · longest 0 s",
        "  service level 81 % (of 80 in 20 s)",
    ]


def test_what_is_longer_than_a_line_is_folded() -> None:
    table = Table("call", "state", "why")
    table.add_row("1790000000.7", "waiting", "nobody who speaks Vietnamese is logged in")
    assert shown(table, 16) == [
        "1790000000.7",
        "  state waiting",
        "  why nobody who",
        "  speaks",
        "  Vietnamese is",
        "  logged in",
    ]


def test_an_empty_table_says_so_in_a_sentence() -> None:
    assert shown(Table("slot", title="Parked", nothing="nobody is parked"), 80) == [
        "nobody is parked"
    ]


def test_what_a_caller_has_sent_is_shown_and_not_obeyed_at_a_small_screen() -> None:
    table = Table("call", "caller")
    table.add_row("1790000000.7", Text("[red]1[/b]"))
    assert shown(table, 12) == ["1790000000.7", "  caller", "  [red]1[/b]"]


def test_what_is_long_gives_way_and_a_name_never_does() -> None:
    table = Table("recording", "state", "remarks")
    table.add_row("1790000000.7-r1", "finished", "encrypted; gaps: 1; kept for good")
    lines = shown(table, 50)
    assert "│ 1790000000.7-r1 │ finished │ encrypted; gaps:  │" in lines
    assert max(map(len, lines)) == 50


def test_a_row_that_goes_on_with_the_one_before_has_no_headline() -> None:
    table = Table("queue", "which", "answered")
    table.add_row("sales", "was", "1")
    table.add_row("", "would be", "2")
    assert shown(table, 16) == [
        *("sales", "  which was", "  answered 1", "  which would be", "  answered 2"),
    ]
