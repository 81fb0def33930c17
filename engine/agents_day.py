"""Turns the distributor's ``AgentMoved`` decisions into each agent's day: stretches that tile.

A stretch is filed when it ends. After a crash the journal's replay makes the same stretches again
and the ledger takes each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acd.messages import AgentMoved, AgentState
from acd.views import AgentView
from engine.clerk import Clerk
from engine.ports import AgentStretch, Segment, SegmentKind


@dataclass(frozen=True, slots=True)
class _Open:
    state: AgentState
    reason: str
    since: float
    queue: str | None
    contact: str | None


class AgentsDay:
    """The stretch that each agent is in."""

    def __init__(self, clerk: Clerk, agents: Iterable[AgentView] = ()) -> None:
        """``agents`` is how an earlier run left them, as of the journal's snapshot.

        One who never logged in (``since`` 0) has no day yet.
        """
        self._clerk = clerk
        self._open = {
            a.name: _Open(a.state, a.reason, a.since, a.queue, a.contact) for a in agents if a.since
        }

    def moved(self, move: AgentMoved, at: float) -> None:
        """An agent's state changed ``at`` (seconds since the epoch)."""
        before = self._open.get(move.agent)
        if before is not None:
            self._file(move.agent, before, at)
        self._open[move.agent] = _Open(move.new, move.reason, at, move.queue, move.contact)

    def _file(self, agent: str, was: _Open, at: float) -> None:
        self._clerk.file_stretch(
            AgentStretch(agent, was.state, was.reason, was.since, at, was.queue, was.contact)
        )
        if was.state is AgentState.WRAP_UP and was.contact is not None:
            segment = Segment(SegmentKind.WRAP_UP, was.since, at, was.queue, agent)
            self._clerk.file_wrap_up(was.contact, segment)
