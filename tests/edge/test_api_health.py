"""What the health route tells whoever watches the engine."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient
from sample_call import CALL, T
from served_engine import Engine, api, ask, engine

from acd.messages import Alert, AlertKind

__all__ = ["api", "engine"]


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


async def test_alerts_are_counted_in_the_health(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.desk._carry_out([Alert(AlertKind.NOT_RESPONDING, "mai", "missed 2 offers")], T)
    _, health = await ask(api, "GET /health")
    assert health["alerts"] == {"not_responding": 1}
