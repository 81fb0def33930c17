"""The server of the API, and the manual that lists its routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from served_engine import Engine, api, engine

from engine.api.server import ApiServer, ApiUnavailable, make_app

__all__ = ["api", "engine"]


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
