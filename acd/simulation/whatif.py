"""Yesterday under other settings: the same contacts and people, through the same distributor.

Who came, how long he was patient, how long the talk took, when agents came, paused and went: all of
that is as it was. Who was answered is taken to be patient; a phone that now rings for another
contact is picked up as fast as its agent usually did; a contact that nobody had answered talks as
long as others of its queue did. A contact that came to a queue again comes again only if it left
the line in the same way. Opening hours are those of the day.

With the settings of that day everything happens as it did, offer by offer (see ``Moment``): times
that hang together are taken over as they are, and not computed anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from math import inf
from typing import Any

from acd.core import Acd, IllegalEvent
from acd.messages import (
    AcdEvent,
    AgentReady,
    AgentState,
    CallbackPostponed,
    Configured,
    ContactQueued,
    CustomerReached,
    DispositionSet,
    OfferAccepted,
    OfferRefused,
    TalkEnded,
    WrapUpExtended,
    WrapUpRequested,
)
from acd.queues import WrapUpMode
from acd.simulation.course import Course, Moment
from acd.simulation.day import NOTICES_SECONDS
from acd.simulation.history import History

LATE_SECONDS = 1.0
"""A timer of the real day may have fired so late; a deadline then takes effect when it did."""

_OF_THE_HOLDER = (TalkEnded, DispositionSet, WrapUpRequested, WrapUpExtended, AgentReady)
_LAST = 1 << 60  # after what the journal has for the same instant

Change = Callable[[Configured], Configured]
_Item = tuple[float, int, int, AcdEvent, Moment | None, float]


class WhatIf:
    """The day once more. ``refused`` counts what people did then and could not do now."""

    def __init__(self, history: History, change: Change) -> None:
        self.course = Course()
        self.refused: Counter[str] = Counter()
        self._history = history
        self._change = change
        self._agenda: list[_Item] = []
        self._entries = 0
        self._last_index = -1
        self._endless: set[str] = set()  # queues whose wrap-up lasts until the agent is done

    def run(self) -> Course:
        """To the end of the journal; whoever waits then, waits."""
        history = self._history
        self._acd = Acd.restore(history.snapshot) if history.snapshot is not None else Acd()
        self._react(None, history.start)
        for moment in self.course.begin(self._acd, history.start):
            self._react(moment, history.start)
        if history.snapshot is not None and history.configured is not None:
            self._do(history.configured, None, history.start, history.start)
        while self._step():
            pass
        self.course.log.close(history.end)
        return self.course

    def _step(self) -> bool:
        """The next event or deadline; False when the journal is at its end."""
        wake, index = self._next_deadline()
        at, place = self._agenda[0][:2] if self._agenda else (inf, 0)
        if min(wake, at) > self._history.end:
            return False
        if (wake, index) < (at, place):
            self._last_index = max(self._last_index, index)
            decisions = self._acd.on_deadline(wake)
            self._carry_on(self.course.took(None, decisions, wake), wake)
        else:
            at, place, _, event, moment, then = heappop(self._agenda)
            if place < _LAST:
                self._last_index = max(self._last_index, place)
            self._do(event, moment, at, then)
        return True

    def _next_deadline(self) -> tuple[float, int]:
        """When the next deadline takes effect, and its place in the journal (or before all)."""
        due = self._acd.next_deadline()
        if due is None:
            return inf, 0
        fired = self._history.deadlines
        number = bisect_left(fired, (due, -1))
        while number < len(fired) and fired[number][0] <= due + LATE_SECONDS:
            if fired[number][1] > self._last_index:
                return fired[number]
            number += 1
        return due, -1

    # -- what people do ------------------------------------------------------------------------

    def _react(self, moment: Moment | None, now: float) -> None:
        """Put down what was done after this moment, as long after it."""
        for reaction in self._history.reactions.get(moment, ()):
            same = moment is None or now == reaction.since
            when = reaction.at if same else now + (reaction.at - reaction.since)
            self._at(when, reaction.entry, reaction.event, moment, reaction.at)

    def _at(
        self, when: float, index: int, event: AcdEvent, moment: Moment | None, then: float
    ) -> None:
        self._entries += 1
        heappush(self._agenda, (when, index, self._entries, event, moment, then))

    def _do(self, written: AcdEvent, moment: Moment | None, now: float, then: float) -> None:
        event = self._as_now(written, moment, now - then)
        if event is None:
            return
        try:
            decisions = self._acd.handle(event, now)
        except IllegalEvent as error:
            self.refused[f"{error.event} for {error.subject}"] += 1
            return
        self._carry_on(self.course.took(event, decisions, now), now)

    def _as_now(self, event: AcdEvent, moment: Moment | None, later: float) -> AcdEvent | None:
        """The event as it is in this run, so much later; None where it does not come to it."""
        if isinstance(event, Configured):
            changed = self._change(event)
            modes = {queue.name: queue.wrap_up.mode for queue in changed.queues}
            self._endless = {name for name in modes if modes[name] is WrapUpMode.UNTIL_DONE}
            return changed
        if moment is None:
            return event
        if isinstance(event, OfferAccepted | OfferRefused):
            rings = (r for r in self.course.ringing.values() if r.moment == moment)
            ringing = next(rings, None)
            return replace(event, offer=ringing.offer.offer) if ringing else None
        if isinstance(event, _OF_THE_HOLDER) and not self._is_own_work(event):
            return self._of_holder(event, moment)
        return _later(event, later)

    def _is_own_work(self, event: Any) -> bool:
        """Whether somebody ends work that he has beside whoever answered the contact."""
        ends = isinstance(event, TalkEnded)
        return ends and (event.agent, event.contact) in self.course.own_work

    def _of_holder(self, event: Any, moment: Moment) -> AcdEvent | None:
        """Whoever has the contact now does it."""
        if moment.kind == "unresponsive":
            return event if self._state(event.agent) is AgentState.NOT_RESPONDING else None
        agent = self.course.holder[moment.contact]
        if isinstance(event, AgentReady) and not self._wraps_up(agent, moment.contact):
            return None
        done: AcdEvent = replace(event, agent=agent)
        return done

    def _wraps_up(self, agent: str, contact: str) -> bool:
        wraps_up = self._state(agent) is AgentState.WRAP_UP
        return wraps_up and self.course.working[agent] == contact

    def _state(self, agent: str) -> AgentState:
        return self.course.log.states.get(agent, (AgentState.LOGGED_OUT, 0.0))[0]

    # -- what was never seen -------------------------------------------------------------------

    def _carry_on(self, moments: list[Moment], now: float) -> None:
        for moment in moments:
            self._react(moment, now)
            if moment.kind == "offered":
                self._pick_up(moment, now)
            elif moment.kind == "ended":
                self._wrap_up(moment, now)
            elif moment not in self._history.reached:
                self._guess(moment, now)

    def _pick_up(self, moment: Moment, now: float) -> None:
        """As fast as usual, where the day does not tell; not sooner than it rang in vain."""
        rang = self._history.unseen.get(moment)
        if rang is None and moment in self._history.reached:
            return
        seconds = max(rang or 0.0, self._history.usual("pick_up", moment.detail))
        self._soon(now + seconds, OfferAccepted(""), moment)

    def _wrap_up(self, moment: Moment, now: float) -> None:
        """One without end lasts as long as the clock gave him that day."""
        queue = self.course.queues[moment.contact]
        reactions = self._history.reactions.get(moment, ())
        if queue in self._endless and not any(isinstance(r.event, AgentReady) for r in reactions):
            seconds = self._history.wrapped.get(moment, self._history.usual("wrap_up", queue))
            ready = AgentReady(self.course.holder[moment.contact])
            self._soon(now + seconds, ready, moment)

    def _soon(self, when: float, event: AcdEvent, moment: Moment) -> None:
        self._at(when, _LAST, event, moment, when)

    def _guess(self, moment: Moment, now: float) -> None:
        """What nobody did that day, because it did not come to it."""
        contact, usual = moment.contact, self._history.usual
        if moment.kind == "accepted":
            ended = TalkEnded(self.course.holder[contact], contact)
            self._soon(now + usual("talk", self.course.queues[contact]), ended, moment)
        elif moment.kind == "dialed":
            self._soon(now + usual("dial", ""), CustomerReached(contact), moment)
        elif moment.kind == "unresponsive":
            self._soon(now + NOTICES_SECONDS, AgentReady(contact), moment)


def _later(event: AcdEvent, seconds: float) -> AcdEvent:
    """An event with the times it speaks of, so many seconds later."""
    if not seconds:
        return event
    if isinstance(event, ContactQueued):
        due = None if event.not_before is None else event.not_before + seconds
        return replace(event, since=event.since + seconds, not_before=due)
    if isinstance(event, CallbackPostponed):
        return replace(event, until=event.until + seconds)
    return event
