"""The HTTP API over loopback: a real distributor and a real ledger behind it, a switch that obeys.

What an operator's program sees: each route, and what it is told when it asks wrongly.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import json
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

from acd.core import Acd
from acd.messages import Configured, ContactQueued, OfferAccepted
from acd.queues import AgentSettings, QueueSettings
from engine.api.server import ApiServer, ApiUnavailable, make_app
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.record import Standing
from engine.calls.registry import Registry
from engine.clerk import Clerk
from engine.cli import floor
from engine.clock import Clock
from engine.config.problems import Problem
from engine.desk import Desk
from engine.ports import Down, SegmentKind
from engine.settings import Settings
from engine.store.ledger import Ledger
from engine.store.reports import Reports

TOKEN = "a token of sixteen and more"
SUPPORT = QueueSettings(name="support")
MAI = AgentSettings(name="mai", extension="3001", queues=("support",))
AN = AgentSettings(name="an", extension="3002", queues=("support",))


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
        live.note(n.NodeEntered(self.clock.now(), "main", "main_menu"))
        if queue:
            live.note(n.VisitBegan(self.clock.now(), queue))
            self.desk.attend(call, live.deliver)
            self.post(ContactQueued(call, queue, arrived.at))
        self.registry.calls[call] = live
        return live


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    clock = Clock()
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db")
    await ledger.open()
    clerk = Clerk(ledger, lambda _call: None, tmp_path / "refused")
    clerk.ledger_up = True
    desk = Desk(Acd(), clock, lambda *_: None, lambda *_: None)
    ready = asyncio.Event()
    ready.set()
    pbx = ObedientPbx()
    switchboard: Any = SimpleNamespace(online={"3001"}, pbx=pbx)
    registry = Registry(switchboard, asyncio.TaskGroup(), lambda *_: None, lambda _record: None)
    engine = Engine(
        settings=SimpleNamespace(api_token=None, api_host="127.0.0.1", api_port=0),
        site=SimpleNamespace(agents={"mai": MAI, "an": AN}, queues={"support": SUPPORT}),
        clock=clock,
        desk=desk,
        pbx=pbx,
        registry=registry,
        switchboard=switchboard,
        reports=Reports(ledger),
        ledger=ledger,
        clerk=clerk,
        ready=ready,
    )
    engine.post(Configured((SUPPORT,), (MAI, AN)))
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
    }
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


@pytest.mark.parametrize("wish", ["login", "logout", "ready", "pause"])
async def test_an_unknown_agent_is_not_found(api: TestClient[Any, Any], wish: str) -> None:
    status, detail = await refused(api, f"POST /v1/agents/nobody/{wish}")
    assert (status, detail) == (404, "There is no agent 'nobody' in the agents' file.")


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
        "node": "main_menu",
        "queue": None,
        "agent": None,
    }
    assert (waiting["stage"], waiting["queue"]) == ("queue", "support")


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
    assert record.keys() == {field.name for field in dataclasses.fields(CALL)}
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
    with pytest.raises(floor.NoAnswer, match="answers 401"):
        await listed(api)


async def test_an_api_that_listens_everywhere_is_asked_on_this_machine(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    assert "mai" in await listed(api, api_token=TOKEN, api_host="0.0.0.0")


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
    engine.reload = AsyncMock(return_value=[warning])
    status, answer = await ask(api, "POST /v1/reload")
    assert (status, answer["in_force"]) == (200, "new")
    assert answer["problems"] == [warning.as_json()]


async def test_a_reload_with_an_error_says_that_the_old_files_stay_in_force(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    error = Problem("agents.yaml", 3, 22, "E203", "`extension` must be 2 to 8 digits")
    engine.reload = AsyncMock(return_value=[error])
    status, answer = await ask(api, "POST /v1/reload")
    assert (status, answer["in_force"]) == (422, "old")
    assert answer["problems"] == [error.as_json()]
