"""Supervision over the API: whom a supervisor may follow, and that he does as he was asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from acd.agent_settings import AgentSettings
from engine.api.server import make_app
from engine.secrets import Secrets
from engine.users import User, UserRole, digest_of
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, small_site
from tests.unit.who_hears import heard_by

Client = TestClient[Any, Any]
CALLER = "100.1"
ANNA = "/v1/agents/anna/supervision"
TEAMS: dict[str, dict[str, Any]] = {
    "anna": {"team": "sales"},
    "binh": {"supervises": ("support",)},
    "chi": {"supervises": ("sales",)},
}
WHO = {
    "admin": User(role=UserRole.ADMIN, token_sha256=digest_of("admin's")),
    "chi": User(role=UserRole.SUPERVISOR, agent="chi", token_sha256=digest_of("chi's")),
    "binh": User(role=UserRole.SUPERVISOR, agent="binh", token_sha256=digest_of("binh's")),
    "anna": User(role=UserRole.AGENT, agent="anna", token_sha256=digest_of("anna's")),
}


def _of_teams(agents: dict[str, AgentSettings]) -> dict[str, AgentSettings]:
    return {name: each.model_copy(update=TEAMS[name]) for name, each in agents.items()}


@pytest.fixture
async def center() -> AsyncIterator[SmallCenter]:
    """A center in real time, in which Anna and a caller talk."""
    site = small_site(3)
    site.agents = _of_teams(site.agents)
    center: Any = SmallCenter(FakePbx(time.time), site)
    center.settings.api_token, center.settings.users = None, WHO
    center.lookups = SimpleNamespace(secrets=Secrets())
    await center.start()
    for phone in ("3001", "3002", "3003"):
        center.switch.phones[phone] = Phone(answers=0.01)
        center.switchboard.online.add(phone)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await _until(lambda: _talks(center))
    yield center
    await center.kill()


@pytest.fixture
async def api(center: SmallCenter) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(center))) as client:
        yield client


def _talks(center: SmallCenter) -> bool:
    call = center.registry.calls.get(CALLER)
    return call is not None and call.standing.talk is not None


async def _until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def ask(api: Client, who: str, what: str, **body: Any) -> tuple[int, Any]:
    """The status and the answer; of a refusal only why."""
    method, _, path = what.partition(" ")
    headers = {"Authorization": f"Bearer {who}'s"}
    async with api.request(method, path, headers=headers, json=body or None) as answer:
        told = await answer.json(content_type=None)
        return answer.status, told["detail"] if answer.status >= 400 else told


async def follow(api: Client, center: SmallCenter, watch: str) -> str:
    """Chi follows Anna; the channel of her phone."""
    status, told = await ask(api, "chi", f"POST {ANNA}", watch=watch)
    assert (status, told["supervisor"], told["rings"]) == (202, "chi", True)
    call = center.registry.calls[told["call"]]
    await _until(lambda: call.standing.supervised and call.standing.supervised.contact)
    return call.channel


async def test_a_supervisor_begins_changes_and_ends_it_for_himself(
    api: Client, center: SmallCenter
) -> None:
    chi = await follow(api, center, "listen")
    assert chi not in heard_by(center.switch, CALLER)
    status, told = await ask(api, "chi", f"PUT {ANNA}", watch="barge")
    assert (status, told["agent"], told["contact"]) == (202, "anna", CALLER)
    await _until(lambda: chi in heard_by(center.switch, CALLER))
    [shown] = (await ask(api, "chi", "GET /v1/supervision"))[1]
    assert (shown["supervisor"], shown["watch"], shown["contact"]) == ("chi", "barge", CALLER)
    [again] = (await ask(api, "chi", f"GET {ANNA}"))[1]
    assert again["call"] == shown["call"]
    assert (await ask(api, "chi", f"DELETE {ANNA}"))[0] == 204
    await _until(lambda: chi not in center.switch.channels)
    assert (await ask(api, "chi", "GET /v1/supervision"))[1] == []
    await center.clerk.finish()
    assert center.books.audit[0].detail == "listen, by chi"


async def test_an_admin_puts_any_supervisor_beside_an_agent_and_gives_him_the_talk(
    api: Client, center: SmallCenter
) -> None:
    status, told = await ask(api, "admin", f"POST {ANNA}", supervisor="chi", watch="whisper")
    assert status == 202
    call = center.registry.calls[told["call"]]
    await _until(lambda: call.standing.supervised and call.standing.supervised.contact)
    over = await ask(api, "admin", f"POST {ANNA}/take_over", supervisor="chi")
    assert over[0] == 202
    await _until(lambda: heard_by(center.switch, CALLER) == {call.channel})
    await _until(lambda: center.switch.legs_of("3001") == [])


REFUSED: dict[str, tuple[str, str, dict[str, str], int, str]] = {
    "who is of another team": ("binh", f"POST {ANNA}", {}, 403, "binh does not supervise it"),
    "an agent": ("anna", "POST /v1/agents/chi/supervision", {}, 403, "needs a supervisor"),
    "an agent himself": ("anna", f"POST {ANNA}", {}, 403, "needs a supervisor"),
    "who listens to an agent": ("anna", f"GET {ANNA}", {}, 403, "needs a supervisor"),
    "himself": ("chi", "POST /v1/agents/chi/supervision", {}, 403, "cannot supervise himself"),
    "for another": ("binh", f"POST {ANNA}", {"supervisor": "chi"}, 403, "acts for binh alone"),
    "nobody": ("admin", f"POST {ANNA}", {}, 422, "name the agent who supervises"),
    "an unknown one": ("admin", f"POST {ANNA}", {"supervisor": "zoe"}, 404, "no agent 'zoe'"),
    "in no way": ("chi", f"POST {ANNA}", {"watch": "gone"}, 422, "listen, whisper or barge"),
    "change nothing": ("chi", f"PUT {ANNA}", {"watch": "barge"}, 404, "does not follow anna"),
    "end nothing": ("chi", f"DELETE {ANNA}", {}, 404, "does not follow anna"),
    "take nothing": ("chi", f"POST {ANNA}/take_over", {}, 404, "does not follow anna"),
}


async def test_who_may_not_or_does_not_is_told_why(api: Client) -> None:
    for case, (who, what, body, status, why) in REFUSED.items():
        refused, told = await ask(api, who, what, **body)
        assert (refused, why in told) == (status, True), f"{case}: {refused} {told}"
    assert (await ask(api, "admin", "GET /v1/supervision"))[1] == []


async def test_a_supervisor_follows_one_agent_at_a_time_and_must_have_a_phone(
    api: Client, center: SmallCenter
) -> None:
    center.switchboard.online.discard("3003")
    status, told = await ask(api, "chi", f"POST {ANNA}")
    assert (status, told) == (409, "chi cannot be rung: his phone is unreachable.")
    center.switchboard.online.add("3003")
    await follow(api, center, "listen")
    status, told = await ask(api, "chi", f"POST {ANNA}", watch="listen")
    assert status == 409
    assert "chi follows anna" in told


async def test_nothing_is_changed_or_taken_before_he_has_answered(
    api: Client, center: SmallCenter
) -> None:
    center.switch.phones["3003"] = Phone()
    assert (await ask(api, "chi", f"POST {ANNA}"))[0] == 202
    assert (await ask(api, "chi", f"PUT {ANNA}", watch="barge"))[0] == 409
    assert (await ask(api, "chi", f"POST {ANNA}/take_over"))[0] == 409
    assert (await ask(api, "chi", f"DELETE {ANNA}"))[0] == 204
    await _until(lambda: center.switch.legs_of("3003") == [])
