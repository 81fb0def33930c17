"""Callbacks: the customers who are to be called back, to list, to ask for and to cancel."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.settings import Name
from acd.views import ContactState
from engine.api.desk import place_of, require_queue
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body
from engine.calls.call import Call
from engine.calls.callbacks.booking import ask_for
from engine.calls.callbacks.living import callbacks, cancel


class Wanted(BaseModel):
    """A customer at ``number`` is to be called back by ``queue``. ``since`` (epoch seconds) is when
    his age starts, if not now; ``language`` what is spoken to him."""

    model_config = ConfigDict(extra="forbid")
    queue: Name
    number: str = Field(min_length=1, max_length=40)
    language: str = Field("", max_length=35, pattern=r"^[A-Za-z0-9-]*$")
    since: float | None = Field(None, ge=0, allow_inf_nan=False)


async def _list(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    live = callbacks(engine.switchboard)
    return web.json_response([shown for call in live if (shown := _shown(engine, call))])


async def _ask(request: web.Request) -> web.Response:
    """201 with the callback; 200 with the one that there is for this number in this queue."""
    engine, wanted = request.app[ENGINE], await body(request, Wanted)
    require_queue(engine, wanted.queue)
    known = {call.id for call in callbacks(engine.switchboard)}
    since = engine.clock.now() if wanted.since is None else min(wanted.since, engine.clock.now())
    call = ask_for(
        engine.switchboard,
        engine.switchboard.queue(wanted.queue),
        wanted.number,
        since,
        wanted.language or engine.switchboard.default_language,
    )
    if call is None:
        told = f"`outbound` in the routes does not let {wanted.number!r} be dialed."
        raise Problem(409, "Number not allowed", told)
    return web.json_response(_shown(engine, call), status=200 if call.id in known else 201)


async def _cancel(request: web.Request) -> web.Response:
    engine, name = request.app[ENGINE], request.match_info["callback"]
    call = next((each for each in callbacks(engine.switchboard) if each.id == name), None)
    if call is None:
        raise Problem(404, "Unknown callback", f"There is no callback {name!r} now.")
    if call.channel:
        told = f"The customer is on the line: DELETE /v1/calls/{name} hangs up."
        raise Problem(409, "Not possible now", told)
    cancel(call, "by the API")
    return web.Response(status=204)


def _shown(engine: ServedEngine, call: Call) -> dict[str, Any]:
    standing, asked, now = call.standing, call.standing.callback, engine.clock.now()
    if asked is None:
        return {}
    found = place_of(engine, call.id)
    return {
        "callback": call.id,
        "queue": standing.visit.queue if standing.visit else asked.queue,
        "number": asked.number,
        "first": asked.first,
        "state": _state(call, found[1].state if found else None),
        "position": found[1].position if found else None,
        "since": asked.since,
        "waiting_seconds": round(now - asked.since, 3),
        "attempts": standing.attempts,
        "due": standing.due,
        "expires": asked.expires,
        "agent": standing.agent or (standing.accepted.agent if standing.accepted else None),
        "call": asked.parent or None,
    }


def _state(call: Call, place: ContactState | None) -> str:
    """``waiting``, ``ringing`` an agent, ``dialing`` the customer, ``postponed``, ``on_the_line``
    or ``talking``."""
    if call.standing.talk is not None:
        return "talking"
    if call.channel:
        return "on_the_line"
    if call.standing.dialed is not None:
        return "dialing"
    return str(place or ContactState.WAITING)


ROUTES = [
    web.get("/v1/callbacks", _list),
    web.post("/v1/callbacks", _ask),
    web.delete("/v1/callbacks/{callback}", _cancel),
]
