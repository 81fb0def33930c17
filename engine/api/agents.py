"""Agents: who is here and what he does, and logging in and out, ready and pause."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.messages import AcdEvent, AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReady
from acd.views import AgentView, TaskView
from dialer.plan import AttemptPlan
from engine.api.desk import named_agent, post, view_of
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import body
from engine.calls.mailboxes.lamps import waiting_for

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


async def _one(request: web.Request) -> web.Response:
    return answer(request, named_agent(request).name)


async def _login(request: web.Request) -> web.Response:
    wanted, agent = await body(request, Login), named_agent(request)
    endpoint = wanted.endpoint or agent.extension
    return _post(request, AgentLoggedIn(agent.name, endpoint, wanted.pause_reason))


async def _logout(request: web.Request) -> web.Response:
    await body(request, Nothing)
    return _post(request, AgentLoggedOut(named_agent(request).name))


async def _ready(request: web.Request) -> web.Response:
    await body(request, Nothing)
    return _post(request, AgentReady(named_agent(request).name))


async def _pause(request: web.Request) -> web.Response:
    reason = (await body(request, Pause)).reason
    return _post(request, AgentPaused(named_agent(request).name, reason))


def _post(request: web.Request, event: AcdEvent) -> web.Response:
    post(request, event)
    return answer(request, request.match_info["name"])


def answer(request: web.Request, agent: str, status: int = 200) -> web.Response:
    """The agent as he is now."""
    engine = request.app[ENGINE]
    return web.json_response(_shown(view_of(engine, agent), engine), status=status)


def _shown(view: AgentView, engine: ServedEngine) -> dict[str, Any]:
    settings = engine.site.agents.get(view.name)
    weights = {medium.name: medium.weight for medium in engine.site.media}
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
        "resting": view.resting,
        "misses": view.misses,
        "load": sum(weights.get(task.medium, 0) for task in view.tasks),
        "capacity": settings.capacity if settings else 0,
        "tasks": [_task(task, engine) for task in view.tasks],
        "voicemails": _voicemails(view.name, engine),
        "today": {
            "contacts": view.contacts_today,
            "idle_seconds": round(view.idle_today, 3),
        },
    }


def _voicemails(agent: str, engine: ServedEngine) -> int:
    """The new messages that he is to listen to, as his phone's lamp shows them."""
    site = engine.site
    settings = site.agents.get(agent)
    if settings is None:
        return 0
    return waiting_for(settings, site.queues, engine.mailboxes.counts)[0]


def _task(task: TaskView, engine: ServedEngine) -> dict[str, Any]:
    """What he does for one contact, with what his screen needs for it."""
    call, queue = engine.registry.calls.get(task.contact), engine.site.queues.get(task.queue)
    course = call.standing.course if call else None
    plan = call.standing.attempt if call else None
    return {
        "contact": task.contact,
        "queue": task.queue,
        "medium": task.medium,
        "state": task.state,
        "since": task.since,
        "until": task.until,
        "offer": task.offer,
        "disposition": task.disposition,
        "caller": plan.number if plan else call.arrived.caller if call else None,
        "script": _script(plan, course.script if course else "", queue.script if queue else ""),
        "tags": course.tags if course else {},
        "preset": course.disposition if course else "",
        "lead": _lead(plan) if plan else None,
        "voicemail": call.standing.work.recording if call and call.standing.work else None,
    }


def _script(plan: AttemptPlan | None, of_flow: str, of_queue: str) -> str:
    return of_flow or (plan.script if plan else "") or of_queue


def _lead(plan: AttemptPlan) -> dict[str, Any]:
    """Whom the agent calls, or is to call, for a campaign."""
    return {
        "campaign": plan.campaign,
        "lead": plan.lead,
        "number": plan.number,
        "callback": plan.callback,
        "data": dict(plan.data),
    }


ROUTES = [
    web.get("/v1/agents", _list),
    web.get("/v1/agents/{name}", _one),
    web.post("/v1/agents/{name}/login", _login),
    web.post("/v1/agents/{name}/logout", _logout),
    web.post("/v1/agents/{name}/ready", _ready),
    web.post("/v1/agents/{name}/pause", _pause),
]
