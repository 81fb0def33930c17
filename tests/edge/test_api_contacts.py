"""Contacts of other media, which another program brings by the API."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from served_engine import CHAT, Engine, api, ask, engine, refused

from acd.queues import QueueSettings

__all__ = ["api", "engine"]


async def test_a_chat_waits_is_offered_talked_with_and_wrapped_up(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    status, chat = await ask(api, "POST /v1/contacts", json=CHAT | {"language": "vi"})
    assert (status, chat["state"], chat["queue"], chat["position"]) == (
        201, "waiting", "support", 1,
    )  # fmt: skip
    await ask(api, "POST /v1/agents/mai/login")
    _, chat = await ask(api, "GET /v1/contacts/chat:1")
    [offer] = chat["offers"]
    assert (chat["state"], offer["agent"]) == ("ringing", "mai")
    assert "idle the longest" in offer["why"]
    status, mai = await ask(api, f"POST /v1/agents/mai/offers/{offer['offer']}/accept")
    assert (status, mai["state"], mai["load"]) == (200, "talking", 25)
    _, chat = await ask(api, "GET /v1/contacts/chat:1")
    assert (chat["state"], chat["agent"], chat["until"]) == ("talking", "mai", None)
    assert (await ask(api, "DELETE /v1/contacts/chat:1"))[0] == 204
    _, chat = await ask(api, "GET /v1/contacts/chat:1")
    assert (chat["state"], chat["until"] > chat["since"]) == ("wrap_up", True)
    await ask(api, "POST /v1/agents/mai/ready")
    assert (await refused(api, "GET /v1/contacts/chat:1"))[0] == 404


async def test_an_agent_has_several_chats_and_a_call_may_come_between(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    for number in range(1, 6):
        await ask(api, "POST /v1/contacts", json=CHAT | {"contact": f"chat:{number}"})
        _, chat = await ask(api, f"GET /v1/contacts/chat:{number}")
        for offer in chat["offers"]:
            await ask(api, f"POST /v1/agents/mai/offers/{offer['offer']}/accept")
    engine.arrive("c-1", "support")
    _, mai = await ask(api, "GET /v1/agents/mai")
    assert [(task["contact"], task["state"]) for task in mai["tasks"]] == [
        *((f"chat:{number}", "talking") for number in range(1, 5)),
        ("c-1", "offered"),
    ]
    assert (await ask(api, "GET /v1/contacts/chat:5"))[1]["state"] == "waiting"


async def test_a_declined_chat_goes_to_the_next_agent(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    await ask(api, "POST /v1/contacts", json=CHAT)
    await ask(api, "POST /v1/agents/an/login")
    status, mai = await ask(api, "POST /v1/agents/mai/offers/chat:1-a1/decline")
    assert (status, mai["state"], mai["resting"]) == (200, "ready", "rejected")
    _, chat = await ask(api, "GET /v1/contacts/chat:1")
    assert [offer["agent"] for offer in chat["offers"]] == ["an"]


@pytest.mark.parametrize(("reason", "abandoned"), [("", 1), ("?reason=moved", 0)])
async def test_a_customer_who_leaves_the_chat_while_it_waits_is_counted_as_told(
    api: TestClient[Any, Any], reason: str, abandoned: int
) -> None:
    await ask(api, "POST /v1/contacts", json=CHAT)
    assert (await ask(api, f"DELETE /v1/contacts/chat:1{reason}"))[0] == 204
    assert (await refused(api, "DELETE /v1/contacts/chat:1"))[0] == 404
    _, [queue] = await ask(api, "GET /v1/queues")
    today = queue["today"]
    assert (queue["waiting"], today["abandoned"], today["flowed_out"]) == (
        [], abandoned, 1 - abandoned,
    )  # fmt: skip


async def test_a_chat_that_a_rule_sends_on_says_where_to(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    rule = {"when": "unstaffed", "to": {"flow": "sorry"}}
    engine.configure(QueueSettings(name="support", overflow=(rule,)))
    status, chat = await ask(api, "POST /v1/contacts", json=CHAT)
    assert status == 201
    assert chat == {
        "contact": "chat:1",
        "queue": "support",
        "state": "ended",
        "reason": "overflow",
        "rule": "unstaffed",
        "to": {"kind": "flow", "name": "sorry"},
    }
    assert (await ask(api, "GET /v1/contacts/chat:1"))[1] == chat


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"contact": "1790000000.7"}, "contact: String should match"),
        ({"needs": ["billing >="]}, "needs: Value error, this is no expression over skills"),
        ({"needs": ["__import__('os')"]}, "needs: Value error, only skills"),
        ({"needs": [""] * 11}, "needs: Tuple should have at most 10"),
        ({"callback": "agent"}, "callback: Extra inputs"),
        ({"offset_seconds": 1e9}, "offset_seconds: "),
    ],
)
async def test_a_chat_that_comes_wrongly_is_told_how(
    api: TestClient[Any, Any], wrong: dict[str, Any], told: str
) -> None:
    status, detail = await refused(api, "POST /v1/contacts", json=CHAT | wrong)
    assert (status, told in detail) == (422, True), detail


async def test_a_chat_comes_once_and_a_call_is_no_chat(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/contacts", json=CHAT)
    status, detail = await refused(api, "POST /v1/contacts", json=CHAT)
    assert (status, "it is in support already" in detail) == (409, True)
    engine.arrive("c-1", "support")
    for method in ("GET", "DELETE"):
        status, detail = await refused(api, f"{method} /v1/contacts/c-1")
        assert (status, "/v1/calls" in detail) == (404, True)
