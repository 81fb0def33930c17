"""Serves the API: health, agents, queues, contacts, calls, records, reports (``docs/api.md``).

With an ``api_token`` or users, which every address but loopback needs, each request but ``/health``
carries ``Authorization: Bearer <token>``. Without them, no web page of another site may ask.
"""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from engine.api import (
    agents,
    audit,
    calendars,
    callbacks,
    calls,
    campaign_forecast,
    campaign_hindrances,
    campaigns,
    conferences,
    contacts,
    do_not_call,
    imports,
    leads,
    lookups,
    queues,
    recordings,
    reports,
    site,
    supervision,
    talks,
    voicemails,
    why,
    work,
)
from engine.api.access import admit
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import problems

log = structlog.get_logger("api")

_BODY_BYTES = 64_000


class ApiUnavailable(Exception):
    """The API cannot listen where it should."""


class ApiServer:
    """The HTTP server of one engine."""

    def __init__(self, engine: ServedEngine) -> None:
        self._engine = engine

    async def run(self) -> None:
        """Serve until cancelled. Raises ``ApiUnavailable`` when the port is taken."""
        settings = self._engine.settings
        runner = web.AppRunner(make_app(self._engine), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await _listen(runner, settings.api_host, settings.api_port)
            log.info("listening", url=f"http://{settings.api_host}:{settings.api_port}")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ApiUnavailable(
            f"the API cannot listen on port {port} of {host} ({error.strerror}): stop the program "
            "that holds it, or set TONGDAI_API_HOST and TONGDAI_API_PORT to another place"
        ) from error


def make_app(engine: ServedEngine) -> web.Application:
    """The routes, with authentication and errors around them."""
    app = web.Application(middlewares=[problems, admit], client_max_size=_BODY_BYTES)
    app[ENGINE] = engine
    app.cleanup_ctx.append(imports.keep_imports)
    app.cleanup_ctx.append(recordings.keep_listeners)
    app.add_routes([web.get("/health", _health)])
    for part in (
        *(agents, work, queues, calendars, calls, talks, callbacks, conferences),
        *(why, contacts, recordings, voicemails, reports, lookups, site),
        *(supervision, audit),
        *(campaigns, campaign_forecast, campaign_hindrances, leads, imports, do_not_call),
    ):
        app.add_routes(part.ROUTES)
    return app


async def _health(request: web.Request) -> web.Response:
    """200 when calls can be served, 503 when not; the body says which part is missing.

    Calls are served without the ledger, too: their records wait in the journal.
    """
    engine = request.app[ENGINE]
    linked, ready = engine.pbx.in_step, engine.ready.is_set()
    alerts = {str(kind): count for kind, count in engine.desk.alerts.items()}
    alerts |= engine.switchboard.recorder.alarms
    state = {
        "status": "ok" if linked and ready else "degraded",
        "asterisk": "linked" if linked else "down",
        "engine": "ready" if ready else "starting",
        "ledger": "up" if engine.clerk.ledger_up else "down",
        "records_waiting": engine.clerk.backlog,
        "calls": len(engine.registry.calls),
        "alerts": alerts,
    }
    return web.json_response(state, status=200 if linked and ready else 503)
