"""Agents and queues by the API: their day, their phones, the line and what to expect."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from served_engine import Engine, api, ask, engine, refused

from acd.messages import OfferAccepted

__all__ = ["api", "engine"]


async def test_an_agent_s_day_by_the_api(api: TestClient[Any, Any]) -> None:
    states = []
    for what, body in (
        ("login", {"pause_reason": "họp"}),
        ("ready", None),
        ("pause", {"reason": "lunch"}),
        ("pause", None),
        ("logout", {}),
    ):
        status, agent = await ask(api, f"POST /v1/agents/mai/{what}", json=body)
        assert (status, agent["name"]) == (200, "mai")
        states.append((agent["state"], agent["reason"]))
    assert states == [
        ("paused", "họp"),
        ("ready", ""),
        ("paused", "lunch"),
        ("paused", "break"),
        ("logged_out", ""),
    ]


async def test_an_agent_is_shown_with_his_phone(api: TestClient[Any, Any], engine: Engine) -> None:
    before = engine.clock.now()
    await ask(api, "POST /v1/agents/mai/login")
    status, [an, mai] = await ask(api, "GET /v1/agents")
    assert status == 200
    assert before <= mai.pop("since") <= engine.clock.now()
    assert mai == {
        "name": "mai",
        "state": "ready",
        "reason": "",
        "phone": "3001",
        "phone_online": True,
        "call": None,
        "queue": None,
        "next_state": None,
        "next_reason": "",
        "resting": "",
        "misses": 0,
        "load": 0,
        "capacity": 100,
        "voicemails": 0,
        "tasks": [],
        "today": {"contacts": 0, "idle_seconds": 0.0},
    }
    assert (await ask(api, "GET /v1/agents/mai"))[1]["state"] == "ready"
    assert (an["state"], an["phone"], an["phone_online"]) == ("logged_out", "3002", False)


async def test_an_agent_sits_at_another_s_phone(api: TestClient[Any, Any]) -> None:
    status, mai = await ask(api, "POST /v1/agents/mai/login", json={"endpoint": "3009"})
    assert (status, mai["phone"], mai["phone_online"]) == (200, "3009", False)


async def test_two_agents_cannot_sit_at_one_phone(api: TestClient[Any, Any]) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    status, detail = await refused(api, "POST /v1/agents/an/login", json={"endpoint": "3001"})
    assert status == 409
    assert "mai is logged in at 3001" in detail
    assert "another `endpoint`" in detail
    _, [an, _] = await ask(api, "GET /v1/agents")
    assert an["state"] == "logged_out"


@pytest.mark.parametrize("wish", ["ready", "pause"])
async def test_an_agent_who_is_not_here_is_told_to_log_in_first(
    api: TestClient[Any, Any], wish: str
) -> None:
    status, detail = await refused(api, f"POST /v1/agents/mai/{wish}")
    assert status == 409
    assert detail == "mai is logged out: POST /v1/agents/mai/login first."


async def test_a_pause_asked_for_in_a_talk_is_shown_as_what_comes_next(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    engine.arrive("c-1", "support")
    engine.post(OfferAccepted("c-1-a1"))
    status, mai = await ask(api, "POST /v1/agents/mai/pause", json={"reason": "lunch"})
    assert (status, mai["state"], mai["call"], mai["queue"]) == (200, "talking", "c-1", "support")
    assert (mai["next_state"], mai["next_reason"]) == ("paused", "lunch")


async def test_a_queue_shows_its_line_in_order(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.arrive("c-1", "support")
    engine.arrive("c-2", "support")
    await ask(api, "POST /v1/agents/an/login")
    status, [queue] = await ask(api, "GET /v1/queues")
    assert status == 200
    assert (queue["name"], queue["staffed"], queue["ready"]) == ("support", 1, 0)
    assert [(each["call"], each["offered_to"]) for each in queue["waiting"]] == [
        ("c-1", "an"),
        ("c-2", None),
    ]
    assert all(0 <= each["waiting_seconds"] < 60 for each in queue["waiting"])


async def test_a_queue_tells_what_to_expect_and_how_today_went(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    _, [empty] = await ask(api, "GET /v1/queues")
    assert (empty["expected_wait_seconds"], empty["service_level"], empty["open"]) == (
        None, None, True,
    )  # fmt: skip
    await ask(api, "POST /v1/agents/mai/login")
    engine.arrive("c-1", "support")
    engine.post(OfferAccepted("c-1-a1"))
    engine.arrive("c-2", "support")
    _, [queue] = await ask(api, "GET /v1/queues")
    assert queue["expected_wait_seconds"] > 0
    assert (queue["service_level"], queue["target"]) == (1.0, {"percent": 80, "seconds": 20})
    assert (queue["today"]["offered"], queue["today"]["answered"]) == (2, 1)
    assert 0 <= queue["longest_wait_seconds"] < 60
    [place] = queue["waiting"]
    assert (place["call"], place["position"], place["state"]) == ("c-2", 1, "waiting")
    assert (place["medium"], place["step"], place["need"], place["callback"]) == (
        "voice", 0, "", False,
    )  # fmt: skip


@pytest.mark.parametrize("wish", ["login", "logout", "ready", "pause"])
async def test_an_unknown_agent_is_not_found(api: TestClient[Any, Any], wish: str) -> None:
    status, detail = await refused(api, f"POST /v1/agents/nobody/{wish}")
    assert (status, detail) == (404, "There is no agent 'nobody' in the agents' file.")
