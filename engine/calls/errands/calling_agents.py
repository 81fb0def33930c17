"""An agent is dialed for a caller outside any queue: where he is, and that he has no time then."""

from __future__ import annotations

import structlog

from acd.core import IllegalEvent
from acd.messages import AgentState, TalkEnded, WorkBegan
from acd.queues import VOICE
from acd.views import AgentView
from engine.calls.call import Call
from engine.calls.errands.dialing import AgentPhone
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import free_line
from engine.calls.switchboard import Switchboard

log = structlog.get_logger("transfer")

_BUSY = (AgentState.OFFERED, AgentState.TALKING)


def phone_of(sb: Switchboard, wanted: str, *, lines: bool = False) -> AgentPhone | Missed:
    """Where the agent of this name or extension is: at the phone that he is logged in at, else at
    his own. Or why he is not dialed; who has a line that stays connected is, with ``lines``, there
    for a caller as long as nobody has it."""
    for name, settings in sb.site.agents.items():
        if wanted in (name, settings.extension):
            break
    else:
        log.warning("no_such_agent", agent=wanted)
        return Missed.INVALID
    view = _view(sb, name)
    if view is not None and _on_the_phone(view):
        return Missed.BUSY
    extension = view.endpoint if view is not None and view.endpoint else settings.extension
    if name in sb.lines:
        line = free_line(sb, name) if lines else ""
        return AgentPhone(name, extension, line) if line else Missed.BUSY
    return AgentPhone(name, extension) if extension in sb.online else Missed.UNREACHABLE


def _view(sb: Switchboard, name: str) -> AgentView | None:
    return next((view for view in sb.desk.acd.agents() if view.name == name), None)


def _on_the_phone(view: AgentView) -> bool:
    return any(task.medium == VOICE and task.state in _BUSY for task in view.tasks)


def occupy(call: Call, sb: Switchboard, agent: str) -> None:
    """He is offered nothing while his phone rings for this caller and while they talk."""
    try:
        sb.desk.post(WorkBegan(agent, call.id, rings=True))
    except IllegalEvent as error:  # not logged in: nobody offers him anything
        log.info("agent_not_occupied", agent=agent, reason=str(error))


def engage(call: Call, sb: Switchboard, agent: str, queue: str) -> None:
    """He has answered, and talks with this caller, of this queue if he comes from one."""
    try:
        sb.desk.post(WorkBegan(agent, call.id, queue))
    except IllegalEvent as error:
        log.info("agent_not_engaged", agent=agent, reason=str(error))


def release(call: Call, sb: Switchboard, agent: str, at: float, heard: bool = True) -> None:
    """He is free again; what he did not hear does not count as one of his talks."""
    sb.desk.post(TalkEnded(agent, call.id, unheard=not heard), at)
