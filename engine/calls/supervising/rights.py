"""Who may hear whom. Pure.

Whoever may hear an agent may also whisper to him, join his talks, take them over, and listen to
their recordings.
"""

from __future__ import annotations

from typing import Final

from acd.agent_settings import AgentSettings

ALL_TEAMS: Final = "*"


def may_hear(supervisor: AgentSettings, agent: AgentSettings) -> bool:
    """Whether ``supervisor`` is one of the agent's team; of himself nobody is."""
    if supervisor.name == agent.name:
        return False
    return ALL_TEAMS in supervisor.supervises or agent.team in supervisor.supervises
