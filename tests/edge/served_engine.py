"""The parts of an engine that the HTTP API serves, and a client of it over loopback.

A real distributor and a real ledger stand behind it, and a switch that obeys.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings
from acd.core import Acd
from acd.messages import Configured, ContactQueued, OfferAccepted
from acd.queues import QueueSettings, WrapUp
from engine.api.server import make_app
from engine.call_record import SegmentKind
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.record import Standing
from engine.calls.recording import Recorder
from engine.calls.registry import Registry
from engine.clerk import Clerk
from engine.clock import Clock
from engine.contacts import Contacts
from engine.desk import Desk
from engine.ivr.flowset import FlowSet
from engine.ports import Down
from engine.store.ledger import Ledger
from engine.store.reports import Reports

TOKEN = "a token of sixteen and more"
MAI = AgentSettings(name="mai", extension="3001", queues=("support",))
AN = AgentSettings(name="an", extension="3002", queues=("support",))
WRAP_UP = WrapUp(seconds=60, dispositions=("sold", "no_interest"), extensions=1)
SUPPORT = QueueSettings(name="support", script="https://crm.example", wrap_up=WRAP_UP)
CHAT = {"contact": "chat:1", "queue": "support", "medium": "chat"}
LOGIN = "POST /v1/agents/mai/login"


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
async def engine(tmp_path: Path, new_ledger: Path) -> AsyncIterator[Engine]:
    clock = Clock()
    ledger = Ledger(f"sqlite:///{shutil.copy(new_ledger, tmp_path)}")
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


async def talking(api: TestClient[Any, Any], engine: Engine, call: str = "c-1") -> None:
    """Mai talks with a caller."""
    await ask(api, "POST /v1/agents/mai/login")
    engine.arrive(call, "support")
    engine.post(OfferAccepted(f"{call}-a1"))
