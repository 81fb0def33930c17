"""How many contacts of which media an agent may have at once.

A contact fits when he has fewer than ``most`` of its medium, and its weight with the weights of the
contacts he has is within his capacity. Contacts that it may interrupt do not count. Whoever has
nothing to do fits everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from acd.agent_settings import Medium
from acd.agents import Agent

Media = Mapping[str, Medium]


def fits(media: Media, agent: Agent, medium: str) -> bool:
    """Whether he has room for one more contact of ``medium``."""
    if not agent.tasks:
        return True
    kind = _kind(media, medium)
    same, weight = 0, kind.weight
    for task in agent.tasks.values():
        other = _kind(media, task.medium)
        same += task.medium == medium
        if task.medium == medium or medium not in other.interrupted_by:
            weight += other.weight
    return same < kind.most and weight <= agent.settings.capacity


def is_at_most(media: Media, agent: Agent, medium: str) -> bool:
    """Whether he has as many contacts of ``medium`` as anybody may have."""
    same = sum(task.medium == medium for task in agent.tasks.values())
    return same >= _kind(media, medium).most


def load(media: Media, agent: Agent) -> int:
    """The weights of all his contacts; one that weighs nothing is something to do, too."""
    return sum(_kind(media, task.medium).weight or 1 for task in agent.tasks.values())


def _kind(media: Media, name: str) -> Medium:
    """A medium that a reload took away takes the whole agent until its contacts end."""
    return media.get(name) or Medium(name="gone")
