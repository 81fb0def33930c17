"""Serves the API: health, agents, queues, live calls and records. All bodies are JSON.

Loopback needs no token; everywhere else each request but ``/health`` carries
``Authorization: Bearer <api_token>``.
"""

from __future__ import annotations

import asyncio
import hmac

import structlog
from aiohttp import web

from engine.api import agents, calls
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Handler, Problem, problems

log = structlog.get_logger("api")

_BODY_BYTES = 64_000


class ApiServer:
    """The HTTP server of one engine."""

    def __init__(self, engine: ServedEngine) -> None:
        self._engine = engine

    async def run(self) -> None:
        """Serve until cancelled. Raises ``OSError`` when the port is taken."""
        settings = self._engine.settings
        runner = web.AppRunner(make_app(self._engine), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.api_host, settings.api_port).start()
            log.info("listening", url=f"http://{settings.api_host}:{settings.api_port}")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def make_app(engine: ServedEngine) -> web.Application:
    """The routes, with authentication and errors around them."""
    app = web.Application(middlewares=[problems, _authenticate], client_max_size=_BODY_BYTES)
    app[ENGINE] = engine
    app.add_routes([web.get("/health", _health), *agents.ROUTES, *calls.ROUTES])
    return app


@web.middleware
async def _authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    token = request.app[ENGINE].settings.api_token
    if token is not None and request.path != "/health":
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
            raise Problem(401, "Unauthorized", "Send `Authorization: Bearer <api_token>`.")
    return await handler(request)


async def _health(request: web.Request) -> web.Response:
    """200 when calls can be served, 503 when not; the body says which part is missing."""
    engine = request.app[ENGINE]
    linked, ready = engine.pbx.in_step, engine.ready.is_set()
    state = {
        "status": "ok" if linked and ready else "degraded",
        "asterisk": "linked" if linked else "down",
        "engine": "ready" if ready else "starting",
        "records_waiting": engine.clerk.backlog,
        "calls": len(engine.registry.calls),
    }
    return web.json_response(state, status=200 if linked and ready else 503)
