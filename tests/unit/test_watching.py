"""Whom a supervisor hears of an agent who is in one talk, in two, in none."""

from __future__ import annotations

from typing import Any, cast

from engine.calls.call import Call
from engine.calls.talk.orders import AgentIsQuiet, AgentTalks
from engine.calls.talk.watching import Watching

FIRST = AgentTalks("mai", "100.1", "100.1-a1", "100.1-b1")
SECOND = AgentTalks("mai", "100.2", "300.1", "100.2-b1")


class Follower:
    """A supervisor's call: what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def deliver(self, mail: Any) -> None:
        self.told.append(mail)


def test_an_agent_in_two_talks_is_followed_in_the_last_and_then_in_the_first() -> None:
    watching, lan = Watching(), Follower()
    assert watching.follow("mai", cast(Call, lan)) is None
    watching.began(FIRST)
    watching.began(SECOND)
    assert watching.talk_of("mai") == SECOND
    moved = AgentTalks("mai", FIRST.call, FIRST.leg, "")
    watching.began(moved)  # what happens in the first does not call him away
    assert lan.told == [FIRST, SECOND]

    watching.ended("mai", SECOND.call)
    assert lan.told[-1] == AgentIsQuiet("mai", SECOND.call)
    assert watching.talk_of("mai") == moved
    watching.ended("mai", FIRST.call)
    watching.ended("mai", FIRST.call)  # told twice, counted once
    assert watching.talk_of("mai") is None
    assert (watching.talks, len(lan.told)) == ({}, 4)
