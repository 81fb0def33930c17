"""Calls: those that live now, and the records of those that are over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from engine.api.keys import ENGINE
from engine.api.problems import Problem, query
from engine.calls.call import Call
from engine.ports import PbxError

_LAST_MOMENT = 253_402_300_799  # of the year 9999, the databases' last
Moment = Annotated[float, Field(ge=0, le=_LAST_MOMENT, allow_inf_nan=False)]
"""A time in seconds since the epoch that the databases can hold."""


class Page(BaseModel):
    """The newest ``limit`` records, of calls that arrived at ``since`` (epoch seconds) or later."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(50, ge=1, le=1000)
    since: Moment = 0


async def _live(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response([_shown(call, now) for call in engine.registry.calls.values()])


async def _records(request: web.Request) -> web.Response:
    asked = query(request, Page)
    lines = await request.app[ENGINE].reports.calls(asked.limit, asked.since)
    return web.json_response([asdict(line) for line in lines])


async def _record(request: web.Request) -> web.Response:
    call = request.match_info["call"]
    record = await request.app[ENGINE].reports.call(call)
    if record is None:
        raise Problem(404, "Unknown call", f"No record of call {call!r}; is it still going on?")
    return web.json_response(asdict(record))


async def _hang_up(request: web.Request) -> web.Response:
    engine, call = request.app[ENGINE], request.match_info["call"]
    if call not in engine.registry.calls:
        raise Problem(404, "Unknown call", f"There is no call {call!r} now.")
    try:
        await engine.registry.dismiss(engine.registry.calls[call])
    except PbxError as error:
        raise Problem(503, "Asterisk does not answer", str(error)) from error
    return web.Response(status=204)


def _shown(call: Call, now: float) -> dict[str, Any]:
    standing = call.standing
    return {
        "call": call.id,
        "stage": standing.stage,
        "caller": call.arrived.caller,
        "called": call.arrived.did,
        "language": standing.language,
        "seconds": round(now - call.arrived.at, 3),
        "node": standing.node.node if standing.node else None,
        "queue": standing.visit.queue if standing.visit else None,
        "agent": standing.talk.agent if standing.talk else None,
    }


ROUTES = [
    web.get("/v1/calls", _live),
    web.delete("/v1/calls/{call}", _hang_up),
    web.get("/v1/records", _records),
    web.get("/v1/records/{call}", _record),
]
