"""The API's callbacks over loopback: list, ask for one, cancel; and the table of the CLI."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rich.console import Console

from acd.queues import CallbackSettings
from engine.api.server import make_app
from engine.cli.callbacks import callbacks_table
from tests.unit.fake_pbx import FakePbx
from tests.unit.small_center import SmallCenter, small_site

Client = TestClient[Any, Any]
NUMBER, HOME = "090 123 45 67", "+84901234567"


@pytest.fixture
async def center() -> AsyncIterator[SmallCenter]:
    """A center in real time, with nobody at work."""
    center = SmallCenter(FakePbx(time.time), small_site(callback=CallbackSettings()))
    center.settings.api_token = None
    center.settings.users = {}
    await center.start()
    yield center
    await center.kill()


@pytest.fixture
async def api(center: SmallCenter) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(center))) as client:
        yield client


async def test_a_callback_is_asked_for_listed_and_cancelled(api: Client) -> None:
    wanted = {"queue": "support", "number": NUMBER, "since": time.time() - 600}
    answer = await api.post("/v1/callbacks", json=wanted)
    assert answer.status == 201
    booked = await answer.json()
    assert (booked["number"], booked["queue"], booked["first"]) == (HOME, "support", "agent")
    assert booked["waiting_seconds"] == pytest.approx(600, abs=2)

    [listed] = await (await api.get("/v1/callbacks")).json()
    assert listed["callback"] == booked["callback"]
    assert (listed["state"], listed["position"], listed["attempts"]) == ("waiting", 1, 0)
    assert await (await api.get("/v1/calls")).json() == []
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(callbacks_table([listed]))
    assert HOME in console.export_text()

    assert (await api.delete(f"/v1/callbacks/{booked['callback']}")).status == 204
    again = await api.delete(f"/v1/callbacks/{booked['callback']}")
    assert again.status in (204, 404)  # until its story has heard of it


async def test_the_same_number_is_not_called_twice(api: Client) -> None:
    wanted = {"queue": "support", "number": NUMBER}
    first = await api.post("/v1/callbacks", json=wanted)
    second = await api.post("/v1/callbacks", json=wanted | {"number": HOME})
    other = await api.post("/v1/callbacks", json=wanted | {"queue": "sales"})
    assert (first.status, second.status, other.status) == (201, 200, 201)
    assert (await second.json())["callback"] == (await first.json())["callback"]


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ({"queue": "nowhere", "number": NUMBER}, 404, "no queue"),
        ({"queue": "support", "number": "+12015550123"}, 409, "outbound"),
        ({"queue": "support", "number": "113"}, 409, "outbound"),
        ({"queue": "support", "number": "0901234567@evil"}, 409, "outbound"),
        ({"queue": "support"}, 422, "number"),
        ({"queue": "support", "number": NUMBER, "since": -1}, 422, "since"),
    ],
)
async def test_what_cannot_be_called_back_is_refused(
    api: Client,
    asked: dict[str, object],
    status: int,
    told: str,
) -> None:
    answer = await api.post("/v1/callbacks", json=asked)
    assert answer.status == status
    assert told in (await answer.json())["detail"]
    assert (await api.delete("/v1/callbacks/cb-1")).status == 404
