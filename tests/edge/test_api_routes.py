"""The HTTP API over loopback: a real distributor and a real ledger behind it, a switch that obeys.

What an operator's program sees: each route, and what it is told when it asks wrongly.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import io
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from rich.console import Console
from sample_call import CALL, T
from yarl import URL

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings
from acd.core import Acd
from acd.messages import (
    Alert,
    AlertKind,
    Configured,
    ContactLeft,
    ContactQueued,
    LeaveReason,
    Offer,
    OfferAccepted,
    TalkEnded,
)
from acd.queues import QueueSettings, WrapUp
from engine.api.server import ApiServer, ApiUnavailable, make_app
from engine.call_record import CallOutcome, SegmentKind, Step
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.mail import OfferDeclined, OfferTaken
from engine.calls.record import Standing
from engine.calls.recording import Recorder
from engine.calls.registry import Registry
from engine.clerk import Clerk
from engine.cli import floor
from engine.cli.why import why as explain
from engine.clock import Clock
from engine.config.problems import Problem
from engine.config.published import Publications, content_hash
from engine.contacts import Contacts
from engine.desk import Desk
from engine.ivr.flowset import FlowSet
from engine.ports import Down
from engine.settings import Settings
from engine.store.ledger import Ledger
from engine.store.reports import Reports

TOKEN = "a token of sixteen and more"
MAI = AgentSettings(name="mai", extension="3001", queues=("support",))
AN = AgentSettings(name="an", extension="3002", queues=("support",))
WRAP_UP = WrapUp(seconds=60, dispositions=("sold", "no_interest"), extensions=1)
SUPPORT = QueueSettings(name="support", script="https://crm.example", wrap_up=WRAP_UP)


class ObedientPbx:
    """Notes whom it hung up; out of reach when told so."""

    def __init__(self) -> None:
        self.in_step = True
        self.reachable = True
        self.hung_up: list[str] = []

    async def hang_up(self, channel: str, reason: str = "normal") -> None:
        if not self.reachable:
            raise Down("no answer in 3 s")
        self.hung_up.append(channel)


class Engine(SimpleNamespace):
    """The parts of an engine that the API shows and moves."""

    def post(self, *events: Any) -> None:
        for event in events:
            self.desk.post(event)

    def arrive(self, call: str, queue: str | None = None) -> Call:
        """A caller is here, in the menu or waiting in a queue."""
        arrived = n.Arrived(self.clock.now(), call, "inbound", "19001000", "+84901234567")
        standing = Standing(call)
        standing.take(arrived)
        live = Call(standing, self.clock, lambda *_: None)
        live.note(n.LanguageSet(self.clock.now(), "vi"))
        live.segment(SegmentKind.IVR)
        at = self.clock.now()
        live.note(n.NodeEntered(at, "main", "main_menu", {"pin": "0000"}, "menu", version="5f3a"))
        if queue:
            live.note(n.VisitBegan(self.clock.now(), queue, arrived.at))
            self.desk.attend(call, live.deliver)
            self.post(ContactQueued(call, queue, arrived.at))
        self.registry.calls[call] = live
        return live

    def configure(self, *queues: QueueSettings, agents: tuple[AgentSettings, ...] = ()) -> None:
        """Other settings from now on."""
        self.site.queues = {queue.name: queue for queue in queues}
        self.post(Configured(queues, agents or (MAI, AN)))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    clock = Clock()
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db")
    await ledger.open()
    clerk = Clerk(ledger, *(lambda _call: None, tmp_path / "refused"), *2 * [lambda _entry: None])
    clerk.ledger_up = True
    desk = Desk(Acd(), clock, lambda *_: None, lambda *_: None)
    ready = asyncio.Event()
    ready.set()
    pbx = ObedientPbx()
    switchboard: Any = SimpleNamespace(online={"3001"}, pbx=pbx, recorder=Recorder(None))
    registry = Registry(switchboard, asyncio.TaskGroup(), lambda *_: None, lambda _record: None)
    engine = Engine(
        settings=SimpleNamespace(
            api_token=None,
            users={},
            api_host="127.0.0.1",
            api_port=0,
            state_dir=tmp_path,
            flows_dir=tmp_path / "written",
        ),
        site=SimpleNamespace(
            flow_set=FlowSet(version="5f3a"),
            agents={"mai": MAI, "an": AN},
            queues={"support": SUPPORT},
            media=DEFAULT_MEDIA,
            reasons=(),
        ),
        clock=clock,
        desk=desk,
        contacts=Contacts(desk),
        pbx=pbx,
        registry=registry,
        switchboard=switchboard,
        reports=Reports(ledger),
        ledger=ledger,
        clerk=clerk,
        mailboxes=SimpleNamespace(counts={}),
        ready=ready,
    )
    engine.configure(SUPPORT)
    yield engine
    desk.stop()
    await ledger.close()


@pytest.fixture
async def api(engine: Engine) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(engine))) as client:  # type: ignore[arg-type]
        yield client


async def ask(api: TestClient[Any, Any], what: str, **more: Any) -> tuple[int, Any]:
    """``what`` is a method and a path; the status and the JSON of the answer."""
    method, _, path = what.partition(" ")
    async with api.request(method, path, **more) as answer:
        return answer.status, await answer.json(content_type=None)


async def refused(api: TestClient[Any, Any], what: str, **more: Any) -> tuple[int, str]:
    """The status and the detail of a problem; its form is RFC 9457's."""
    method, _, path = what.partition(" ")
    async with api.request(method, path, **more) as answer:
        assert answer.content_type == "application/problem+json"
        problem = await answer.json(content_type=None)
        assert problem["status"] == answer.status
        assert problem["title"]
        return answer.status, problem["detail"]


# -- health ---------------------------------------------------------------------------------------


async def test_an_engine_at_work_is_healthy(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.arrive("c-1")
    status, health = await ask(api, "GET /health")
    assert status == 200
    assert health == {
        "status": "ok",
        "asterisk": "linked",
        "engine": "ready",
        "ledger": "up",
        "records_waiting": 0,
        "calls": 1,
        "alerts": {},
    }


async def test_an_engine_without_asterisk_says_so(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.pbx.in_step = False
    status, health = await ask(api, "GET /health")
    assert (status, health["status"], health["asterisk"]) == (503, "degraded", "down")


async def test_an_engine_that_still_takes_up_calls_is_not_ready(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.ready.clear()
    status, health = await ask(api, "GET /health")
    assert (status, health["status"], health["engine"]) == (503, "degraded", "starting")


async def test_calls_are_served_without_a_ledger_and_health_counts_what_waits(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.clerk.ledger_up = False
    engine.clerk.file_call(CALL)
    status, health = await ask(api, "GET /health")
    assert (status, health["status"]) == (200, "ok")
    assert (health["ledger"], health["records_waiting"]) == ("down", 1)


# -- agents and queues ----------------------------------------------------------------------------


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


# -- what an agent's screen asks for ---------------------------------------------------------------


async def talking(api: TestClient[Any, Any], engine: Engine, call: str = "c-1") -> None:
    """Mai talks with a caller."""
    await ask(api, "POST /v1/agents/mai/login")
    engine.arrive(call, "support")
    engine.post(OfferAccepted(f"{call}-a1"))


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


# -- contacts of other media -----------------------------------------------------------------------

CHAT = {"contact": "chat:1", "queue": "support", "medium": "chat"}


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


# -- the line: order, needs, and why ---------------------------------------------------------------


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


async def test_alerts_are_counted_in_the_health(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.desk._carry_out([Alert(AlertKind.NOT_RESPONDING, "mai", "missed 2 offers")], T)
    _, health = await ask(api, "GET /health")
    assert health["alerts"] == {"not_responding": 1}


# -- calls and records ----------------------------------------------------------------------------


async def test_live_calls_are_shown_where_they_stand(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.arrive("c-1")
    engine.arrive("c-2", "support")
    status, [menu, waiting] = await ask(api, "GET /v1/calls")
    assert status == 200
    assert 0 <= menu.pop("seconds") < 60
    assert menu == {
        "call": "c-1",
        "stage": "ivr",
        "caller": "+84901234567",
        "called": "19001000",
        "language": "vi",
        "flow": "main",
        "node": "main_menu",
        "version": "5f3a",
        "queue": None,
        "agent": None,
    }
    assert (waiting["stage"], waiting["queue"]) == ("queue", "support")


async def test_a_live_call_shows_its_agent_and_what_he_set_of_it(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    await ask(api, "POST /v1/agents/mai/disposition", json={"code": "sold"})
    status, call = await ask(api, "GET /v1/calls/c-1")
    assert (status, call["call"]) == (200, "c-1")
    assert call["agents"] == [{"agent": "mai", "state": "talking", "disposition": "sold"}]
    status, detail = await refused(api, "GET /v1/calls/c-9")
    assert (status, "/v1/records/c-9" in detail) == (404, True)


async def test_a_live_call_shows_its_way_through_the_flows_and_no_variables(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    call = engine.arrive("c-1")
    call.note(
        n.NodeEntered(engine.clock.now(), "main", "bill", {"pin": "0000"}, "say", "2", "came")
    )
    call.note(n.Tagged(engine.clock.now(), {"tier": "gold"}))
    _, shown = await ask(api, "GET /v1/calls/c-1")
    menu, bill = shown["path"]
    assert menu["entered"] <= menu["left"] == bill["entered"]
    assert [menu[name] for name in ("flow", "node", "type", "exit")] == [
        "main", "main_menu", "menu", "2",
    ]  # fmt: skip
    assert (bill["node"], bill["milestone"], bill["left"], bill["exit"]) == (
        "bill", "came", None, None,
    )  # fmt: skip
    assert (shown["flow"], shown["node"], shown["tags"]) == ("main", "bill", {"tier": "gold"})
    assert "0000" not in json.dumps(shown)


async def test_an_operator_hangs_up_a_call(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.arrive("c-1")
    status, _ = await ask(api, "DELETE /v1/calls/c-1")
    assert (status, engine.pbx.hung_up) == (204, ["c-1"])


async def test_a_call_that_is_not_there_cannot_be_hung_up(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    status, detail = await refused(api, "DELETE /v1/calls/c-9")
    assert (status, engine.pbx.hung_up) == (404, [])
    assert "c-9" in detail


async def test_a_hang_up_while_asterisk_is_away_is_not_called_done(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.arrive("c-1")
    engine.pbx.reachable = False
    assert (await refused(api, "DELETE /v1/calls/c-1"))[0] == 503


async def test_a_record_is_told_whole(api: TestClient[Any, Any], engine: Engine) -> None:
    await engine.ledger.save_call(CALL)
    status, record = await ask(api, "GET /v1/records/c-1")
    assert status == 200
    elsewhere = {"audit", "marks", "greetings"}  # never as if there were none
    assert record.keys() == {field.name for field in dataclasses.fields(CALL)} - elsewhere
    assert (record["outcome"], record["arrived"]) == ("answered", T)
    assert [segment["kind"] for segment in record["segments"]] == [
        "setup", "ivr", "queue", "ring", "talk",
    ]  # fmt: skip


async def test_records_are_listed_newest_first_and_from_a_moment_on(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    for number in range(3):
        later = dataclasses.replace(
            CALL, call=f"d-{number}", arrived=T + number, visits=(), offers=(), recordings=()
        )
        await engine.ledger.save_call(later)
    _, newest = await ask(api, "GET /v1/records?limit=2")
    assert [line["call"] for line in newest] == ["d-2", "d-1"]
    _, since = await ask(api, f"GET /v1/records?since={T + 2}")
    assert [line["call"] for line in since] == ["d-2"]


async def test_a_call_without_a_record_yet_is_not_found(api: TestClient[Any, Any]) -> None:
    status, detail = await refused(api, "GET /v1/records/c-7")
    assert status == 404
    assert "still going on" in detail


@pytest.mark.parametrize("odd", ["a%00b", "x" * 201, "%F0%9F", "%20"])
async def test_what_can_be_no_id_is_a_call_that_is_not_there(
    api: TestClient[Any, Any], odd: str
) -> None:
    for path in (f"/v1/records/{odd}", f"/v1/calls/{odd}", f"/v1/calls/{odd}/why"):
        async with api.get(URL(path, encoded=True)) as answer:
            assert answer.status == 404, path


async def test_records_cannot_be_asked_for_while_the_database_is_away(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    engine.reports = Reports(Ledger(f"sqlite:///{tmp_path}/no/such/folder/ledger.db"))
    for path in ("/v1/records", "/v1/records/c-1"):
        status, detail = await refused(api, f"GET {path}")
        assert (status, detail) == (503, "The database cannot be reached now.")


# -- wrong questions ------------------------------------------------------------------------------

LOGIN = "POST /v1/agents/mai/login"


@pytest.mark.parametrize(
    ("what", "body", "status", "told"),
    [
        (LOGIN, b"{", 400, "Expecting property name"),
        (LOGIN, b"\xff\xfe\xfa", 400, ""),
        (LOGIN, b"[" * 60_000, 400, "recursion"),
        (LOGIN, b"[]", 422, "body: Input should be a valid dictionary"),
        (LOGIN, b"null", 422, "body: Input should be a valid dictionary"),
        (LOGIN, b'{"endpoint": 3001}', 422, "endpoint: Input should be a valid string"),
        (LOGIN, b'{"endpoint": "PJSIP/x"}', 422, "endpoint: String should match"),
        (LOGIN, b'{"fone": "3001"}', 422, "fone: Extra inputs are not permitted"),
        (LOGIN, b'{"pause_reason": ""}', 422, "pause_reason: String should have at least 1"),
        ("POST /v1/agents/mai/pause", b'{"reason": "a\\u0000b"}', 422, "reason: "),
        ("POST /v1/agents/mai/pause", b'{"reason": "\\ud800"}', 422, "reason: "),
        ("POST /v1/agents/mai/pause", b'{"reason": "' + b"x" * 41 + b'"}', 422, "reason: "),
        ("POST /v1/agents/mai/ready", b'{"now": true}', 422, "now: Extra inputs"),
        ("POST /v1/agents/mai/logout", b'{"now": true}', 422, "now: Extra inputs"),
        (LOGIN, b" " * 70_000, 413, ""),
    ],
)
async def test_a_wrong_body_is_named_and_moves_nobody(
    api: TestClient[Any, Any], what: str, body: bytes, status: int, told: str
) -> None:
    answered, detail = await refused(api, what, data=body)
    assert answered == status
    assert told in detail
    _, agents = await ask(api, "GET /v1/agents")
    assert {agent["state"] for agent in agents} == {"logged_out"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=many", "limit: Input should be a valid integer"),
        ("limit=0", "limit: Input should be greater than or equal to 1"),
        ("limit=1001", "limit: Input should be less than or equal to 1000"),
        ("since=nan", "since: "),
        ("since=inf", "since: "),
        ("since=1e300", "since: "),
        ("since=-1", "since: "),
        ("from=1", "from: Extra inputs are not permitted"),
    ],
)
async def test_a_wrong_query_is_named(api: TestClient[Any, Any], query: str, told: str) -> None:
    status, detail = await refused(api, f"GET /v1/records?{query}")
    assert status == 422
    assert told in detail


async def test_the_last_moment_that_may_be_asked_for_can_be_asked_for(
    api: TestClient[Any, Any],
) -> None:
    assert await ask(api, "GET /v1/records?since=253402300799") == (200, [])


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(
    api: TestClient[Any, Any],
) -> None:
    assert (await refused(api, "GET /v1/nothing"))[0] == 404
    async with api.get("/v1/agents/mai/login") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert (await refused(api, "PUT /v1/calls"))[0] == 405


async def test_a_fault_of_ours_tells_nothing_from_inside(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.clock = None
    status, detail = await refused(api, "GET /v1/calls")
    assert (status, detail) == (500, "This is our fault; the log has it.")


# -- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"bearer{TOKEN}", "Bearer ñ"]
)
async def test_without_the_token_nothing_is_told(
    api: TestClient[Any, Any], engine: Engine, header: str | None
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    headers = {"Authorization": header} if header else {}
    for what in ("GET /v1/agents", "POST /v1/agents/mai/login", "GET /v1/nothing"):
        status, detail = await refused(api, what, headers=headers)
        assert (status, detail) == (401, "Send `Authorization: Bearer <api_token>`.")


async def test_with_the_token_all_is_told_and_health_without_it(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert (await ask(api, "GET /v1/agents", headers=headers))[0] == 200
    assert (await ask(api, "GET /health"))[0] == 200


async def test_a_web_page_of_another_site_cannot_move_agents(api: TestClient[Any, Any]) -> None:
    headers = {"Origin": "https://evil.example"}
    assert (await refused(api, LOGIN, headers=headers))[0] == 403
    own = {"Origin": f"http://127.0.0.1:{api.port}"}
    assert (await ask(api, LOGIN, headers=own))[0] == 200


# -- `tongdai agents`, which asks it ---------------------------------------------------------------


async def listed(api: TestClient[Any, Any], as_json: bool = False, **settings: Any) -> str:
    asking = Settings(api_port=api.port, **settings)
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        await floor.agents(asking, as_json, Console(file=screen, width=200))
    return screen.getvalue()


async def test_the_floor_is_listed_with_phones_and_states(api: TestClient[Any, Any]) -> None:
    await ask(api, "POST /v1/agents/mai/login", json={"pause_reason": "[b]họp[/]"})
    shown = await listed(api)
    mai = next(line for line in shown.splitlines() if "mai" in line)
    cells = [cell.strip() for cell in mai.strip("│").split("│")]
    assert cells[:3] == ["mai", "3001", "paused ([b]họp[/])"]
    assert cells[3].endswith(" s")
    assert "3002 (not registered)" in shown


async def test_the_floor_is_listed_for_programs(api: TestClient[Any, Any]) -> None:
    agents = json.loads(await listed(api, as_json=True))
    assert [agent["name"] for agent in agents] == ["an", "mai"]


async def test_the_floor_is_told_to_who_has_the_token(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    assert "mai" in await listed(api, api_token=TOKEN)
    with pytest.raises(floor.NoAnswer, match="token"):
        await listed(api)


async def test_an_api_that_listens_everywhere_is_asked_on_this_machine(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    assert "mai" in await listed(api, api_token=TOKEN, api_host="0.0.0.0")


# -- `tongdai queues` and `tongdai why`, which ask it, too -----------------------------------------


def cells(screen: str, first: str) -> list[str]:
    """The cells of the row that begins with ``first``."""
    rows = [line.strip("│ ").split("│") for line in screen.splitlines() if "│" in line]
    return next([c.strip() for c in row] for row in rows if row[0].strip() == first)


async def shown(api: TestClient[Any, Any], question: Any, *words: str, **settings: Any) -> str:
    """What the command puts on the screen."""
    asking = Settings(**({"api_port": api.port} | settings))
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        await question(asking, *words, console=Console(file=screen, width=200))
    return screen.getvalue()


async def test_the_floor_shows_what_each_does_and_what_comes_next(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    await ask(api, "POST /v1/agents/mai/pause", json={"reason": "lunch"})
    mai = cells(await listed(api), "mai")
    assert (mai[2], mai[4], mai[5]) == ("talking, then paused", "c-1 talking", "1")


async def test_the_queues_are_shown_with_who_waits_in_them(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    board = await shown(api, functools.partial(floor.queues, as_json=False))
    assert cells(board, "support") == [
        "support", "0", "0 s", "nobody", "0", "0", "(of 80 in 20 s)", "", "0", "0", "0",
    ]  # fmt: skip
    assert "Waiting" not in board
    await talking(api, engine)
    engine.arrive("c-2", "support")
    board = await shown(api, functools.partial(floor.queues, as_json=False))
    assert cells(board, "support")[6] == "100 % (of 80 in 20 s)"
    waiting = [line for line in board.splitlines() if "c-2" in line]
    assert "waiting" in waiting[0]
    told = json.loads(await shown(api, functools.partial(floor.queues, as_json=True)))
    assert [queue["name"] for queue in told] == ["support"]


async def test_a_waiting_call_is_explained_in_the_terminal(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    await talking(api, engine)
    engine.arrive("c-2", "support")
    ask_why = functools.partial(explain, as_json=False)
    screen = await shown(api, ask_why, "c-2", state_dir=tmp_path)
    head, sentence, *_ = screen.splitlines()
    assert head == "c-2 · waiting in support"
    assert sentence.startswith("waits in support as number 1 in line")
    assert cells(screen, "mai") == ["mai", "talking with c-1"]


async def test_an_offer_is_explained_in_the_terminal_with_the_others(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    for agent in ("mai", "an"):
        await ask(api, f"POST /v1/agents/{agent}/login")
    await ask(api, "POST /v1/contacts", json=CHAT)
    screen = await shown(api, functools.partial(explain, as_json=False), "chat:1")
    assert "mai: offered now" in screen
    assert cells(screen, "mai")[1] == "chosen"
    assert cells(screen, "an")[1] == "candidate"
    told = json.loads(await shown(api, functools.partial(explain, as_json=True), "chat:1"))
    assert told["state"] == "ringing"


async def test_an_ended_call_is_explained_without_an_engine(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    await engine.ledger.save_call(CALL)
    asking = functools.partial(explain, as_json=False)
    url = f"sqlite:///{tmp_path}/ledger.db"
    with_engine = await shown(api, asking, "c-1", database_url=url)
    assert "answered by mai: idle for 40 s ☎" in with_engine
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        nobody: dict[str, Any] = {"api_port": server.getsockname()[1], "database_url": url}
    for call in ("c-1", "last"):
        assert (await shown(api, asking, call, **nobody)).endswith(with_engine)  # the log is first
    with pytest.raises(floor.NoAnswer):
        await shown(api, asking, "c-9", **nobody)


async def test_a_call_that_nobody_knows_has_no_reasons(
    api: TestClient[Any, Any], tmp_path: Path
) -> None:
    asking = Settings(api_port=api.port, database_url=f"sqlite:///{tmp_path}/ledger.db")
    assert not await explain(asking, "c-9", False, Console())
    assert not await explain(asking, "last", False, Console())


# -- the server -----------------------------------------------------------------------------------


async def test_a_port_that_is_taken_is_named_with_what_to_do(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_port = api.port
    with pytest.raises(ApiUnavailable, match=f"port {api.port} of 127.0.0.1 .*TONGDAI_API_PORT"):
        await ApiServer(engine).run()  # type: ignore[arg-type]


async def test_the_manual_lists_every_route(engine: Engine) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    routes = make_app(engine).router.routes()  # type: ignore[arg-type]
    asked = {f"| `{r.method} {r.resource.canonical}` |" for r in routes if r.method != "HEAD"}  # type: ignore[union-attr]
    listed = {f"| {line.split(' | ')[0].removeprefix('| ')} |" for line in manual.splitlines()}
    assert asked <= listed


async def test_an_operator_reloads_the_sites_files(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    warning = Problem("queues.yaml", 3, 3, "W301", "nobody serves the queue `sales`")
    engine.in_force = SimpleNamespace(reload=AsyncMock(return_value=[warning]))
    status, answer = await ask(api, "POST /v1/reload")
    assert (status, answer["in_force"]) == (200, "new")
    assert answer["flows"] == {"version": "5f3a", "published": None, "pending": True}
    assert answer["problems"] == [warning.as_json()]


async def test_the_calls_in_each_version_of_the_flows_are_counted(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    engine.settings.flows_dir.mkdir()
    (engine.settings.flows_dir / "main.yaml").write_text("prompts: {}\n")
    publications = Publications(tmp_path)
    version = content_hash(engine.settings.flows_dir)
    publications.put_in_force(publications.add(engine.settings.flows_dir, version, "mai", ""))
    engine.site.flow_set = FlowSet(version=version)
    engine.arrive("c-1")
    engine.arrive("c-2", "support")
    status, answer = await ask(api, "GET /v1/flows")
    assert status == 200
    told = {"version": version, "published": 1, "pending": False}
    assert answer == {**told, "calls": {"5f3a": 2}}


async def test_a_reload_with_an_error_says_that_the_old_files_stay_in_force(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    error = Problem("agents.yaml", 3, 22, "E203", "`extension` must be 2 to 8 digits")
    engine.in_force = SimpleNamespace(reload=AsyncMock(return_value=[error]))
    status, answer = await ask(api, "POST /v1/reload")
    assert (status, answer["in_force"]) == (422, "old")
    assert answer["problems"] == [error.as_json()]
