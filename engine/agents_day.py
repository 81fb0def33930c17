"""Turns what the distributor decides of agents into rows: each agent's day, his wrap-ups, what came
of his talks.

The stretches of a day tile; one is filed when it ends. Of several contacts at once a stretch is
that of the contact that makes the agent's state. After a crash the journal's replay makes the same
rows again, and the ledger takes each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acd.messages import AgentMoved, AgentState, Disposed, WrappedUp
from acd.views import AgentView
from engine.call_record import AgentStretch, Disposition, Segment, SegmentKind
from engine.clerk import Clerk


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

    def take(self, decision: AgentMoved | WrappedUp | Disposed, at: float) -> None:
        """Something of an agent was decided ``at`` (seconds since the epoch)."""
        d = decision
        match decision:
            case AgentMoved():
                self._moved(decision, at)
            case WrappedUp():
                segment = Segment(SegmentKind.WRAP_UP, decision.since, at, d.queue, d.agent)
                self._clerk.file_wrap_up(decision.contact, segment)
            case Disposed():
                settled = Disposition(
                    d.agent, d.queue or "", decision.code, decision.by_default, at
                )
                self._clerk.file_disposition(decision.contact, settled)

    def _moved(self, move: AgentMoved, at: float) -> None:
        """His state, or only its reason or contact, is another: a new stretch begins."""
        before = self._open.get(move.agent)
        if before is not None and at > before.since:
            self._file(move.agent, before, at)
        self._open[move.agent] = _Open(move.new, move.reason, at, move.queue, move.contact)

    def _file(self, agent: str, was: _Open, at: float) -> None:
        self._clerk.file_stretch(
            AgentStretch(agent, was.state, was.reason, was.since, at, was.queue, was.contact)
        )
