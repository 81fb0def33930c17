"""Calendars over the HTTP API: how they are shown, and the switch of the emergency."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rich.console import Console

from dialplan.hours import Calendar
from dialplan.schema import CalendarSettings
from engine.api.server import make_app
from engine.app import Engine
from engine.call_record import AuditEntry
from engine.cli import calendars, floor
from engine.in_force import InForce
from engine.settings import Settings
from tests.unit.small_center import small_site

MONDAY_TEN = 1_795_402_800.0  # 2026-11-23 10:00 in Ho Chi Minh City
TET = 1_801_882_800.0  # 2027-02-06 10:00 there
TET_OVER = 1_802_307_600.0  # 2027-02-11 08:00 there


def calendar(name: str, **settings: Any) -> Calendar:
    written = {"timezone": "Asia/Ho_Chi_Minh", **settings}
    return CalendarSettings.model_validate(written).calendar(name)


OFFICE = calendar(
    "office",
    open={"mon-fri": "08:00-17:00"},
    holidays=[{"date": "2027-02-04..2027-02-10", "name": {"vi": "Tết", "en": "Lunar New Year"}}],
)
SHUT = calendar("shut", open={"daily": "00:00-24:00"}, emergency="yes")


class Center(Engine):
    """An engine of which only the calendars are there; it is as late as ``now``."""

    def __init__(self, state_dir: Path) -> None:
        self.now = MONDAY_TEN
        self.settings = SimpleNamespace(api_token=None, users={}, state_dir=state_dir)
        self.clock = SimpleNamespace(now=lambda: self.now)
        acd = SimpleNamespace(queues=lambda _now: ())
        self.desk = SimpleNamespace(moment=lambda: self.now, acd=acd, post=lambda *_: None)
        self.noted: list[AuditEntry] = []
        self.clerk = SimpleNamespace(file_audit=self.noted.append)
        nothing = SimpleNamespace(configure=lambda _: None)
        site = replace(small_site(), calendars={"office": OFFICE, "shut": SHUT})
        self.switchboard = SimpleNamespace(desk=self.desk, clock=self.clock)
        self.in_force = InForce(
            self.settings, site, self.switchboard, nothing, nothing, nothing, self.clerk, nothing
        )
        self.in_force.put(site)


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return Center(tmp_path)


@pytest.fixture
async def api(center: Center) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(center))) as client:
        yield client


async def ask(api: TestClient[Any, Any], what: str, **more: Any) -> tuple[int, Any]:
    """``what`` is a method and a path; the status and the JSON of the answer."""
    method, _, path = what.partition(" ")
    async with api.request(method, path, **more) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_each_calendar_shows_how_it_is_and_when_it_opens(
    api: TestClient[Any, Any], center: Center
) -> None:
    status, [office, shut] = await ask(api, "GET /v1/calendars")
    assert status == 200
    assert office == {
        "name": "office",
        "timezone": "Asia/Ho_Chi_Minh",
        "state": "open",
        "holiday": None,
        "next_open": None,
        "emergency": None,
    }
    by_the_routes = {"since": None, "by": "the routes", "reason": ""}
    assert (shut["state"], shut["emergency"]) == ("emergency", by_the_routes)
    center.now = TET
    _, [office, _] = await ask(api, "GET /v1/calendars")
    assert (office["state"], office["next_open"]) == ("holiday", TET_OVER)
    assert office["holiday"] == {"vi": "Tết", "en": "Lunar New Year"}


async def test_an_emergency_is_switched_on_and_off_and_says_by_whom(
    api: TestClient[Any, Any], center: Center
) -> None:
    path = "PUT /v1/calendars/office/emergency"
    wanted = {"on": True, "by": "linh", "reason": "mất điện"}
    status, office = await ask(api, path, json=wanted)
    assert (status, office["state"]) == (200, "emergency")
    assert office["emergency"] == {"since": MONDAY_TEN, "by": "linh", "reason": "mất điện"}
    center.now += 60
    again = await ask(api, path, json={"on": True, "by": "an"})
    assert again == (200, office), "the first who switched it on is kept"
    status, office = await ask(api, path, json={"on": False, "by": "an"})
    assert (status, office["state"], office["emergency"]) == (200, "open", None)
    assert [(e.who, e.action, e.subject, e.detail) for e in center.noted] == [
        ("linh", "emergency_on", "office", "mất điện"),
        ("an", "emergency_on", "office", ""),
        ("an", "emergency_off", "office", ""),
    ]
    assert center.switchboard.site is center.site


async def test_an_emergency_outlives_the_engine_and_a_damaged_file_is_told(
    api: TestClient[Any, Any], tmp_path: Path
) -> None:
    await ask(api, "PUT /v1/calendars/office/emergency", json={"on": True, "by": "linh"})
    assert Center(tmp_path).site.calendars["office"].emergency
    (tmp_path / "emergencies.json").write_text('{"office": 1')
    assert not Center(tmp_path).site.calendars["office"].emergency


async def test_what_the_routes_keep_in_emergency_is_not_switched_off_here(
    api: TestClient[Any, Any],
) -> None:
    path = "PUT /v1/calendars/shut/emergency"
    assert (await ask(api, path, json={"on": True, "by": "linh"}))[0] == 200
    status, problem = await ask(api, path, json={"on": False})
    assert (status, "emergency: yes" in problem["detail"]) == (409, True)
    _, [_, shut] = await ask(api, "GET /v1/calendars")
    assert shut["emergency"]["by"] == "the routes"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nowhere/emergency", {"on": True}, 404),
        ("office/emergency", {}, 422),
        ("office/emergency", {"on": True, "pin": "1"}, 422),
        ("office/emergency", {"on": True, "reason": "x" * 201}, 422),
        ("office/emergency", {"on": True, "by": "a\nb"}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused_and_switches_nothing(
    api: TestClient[Any, Any], center: Center, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await ask(api, f"PUT /v1/calendars/{path}", json=body))[0] == status
    assert center.in_force.emergencies.in_force == {}


async def test_the_command_shows_what_the_api_says(
    api: TestClient[Any, Any], center: Center
) -> None:
    center.now = TET
    await ask(api, "PUT /v1/calendars/shut/emergency", json={"on": True, "by": "linh"})
    _, found = await ask(api, "GET /v1/calendars")
    console = Console(width=160)
    with console.capture() as captured:
        console.print(calendars.calendars_table(found))
    office, shut = (
        next(line for line in captured.get().splitlines() if f" {name} " in line)
        for name in ("office", "shut")
    )
    assert "holiday: Lunar New Year" in office
    assert "Thu 2027-02-11 08:00" in office
    assert "by linh" in shut


async def test_the_command_switches_as_the_api_does_and_says_why_it_cannot(
    api: TestClient[Any, Any], center: Center
) -> None:
    settings = Settings(api_port=api.port or 0)
    wanted = {"on": True, "by": "linh", "reason": "fire"}
    path = "/v1/calendars/office/emergency"
    shown = await floor.ask(settings, path, "PUT", body=wanted)
    assert shown["state"] == "emergency"
    assert center.in_force.emergencies.in_force["office"].reason == "fire"
    with pytest.raises(floor.NoAnswer, match="no calendar 'gone' in the routes"):
        await floor.ask(settings, path.replace("office", "gone"), "PUT", body=wanted)
