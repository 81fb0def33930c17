"""What an agent does beside answering his phone: take or decline what he is shown, wrap up, say
what came of it, and work that nobody offered him."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.messages import (
    AcdEvent,
    AgentState,
    DispositionSet,
    TalkEnded,
    WorkBegan,
    WrapUpDone,
    WrapUpExtended,
    WrapUpRequested,
)
from acd.queues import VOICE
from acd.settings import Name
from acd.views import TaskView
from dialer.plan import Mode
from engine.api.agents import Nothing, answer
from engine.api.desk import (
    Contact,
    Foreign,
    named_agent,
    post,
    require_medium,
    require_queue,
    view_of,
)
from engine.api.keys import ENGINE
from engine.api.problems import Problem, body
from engine.calls.mail import OfferDeclined, OfferTaken, ScreenMail
from engine.calls.names import is_foreign

_BUSY = (AgentState.TALKING, AgentState.WRAP_UP)


class WrapUp(BaseModel):
    """``request`` time after the talk, ``extend`` it, or be ``done``; ``call`` of several."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["request", "extend", "done"]
    call: Contact | None = None


class CameOf(BaseModel):
    """What came of the contact that he talks with or wraps up; ``call`` of several."""

    model_config = ConfigDict(extra="forbid")
    code: Name
    call: Contact | None = None


class Decline(BaseModel):
    """``reason``: why he skips a lead that a campaign shows him."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=200, pattern=r"^[^\p{C}]*$")


class Work(BaseModel):
    """A contact that was not offered to him; ``queue`` says whose wrap-up follows."""

    model_config = ConfigDict(extra="forbid")
    contact: Foreign
    queue: str = ""
    medium: Name = VOICE


async def _wrap_up(request: web.Request) -> web.Response:
    wanted, agent = await body(request, WrapUp), named_agent(request).name
    event: AcdEvent
    match wanted.action:
        case "request":
            event = WrapUpRequested(agent, _meant(request, wanted.call, AgentState.TALKING))
        case "extend":
            event = WrapUpExtended(agent, _meant(request, wanted.call, AgentState.WRAP_UP))
        case "done":
            event = WrapUpDone(agent, _meant(request, wanted.call, AgentState.WRAP_UP))
    post(request, event)
    return answer(request, agent)


async def _disposition(request: web.Request) -> web.Response:
    came, agent = await body(request, CameOf), named_agent(request).name
    post(request, DispositionSet(agent, _meant(request, came.call, *_BUSY), came.code))
    return answer(request, agent)


def _meant(request: web.Request, named: str | None, *states: AgentState) -> str:
    """The contact that is named, else the only one in one of these states."""
    if named is not None:
        return named
    agent = named_agent(request).name
    tasks = view_of(request.app[ENGINE], agent).tasks
    found = [task.contact for task in tasks if task.state in states]
    if len(found) == 1:
        return found[0]
    does = " or ".join(states).replace("_", "-")
    told = f"with several ({', '.join(found)})" if found else "with nobody"
    raise Problem(409, "Which call?", f"{agent} is {does} {told}: name the `call`.")


async def _accept(request: web.Request) -> web.Response:
    await body(request, Nothing)
    task = _offered(request)
    if not is_foreign(task.contact):
        return _tell_story(request, task, OfferTaken(task.offer))
    if not request.app[ENGINE].contacts.accept(task.offer, task.contact):
        raise _offer_over(request)
    return answer(request, request.match_info["name"])


async def _decline(request: web.Request) -> web.Response:
    reason, task = (await body(request, Decline)).reason, _offered(request)
    if not is_foreign(task.contact):
        _check_skip(request, task, reason)
        return _tell_story(request, task, OfferDeclined(task.offer, reason))
    request.app[ENGINE].contacts.decline(task.offer)
    return answer(request, request.match_info["name"])


def _tell_story(request: web.Request, task: TaskView, mail: ScreenMail) -> web.Response:
    """202: the call's story takes it from here."""
    call = request.app[ENGINE].registry.calls.get(task.contact)
    if call is None:
        raise _offer_over(request)
    call.deliver(mail)
    return answer(request, request.match_info["name"], status=202)


def _check_skip(request: web.Request, task: TaskView, reason: str) -> None:
    """What a campaign lets an agent do with a lead that it shows him."""
    engine = request.app[ENGINE]
    call = engine.registry.calls.get(task.contact)
    plan = call.standing.attempt if call else None
    campaign = engine.site.campaigns.get(plan.campaign) if plan else None
    if campaign is None or campaign.mode is not Mode.PREVIEW:
        return
    if not campaign.preview.may_skip:
        raise Problem(409, "Not possible now", f"In {campaign.name} no lead may be skipped.")
    known = campaign.preview.skip_reasons
    if known and reason not in known:
        raise Problem(422, "Invalid body", f"reason: say one of {', '.join(known)}.")


def _offered(request: web.Request) -> TaskView:
    view = view_of(request.app[ENGINE], named_agent(request).name)
    for task in view.tasks:
        if task.offer == request.match_info["offer"] and task.state is AgentState.OFFERED:
            return task
    raise _offer_over(request)


def _offer_over(request: web.Request) -> Problem:
    offer, agent = request.match_info["offer"], request.match_info["name"]
    told = f"{offer!r} is not offered to {agent} (any more): GET /v1/agents/{agent} lists what is."
    return Problem(409, "No such offer now", told)


async def _begin(request: web.Request) -> web.Response:
    work, agent = await body(request, Work), named_agent(request).name
    require_medium(request.app[ENGINE], work.medium)
    if work.queue:
        require_queue(request.app[ENGINE], work.queue)
    post(request, WorkBegan(agent, work.contact, work.queue, work.medium))
    return answer(request, agent)


async def _end(request: web.Request) -> web.Response:
    agent, contact = named_agent(request).name, request.match_info["contact"]
    if not is_foreign(contact):
        told = f"{contact!r} is a call: DELETE /v1/calls/{contact} hangs it up."
        raise Problem(409, "A call ends by itself", told)
    view = view_of(request.app[ENGINE], agent)
    if not any(t.contact == contact and t.state is AgentState.TALKING for t in view.tasks):
        raise Problem(404, "No such work", f"{agent} is not busy with {contact!r}.")
    post(request, TalkEnded(agent, contact))
    return answer(request, agent)


ROUTES = [
    web.post("/v1/agents/{name}/wrap_up", _wrap_up),
    web.post("/v1/agents/{name}/disposition", _disposition),
    web.post("/v1/agents/{name}/offers/{offer}/accept", _accept),
    web.post("/v1/agents/{name}/offers/{offer}/decline", _decline),
    web.post("/v1/agents/{name}/work", _begin),
    web.delete("/v1/agents/{name}/work/{contact}", _end),
]
