"""Conference rooms: who is in them, and all that a leader can do there, without being in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel, ConfigDict, model_validator

from acd.settings import Name
from engine.api.access import caller_of
from engine.api.desk import Contact
from engine.api.keys import ENGINE
from engine.api.problems import Handler, Problem, body
from engine.call_record import AuditEntry
from engine.calls.conferences.inviting import invite, whom
from engine.calls.conferences.rooms import Member, Room
from engine.calls.outcomes import Missed
from engine.calls.talk.parties import Role


class Who(BaseModel):
    """The call of a member."""

    model_config = ConfigDict(extra="forbid")
    call: Contact


class RoleOf(Who):
    """What he is from now on."""

    role: Role


class Invitation(BaseModel):
    """Who is to be brought in: an agent by his name, or a number outside."""

    model_config = ConfigDict(extra="forbid")
    agent: Name | None = None
    number: str | None = None
    role: Role = Role.SPEAKER

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.agent is None) is (self.number is None):
            raise ValueError("name an `agent` or a `number`")
        return self


# -- who is there -------------------------------------------------------------------------------


async def _conferences(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response([_shown(room, now) for room in engine.switchboard.conferences])


async def _conference(request: web.Request) -> web.Response:
    return web.json_response(_shown(_named_room(request), request.app[ENGINE].clock.now()))


def _shown(room: Room, now: float) -> dict[str, Any]:
    members = list(room.members.values())
    return {
        "room": room.name,
        "recorded_with": room.recorder if room.recorder in room.members else None,
        "waits_for_leader": room.waits,
        "locked": room.locked,
        "muted": room.hushed,
        "ends": room.until or None,
        "members": [_member(member, now) for member in members],
    }


def _member(member: Member, now: float) -> dict[str, Any]:
    return {
        "call": member.call.id,
        "caller": member.call.arrived.caller,
        "agent": member.joined.agent or None,
        "role": member.now.role,
        "leader": member.leads,
        "muted": member.now.muted,
        "heard": member.heard,
        "hears_music": bool(member.held),
        "seconds": round(now - member.joined.at, 3),
    }


def _named_room(request: web.Request) -> Room:
    """The room in the path. Raises 404."""
    name = request.match_info["room"]
    room = request.app[ENGINE].switchboard.conferences.find(name)
    if room is None:
        told = f"Nobody is in room {name!r}: GET /v1/conferences lists the rooms."
        raise Problem(404, "No such conference", told)
    return room


# -- one member ---------------------------------------------------------------------------------


async def _kick(request: web.Request) -> web.Response:
    who = await body(request, Who)
    conferences = request.app[ENGINE].switchboard.conferences
    return _told(request, who, conferences.kick(request.match_info["room"], who.call), "kick")


async def _mute(request: web.Request) -> web.Response:
    return await _set_muted(request, True)


async def _unmute(request: web.Request) -> web.Response:
    return await _set_muted(request, False)


async def _set_muted(request: web.Request, muted: bool) -> web.Response:
    who = await body(request, Who)
    conferences = request.app[ENGINE].switchboard.conferences
    done = conferences.mute(request.match_info["room"], who.call, muted)
    return _told(request, who, done, "mute" if muted else "unmute")


async def _role(request: web.Request) -> web.Response:
    who = await body(request, RoleOf)
    conferences = request.app[ENGINE].switchboard.conferences
    done = conferences.give_role(request.match_info["room"], who.call, who.role)
    return _told(request, who, done, f"make_{who.role}")


def _told(request: web.Request, who: Who, there: bool, action: str) -> web.Response:
    """202: the member's own story does it."""
    room = request.match_info["room"]
    if there:
        _note(request, action, contact=who.call)
        return web.json_response({"room": room, "call": who.call}, status=202)
    told = f"{who.call!r} is not in room {room!r} (any more): GET /v1/conferences lists who is."
    raise Problem(404, "No such member", told)


# -- the room -----------------------------------------------------------------------------------


def _of_room(action: str, act: Callable[[Room], None]) -> Handler:
    """202: what it means for a member his own story does."""

    async def handler(request: web.Request) -> web.Response:
        room = _named_room(request)
        act(room)
        _note(request, action)
        return web.json_response({"room": room.name}, status=202)

    return handler


async def _invite(request: web.Request) -> web.Response:
    """202: his phone is rung; a room that has settings may be empty still."""
    engine, name = request.app[ENGINE], request.match_info["room"]
    invitation = await body(request, Invitation)
    if name not in engine.site.rooms:
        _named_room(request)
    wanted = invitation.agent or invitation.number or ""
    call = invite(engine.switchboard, name, wanted, invitation.role)
    if call is None:
        why = whom(engine.switchboard, wanted)
        told = f"{wanted!r} is not called: {why if isinstance(why, Missed) else 'busy'}."
        raise Problem(409, "Not possible now", told)
    _note(request, "invite", wanted, call.id)
    return web.json_response({"room": name, "call": call.id}, status=202)


def _note(request: web.Request, action: str, detail: str = "", contact: str = "") -> None:
    """For the audit log: who did it, in which room, to which member."""
    engine, room = request.app[ENGINE], request.match_info["room"]
    at, who = engine.clock.now(), caller_of(request).name
    action = f"conference_{action}"
    engine.clerk.file_audit(AuditEntry(uuid4().hex, at, who, action, room, contact, detail))


ROUTES = [
    web.get("/v1/conferences", _conferences),
    web.get("/v1/conferences/{room}", _conference),
    web.post("/v1/conferences/{room}/kick", _kick),
    web.post("/v1/conferences/{room}/mute", _mute),
    web.post("/v1/conferences/{room}/unmute", _unmute),
    web.post("/v1/conferences/{room}/role", _role),
    web.post("/v1/conferences/{room}/lock", _of_room("lock", lambda room: room.rule(locked=True))),
    web.post(
        "/v1/conferences/{room}/unlock", _of_room("unlock", lambda room: room.rule(locked=False))
    ),
    web.post("/v1/conferences/{room}/mute_all", _of_room("mute_all", lambda r: r.hush(True))),
    web.post("/v1/conferences/{room}/unmute_all", _of_room("unmute_all", lambda r: r.hush(False))),
    web.post("/v1/conferences/{room}/end", _of_room("end", Room.end)),
    web.post("/v1/conferences/{room}/invite", _invite),
]
