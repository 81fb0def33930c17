"""Conference rooms: who is in them; to put somebody out, or to let nobody hear him."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from engine.api.desk import Contact
from engine.api.keys import ENGINE
from engine.api.problems import Problem, body
from engine.calls.conferences.rooms import Member, Room


class Who(BaseModel):
    """The call of a member."""

    model_config = ConfigDict(extra="forbid")
    call: Contact


async def _conferences(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response([_shown(room, now) for room in engine.switchboard.conferences])


def _shown(room: Room, now: float) -> dict[str, Any]:
    members = list(room.members.values())
    return {
        "room": room.name,
        "recorded_with": room.recorder if room.recorder in room.members else None,
        "waits_for_leader": room.waits,
        "members": [_member(member, now) for member in members],
    }


def _member(member: Member, now: float) -> dict[str, Any]:
    return {
        "call": member.call.id,
        "caller": member.call.arrived.caller,
        "leader": member.leads,
        "muted": not member.heard,
        "hears_music": bool(member.held),
        "seconds": round(now - member.joined.at, 3),
    }


async def _kick(request: web.Request) -> web.Response:
    who = await body(request, Who)
    conferences = request.app[ENGINE].switchboard.conferences
    return _told(request, who, conferences.kick(request.match_info["room"], who.call))


async def _mute(request: web.Request) -> web.Response:
    return await _set_muted(request, True)


async def _unmute(request: web.Request) -> web.Response:
    return await _set_muted(request, False)


async def _set_muted(request: web.Request, muted: bool) -> web.Response:
    who = await body(request, Who)
    conferences = request.app[ENGINE].switchboard.conferences
    return _told(request, who, conferences.mute(request.match_info["room"], who.call, muted))


def _told(request: web.Request, who: Who, there: bool) -> web.Response:
    """202: the member's own story does it."""
    room = request.match_info["room"]
    if there:
        return web.json_response({"room": room, "call": who.call}, status=202)
    told = f"{who.call!r} is not in room {room!r} (any more): GET /v1/conferences lists who is."
    raise Problem(404, "No such member", told)


ROUTES = [
    web.get("/v1/conferences", _conferences),
    web.post("/v1/conferences/{room}/kick", _kick),
    web.post("/v1/conferences/{room}/mute", _mute),
    web.post("/v1/conferences/{room}/unmute", _unmute),
]
