"""Calendars: what each says now, when it opens next, and the switch of its emergency."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from dialplan.hours import HoursState
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body

Told = Annotated[str, Field(max_length=200, pattern=r"^[^\p{C}]*$")]


class Emergency(BaseModel):
    """``on`` or off, ``by`` whom, and why."""

    model_config = ConfigDict(extra="forbid")
    on: bool
    by: Told = "the API"
    reason: Told = ""


async def _list(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    return web.json_response([_shown(engine, name) for name in engine.site.calendars])


async def _switch(request: web.Request) -> web.Response:
    """The calendar as it is then. 409 when the routes keep it in emergency."""
    engine, wanted = request.app[ENGINE], await body(request, Emergency)
    name = request.match_info["name"]
    if name not in engine.site.calendars:
        raise Problem(404, "Unknown calendar", f"There is no calendar {name!r} in the routes.")
    engine.in_force.switch_emergency([name], wanted.on, wanted.by, wanted.reason)
    if not wanted.on and engine.site.calendars[name].emergency:
        told = f"The routes say `emergency: yes` for {name}: change that, and reload."
        raise Problem(409, "Not possible now", told)
    return web.json_response(_shown(engine, name))


def _shown(engine: ServedEngine, name: str) -> dict[str, Any]:
    calendar, now = engine.site.calendars[name], engine.clock.now()
    status = calendar.status(now)
    return {
        "name": name,
        "timezone": calendar.zone.key,
        "state": status.state,
        "holiday": dict(status.names) if status.state is HoursState.HOLIDAY else None,
        "next_open": status.next_open,
        "emergency": _emergency(engine, name),
    }


def _emergency(engine: ServedEngine, name: str) -> dict[str, Any] | None:
    """Who switched it on, when and why; without a time it stands in the routes."""
    switched = engine.in_force.emergencies.in_force.get(name)
    if switched is not None:
        return {"since": switched.since, "by": switched.by, "reason": switched.reason}
    if engine.site.calendars[name].emergency:
        return {"since": None, "by": "the routes", "reason": ""}
    return None


ROUTES = [
    web.get("/v1/calendars", _list),
    web.put("/v1/calendars/{name}/emergency", _switch),
]
