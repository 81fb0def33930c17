"""What an agent's screen asks for: offers, wrap-ups, what came of a talk, work of his own."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from served_engine import SUPPORT, WRAP_UP, Engine, api, ask, engine, refused, talking

from acd.messages import OfferAccepted, TalkEnded
from acd.queues import WrapUp
from engine.calls import notes as n
from engine.calls.mail import OfferDeclined, OfferTaken

__all__ = ["api", "engine"]


async def test_an_agent_s_screen_shows_who_is_offered_and_what_to_say(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    engine.arrive("c-1", "support")
    _, mai = await ask(api, "GET /v1/agents/mai")
    [task] = mai["tasks"]
    assert task["until"] > task.pop("since") > 0
    assert task.pop("until")
    assert task == {
        "contact": "c-1",
        "queue": "support",
        "medium": "voice",
        "state": "offered",
        "offer": "c-1-a1",
        "disposition": "",
        "caller": "+84901234567",
        "script": "https://crm.example",
        "tags": {},
        "preset": "",
        "lead": None,
        "voicemail": None,
    }
    assert (mai["load"], mai["capacity"]) == (100, 100)


async def test_what_the_flow_kept_for_the_agent_is_on_his_screen_from_the_offer_on(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    call = engine.arrive("c-1", "support")
    kept = {"tier": "vàng", "orders": [7, None]}
    call.note(n.Tagged(engine.clock.now(), kept, "https://crm.example/renewal", "sold"))
    for state in ("offered", "talking"):
        _, mai = await ask(api, "GET /v1/agents/mai")
        [task] = mai["tasks"]
        assert (task["state"], task["tags"]) == (state, kept)
        assert (task["script"], task["preset"]) == ("https://crm.example/renewal", "sold")
        if state == "offered":
            engine.post(OfferAccepted("c-1-a1"))


@pytest.mark.parametrize(
    ("wish", "mail"), [("accept", OfferTaken("c-1-a1")), ("decline", OfferDeclined("c-1-a1"))]
)
async def test_an_offered_call_s_story_hears_what_the_agent_wants(
    api: TestClient[Any, Any], engine: Engine, wish: str, mail: object
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    call = engine.arrive("c-1", "support")
    status, mai = await ask(api, f"POST /v1/agents/mai/offers/c-1-a1/{wish}")
    assert (status, mai["state"]) == (202, "offered")
    heard = [await call.receive(engine.clock.now() + 1) for _ in range(2)]
    assert heard[-1] == mail


@pytest.mark.parametrize("wish", ["accept", "decline"])
async def test_what_is_not_offered_to_him_cannot_be_taken(
    api: TestClient[Any, Any], engine: Engine, wish: str
) -> None:
    await talking(api, engine)
    for agent, offer in (("mai", "c-1-a1"), ("an", "c-1-a1"), ("mai", "chat:1-a7")):
        status, detail = await refused(api, f"POST /v1/agents/{agent}/offers/{offer}/{wish}")
        assert (status, f"GET /v1/agents/{agent} lists" in detail) == (409, True)
    del engine.registry.calls["c-1"]
    engine.arrive("c-2", "support")
    await ask(api, "POST /v1/agents/an/login")
    del engine.registry.calls["c-2"]  # its story ended just now
    assert (await refused(api, f"POST /v1/agents/an/offers/c-2-a2/{wish}"))[0] == 409


async def test_a_wrap_up_is_extended_and_done(api: TestClient[Any, Any], engine: Engine) -> None:
    await talking(api, engine)
    engine.post(TalkEnded("mai", "c-1"))
    _, before = await ask(api, "GET /v1/agents/mai")
    path = "POST /v1/agents/mai/wrap_up"
    status, longer = await ask(api, path, json={"action": "extend"})
    assert (status, longer["state"]) == (200, "wrap_up")
    assert longer["tasks"][0]["until"] == before["tasks"][0]["until"] + 30
    status, detail = await refused(api, path, json={"action": "extend", "call": "c-1"})
    assert (status, "extended 1 times already" in detail) == (409, True)
    assert (await ask(api, path, json={"action": "done"}))[1]["state"] == "ready"
    status, detail = await refused(api, path, json={"action": "extend"})
    assert (status, detail) == (409, "mai is wrap-up with nobody: name the `call`.")


async def test_a_wrap_up_that_is_had_on_request_is_asked_for_in_the_talk(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    path, asked = "POST /v1/agents/mai/wrap_up", {"action": "request"}
    await talking(api, engine)
    assert (await refused(api, path, json=asked))[0] == 409  # it comes by itself
    engine.configure(SUPPORT.model_copy(update={"wrap_up": WrapUp(mode="on_request")}))
    assert (await ask(api, path, json=asked))[0] == 200
    engine.post(TalkEnded("mai", "c-1"))
    assert (await ask(api, "GET /v1/agents/mai"))[1]["state"] == "wrap_up"


async def test_what_came_of_a_talk_is_one_of_the_queue_s_codes(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    path = "POST /v1/agents/mai/disposition"
    await talking(api, engine)
    _, mai = await ask(api, path, json={"code": "no_interest"})
    assert mai["tasks"][0]["disposition"] == "no_interest"
    engine.post(TalkEnded("mai", "c-1"))
    _, mai = await ask(api, path, json={"code": "sold", "call": "c-1"})
    assert mai["tasks"][0]["disposition"] == "sold"
    status, detail = await refused(api, path, json={"code": "maybe"})
    assert (status, "'maybe' is none of sold, no_interest" in detail) == (409, True)
    assert (await refused(api, path, json={"code": "sold", "call": "c-9"}))[0] == 409


async def test_a_disposition_that_is_required_is_asked_for_before_he_is_ready(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    required = WRAP_UP.model_copy(update={"required": True})
    engine.configure(SUPPORT.model_copy(update={"wrap_up": required}))
    await talking(api, engine)
    engine.post(TalkEnded("mai", "c-1"))
    for path, wish in (("wrap_up", {"action": "done"}), ("ready", None)):
        status, detail = await refused(api, f"POST /v1/agents/mai/{path}", json=wish)
        assert status == 409
        assert "set a disposition for c-1 first: sold, no_interest" in detail
    await ask(api, "POST /v1/agents/mai/disposition", json={"code": "sold"})
    assert (await ask(api, "POST /v1/agents/mai/ready"))[1]["state"] == "ready"


async def test_with_several_contacts_he_says_which_he_means(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    for number in (1, 2):
        work = {"contact": f"chat:{number}", "medium": "chat", "queue": "support"}
        await ask(api, "POST /v1/agents/mai/work", json=work)
    path = "POST /v1/agents/mai/disposition"
    status, detail = await refused(api, path, json={"code": "sold"})
    assert (status, "with several (chat:1, chat:2): name the `call`" in detail) == (409, True)
    _, mai = await ask(api, path, json={"code": "sold", "call": "chat:2"})
    assert {task["contact"]: task["disposition"] for task in mai["tasks"]} == {
        "chat:1": "", "chat:2": "sold",
    }  # fmt: skip


async def test_work_that_nobody_offered_takes_its_place_and_ends_in_the_wrap_up(
    api: TestClient[Any, Any],
) -> None:
    path, work = "POST /v1/agents/mai/work", {"contact": "mail:7", "medium": "mail"}
    assert "login first" in (await refused(api, path, json=work))[1]
    await ask(api, "POST /v1/agents/mai/login")
    status, mai = await ask(api, path, json=work | {"queue": "support"})
    assert (status, mai["state"], mai["call"], mai["load"]) == (200, "talking", "mail:7", 100)
    assert (await refused(api, path, json=work))[0] == 409  # he has it already
    status, mai = await ask(api, "DELETE /v1/agents/mai/work/mail:7")
    assert (status, mai["state"]) == (200, "wrap_up")
    assert (await refused(api, "DELETE /v1/agents/mai/work/mail:7"))[0] == 404


async def test_a_call_is_no_work_to_be_begun_or_ended_by_hand(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    status, detail = await refused(api, "DELETE /v1/agents/mai/work/c-1")
    assert (status, detail) == (409, "'c-1' is a call: DELETE /v1/calls/c-1 hangs it up.")
    status, detail = await refused(api, "POST /v1/agents/mai/work", json={"contact": "c-1"})
    assert (status, "contact: String should match" in detail) == (422, True)


@pytest.mark.parametrize("unknown", [{"medium": "fax"}, {"queue": "nowhere"}])
async def test_work_of_an_unknown_medium_or_queue_is_not_found(
    api: TestClient[Any, Any], unknown: dict[str, str]
) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    work = {"contact": "mail:7", "medium": "mail"} | unknown
    assert (await refused(api, "POST /v1/agents/mai/work", json=work))[0] == 404
    contact = {"contact": "mail:7", "medium": "mail", "queue": "support"} | unknown
    assert (await refused(api, "POST /v1/contacts", json=contact))[0] == 404
