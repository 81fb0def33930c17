"""The site's files (agents, queues, routes, flows), read again without a restart."""

from __future__ import annotations

from aiohttp import web

from engine.api.keys import ENGINE
from engine.config.problems import has_errors


async def _reload(request: web.Request) -> web.Response:
    """200 when the files are in force now, 422 when an error in them left the old ones in force.

    ``problems`` has all that is wrong with them, with file, line and what to do.
    """
    problems = await request.app[ENGINE].reload()
    refused = has_errors(problems)
    body = {
        "in_force": "old" if refused else "new",
        "problems": [problem.as_json() for problem in problems],
    }
    return web.json_response(body, status=422 if refused else 200)


ROUTES = [web.post("/v1/reload", _reload)]
