"""What became of everybody on a day: the visits of contacts to queues, the stretches of agents.

Simulated days and real ones are logged alike, so that they can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from acd.messages import AgentMoved, AgentState, Moved

ANSWERED = "answered"
ABANDONED = "abandoned"
MOVED = "moved"
WAITING = "waiting"


class Visit(NamedTuple):
    """A contact's stay in one queue: ``ended`` by an ``agent``, or in another way (``how``)."""

    contact: str
    queue: str
    entered: float
    ended: float
    how: str
    agent: str

    @property
    def waited(self) -> float:
        """Seconds."""
        return self.ended - self.entered


class Stretch(NamedTuple):
    """An agent was in one state, from when to when."""

    agent: str
    state: AgentState
    began: float
    ended: float


class DayLog:
    """Fills while a day runs. ``close`` ends the stretches that are open; visits stay open."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.stretches: list[Stretch] = []
        self.waiting: dict[str, tuple[str, float]] = {}  # contact: queue, since when
        self.states: dict[str, tuple[AgentState, float]] = {}  # of those who are logged in

    def enter(self, contact: str, queue: str, now: float) -> None:
        """A contact began to wait."""
        self.waiting[contact] = (queue, now)

    def leave(self, contact: str, how: str, now: float, agent: str = "") -> None:
        """A contact that waited does so no longer."""
        queue, entered = self.waiting.pop(contact)
        self.visits.append(Visit(contact, queue, entered, now, how, agent))

    def move(self, move: AgentMoved, now: float) -> None:
        """An agent's state changed."""
        state, since = self.states.get(move.agent, (AgentState.LOGGED_OUT, now))
        if now > since:
            self.stretches.append(Stretch(move.agent, state, since, now))
        self.states[move.agent] = (move.new, now)

    def change_queue(self, move: Moved, now: float) -> None:
        """A contact overflowed to another queue."""
        self.leave(move.contact, MOVED, now)
        self.enter(move.contact, move.queue, now)

    def open_visits(self, now: float) -> Iterator[Visit]:
        """Those who wait ``now``, as visits that end so."""
        for contact, (queue, entered) in self.waiting.items():
            yield Visit(contact, queue, entered, now, WAITING, "")

    def close(self, now: float) -> None:
        """The day is over."""
        for agent, (state, since) in self.states.items():
            if now > since:
                self.stretches.append(Stretch(agent, state, since, now))
        self.states = {}
