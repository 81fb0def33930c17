"""The site by the API: its files read again, and the versions of its flows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

from aiohttp.test_utils import TestClient
from served_engine import Engine, api, ask, engine

from engine.config.problems import Problem
from engine.config.published import Publications, content_hash
from engine.ivr.flowset import FlowSet

__all__ = ["api", "engine"]


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
