"""What an agent says of himself by a feature code: that he works, pauses, is done with a call."""

from __future__ import annotations

from acd.agent_settings import AgentSettings
from acd.core import IllegalEvent
from acd.messages import (
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    AgentState,
    DispositionSet,
    WrapUpDone,
)
from dialplan.features import Action, Feature
from engine.calls.spoken import LAST_NUMBER, Prompts
from engine.calls.switchboard import Switchboard
from engine.ivr.saying import number_part

SAID = {
    Action.LOGIN: "logged_in",
    Action.LOGOUT: "logged_out",
    Action.READY: "ready",
    Action.PAUSE: "paused",
    Action.DONE: "work_done",
    Action.DISPOSITION: "disposition_kept",
}
"""What confirms it."""

_STATES = {
    AgentState.LOGGED_OUT: "logged_out",
    AgentState.READY: "ready",
    AgentState.OFFERED: "ready",  # another phone of his rings just now
    AgentState.TALKING: "is_talking",
    AgentState.WRAP_UP: "is_wrapping_up",
    AgentState.PAUSED: "paused",
    AgentState.NOT_RESPONDING: "is_not_responding",
}


def seated_at(sb: Switchboard, phone: str) -> AgentSettings | None:
    """Who is logged in at a phone; else whose own it is."""
    for seated in sb.desk.acd.agents():
        if seated.endpoint == phone:
            return sb.site.agents.get(seated.name)
    return by_extension(sb, phone)


def by_extension(sb: Switchboard, extension: str) -> AgentSettings | None:
    """The agent whose number this is."""
    return next((a for a in sb.site.agents.values() if a.extension == extension), None)


def tell_desk(sb: Switchboard, wanted: Feature, agent: AgentSettings, phone: str) -> None:
    """Post what he says. Raises ``IllegalEvent`` when that cannot be now."""
    sb.desk.post(_event(sb, wanted, agent.name, phone))


def _event(sb: Switchboard, wanted: Feature, agent: str, phone: str) -> AcdEvent:
    match wanted.action:
        case Action.LOGIN:
            return AgentLoggedIn(agent, phone)
        case Action.LOGOUT:
            return AgentLoggedOut(agent)
        case Action.READY:
            return AgentReady(agent)
        case Action.PAUSE:
            return AgentPaused(agent, wanted.what or "break")
        case Action.DONE:
            return WrapUpDone(agent, _worked_on(sb, agent, wanted.action))
        case Action.DISPOSITION:
            contact = _worked_on(sb, agent, wanted.action)
            return DispositionSet(agent, contact, wanted.what)
    raise AssertionError(f"{wanted.action} is nothing that an agent says of himself")


def _worked_on(sb: Switchboard, agent: str, action: Action) -> str:
    """The contact whose wrap-up he does, the last one of several."""
    for view in sb.desk.acd.agents():
        works = [task for task in view.tasks if task.state is AgentState.WRAP_UP]
        if view.name == agent and works:
            return max(works, key=lambda task: task.since).contact
    raise IllegalEvent(agent, "no wrap-up", action, "there is nothing to say it of")


def status(sb: Switchboard, agent: AgentSettings) -> Prompts:
    """What the distributor has him as, and how many wait in his queues."""
    views = (view for view in sb.desk.acd.agents() if view.name == agent.name)
    state = next((view.state for view in views), AgentState.LOGGED_OUT)
    queues = sb.desk.acd.glance().queues
    waiting = sum(queue.waiting for queue in queues if queue.name in agent.queues)
    return (_STATES[state], "callers_wait", number_part(min(waiting, LAST_NUMBER)))
