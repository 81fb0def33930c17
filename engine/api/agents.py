"""Agents and queues: who is here, and logging in and out, ready and pause."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.core import IllegalEvent
from acd.messages import (
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    AgentState,
)
from acd.queues import AgentSettings
from acd.views import AgentView
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body

Reason = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\p{C}]+$")]


class Login(BaseModel):
    """``endpoint``: the phone he sits at, his own when absent. ``pause_reason``: not ready yet."""

    model_config = ConfigDict(extra="forbid")
    endpoint: str | None = Field(None, pattern=r"^[0-9]{2,8}$")
    pause_reason: Reason | None = None


class Pause(BaseModel):
    """Why he pauses."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason = "break"


class Nothing(BaseModel):
    """No body, or an empty object."""

    model_config = ConfigDict(extra="forbid")


async def _list(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    return web.json_response([_shown(view, engine) for view in engine.desk.acd.agents()])


async def _queues(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response(
        [
            {
                "name": queue.name,
                "staffed": queue.staffed,
                "ready": queue.ready,
                "waiting": [
                    {
                        "call": place.contact,
                        "waiting_seconds": round(now - place.entered, 3),
                        "offered_to": place.agent,
                    }
                    for place in queue.waiting
                ],
            }
            for queue in engine.desk.acd.queues()
        ]
    )


async def _login(request: web.Request) -> web.Response:
    wanted, agent = await body(request, Login), _agent(request)
    endpoint = wanted.endpoint or agent.extension
    return _post(request, AgentLoggedIn(agent.name, endpoint, wanted.pause_reason))


async def _logout(request: web.Request) -> web.Response:
    await body(request, Nothing)
    return _post(request, AgentLoggedOut(_agent(request).name))


async def _ready(request: web.Request) -> web.Response:
    await body(request, Nothing)
    return _post(request, AgentReady(_agent(request).name))


async def _pause(request: web.Request) -> web.Response:
    reason = (await body(request, Pause)).reason
    return _post(request, AgentPaused(_agent(request).name, reason))


def _agent(request: web.Request) -> AgentSettings:
    name = request.match_info["name"]
    agent = request.app[ENGINE].site.agents.get(name)
    if agent is None:
        raise Problem(404, "Unknown agent", f"There is no agent {name!r} in the agents' file.")
    return agent


def _post(request: web.Request, event: AcdEvent) -> web.Response:
    """Tell the desk; answers with the agent as he is then."""
    engine = request.app[ENGINE]
    try:
        engine.desk.post(event)
    except IllegalEvent as error:
        raise Problem(409, "Not possible now", _advice(error)) from error
    name = request.match_info["name"]
    view = next(each for each in engine.desk.acd.agents() if each.name == name)
    return web.json_response(_shown(view, engine))


def _advice(error: IllegalEvent) -> str:
    """Why not, and what to do first."""
    name = error.subject
    if error.state == AgentState.LOGGED_OUT and not error.detail:
        return f"{name} is logged out: POST /v1/agents/{name}/login first."
    why = error.detail or f"{error.event} makes no sense now"
    return f"{name} is {error.state}: {why}. Log out there first, or name another `endpoint`."


def _shown(view: AgentView, engine: ServedEngine) -> dict[str, Any]:
    settings = engine.site.agents.get(view.name)
    phone = view.endpoint or (settings.extension if settings else "")
    return {
        "name": view.name,
        "state": view.state,
        "reason": view.reason,
        "since": view.since,
        "phone": phone,
        "phone_online": phone in engine.switchboard.online,
        "call": view.contact,
        "queue": view.queue,
        "next_state": view.pending,
        "next_reason": view.pending_reason,
    }


ROUTES = [
    web.get("/v1/agents", _list),
    web.get("/v1/queues", _queues),
    web.post("/v1/agents/{name}/login", _login),
    web.post("/v1/agents/{name}/logout", _logout),
    web.post("/v1/agents/{name}/ready", _ready),
    web.post("/v1/agents/{name}/pause", _pause),
]
