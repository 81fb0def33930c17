"""What an agent wants: to work at a desk, to be ready, to pause, to go.

A wish takes effect at once when he is free, after the wrap-up when he talks or wraps up; what rings
for him is taken back when he does not want it any more.
"""

from __future__ import annotations

from acd import offers, wrap_up
from acd.agents import (
    LOGGED_OUT,
    NOT_RESPONDING,
    OFFERED,
    PAUSED,
    TALKING,
    Agent,
    AgentStatus,
    IllegalEvent,
)
from acd.floor import Floor
from acd.messages import AgentLoggedIn


def log_in(floor: Floor, agent: Agent, event: AgentLoggedIn, now: float) -> None:
    """He works at this desk from now on. Raises ``IllegalEvent``."""
    _require_desk(floor, agent, event.endpoint)
    reason = event.pause_reason
    if reason is None:
        wrap_up.require_end(floor, agent, "AgentLoggedIn")
    else:
        _require_reason(floor, agent, reason, "AgentLoggedIn")
    agent.endpoint = event.endpoint
    status = AgentStatus.AVAILABLE if reason is None else AgentStatus.PAUSED
    _want(floor, agent, status, "AgentLoggedIn", now, reason or "")


def log_out(floor: Floor, agent: Agent, now: float) -> None:
    """He goes."""
    wrap_up.end_endless(floor, agent, now)
    _want(floor, agent, AgentStatus.LOGGED_OUT, "AgentLoggedOut", now)


def be_ready(floor: Floor, agent: Agent, now: float) -> None:
    """He wants contacts. Raises ``IllegalEvent``."""
    agent.require_logged_in("AgentReady")
    wrap_up.require_end(floor, agent, "AgentReady")
    _want(floor, agent, AgentStatus.AVAILABLE, "AgentReady", now)


def pause(floor: Floor, agent: Agent, reason: str, now: float) -> None:
    """He wants none for a while. Raises ``IllegalEvent``."""
    agent.require_logged_in("AgentPaused")
    _require_reason(floor, agent, reason, "AgentPaused")
    _want(floor, agent, AgentStatus.PAUSED, "AgentPaused", now, reason)


def _want(
    floor: Floor, agent: Agent, status: AgentStatus, event: str, now: float, reason: str = ""
) -> None:
    agent.want(status, reason)
    floor.end_rest(agent)
    if status is AgentStatus.AVAILABLE:
        wrap_up.end_all(floor, agent, now)
        if agent.state in (LOGGED_OUT, PAUSED, NOT_RESPONDING):
            agent.idle_since = now
    else:
        offers.take_back(floor, agent, now)
    floor.refresh(agent, event, now)


def _require_desk(floor: Floor, agent: Agent, endpoint: str) -> None:
    if endpoint == agent.endpoint:
        return
    if any(task.state in (OFFERED, TALKING) for task in agent.tasks.values()):
        detail = f"{agent.endpoint} is in use"
        raise IllegalEvent(agent.name, agent.state, "AgentLoggedIn", detail)
    for other in floor.agents.values():
        if other.endpoint == endpoint:
            detail = f"{other.name} is logged in at {endpoint}"
            raise IllegalEvent(agent.name, agent.state, "AgentLoggedIn", detail)


def _require_reason(floor: Floor, agent: Agent, reason: str, event: str) -> None:
    if floor.reasons and reason not in floor.reasons:
        detail = f"{reason!r} is no pause reason: {', '.join(floor.reasons)}"
        raise IllegalEvent(agent.name, agent.state, event, detail)
