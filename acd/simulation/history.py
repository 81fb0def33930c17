"""A real day read from its journal, as reactions: who did what, how long after which moment.

This is what is kept of the people of that day when its settings change: when they came, how long
they were patient, talked and wrapped up, how fast they picked up, and when they worked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from acd.core import Acd, IllegalEvent
from acd.journal import Entry, from_json
from acd.messages import (
    AcdEvent,
    AgentMoved,
    AgentState,
    Configured,
    CustomerReached,
    OfferAccepted,
    OfferOutcome,
    TalkEnded,
    Withdraw,
)
from acd.simulation.course import Course, Moment

USUAL_SECONDS = {"pick_up": 5.0, "talk": 180.0, "wrap_up": 30.0, "dial": 10.0}
"""Where the day has no example of such a time."""


class Reaction(NamedTuple):
    """``event`` happened ``at``, after a moment that was ``since``; ``entry`` counts the journal's
    entries. What comes by the clock is a reaction to nothing: None and its own time."""

    since: float
    at: float
    entry: int
    event: AcdEvent


@dataclass(slots=True)
class History:
    """The day. ``course`` is how it ended; ``reached`` when each moment was."""

    start: float
    end: float
    snapshot: dict[str, Any] | None
    course: Course = field(default_factory=Course)
    configured: Configured | None = None
    reached: dict[Moment, float] = field(default_factory=dict)
    reactions: dict[Moment | None, list[Reaction]] = field(default_factory=dict)
    deadlines: list[tuple[float, int]] = field(default_factory=list)
    unseen: dict[Moment, float] = field(default_factory=dict)
    """Offers that were taken away before the agent did anything, and how long they had rung."""
    wrapped: dict[Moment, float] = field(default_factory=dict)
    """How long the wrap-up after the end of a talk took."""
    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """What was seen of pick_up (by agent), talk and wrap_up (by queue) and dial (of anybody)."""

    _usual: dict[tuple[str, str], float] = field(default_factory=dict)

    def usual(self, what: str, whose: str) -> float:
        """The median of his, or of its queue's; of everybody's; or a guess."""
        known = self._usual.get((what, whose))
        if known is None:
            known = self._usual[what, whose] = self._median(what, whose)
        return known

    def _median(self, what: str, whose: str) -> float:
        own = self.seconds.get((what, whose)) or [
            seconds for key, list_ in self.seconds.items() if key[0] == what for seconds in list_
        ]
        return sorted(own)[len(own) // 2] if own else USUAL_SECONDS[what]


def read_history(
    entries: Sequence[Entry], snapshot: dict[str, Any] | None, start: float
) -> History:
    """What happened from ``snapshot`` (as of ``start``; None: from nothing) by ``entries``."""
    history = History(start, max([start, *(at for at, _ in entries)]), snapshot)
    if snapshot is not None:
        history.configured = _settings_in(snapshot)
    acd = Acd.restore(snapshot) if snapshot is not None else Acd()
    reader = _Reader(history, acd)
    reader.reached(history.course.begin(acd, start), start)
    for number, (at, event) in enumerate(entries):
        reader.take(number, at, event)
    history.course.log.close(history.end)
    return history


def _settings_in(snapshot: dict[str, Any]) -> Configured:
    """Those in force when it was taken."""
    agents = [agent["settings"] for agent in snapshot["agents"] if agent["listed"]]
    queues = [queue["settings"] for queue in snapshot["queues"]]
    same = {"media": snapshot["media"], "reasons": snapshot["reasons"]}
    written = {"event": "Configured", "queues": queues, "agents": agents, **same}
    settings = from_json(written)
    assert isinstance(settings, Configured)
    return settings


class _Reader:
    def __init__(self, history: History, acd: Acd) -> None:
        self._history, self._acd = history, acd
        self._wrapping: dict[str, tuple[str, float]] = {}

    def take(self, entry: int, at: float, event: AcdEvent | None) -> None:
        """Run one entry of the journal through the distributor again."""
        history, course = self._history, self._history.course
        if event is None:
            history.deadlines.append((at, entry))
            decisions = self._acd.on_deadline(at)
        else:
            moment = course.reaction_to(event)
            try:
                decisions = self._acd.handle(event, at)
            except IllegalEvent:
                return  # nothing came of it then
            if moment not in history.reached:
                moment = None  # it reached nobody
            since = at if moment is None else history.reached[moment]
            reaction = Reaction(since, at, entry, event)
            history.reactions.setdefault(moment, []).append(reaction)
            self._learn(moment, reaction)
        for decision in decisions:
            if isinstance(decision, Withdraw):
                self._withdrawn(decision, at)
            elif isinstance(decision, AgentMoved):
                self._moved(decision, at)
        self.reached(course.took(event, decisions, at), at)

    def reached(self, moments: Iterable[Moment], at: float) -> None:
        """Note when."""
        for moment in moments:
            self._history.reached[moment] = at

    def _learn(self, moment: Moment | None, reaction: Reaction) -> None:
        seconds, course = reaction.at - reaction.since, self._history.course
        match reaction.event:
            case Configured() as configured:
                self._history.configured = configured
            case OfferAccepted() if moment is not None:
                self._saw("pick_up", moment.detail, seconds)
            case TalkEnded(agent=agent, contact=contact) if moment is not None:
                if (agent, contact) not in course.own_work:
                    self._saw("talk", course.queues.get(contact, ""), seconds)
            case CustomerReached():
                self._saw("dial", "", seconds)

    def _saw(self, what: str, whose: str, seconds: float) -> None:
        self._history.seconds.setdefault((what, whose), []).append(seconds)

    def _withdrawn(self, withdraw: Withdraw, at: float) -> None:
        ringing = self._history.course.ringing.get(withdraw.offer)
        if ringing is not None and withdraw.outcome is not OfferOutcome.TIMED_OUT:
            self._history.unseen[ringing.moment] = at - ringing.since

    def _moved(self, move: AgentMoved, at: float) -> None:
        before = self._wrapping.pop(move.agent, None)
        if before is not None:
            queue, began = before
            self._saw("wrap_up", queue, at - began)
            course = self._history.course
            if moment := course.stage.get(course.working[move.agent]):
                self._history.wrapped[moment] = at - began
        if move.new is AgentState.WRAP_UP:
            self._wrapping[move.agent] = (move.queue or "", at)
