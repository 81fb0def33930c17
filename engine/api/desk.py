"""What requests ask of the desk: who is meant, and what to do first when the desk refuses."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field

from acd.agent_settings import AgentSettings
from acd.core import IllegalEvent
from acd.messages import AcdDecision, AcdEvent, AgentState
from acd.queues import Step
from acd.skills import compile_need, in_language
from acd.views import AgentView, TaskView, WaitingView
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem

Contact = Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[A-Za-z0-9._:@-]+$")]
Foreign = Annotated[
    str,
    Field(
        max_length=150,
        pattern=r"^[a-z][a-z0-9_-]{0,19}:[A-Za-z0-9._@-]+$",
        description="whose it is and its id there, as `chat:4711`",
    ),
]


def _readable(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    for step in steps:
        compile_need(in_language(step.need, ""))
    return steps


Needs = Annotated[tuple[Step, ...], Field(max_length=10), AfterValidator(_readable)]


def post(request: web.Request, event: AcdEvent) -> list[AcdDecision]:
    """Tell the desk. Raises a ``Problem`` that says why not, and what to do first."""
    try:
        return request.app[ENGINE].desk.post(event)
    except IllegalEvent as error:
        raise refusal(error) from error


def refusal(error: IllegalEvent) -> Problem:
    """409, with what to do first."""
    name, why = error.subject, error.detail or f"{error.event} makes no sense now"
    if error.event == "AgentLoggedIn":
        told = f"{name} is {error.state}: {why}. Log out there first, or name another `endpoint`."
    elif error.state == AgentState.LOGGED_OUT:
        told = f"{name} is logged out: POST /v1/agents/{name}/login first."
    else:
        told = f"{name} is {error.state}: {why}."
    return Problem(409, "Not possible now", told)


def named_agent(request: web.Request) -> AgentSettings:
    """The agent in the request's path. Raises 404."""
    name = request.match_info["name"]
    agent = request.app[ENGINE].site.agents.get(name)
    if agent is None:
        raise Problem(404, "Unknown agent", f"There is no agent {name!r} in the agents' file.")
    return agent


def require_queue(engine: ServedEngine, name: str) -> None:
    """Raise 404 unless there is such a queue."""
    if name not in engine.site.queues:
        raise Problem(404, "Unknown queue", f"There is no queue {name!r} in the queues' file.")


def require_medium(engine: ServedEngine, name: str) -> None:
    """Raise 404 unless there is such a medium."""
    known = ", ".join(medium.name for medium in engine.site.media)
    if name not in known.split(", "):
        raise Problem(404, "Unknown medium", f"There is no medium {name!r}; there are {known}.")


def view_of(engine: ServedEngine, agent: str) -> AgentView:
    """The agent as he is now."""
    return next(view for view in engine.desk.acd.agents() if view.name == agent)


def place_of(engine: ServedEngine, contact: str) -> tuple[str, WaitingView] | None:
    """The queue and the place where a contact waits; None when it does not."""
    for queue in engine.desk.acd.queues(engine.clock.now()):
        for place in queue.waiting:
            if place.contact == contact:
                return queue.name, place
    return None


def tasks_for(engine: ServedEngine, contact: str) -> list[tuple[str, TaskView]]:
    """The agents who are busy with a contact, and with what: talk or wrap-up."""
    return [
        (view.name, task)
        for view in engine.desk.acd.agents()
        for task in view.tasks
        if task.contact == contact and task.state is not AgentState.OFFERED
    ]
