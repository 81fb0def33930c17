"""Lookups: how the requests of flows end, and which hosts are not asked for the time being."""

from __future__ import annotations

from aiohttp import web

from engine.api.keys import ENGINE


async def _lookups(request: web.Request) -> web.Response:
    return web.json_response(request.app[ENGINE].lookups.stats())


ROUTES = [web.get("/v1/lookups", _lookups)]
