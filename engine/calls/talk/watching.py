"""Which supervisors follow which agents, and where those talk now."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.calls.call import Call
from engine.calls.talk.orders import AgentIsQuiet, AgentTalks


@dataclass(slots=True)
class Watching:
    """By agent: the calls of those who follow him, and where he talks."""

    followers: dict[str, list[Call]] = field(default_factory=dict)
    talks: dict[str, AgentTalks] = field(default_factory=dict)

    def follow(self, agent: str, follower: Call) -> AgentTalks | None:
        """This supervisor is told of his talks from now on; returns the one that he is in."""
        self.followers.setdefault(agent, []).append(follower)
        return self.talks.get(agent)

    def unfollow(self, agent: str, follower: Call) -> None:
        """No longer."""
        left = [each for each in self.followers.get(agent, []) if each is not follower]
        if left:
            self.followers[agent] = left
        else:
            self.followers.pop(agent, None)

    def began(self, talk: AgentTalks) -> None:
        """He is in a talk; told again after a crash, or when he is in another."""
        self.talks[talk.agent] = talk
        for follower in self.followers.get(talk.agent, ()):
            follower.deliver(talk)

    def ended(self, agent: str, call: str) -> None:
        """He is out of it."""
        talk = self.talks.get(agent)
        if talk is not None and talk.call == call:
            del self.talks[agent]
            for follower in self.followers.get(agent, ()):
                follower.deliver(AgentIsQuiet(agent, call))
