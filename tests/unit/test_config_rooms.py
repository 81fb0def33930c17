"""What an operator is told of his conference rooms before anybody dials them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialplan.rooms import MeetMe, room_of
from engine.config.site import load
from tests.unit.written_site import FLOW, ROUTES, told, write_site

NUMBER = '  "19001050": {room: team}\n'
TEAM = 'rooms:\n  team: {extension: "800", pin: "2468", leader_pin: "97531"}\n'


def routes(rooms: str = TEAM, number: str = NUMBER) -> str:
    """The usual routes, with these rooms and a number that leads there."""
    return ROUTES.replace("calendars:", f"{number}calendars:", 1) + rooms


def found(folder: Path, **files: str) -> list[str]:
    """Every problem but those of a site without prompts."""
    return told(load(write_site(folder, **files))[1])


def test_a_room_is_dialed_by_its_number_and_by_agents(tmp_path: Path) -> None:
    site, problems = load(write_site(tmp_path, routes=routes()))
    assert site is not None, problems
    route = site.route("19001050", "0901234567", 0.0)
    assert route is not None
    assert (route.kind, route.target) == ("room", "team")
    for dialed in ("team", "800"):
        assert room_of(site.rooms, dialed) == site.rooms["team"]
    assert room_of(site.rooms, "") is None
    assert "97531" not in repr(load(write_site(tmp_path, routes=routes()))[1])


@pytest.mark.parametrize(
    ("typed", "lets_in", "leads"),
    [("2468", True, False), ("97531", True, True), ("", False, False)],
)
def test_a_pin_says_as_what_one_comes_in(typed: str, lets_in: bool, leads: bool) -> None:
    room = MeetMe("team", pin="2468", leader_pin="97531")
    assert (room.lets_in(typed), room.makes_leader(typed)) == (lets_in, leads)


def test_everybody_leads_a_room_that_has_no_leader_pin() -> None:
    assert MeetMe("team").lets_in("")
    assert MeetMe("team", pin="2468").makes_leader("2468")
    assert not MeetMe("team", pin="2468").lets_in("")


@pytest.mark.parametrize(
    ("rooms", "number", "problem"),
    [
        (TEAM, '  "19001050": {room: teem}\n', "main.yaml:4:22 E325"),
        ('rooms:\n  team: {extension: "3001", pin: "2468"}\n', NUMBER, "main.yaml:15:21 E326"),
        ('rooms:\n  team: {extension: "800"}\n', NUMBER, "main.yaml:15:3 W321"),
        ('rooms:\n  team: {pin: "2468"}\n', "", "main.yaml:14:3 W322"),
        (
            'rooms:\n  team: {pin: "2468", keys: {lock: "1"}}\n',
            NUMBER,
            "main.yaml:15:23 E317",
        ),
        ('rooms:\n  team: {pin: "24"}\n', NUMBER, "main.yaml:15:15 E205"),
        ('rooms:\n  team: {leader_pin: "2468"}\n', NUMBER, "main.yaml:15:3 E209"),
        ('rooms:\n  team: {pin: "2468", until_leader: yes}\n', NUMBER, "main.yaml:15:3 E209"),
    ],
)
def test_the_operator_is_told_where_a_room_is_wrong(
    rooms: str, number: str, problem: str, tmp_path: Path
) -> None:
    assert problem in found(tmp_path, routes=routes(rooms, number))


def test_a_key_of_a_flows_room_that_does_two_things_is_told(tmp_path: Path) -> None:
    node = (
        "  bye:\n    type: hangup\n    prompts: bye\n"
        "  room: {type: conference, room: r, leave_key: '1', left: bye, full: bye}\n"
    )
    flow = FLOW.replace("  bye:\n    type: hangup\n    prompts: bye\n", node)
    flow = flow.replace("closed: bye", "closed: room")
    assert [one for one in found(tmp_path, flow=flow) if one.endswith("E317")] == [
        "main.yaml:20:3 E317"
    ]
