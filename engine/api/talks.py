"""Talks: who is in one, and every order that may be given to it; parked callers, to pick up."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from acd.settings import Name
from engine.api.access import caller_of, may_hear, require_hearing
from engine.api.calls import stage_of
from engine.api.desk import named_agent
from engine.api.keys import ENGINE
from engine.api.problems import Problem, body
from engine.api.talk_orders import ORDERS, about
from engine.call_record import AuditEntry
from engine.calls.call import Call
from engine.calls.live_recording import pause_of, running
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask, find_talk
from engine.calls.talk.conversation import Conversation, Party
from engine.users import UserRole


class PickedUp(BaseModel):
    """The agent whose phone is rung for the parked caller."""

    model_config = ConfigDict(extra="forbid")
    agent: Name


# -- one talk -----------------------------------------------------------------------------------


async def _of_call(request: web.Request) -> web.Response:
    return _talk(request, _named_call(request))


async def _of_agent(request: web.Request) -> web.Response:
    agent = named_agent(request).name
    require_hearing(request, agent)
    return _talk(request, _talk_of(request, agent))


async def _order_call(request: web.Request) -> web.Response:
    """In the name of who asks when he is an agent; else of ``by``, or of who has the contact."""
    call, caller = _named_call(request), caller_of(request)
    own = caller.agent if caller.role is UserRole.AGENT else ""
    return await _order(request, call, own)


async def _order_agent(request: web.Request) -> web.Response:
    agent = named_agent(request).name
    return await _order(request, _talk_of(request, agent), agent)


def _talk(request: web.Request, call: Call) -> web.Response:
    conversation = call.standing.conversation
    if conversation is None:
        raise Problem(404, "No talk", f"{call.id} is in no talk: its stage is {stage_of(call)}.")
    there = [party.agent for party in conversation.parties.values() if party.agent]
    if not any(may_hear(request, agent) for agent in there or [""]):
        require_hearing(request, conversation.agent)
    shown = _shown(call, conversation, request.app[ENGINE].clock.now())
    if caller_of(request).role is UserRole.AGENT:
        del shown["watched"]  # who listens to him, too
    return web.json_response(shown)


async def _order(request: web.Request, call: Call, own: str) -> web.Response:
    name = request.match_info["order"]
    if name not in ORDERS:
        told = f"There is no order {name!r}; there are: {', '.join(ORDERS)}."
        raise Problem(404, "Unknown order", told)
    model, make = ORDERS[name]
    wanted = await body(request, model)
    by = wanted.by or own
    require_hearing(request, by or _owner(call))
    _require_in(call, by)
    order = make(**vars(wanted) | {"by": by, "source": caller_of(request).name})
    return await _answer(request, call, name, order)


async def _answer(request: web.Request, call: Call, name: str, order: o.Order) -> web.Response:
    """What the talk says; whoever asked is in the audit log, also when it was refused."""
    sb, at, owner = request.app[ENGINE].switchboard, call.now(), _owner(call)
    refused = ""
    try:
        told = await ask(call, order)
    except o.NotPossible as error:
        refused = str(error)
        raise Problem(409, "Not possible now", f"{refused}.") from error
    finally:
        asked = f"refused: {refused}" if refused else about(order)
        entry, subject = call.new_id("o"), order.by or owner
        sb.file_audit(AuditEntry(entry, at, order.source, name, subject, call.id, asked))
    return web.json_response({"call": call.id, "answer": told})


def _named_call(request: web.Request) -> Call:
    name = request.match_info["call"]
    call = request.app[ENGINE].registry.calls.get(name)
    if call is None:
        raise Problem(404, "Unknown call", f"There is no call {name!r} now.")
    return call


def _talk_of(request: web.Request, agent: str) -> Call:
    call = find_talk(request.app[ENGINE].switchboard, agent)
    if call is None:
        raise Problem(404, "No talk", f"{agent} is in no talk.")
    return call


def _require_in(call: Call, agent: str) -> None:
    """Nobody moves a talk that he is not in."""
    conversation = call.standing.conversation
    if agent and conversation is not None and conversation.of_agent(agent) is None:
        raise Problem(409, "Not possible now", f"{agent} is not in the talk of {call.id}.")


def _owner(call: Call) -> str:
    conversation = call.standing.conversation
    return "" if conversation is None else conversation.agent


# -- as it is shown -----------------------------------------------------------------------------


def _shown(call: Call, talk: Conversation, now: float) -> dict[str, Any]:
    began, consult = call.standing.talk, talk.consult
    since = began.at if began is not None else now
    caller = {
        "number": call.arrived.caller,
        "muted": talk.muted,
        "phone_held": talk.phone_held,
        "hears_music": talk.seats()[talk.caller].music,
    }
    return {
        "call": call.id,
        "queue": began.queue if began is not None else "",
        "agent": talk.agent or None,
        "since": since,
        "seconds": round(now - since, 3),
        "stage": talk.spends().kind,
        "caller": caller,
        "held": talk.held,
        "parties": [_party(party, talk) for party in talk.parties.values()],
        "consult": consult
        and {
            "agent": talk.parties[consult.by].name,
            "with": talk.parties[consult.leg].name,
            "side": consult.side,
        },
        "secure": talk.secure or None,
        "locked": talk.locked,
        "ends_with_leader": talk.ends_with_leader,
        "watched": dict(talk.watched),
        "recording": _recording(call),
    }


def _party(party: Party, talk: Conversation) -> dict[str, Any]:
    return {
        "leg": party.leg,
        "kind": party.kind,
        "name": party.name,
        "role": party.role,
        "stage": talk.party_spends(party),
        "since": party.since,
        "muted": party.muted,
        "held": party.held,
        "line": party.line,
    }


def _recording(call: Call) -> dict[str, Any]:
    pause = pause_of(call)
    return {
        "names": [began.recording for began in running(call)],
        "paused": call.standing.paused,
        "until": pause.until if pause is not None else None,
    }


# -- parked callers -----------------------------------------------------------------------------


async def _parked(request: web.Request) -> web.Response:
    taken = request.app[ENGINE].switchboard.parking.all().items()
    found = [_in_slot(request, slot, call) for slot, call in taken]
    return web.json_response([each for each in found if each is not None])


def _in_slot(request: web.Request, slot: str, name: str) -> dict[str, Any] | None:
    """Anybody may pick him up; his number is for those who may hear who parked him."""
    call = request.app[ENGINE].registry.calls.get(name)
    parked = call.standing.parked if call is not None else None
    if call is None or parked is None:  # on his way into it
        return None
    return {
        "slot": slot,
        "call": call.id,
        "caller": call.arrived.caller if may_hear(request, parked.by) else None,
        "by": parked.by,
        "since": parked.at,
        "until": parked.until,
    }


async def _pick_up(request: web.Request) -> web.Response:
    """His phone is rung, and the caller hears it ring."""
    engine, agent = request.app[ENGINE], (await body(request, PickedUp)).agent
    if agent not in engine.site.agents:
        raise Problem(404, "Unknown agent", f"There is no agent {agent!r} in the agents' file.")
    require_hearing(request, agent)
    slot = request.match_info["slot"]
    call = engine.registry.calls.get(engine.switchboard.parking.find(slot) or "")
    if call is None:
        raise Problem(404, "Unknown slot", f"Nobody is parked in slot {slot!r}.")
    return await _answer(request, call, "pick_up", o.PickUp(agent, caller_of(request).name))


_ORDER = r"{order:record/[a-z]+|[a-z_]+}"

ROUTES = [
    web.get("/v1/calls/{call}/talk", _of_call),
    web.post(f"/v1/calls/{{call}}/talk/{_ORDER}", _order_call),
    web.get("/v1/agents/{name}/talk", _of_agent),
    web.post(f"/v1/agents/{{name}}/talk/{_ORDER}", _order_agent),
    web.get("/v1/parked", _parked),
    web.post("/v1/parked/{slot}/pick_up", _pick_up),
]
