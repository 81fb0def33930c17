"""An operator sees by the API whether the systems behind the flows answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from aiohttp.test_utils import TestClient, TestServer, unused_port

from engine.api.server import make_app
from engine.ivr.messages import Request
from engine.lookups.circuit import FAILURES
from engine.lookups.lookups import Lookups
from engine.secrets import Secrets


async def test_a_host_that_does_not_answer_is_told_with_what_became_of_its_lookups() -> None:
    port = unused_port()
    lookups = Lookups(Secrets())
    settings = SimpleNamespace(api_token=None, users={})
    engine: Any = SimpleNamespace(lookups=lookups, settings=settings)
    asked = Request("customer", "GET", f"http://127.0.0.1:{port}/4711", {}, None, 5.0)
    async with TestClient(TestServer(make_app(engine))) as api:
        assert await (await api.get("/v1/lookups")).json() == {"lookups": {}, "open_circuits": []}
        for _ in range(FAILURES):
            await lookups.perform(asked)
        told = await (await api.get("/v1/lookups")).json()
    await lookups.close()
    assert told["open_circuits"] == [f"127.0.0.1:{port}"]
    assert told["lookups"]["customer"]["results"] == {"error": FAILURES}
