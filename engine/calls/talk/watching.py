"""Which supervisors follow which agents, and where those talk now."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.calls.call import Call
from engine.calls.talk.orders import AgentIsQuiet, AgentTalks


@dataclass(slots=True)
class Watching:
    """By agent: the calls of those who follow him, and where he talks, by call. Who has picked up
    one caller beside another is followed in the talk that he came to last, then in the other."""

    followers: dict[str, list[Call]] = field(default_factory=dict)
    talks: dict[str, dict[str, AgentTalks]] = field(default_factory=dict)

    def follow(self, agent: str, follower: Call) -> AgentTalks | None:
        """This supervisor is told of his talks from now on; returns the one that he is in."""
        self.followers.setdefault(agent, []).append(follower)
        return self.talk_of(agent)

    def talk_of(self, agent: str) -> AgentTalks | None:
        """Where he is followed now; None when he is in no talk."""
        return next(reversed(self.talks.get(agent, {}).values()), None)

    def unfollow(self, agent: str, follower: Call) -> None:
        """No longer."""
        left = [each for each in self.followers.get(agent, []) if each is not follower]
        if left:
            self.followers[agent] = left
        else:
            self.followers.pop(agent, None)

    def began(self, talk: AgentTalks) -> None:
        """He is in a talk; told again after a crash, or when he is in another."""
        self.talks.setdefault(talk.agent, {})[talk.call] = talk
        if self.talk_of(talk.agent) == talk:
            for follower in self.followers.get(talk.agent, ()):
                follower.deliver(talk)

    def ended(self, agent: str, call: str) -> None:
        """He is out of it."""
        talks = self.talks.get(agent, {})
        if talks.pop(call, None) is None:
            return
        if not talks:
            del self.talks[agent]
        for follower in self.followers.get(agent, ()):
            follower.deliver(AgentIsQuiet(agent, call))
