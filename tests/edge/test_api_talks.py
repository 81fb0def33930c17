"""The API's talks over loopback: who is in one, its orders, and parked callers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engine.api.server import make_app
from engine.api.talk_orders import ORDERS
from engine.call_record import AuditEntry
from engine.calls.record import Standing
from engine.calls.talk import orders as o
from engine.secrets import Secrets
from engine.users import User, UserRole, digest_of
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, small_site

Client = TestClient[Any, Any]
CALLER, TALK = "100.1", "/v1/calls/100.1/talk"


@pytest.fixture
async def center() -> AsyncIterator[SmallCenter]:
    """A center in real time: a caller talks with anna; binh and chi are there, too."""
    center = SmallCenter(FakePbx(time.time), small_site(3))
    center.settings.api_token = None
    center.settings.users = {}
    await center.start()
    center.log_in("anna")
    center.switch.phones["3001"] = Phone(rings=0.0, answers=0.0)
    center.switch.arrive(CALLER, SUPPORT)
    await until(lambda: CALLER in center.registry.calls and standing(center).conversation)
    for phone in ("3002", "3003"):
        center.switch.phones[phone] = Phone(rings=0.0)
        center.switchboard.online.add(phone)
    center.log_in("binh", "chi")
    yield center
    await center.kill()


@pytest.fixture
async def api(center: SmallCenter) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(center))) as client:
        yield client


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def order(api: Client, what: str, path: str = TALK, **body: Any) -> tuple[int, Any]:
    async with api.post(f"{path}/{what}", json=body) as answer:
        return answer.status, await answer.json()


async def seen(api: Client, path: str = TALK) -> Any:
    async with api.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


def standing(center: SmallCenter) -> Standing:
    return center.registry.calls[CALLER].standing


def leg_of(center: SmallCenter, name: str) -> str:
    conversation = standing(center).conversation
    assert conversation is not None
    return next(party.leg for party in conversation.parties.values() if party.name == name)


async def test_a_talk_is_shown_with_who_is_in_it(api: Client) -> None:
    talk = await seen(api)
    assert await seen(api, "/v1/agents/anna/talk") | {"seconds": 0} == talk | {"seconds": 0}
    assert (talk["call"], talk["queue"], talk["agent"]) == (CALLER, "support", "anna")
    assert (talk["stage"], talk["held"], talk["consult"]) == ("talk", False, None)
    assert talk["caller"] == {
        "number": "0901234567",
        "muted": False,
        "phone_held": False,
        "hears_music": False,
    }
    [anna] = talk["parties"]
    assert (anna["kind"], anna["name"], anna["stage"]) == ("agent", "anna", "talk")
    assert len(talk["recording"]["names"]) == 1


async def test_a_caller_is_held_and_taken_back(api: Client, center: SmallCenter) -> None:
    assert await order(api, "hold") == (200, {"call": CALLER, "answer": ""})
    talk = await seen(api)
    assert (talk["held"], talk["stage"], talk["caller"]["hears_music"]) == (True, "hold", True)
    assert center.switch.channels[CALLER].music == "default"
    assert (await order(api, "resume", "/v1/agents/anna/talk"))[0] == 200
    assert not (await seen(api))["held"]
    assert center.switch.channels[CALLER].music is None


async def test_somebody_is_consulted_swapped_merged_and_dropped(
    api: Client, center: SmallCenter
) -> None:
    assert (await order(api, "consult", to={"agent": "binh"}))[0] == 200
    consult = {"agent": "anna", "with": "binh", "side": "consulted"}
    talk = await seen(api)
    assert talk["consult"] == consult
    assert [party["stage"] for party in talk["parties"]] == ["consult", "ring"]
    center.switch.answer_phone(leg_of(center, "binh"))
    await until(lambda: center.switch.channels[leg_of(center, "binh")].bridge)
    assert (await order(api, "swap"))[0] == 200
    talk = await seen(api)
    assert talk["consult"] == consult | {"side": "caller"}
    assert [party["stage"] for party in talk["parties"]] == ["talk", "hold"]
    assert (await order(api, "merge"))[0] == 200
    assert (await seen(api))["stage"] == "conference"
    assert (await order(api, "role", who="binh", role="listener"))[0] == 200
    assert [party["role"] for party in (await seen(api))["parties"]] == ["speaker", "listener"]
    assert (await order(api, "drop", who="binh"))[0] == 200
    assert [party["name"] for party in (await seen(api))["parties"]] == ["anna"]


async def test_a_parked_caller_is_listed_and_picked_up(api: Client, center: SmallCenter) -> None:
    assert await order(api, "park", slot="7") == (200, {"call": CALLER, "answer": "7"})
    await until(lambda: standing(center).parked is not None)
    [parked] = await seen(api, "/v1/parked")
    assert (parked["slot"], parked["call"], parked["by"]) == ("7", CALLER, "anna")
    [call] = await seen(api, "/v1/calls")
    assert (call["stage"], call["agent"]) == ("parked", None)
    assert (await api.get(TALK)).status == 404

    picked_up = await api.post("/v1/parked/7/pick_up", json={"agent": "binh"})

    assert (picked_up.status, await picked_up.json()) == (200, {"call": CALLER, "answer": CALLER})
    await until(lambda: center.switch.legs_of("3002"))
    assert await seen(api, "/v1/parked") == []
    assert (await api.post("/v1/parked/7/pick_up", json={"agent": "binh"})).status == 404


REFUSED: dict[tuple[str, str], tuple[dict[str, Any], int, str]] = {
    (TALK, "swap"): ({}, 409, "nobody is being consulted."),
    (TALK, "consult"): ({"to": {"agent": "nobody"}}, 409, "there is no agent nobody."),
    (TALK, "transfer"): ({"to": {"queue": "moon"}}, 409, "there is no queue moon."),
    (TALK, "keys"): ({"keys": "12x"}, 409, "keys are 1 to 32 of 0-9, *, #, A-D."),
    (TALK, "hang_up"): ({"by": "binh"}, 409, "binh is not in the talk of 100.1."),
    (TALK, "sing"): ({}, 404, f"There is no order 'sing'; there are: {', '.join(ORDERS)}."),
    (TALK, "park"): ({"slot": "100"}, 422, "slot: String should match"),
    (TALK, "role"): ({"who": "anna"}, 422, "role: Field required"),
    (TALK, "invite"): ({"to": {"agent": "binh"}, "role": "king"}, 422, "role: Input should be"),
    ("/v1/calls/1.1/talk", "hold"): ({}, 404, "There is no call '1.1' now."),
    ("/v1/agents/binh/talk", "hold"): ({}, 404, "binh is in no talk."),
    ("/v1/agents/nobody/talk", "hold"): ({}, 404, "There is no agent 'nobody'"),
}


@pytest.mark.parametrize(("path", "what"), REFUSED)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    api: Client, path: str, what: str
) -> None:
    body, status, told = REFUSED[path, what]
    refused, problem = await order(api, what, path, **body)
    assert (refused, problem["detail"][: len(told)]) == (status, told)


async def test_every_order_can_be_given_but_those_that_come_with_a_phone() -> None:
    made = {getattr(make, "func", make) for _, make in ORDERS.values()}
    orders = {each for each in vars(o).values() if o.Order in getattr(each, "__mro__", ())}
    assert made == orders - {o.Order, o.TakeOver, o.PickUp}


async def test_who_asked_for_what_is_in_the_audit_log(api: Client, center: SmallCenter) -> None:
    entries: list[AuditEntry] = []
    center.switchboard.file_audit = entries.append
    await order(api, "consult", to={"agent": "binh"})
    await order(api, "keys", keys="4711", who="caller")
    await order(api, "merge")
    assert [(e.who, e.action, e.subject, e.contact, e.detail) for e in entries] == [
        ("api", "consult", "anna", CALLER, "agent binh"),
        ("api", "keys", "anna", CALLER, "caller"),
        ("api", "merge", "anna", CALLER, "refused: his phone still rings"),
    ]
    assert len({entry.entry for entry in entries}) == len(entries)


# -- who may ------------------------------------------------------------------------------------

TOKENS = {"anna": "of anna", "binh": "of binh", "boss": "of the boss", "lan": "of lan"}


@pytest.fixture
def with_users(center: SmallCenter) -> None:
    """Anna and binh ask for themselves; the boss leads anna's team, and lan another one."""
    agents = center.site.agents
    teams = {
        "anna": {"team": "sales"},
        "binh": {"supervises": ("sales",)},
        "chi": {"supervises": ("support",)},
    }
    for name, changed in teams.items():
        agents[name] = agents[name].model_copy(update=changed)
    whose = {"anna": "anna", "binh": "binh", "boss": "binh", "lan": "chi"}
    center.settings.users = {
        user: User(
            role=UserRole.AGENT if user == agent else UserRole.SUPERVISOR,
            agent=agent,
            token_sha256=digest_of(TOKENS[user]),
        )
        for user, agent in whose.items()
    }
    center.lookups = type("Lookups", (), {"secrets": Secrets({})})()


async def test_a_talk_is_for_its_agents_and_the_supervisors_of_their_teams(
    api: Client, with_users: None
) -> None:
    answers = {}
    for user, token in TOKENS.items():
        headers = {"Authorization": f"Bearer {token}"}
        for path in (TALK, "/v1/agents/anna/talk"):
            told = await api.get(path, headers=headers)
            done = await api.post(f"{path}/lock", headers=headers)
            answers[user, path[4:9]] = (told.status, done.status)
    assert answers == {
        ("anna", "calls"): (200, 200),
        ("anna", "agent"): (200, 200),
        ("binh", "calls"): (403, 409),
        ("binh", "agent"): (403, 403),
        ("boss", "calls"): (200, 200),
        ("boss", "agent"): (200, 200),
        ("lan", "calls"): (403, 403),
        ("lan", "agent"): (403, 403),
    }


async def as_user(api: Client, user: str, path: str) -> Any:
    headers = {"Authorization": f"Bearer {TOKENS[user]}"}
    async with api.get(path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_an_agent_is_not_told_who_listens_to_him(api: Client, with_users: None) -> None:
    assert (await as_user(api, "boss", TALK))["watched"] == {}
    assert "watched" not in await as_user(api, "anna", TALK)


async def test_whoever_may_not_hear_who_parked_a_caller_does_not_see_his_number(
    api: Client, center: SmallCenter, with_users: None
) -> None:
    headers = {"Authorization": f"Bearer {TOKENS['anna']}"}
    async with api.post(f"{TALK}/park", json={"slot": "7"}, headers=headers) as answer:
        assert answer.status == 200
    await until(lambda: standing(center).parked is not None)
    seen_by = {user: (await as_user(api, user, "/v1/parked"))[0]["caller"] for user in TOKENS}
    number = "0901234567"
    assert seen_by == {"anna": number, "binh": None, "boss": number, "lan": None}
