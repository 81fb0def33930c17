"""Who may ask the API where there are no users: whoever has the token."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pydantic import SecretStr
from served_engine import LOGIN, TOKEN, Engine, api, ask, engine, refused

__all__ = ["api", "engine"]


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
