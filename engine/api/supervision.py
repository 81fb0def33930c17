"""Supervision: who follows which agent, and to begin, change and end that.

A supervisor acts for himself; an admin for any. Whom he may hear stands in the agents' file.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.agent_settings import AgentSettings
from acd.settings import Name
from engine.api.access import caller_of
from engine.api.desk import named_agent
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body, query
from engine.calls.call import Call
from engine.calls.errands.calling_agents import phone_of
from engine.calls.mail import TakeOverWanted, WatchWanted
from engine.calls.outcomes import Missed
from engine.calls.supervising.notes import SupervisionAsked
from engine.calls.supervising.rights import may_hear
from engine.calls.supervising.supervising import supervisors
from engine.calls.talk.parties import Watch
from engine.users import UserRole


class Who(BaseModel):
    """``supervisor``: an agent's name; whoever asks, when absent."""

    model_config = ConfigDict(extra="forbid")
    supervisor: Name | None = None


class How(Who):
    """How he is in the agent's talks."""

    watch: Watch = Field(Watch.LISTEN)


async def _all(request: web.Request) -> web.Response:
    return web.json_response(_shown(request.app[ENGINE]))


async def _of_agent(request: web.Request) -> web.Response:
    agent = named_agent(request).name
    return web.json_response(
        [each for each in _shown(request.app[ENGINE]) if each["agent"] == agent]
    )


async def _begin(request: web.Request) -> web.Response:
    """202: his phone rings."""
    engine, agent = request.app[ENGINE], named_agent(request)
    wanted = await body(request, How)
    supervisor = _supervisor(request, wanted.supervisor)
    _require_right(supervisor, agent)
    if wanted.watch is Watch.GONE:
        raise Problem(422, "Invalid body", "watch: listen, whisper or barge.")
    for call, whom in supervisors(engine.registry.calls.values()):
        if whom.supervisor == supervisor.name:
            told = f"{supervisor.name} follows {whom.agent} in {call.id}: DELETE that first."
            raise Problem(409, "Not possible now", told)
    asked = SupervisionAsked(
        engine.clock.now(),
        supervisor.name,
        agent.name,
        wanted.watch,
        _phone(engine, supervisor),
        caller_of(request).name,
    )
    call = engine.registry.supervise(asked)
    return web.json_response(_line(call, engine), status=202)


async def _change(request: web.Request) -> web.Response:
    """202: his own call does it."""
    wanted = await body(request, How)
    call = _following(request, wanted.supervisor)
    if call.standing.supervised is None:
        raise Problem(409, "Not possible now", f"{call.arrived.caller} has not answered yet.")
    call.deliver(WatchWanted(wanted.watch))
    return web.json_response(_line(call, request.app[ENGINE]), status=202)


async def _take_over(request: web.Request) -> web.Response:
    """202: the talk is his own, if it still goes on."""
    call = _following(request, (await body(request, Who)).supervisor)
    now = call.standing.supervised
    if now is None or not now.contact:
        raise Problem(409, "Not possible now", "There is no talk to take over.")
    call.deliver(TakeOverWanted())
    return web.json_response(_line(call, request.app[ENGINE]), status=202)


async def _end(request: web.Request) -> web.Response:
    call = _following(request, query(request, Who).supervisor)
    call.deliver(WatchWanted(Watch.GONE))
    return web.Response(status=204)


def _supervisor(request: web.Request, named: str | None) -> AgentSettings:
    """Who is to follow him: 403 for who names another one, 404 for nobody."""
    engine, caller = request.app[ENGINE], caller_of(request)
    name = named or caller.agent
    if not name:
        raise Problem(422, "Invalid body", "supervisor: name the agent who supervises.")
    if caller.role is not UserRole.ADMIN and name != caller.agent:
        raise Problem(403, "Not allowed", f"{caller.name} acts for {caller.agent} alone.")
    settings = engine.site.agents.get(name)
    if settings is None:
        raise Problem(404, "Unknown agent", f"There is no agent {name!r} in the agents' file.")
    return settings


def _require_right(supervisor: AgentSettings, agent: AgentSettings) -> None:
    if supervisor.name == agent.name:
        raise Problem(403, "Not allowed", f"{agent.name} cannot supervise himself.")
    if not may_hear(supervisor, agent):
        of = f"the team {agent.team}" if agent.team else "no team"
        told = f"{agent.name} is of {of}, and {supervisor.name} does not supervise it."
        raise Problem(403, "Not allowed", told)


def _phone(engine: ServedEngine, supervisor: AgentSettings) -> str:
    """Where he is logged in, else his own phone. 409 when it cannot be rung."""
    phone = phone_of(engine.switchboard, supervisor.name)
    if isinstance(phone, Missed):
        told = f"{supervisor.name} cannot be rung: his phone is {phone.replace('_', ' ')}."
        raise Problem(409, "Not possible now", told)
    return phone.extension


def _following(request: web.Request, named: str | None) -> Call:
    """The call of who follows the agent in the path. 404 when nobody does."""
    agent, supervisor = named_agent(request), _supervisor(request, named)
    for call, whom in supervisors(request.app[ENGINE].registry.calls.values()):
        if (whom.supervisor, whom.agent) == (supervisor.name, agent.name):
            return call
    told = f"{supervisor.name} does not follow {agent.name}: GET /v1/supervision lists who does."
    raise Problem(404, "Nobody there", told)


def _shown(engine: ServedEngine) -> list[dict[str, Any]]:
    return [_line(call, engine) for call, _ in supervisors(engine.registry.calls.values())]


def _line(call: Call, engine: ServedEngine) -> dict[str, Any]:
    """``call`` is the supervisor's own; ``contact`` the call that he hears, None for none."""
    asked, now = call.standing.supervision, call.standing.supervised
    whom = now or asked
    assert whom is not None
    return {
        "call": call.id,
        "supervisor": whom.supervisor,
        "agent": whom.agent,
        "watch": whom.watch,
        "rings": now is None,
        "contact": (now.contact or None) if now is not None else None,
        "seconds": round(engine.clock.now() - whom.at, 3),
    }


ROUTES = [
    web.get("/v1/supervision", _all),
    web.get("/v1/agents/{name}/supervision", _of_agent),
    web.post("/v1/agents/{name}/supervision", _begin),
    web.put("/v1/agents/{name}/supervision", _change),
    web.delete("/v1/agents/{name}/supervision", _end),
    web.post("/v1/agents/{name}/supervision/take_over", _take_over),
]
