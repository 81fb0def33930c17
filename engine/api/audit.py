"""The audit log: who did what, when, to whom."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from engine.api.calls import Moment
from engine.api.keys import ENGINE
from engine.api.problems import query
from engine.store.audit import MOST


class Asked(BaseModel):
    """The newest ``limit`` entries since then (epoch seconds), of those asked for; '' is any."""

    model_config = ConfigDict(extra="forbid")
    who: str = ""
    action: str = ""
    subject: str = ""
    since: Moment = 0
    limit: int = Field(100, ge=1, le=MOST)


async def _audit(request: web.Request) -> web.Response:
    asked = query(request, Asked)
    entries = await request.app[ENGINE].audit.entries(**asked.model_dump())
    return web.json_response([asdict(entry) for entry in entries])


ROUTES = [web.get("/v1/audit", _audit)]
