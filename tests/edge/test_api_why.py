"""The line: who is moved in it, what he needs, and why each waits or was offered."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sample_call import CALL, T
from served_engine import CHAT, Engine, api, ask, engine, refused, talking

from acd.messages import ContactLeft, LeaveReason, Offer
from engine.call_record import CallOutcome, Step
from engine.calls import notes as n

__all__ = ["api", "engine"]


async def line(api: TestClient[Any, Any]) -> list[str]:
    _, [queue] = await ask(api, "GET /v1/queues")
    return [place["call"] for place in queue["waiting"]]


async def test_a_supervisor_puts_a_waiting_caller_first(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.arrive("c-1", "support")
    call = engine.arrive("c-2", "support")
    await ask(api, "POST /v1/contacts", json=CHAT)
    path = "POST /v1/calls/c-2/priority"
    status, place = await ask(api, path, json={"offset_seconds": 600})
    assert (status, place["position"], place["score"] >= 600) == (200, 1, True)
    assert await line(api) == ["c-2", "c-1", "chat:1"]
    assert call.standing.steps[-1].detail == "+600 s, by the API"
    assert call.standing.visit.offset_seconds == 600  # should he have to stand in line again
    await ask(api, "POST /v1/calls/chat:1/priority", json={"offset_seconds": 900})
    assert await line(api) == ["chat:1", "c-2", "c-1"]


async def test_what_a_waiting_caller_needs_is_changed(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    call = engine.arrive("c-1", "support")
    steps = [{"need": "billing >= 3", "skip_if_unstaffed": False, "seconds": 60}, ""]
    status, place = await ask(api, "POST /v1/calls/c-1/needs", json={"needs": steps})
    assert (status, place["need"], place["step"]) == (200, "billing >= 3", 0)
    assert call.standing.steps[-1].detail == "billing >= 3, then anybody, by the API"
    assert [step.need for step in call.standing.visit.needs] == ["billing >= 3", ""]
    await ask(api, "POST /v1/agents/mai/login")
    assert (await ask(api, "GET /v1/agents/mai"))[1]["state"] == "ready"
    status, place = await ask(api, "POST /v1/calls/c-1/needs", json={"needs": []})
    assert (place["state"], place["offered_to"]) == ("ringing", "mai")


@pytest.mark.parametrize(
    ("what", "body"), [("priority", {"offset_seconds": 60}), ("needs", {"needs": ["vi"]})]
)
async def test_who_waits_in_no_queue_has_no_place_to_change(
    api: TestClient[Any, Any], engine: Engine, what: str, body: dict[str, Any]
) -> None:
    engine.arrive("c-1")
    status, detail = await refused(api, f"POST /v1/calls/c-1/{what}", json=body)
    assert (status, detail) == (409, "c-1 waits in no queue: its stage is ivr.")
    assert (await refused(api, f"POST /v1/calls/c-9/{what}", json=body))[0] == 404
    assert (await refused(api, f"POST /v1/calls/c-1/{what}", json={}))[0] == 422


async def test_a_waiting_caller_is_explained_agent_by_agent(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    engine.arrive("c-2", "support")
    status, told = await ask(api, "GET /v1/calls/c-2/why")
    assert (status, told["state"], told["queue"]) == (200, "waiting", "support")
    assert told["sentence"].startswith("waits in support as number 1 in line")
    assert "talking with c-1" in told["sentence"]
    assert dict(told["why"]["agents"]) == {"logged out": 1, "talking with c-1": 1}
    assert {"who": "mai", "rule": "talking with c-1"} in told["why"]["examples"]
    estimate = told["estimate"]
    assert 0 <= estimate["low"] < estimate["expected"] < estimate["high"]
    assert (told["place"]["position"], told["offers"]) == (1, [])


async def test_an_offer_that_rings_is_explained(api: TestClient[Any, Any], engine: Engine) -> None:
    for agent in ("mai", "an"):
        await ask(api, f"POST /v1/agents/{agent}/login")
    await ask(api, "POST /v1/contacts", json=CHAT)
    _, told = await ask(api, "GET /v1/calls/chat:1/why")
    [offer] = told["offers"]
    assert told["sentence"] == f"offered to mai: {offer['sentence']}"
    assert [each["agent"] for each in offer["why"]["candidates"]] == ["mai", "an"]
    await ask(api, "POST /v1/agents/mai/offers/chat:1-a1/accept")
    _, told = await ask(api, "GET /v1/calls/chat:1/why")
    assert told == {"call": "chat:1", "state": "talking", "sentence": "mai: talking"}


async def test_a_ringing_call_is_explained_from_its_notes(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    for agent in ("mai", "an"):
        await ask(api, f"POST /v1/agents/{agent}/login")
    call = engine.arrive("c-1", "support")
    now = engine.clock.now()
    offer = await call.receive(now + 1)
    assert isinstance(offer, Offer)
    began = n.OfferBegan(now, offer.offer, "support", "mai", "3001", offer.why)
    call.note(began)
    _, told = await ask(api, "GET /v1/calls/c-1/why")
    assert [(each["agent"], each["outcome"]) for each in told["offers"]] == [("mai", None)]
    call.note(n.OfferEnded(now, offer.offer, "rejected"))
    engine.post(ContactLeft("c-1", LeaveReason.MOVED))
    call.note(n.VisitEnded(now, "moved"))
    _, told = await ask(api, "GET /v1/calls/c-1/why")
    [ended] = told["offers"]
    assert (told["state"], ended["outcome"]) == ("ivr", "rejected")
    assert ended["why"]["strategy"] == "longest_idle"


async def test_an_ended_call_is_explained_from_its_record(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    because = json.dumps({"strategy": "longest_idle", "candidates": [], "passed_over": []})
    [rejected, answered] = CALL.offers
    offers = (rejected, dataclasses.replace(answered, because=because))
    waits = Step(T + 6, "acd", "waits on", "acd", "number 2 in line", '{"position": 2}')
    await engine.ledger.save_call(
        dataclasses.replace(CALL, offers=offers, steps=(*CALL.steps, waits))
    )
    status, told = await ask(api, "GET /v1/calls/c-1/why")
    assert (status, told["state"], told["outcome"]) == (200, "ended", "answered")
    assert told["sentence"] == "answered by mai: idle for 40 s ☎"
    assert [offer["why"] for offer in told["offers"]] == [None, json.loads(because)]
    assert told["waited"] == [{"at": T + 6, "sentence": "number 2 in line", "why": {"position": 2}}]
    assert (await refused(api, "GET /v1/calls/c-9/why"))[0] == 404


async def test_the_ending_of_a_call_that_nobody_answered_is_told_by_its_queues(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    left = dataclasses.replace(
        CALL,
        outcome=CallOutcome.ABANDONED,
        offers=(),
        visits=(dataclasses.replace(CALL.visits[0], outcome="abandoned"),),
    )
    await engine.ledger.save_call(left)
    _, told = await ask(api, "GET /v1/calls/c-1/why")
    assert told["sentence"] == "abandoned (support: abandoned)"
