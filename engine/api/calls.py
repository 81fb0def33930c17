"""Calls: those that live now, their places in line, and the records of those that are over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.messages import NeedsChanged, PriorityChanged
from engine.api.desk import Needs, place_of, post, tasks_for
from engine.api.keys import ENGINE
from engine.api.problems import Problem, body, query
from engine.api.queues import waiting
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ACD
from engine.calls.left import SENT
from engine.ports import PbxError

_LAST_MOMENT = 253_402_300_799  # of the year 9999, the databases' last
Moment = Annotated[float, Field(ge=0, le=_LAST_MOMENT, allow_inf_nan=False)]
"""A time in seconds since the epoch that the databases can hold."""


class Page(BaseModel):
    """The newest ``limit`` records, of calls that arrived at ``since`` (epoch seconds) or later."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(50, ge=1, le=1000)
    since: Moment = 0


class Priority(BaseModel):
    """``offset_seconds``: an age of its own that the contact is given beside its wait."""

    model_config = ConfigDict(extra="forbid")
    offset_seconds: float = Field(ge=-86400, le=86400, allow_inf_nan=False)


class Wanted(BaseModel):
    """What a waiting contact needs from now on, step by step; empty: what its queue says."""

    model_config = ConfigDict(extra="forbid")
    needs: Needs


async def _live(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response([_shown(call, now) for call in engine.registry.on_the_line()])


async def _one(request: web.Request) -> web.Response:
    """A live call: its way through the flows so far, what they keep with it, and its agents with
    what they set of it."""
    engine, call = request.app[ENGINE], request.match_info["call"]
    live = engine.registry.calls.get(call)
    if live is None:
        told = f"There is no call {call!r} now; ended, it is at /v1/records/{call}."
        raise Problem(404, "Unknown call", told)
    agents = [
        {"agent": agent, "state": task.state, "disposition": task.disposition}
        for agent, task in tasks_for(engine, call)
    ]
    now = engine.clock.now()
    more = {"path": _path(live, now), "tags": live.standing.course.tags, "agents": agents}
    return web.json_response(_shown(live, now) | more)


async def _records(request: web.Request) -> web.Response:
    asked = query(request, Page)
    lines = await request.app[ENGINE].reports.calls(asked.limit, asked.since)
    return web.json_response([asdict(line) for line in lines])


_ELSEWHERE: Final = ("audit", "marks", "greetings")
"""What a record is written with and the ledger keeps elsewhere: in the audit log, the mailboxes."""


async def _record(request: web.Request) -> web.Response:
    call = request.match_info["call"]
    record = await request.app[ENGINE].reports.call(call)
    if record is None:
        raise Problem(404, "Unknown call", f"No record of call {call!r}; is it still going on?")
    shown = asdict(record)
    for name in _ELSEWHERE:
        del shown[name]
    return web.json_response(shown)


async def _priority(request: web.Request) -> web.Response:
    offset, call = (await body(request, Priority)).offset_seconds, _waiting(request)
    post(request, PriorityChanged(call, offset))
    _note(request, "priority", f"{offset:+g} s", offset_seconds=offset)
    return _place(request)


async def _needs(request: web.Request) -> web.Response:
    needs, call = (await body(request, Wanted)).needs, _waiting(request)
    post(request, NeedsChanged(call, needs))
    said = ", then ".join(step.need or "anybody" for step in needs)
    _note(request, "needs", said, needs=needs)
    return _place(request)


def _waiting(request: web.Request) -> str:
    """The call in the path: 404 when there is none, 409 when it waits in no queue."""
    engine, call = request.app[ENGINE], request.match_info["call"]
    if place_of(engine, call) is not None:
        return call
    if call in engine.registry.calls:
        stage = stage_of(engine.registry.calls[call])
        raise Problem(409, "Not possible now", f"{call} waits in no queue: its stage is {stage}.")
    raise Problem(404, "Unknown call", f"There is no call {call!r} now.")


def _note(request: web.Request, event: str, detail: str, **changed: Any) -> None:
    """What he waits with is the call's own, too: he may have to stand in line again."""
    call = request.app[ENGINE].registry.calls.get(request.match_info["call"])
    if call is not None:
        call.note(n.PlaceChanged(call.now(), **changed))
        call.step(ACD, event, ACD, f"{detail}, by the API")


def _place(request: web.Request) -> web.Response:
    """The contact's place as it is now; without one it was offered or sent on by the change."""
    engine, call = request.app[ENGINE], request.match_info["call"]
    found = place_of(engine, call)
    place = {"queue": found[0]} | waiting(found[1], engine.clock.now()) if found else None
    return web.json_response(place or {"call": call, "queue": None})


async def _hang_up(request: web.Request) -> web.Response:
    engine, call = request.app[ENGINE], request.match_info["call"]
    if call not in engine.registry.calls:
        raise Problem(404, "Unknown call", f"There is no call {call!r} now.")
    try:
        await engine.registry.dismiss(engine.registry.calls[call])
    except PbxError as error:
        raise Problem(503, "Asterisk does not answer", str(error)) from error
    return web.Response(status=204)


def stage_of(call: Call) -> str:
    """Where he is: in a flow, a queue or a talk; whom an agent has sent on, what his time is until
    he is there (``parked``, ``dialing``)."""
    standing = call.standing
    sent = standing.left is not None and standing.left.reason == SENT
    return standing.segment.kind if sent and standing.segment is not None else standing.stage


def _shown(call: Call, now: float) -> dict[str, Any]:
    standing, node = call.standing, call.standing.node
    return {
        "call": call.id,
        "stage": stage_of(call),
        "caller": call.arrived.caller,
        "called": call.arrived.did,
        "language": standing.language,
        "seconds": round(now - call.arrived.at, 3),
        "flow": node.flow if node else None,
        "node": node.node if node else None,
        "version": node.version if node else None,
        "queue": standing.visit.queue if standing.visit else None,
        "agent": standing.talk.agent if standing.talk else None,
    }


def _path(call: Call, now: float) -> list[dict[str, Any]]:
    """His stays at nodes; ``left`` and ``exit`` of where he is are None."""
    stays = [asdict(visit) for visit in call.standing.course.visits(now)]
    return [stay if stay["exit"] else stay | {"left": None, "exit": None} for stay in stays]


ROUTES = [
    web.get("/v1/calls", _live),
    web.get("/v1/calls/{call}", _one),
    web.post("/v1/calls/{call}/priority", _priority),
    web.post("/v1/calls/{call}/needs", _needs),
    web.delete("/v1/calls/{call}", _hang_up),
    web.get("/v1/records", _records),
    web.get("/v1/records/{call}", _record),
]
