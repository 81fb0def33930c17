"""The API's conference rooms over loopback: who is there, not heard, put out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engine.api.server import make_app
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import MENU, SmallCenter
from tests.unit.test_calls_flow import site_with

Client = TestClient[Any, Any]
ROOM = {"type": "conference", "room": "weekly", "left": "left", "full": "left", "kicked": "left"}
ANA, BO = "100.1", "100.2"


@pytest.fixture
async def center() -> AsyncIterator[SmallCenter]:
    """A center in real time, with two in a room."""
    flow = flow_of({"room": ROOM, **ends("left")})
    center = SmallCenter(FakePbx(time.time), site_with(flow))
    center.settings.api_token = None
    center.settings.users = {}
    await center.start()
    for caller in (ANA, BO):
        center.switch.arrive(caller, MENU)
    await _until(lambda: len(center.switch.bridges) == 1 and _members(center) == [ANA, BO])
    yield center
    await center.kill()


@pytest.fixture
async def api(center: SmallCenter) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(center))) as client:
        yield client


def _members(center: SmallCenter) -> list[str]:
    return [each for members in center.switch.bridges.values() for each in members]


async def _until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def test_who_is_in_a_room_is_listed(api: Client) -> None:
    [room] = await (await api.get("/v1/conferences")).json()
    assert (room["room"], room["waits_for_leader"], room["recorded_with"]) == (
        "weekly",
        False,
        None,
    )
    assert [(m["call"], m["leader"], m["muted"], m["hears_music"]) for m in room["members"]] == [
        (ANA, False, False, False),
        (BO, False, False, False),
    ]
    assert 0 <= room["members"][1]["seconds"] <= room["members"][0]["seconds"] < 5


async def test_a_member_is_not_heard_and_heard_again_and_put_out(
    api: Client, center: SmallCenter
) -> None:
    for path, muted in (("mute", True), ("unmute", False)):
        answer = await api.post(f"/v1/conferences/weekly/{path}", json={"call": BO})
        assert answer.status == 202
        await _until(lambda muted=muted: center.switch.channels[BO].muted is muted)
    assert (await api.post("/v1/conferences/weekly/kick", json={"call": BO})).status == 202
    await _until(lambda: _members(center) == [ANA])
    [room] = await (await api.get("/v1/conferences")).json()
    assert [member["hears_music"] for member in room["members"]] == [True]


@pytest.mark.parametrize(
    ("path", "wanted", "status"),
    [
        ("weekly/kick", {"call": "100.7"}, 404),
        ("monthly/kick", {"call": ANA}, 404),
        ("monthly/mute", {"call": ANA}, 404),
        ("monthly/role", {"call": ANA, "role": "leader"}, 404),
        ("weekly/kick", {}, 422),
        ("weekly/role", {"call": ANA, "role": "king"}, 422),
        ("weekly/unmute", {"call": ANA, "why": "noise"}, 422),
    ],
)
async def test_who_is_not_there_cannot_be_put_out(
    api: Client, path: str, wanted: dict[str, str], status: int
) -> None:
    answer = await api.post(f"/v1/conferences/{path}", json=wanted)
    assert answer.status == status
    if status == 404:
        assert "GET /v1/conferences lists who is" in (await answer.json())["detail"]


async def test_a_room_is_told_by_itself_and_one_where_nobody_is_is_not(api: Client) -> None:
    room = await (await api.get("/v1/conferences/weekly")).json()
    assert [member["role"] for member in room["members"]] == ["speaker", "speaker"]
    for method, path in (("get", "monthly"), ("post", "monthly/lock"), ("post", "monthly/end")):
        answer = await getattr(api, method)(f"/v1/conferences/{path}")
        assert answer.status == 404


async def test_a_listener_is_made_and_a_room_is_locked_muted_and_ended(
    api: Client, center: SmallCenter
) -> None:
    muted = {caller: center.switch.channels[caller] for caller in (ANA, BO)}
    wanted = {"call": BO, "role": "listener"}
    assert (await api.post("/v1/conferences/weekly/role", json=wanted)).status == 202
    await _until(lambda: muted[BO].muted and not muted[ANA].muted)
    assert (await api.post("/v1/conferences/weekly/lock")).status == 202
    assert (await api.post("/v1/conferences/weekly/mute_all")).status == 202
    await _until(lambda: muted[ANA].muted)
    room = await (await api.get("/v1/conferences/weekly")).json()
    assert (room["locked"], room["muted"]) == (True, True)
    assert [member["heard"] for member in room["members"]] == [False, False]
    for path in ("unlock", "unmute_all"):
        assert (await api.post(f"/v1/conferences/weekly/{path}")).status == 202
    await _until(lambda: not muted[ANA].muted)
    assert muted[BO].muted, "a listener stays one"
    assert (await api.post("/v1/conferences/weekly/end")).status == 202
    await _until(lambda: not list(center.switchboard.conferences))
    await _until(lambda: len(center.books.audit) == 6)
    assert [(e.who, e.action, e.subject) for e in center.books.audit][:2] == [
        ("api", "conference_make_listener", "weekly"),
        ("api", "conference_lock", "weekly"),
    ]
    assert center.books.audit[0].contact == BO


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"number": "+842873000001"}, 202),
        ({"number": "113"}, 409),
        ({"agent": "anna"}, 409),
        ({}, 422),
        ({"agent": "anna", "number": "113"}, 422),
    ],
)
async def test_somebody_is_called_in_if_he_may_be(
    api: Client, center: SmallCenter, wanted: dict[str, str], status: int
) -> None:
    center.switch.phones["+842873000001"] = Phone()
    answer = await api.post("/v1/conferences/weekly/invite", json=wanted)
    assert answer.status == status, await answer.text()
    if status == 202:
        call = (await answer.json())["call"]
        await _until(lambda: center.switch.legs_of("+842873000001"))
        assert call in center.registry.calls


async def test_nobody_is_called_into_a_room_that_there_is_not(api: Client) -> None:
    wanted = {"number": "+842873000001"}
    assert (await api.post("/v1/conferences/monthly/invite", json=wanted)).status == 404
