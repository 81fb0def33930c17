"""The small center that complaints are tried in."""

from __future__ import annotations

from typing import Any

from acd.core import Acd
from acd.messages import AgentMoved
from tests.acd_story import Story

NAMES = ("anna", "binh", "chi")


def center(agents: Any = NAMES, ready: str = "", **queue: Any) -> Story:
    """One queue; the ``ready`` ones sit down second by second."""
    story = Story({"sales": queue}, agents)
    story.log_in(ready or " ".join(story.agents), 0)
    return story


def seconds(story: Story, agent: str, state: str) -> float:
    """How long he was in a state, as it was told."""
    total, since = 0.0, None
    for at, move in story.said:
        if isinstance(move, AgentMoved) and move.agent == agent:
            total += at - since if since is not None else 0.0
            since = at if move.new == state else None
    return total + (story.now - since if since is not None else 0.0)


def restarted(story: Story) -> Acd:
    again = story.reborn()
    assert again.queues(story.now) == story.acd.queues(story.now)
    assert again.agents() == story.acd.agents()
    return again
