"""Wrong questions: what is told of them, and that nobody is moved."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from served_engine import LOGIN, Engine, api, ask, engine, refused

__all__ = ["api", "engine"]


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
