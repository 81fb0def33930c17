"""Who may ask the API for what: the users of the settings, their roles and their teams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr, ValidationError

from acd.agent_settings import AgentSettings
from engine.api.access import admit, caller_of, may_hear
from engine.api.keys import ENGINE
from engine.api.problems import Problem, problems
from engine.call_record import AuditEntry
from engine.secrets import Secrets
from engine.users import User, UserRole, digest_of

AGENTS = {
    "mai": AgentSettings(name="mai", extension="3001", team="sales"),
    "an": AgentSettings(name="an", extension="3002", team="support"),
    "minh": AgentSettings(name="minh", extension="3003"),
    "lan": AgentSettings(name="lan", extension="3004", team="sales", supervises=("sales",)),
    "boss": AgentSettings(name="boss", extension="3005", supervises=("*",)),
}
USERS = {
    "screen": User(role=UserRole.ADMIN, token_sha256=digest_of("of the screen")),
    "lan": User(role=UserRole.SUPERVISOR, agent="lan", token="${secret:LAN}"),
    "boss": User(role=UserRole.SUPERVISOR, agent="boss", token_sha256=digest_of("of the boss")),
    "mai": User(role=UserRole.AGENT, agent="mai", token_sha256=digest_of("of mai")),
    "lost": User(role=UserRole.ADMIN, token="${secret:NOBODY_HAS_IT}"),
}
TOKENS = {"screen": "of the screen", "lan": "lan's own", "boss": "of the boss", "mai": "of mai"}
TOKENS |= {"api": "the one of all"}


async def _answer(request: web.Request) -> web.Response:
    caller = caller_of(request)
    return web.json_response({"name": caller.name, "role": caller.role, "agent": caller.agent})


async def _heard(request: web.Request) -> web.Response:
    return web.json_response(sorted(name for name in [*AGENTS, ""] if may_hear(request, name)))


async def _hung_up(request: web.Request) -> web.Response:
    if request.match_info["call"] == "c-9":
        raise Problem(404, "Unknown call", "There is none.")
    return web.Response(status=204)


@pytest.fixture
def noted() -> list[AuditEntry]:
    """What is in the audit log."""
    return []


@pytest.fixture
async def api(noted: list[AuditEntry]) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[problems, admit])
    engine: Any = SimpleNamespace(
        settings=SimpleNamespace(api_token=SecretStr("the one of all"), users=USERS),
        lookups=SimpleNamespace(secrets=Secrets({"LAN": "lan's own"})),
        site=SimpleNamespace(agents=AGENTS),
        clock=SimpleNamespace(now=lambda: 1790000000.0),
        clerk=SimpleNamespace(file_audit=noted.append),
    )
    app[ENGINE] = engine
    app.add_routes([web.get("/v1/recordings", _heard), web.get("/health", _heard)])
    for path in ("/v1/agents", "/v1/calls", "/v1/campaigns", "/v1/agents/{name}"):
        app.add_routes([web.get(path, _answer)])
    app.add_routes([web.delete("/v1/calls/{call}", _hung_up)])
    for path in ("/v1/agents/{name}/pause", "/v1/agents/{name}/supervision", "/v1/reload"):
        app.add_routes([web.post(path, _answer)])
    async with TestClient(TestServer(app)) as client:
        yield client


async def ask(api: TestClient[Any, Any], who: str, what: str) -> tuple[int, Any]:
    method, _, path = what.partition(" ")
    headers = {"Authorization": f"Bearer {TOKENS.get(who, who)}"}
    async with api.request(method, path, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


MAY = {
    "GET /v1/agents": {"api", "screen", "lan", "boss"},
    "GET /v1/calls": {"api", "screen", "lan", "boss"},
    "GET /v1/campaigns": {"api", "screen"},
    "POST /v1/reload": {"api", "screen"},
    "GET /v1/agents/mai": {"api", "screen", "lan", "boss", "mai"},
    "GET /v1/agents/an": {"api", "screen", "lan", "boss"},
    "POST /v1/agents/mai/pause": {"api", "screen", "mai"},
    "POST /v1/agents/lan/pause": {"api", "screen", "lan"},
    "POST /v1/agents/an/supervision": {"api", "screen", "lan", "boss"},
    "POST /v1/agents/mai/supervision": {"api", "screen", "lan", "boss"},
    "POST /v1/agents/lan/supervision": {"api", "screen", "lan", "boss"},
    "GET /v1/recordings": {"api", "screen", "lan", "boss", "mai"},
}


@pytest.mark.parametrize("what", MAY)
async def test_each_may_what_his_role_lets_him_and_nothing_else(
    api: TestClient[Any, Any], what: str
) -> None:
    answers = {who: (await ask(api, who, what))[0] for who in TOKENS}
    assert answers == {who: 200 if who in MAY[what] else 403 for who in TOKENS}


async def test_who_is_refused_learns_what_it_needs(api: TestClient[Any, Any]) -> None:
    _, told = await ask(api, "mai", "GET /v1/calls")
    assert told["detail"] == "mai is an agent: this needs a supervisor."


@pytest.mark.parametrize("token", ["", "of nobody", "${secret:LAN}", digest_of("of mai")])
async def test_a_token_of_nobody_opens_nothing(api: TestClient[Any, Any], token: str) -> None:
    assert (await ask(api, token, "GET /v1/recordings"))[0] == 401
    assert (await ask(api, token, "GET /v1/agents/mai"))[0] == 401


async def test_what_is_asked_in_his_name_is_known_to_be_his(api: TestClient[Any, Any]) -> None:
    status, who = await ask(api, "lan", "GET /v1/agents")
    assert (status, who) == (200, {"name": "lan", "role": "supervisor", "agent": "lan"})
    assert (await ask(api, "api", "GET /v1/agents"))[1]["name"] == "api"


async def test_a_supervisor_hears_his_teams_and_an_agent_himself(
    api: TestClient[Any, Any],
) -> None:
    heard = {who: (await ask(api, who, "GET /v1/recordings"))[1] for who in TOKENS}
    assert heard == {
        "api": ["", "an", "boss", "lan", "mai", "minh"],
        "screen": ["", "an", "boss", "lan", "mai", "minh"],
        "boss": ["", "an", "boss", "lan", "mai", "minh"],
        "lan": ["lan", "mai"],
        "mai": ["mai"],
    }


async def test_who_hung_up_on_a_caller_is_in_the_audit_log_and_who_tried_is_not(
    api: TestClient[Any, Any], noted: list[AuditEntry]
) -> None:
    assert [(await ask(api, who, "DELETE /v1/calls/c-1"))[0] for who in ("mai", "lan")] == [403] * 2
    assert (await ask(api, "screen", "DELETE /v1/calls/c-9"))[0] == 404
    assert noted == []
    assert (await ask(api, "screen", "DELETE /v1/calls/c-1"))[0] == 204
    [entry] = noted
    told = (entry.at, entry.who, entry.action, entry.subject, entry.contact)
    assert told == (1790000000.0, "screen", "hang_up", "c-1", "c-1")


async def test_what_is_not_there_is_not_found_by_anybody(api: TestClient[Any, Any]) -> None:
    assert (await ask(api, "mai", "GET /v1/nothing"))[0] == 404


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"role": "supervisor", "token_sha256": "0" * 64}, "`agent` is missing"),
        ({"role": "admin"}, "either `token` or `token_sha256`"),
        ({"role": "admin", "token": "in plain sight"}, "does not stand in the settings"),
        ({"role": "admin", "token_sha256": "abc"}, "pattern"),
    ],
)
def test_a_user_who_cannot_be_known_is_no_user(user: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        User.model_validate(user)
