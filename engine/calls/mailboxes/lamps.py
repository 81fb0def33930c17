"""The message-waiting lamps of agents' phones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog

from acd.agent_settings import AgentSettings
from acd.messages import AgentState
from acd.queues import QueueSettings
from acd.views import AgentView
from engine.calls.switchboard import Switchboard
from engine.mailbox import heard_by, is_work
from engine.ports import PbxError
from engine.store.voicemails import Counts

log = structlog.get_logger("mailboxes")

_DARK = (0, 0)


class Lamps:
    """Each phone's lamp is that of who sits there: his own new messages, and those of his queues
    that are not work."""

    def __init__(self, sb: Switchboard) -> None:
        self._sb = sb
        self._lit: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        """The switch is another one, and knows of no lamp."""
        self._lit.clear()

    async def follow(self, counts: Mapping[str, Counts]) -> None:
        """Bring the lamps to what is in the mailboxes. What the switch does not take now is tried
        the next time."""
        site = self._sb.site
        wanted = dict.fromkeys((agent.extension for agent in site.agents.values()), _DARK)
        for phone, agent in sitting(site.agents, self._sb.desk.acd.agents()).items():
            wanted[phone] = waiting_for(site.agents[agent], site.queues, counts)
        for phone, lamp in sorted(wanted.items(), key=lambda each: each[1] == _DARK):
            if self._lit.get(phone) == lamp:
                continue
            try:
                await self._sb.pbx.light_lamp(phone, *lamp)
            except PbxError as error:
                log.warning("lamp_failed", phone=phone, reason=str(error))
                return
            self._lit[phone] = lamp


def sitting(agents: Mapping[str, AgentSettings], views: Iterable[AgentView]) -> dict[str, str]:
    """By phone, who sits there: its owner, or who has logged in there."""
    at = {agent.extension: name for name, agent in agents.items()}
    logged_in = [view for view in views if view.state is not AgentState.LOGGED_OUT]
    for view in logged_in:
        if view.name in agents and agents[view.name].extension != view.endpoint:
            at.pop(agents[view.name].extension, None)
    return at | {view.endpoint: view.name for view in logged_in if view.name in agents}


def waiting_for(
    agent: AgentSettings, queues: Mapping[str, QueueSettings], counts: Mapping[str, Counts]
) -> tuple[int, int]:
    """How many new and old messages an agent is to listen to."""
    mailboxes = [name for name in heard_by(agent) if not is_work(name, queues)]
    found = [counts[name] for name in mailboxes if name in counts]
    return sum(each.new for each in found), sum(each.old for each in found)
