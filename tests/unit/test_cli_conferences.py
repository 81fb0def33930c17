"""The conference rooms in the terminal."""

from __future__ import annotations

from rich.console import Console

from engine.cli.conferences import conferences_table

MEMBER = {"call": "1790000000.7", "caller": "0901234567", "agent": None, "seconds": 61.2}
ROOM = {
    "room": "weekly",
    "locked": True,
    "members": [
        {**MEMBER, "role": "leader", "heard": True, "hears_music": False},
        {**MEMBER, "agent": "mai", "role": "listener", "heard": False, "hears_music": False},
    ],
}


def test_a_shift_leader_sees_who_is_in_a_room_and_who_is_heard() -> None:
    console = Console(width=120, record=True)
    console.print(conferences_table([ROOM]))
    rows = [line.split("│") for line in console.export_text().splitlines() if "weekly" in line]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        ["weekly (locked)", "0901234567", "1790000000.7", "leader", "61 s", "is heard"],
        ["weekly (locked)", "mai", "1790000000.7", "listener", "61 s", "is not heard"],
    ]
