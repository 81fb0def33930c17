"""The site's files (agents, queues, routes, flows), read again without a restart; and its flows."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from engine.api.keys import ENGINE, ServedEngine
from engine.config.problems import has_errors
from engine.config.published import Publications, content_hash


async def _reload(request: web.Request) -> web.Response:
    """200 when the files are in force now, 422 when an error in them left the old ones in force.

    ``problems`` has all that is wrong with them, with file, line and what to do.
    """
    engine = request.app[ENGINE]
    problems = await engine.in_force.reload()
    refused = has_errors(problems)
    body = {
        "in_force": "old" if refused else "new",
        "flows": await asyncio.to_thread(_flows, engine),
        "problems": [problem.as_json() for problem in problems],
    }
    return web.json_response(body, status=422 if refused else 200)


async def _versions(request: web.Request) -> web.Response:
    """The flows in force, and how many live calls are in which version of them."""
    engine = request.app[ENGINE]
    nodes = (call.standing.node for call in engine.registry.calls.values())
    calls = Counter(node.version for node in nodes if node is not None)
    return web.json_response({**await asyncio.to_thread(_flows, engine), "calls": calls})


def _flows(engine: ServedEngine) -> dict[str, Any]:
    """``published`` is their number, null for working files; ``pending``: these were changed."""
    version, settings = engine.site.flow_set.version, engine.settings
    publications = Publications(settings.state_dir)
    current = publications.find(version) if publications.is_published() else None
    return {
        "version": version,
        "published": current.number if current else None,
        "pending": content_hash(settings.flows_dir) != version,
    }


ROUTES = [web.post("/v1/reload", _reload), web.get("/v1/flows", _versions)]
