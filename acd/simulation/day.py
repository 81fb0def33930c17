"""One simulated day: the real distributor, in virtual time, with drawn contacts and agents.

The loop knows only what the live engine knows: it hands in events, carries out decisions, and calls
``on_deadline`` when it is due. Every agent picks up after a drawn delay, or lets it ring; who is
declared not responding notices after ``NOTICES_SECONDS`` and is ready again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Any

from acd.core import Acd
from acd.messages import (
    AcdDecision,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentReady,
    AgentState,
    Configured,
    ContactLeft,
    DispositionSet,
    Expire,
    LeaveReason,
    Moved,
    Offer,
    OfferAccepted,
    TalkEnded,
    Withdraw,
)
from acd.queues import OfferMode, QueueSettings, WrapUpMode
from acd.simulation.contacts import Contact, draw_contacts
from acd.simulation.daylog import ABANDONED, ANSWERED, DayLog
from acd.simulation.durations import Dice, Draw
from acd.simulation.scenario import MINUTE, Group, Scenario

NOTICES_SECONDS = 60.0
"""After so long an agent sees that he counts as not responding."""

_AT_ONCE = (OfferMode.AUTO_ANSWER, OfferMode.NAILED_UP)
_STEPS = 50

Progress = Callable[[float], None]
"""Is told, now and then, which share of the day is over."""


def simulate(scenario: Scenario, dice: Dice, progress: Progress | None = None) -> DayLog:
    """One day of ``scenario``; the same dice give the same day."""
    return Day(scenario, draw_contacts(scenario, dice), dice).run(progress)


class Day:
    """A day with these ``contacts``, in the order of their arrival."""

    def __init__(self, scenario: Scenario, contacts: Sequence[Contact], dice: Dice) -> None:
        self.acd = Acd()
        self.log = DayLog()
        self._scenario = scenario
        self._dice = dice
        self._contacts = {contact.queued.contact: contact for contact in contacts}
        self._arrivals = contacts
        self._agenda: list[tuple[float, int, Callable[[Any, float], None], Any]] = []
        self._entries = 0
        self._habits: dict[str, tuple[Draw, float]] = {}
        self._ringing: dict[str, Offer] = {}
        self._breaks: dict[str, float] = {}  # seconds of a break that was asked for
        self._wishes: dict[str, AgentPaused | AgentLoggedOut] = {}  # not yet come true
        self._longest_wrap_up = {name: _longest(queue) for name, queue in scenario.queues.items()}
        self._codes = _codes(scenario)

    def run(self, progress: Progress | None = None) -> DayLog:
        """Run it to its end: until the last contact is served or gone, at least."""
        self._begin()
        self._go_on(progress)
        return self.log

    def _begin(self) -> None:
        scenario, start = self._scenario, self._scenario.start
        people = list(scenario.people())
        agents = tuple(agent for agent, _, _ in people)
        configured = Configured(tuple(scenario.queues.values()), agents, scenario.media)
        self._tell(configured, start)
        for agent, group, index in people:
            self._habits[agent.name] = (group.pick_up.draw(), group.missed)
            self._work(agent.name, group, index)
        if self._arrivals:
            self._at(self._arrivals[0].at, self._arrive, 0)

    def _work(self, agent: str, group: Group, index: int) -> None:
        begins = group.shift.start if group.shift else self._scenario.start
        self._at(max(begins, self._scenario.start), self._tell, AgentLoggedIn(agent, agent))
        for pause in group.breaks:
            seconds = pause.minutes * MINUTE
            spread = (pause.until - seconds - pause.at) if pause.until is not None else 0.0
            at = pause.at + spread * index / max(1, group.count - 1)
            self._at(at, self._pause, (AgentPaused(agent, pause.reason), seconds))
        if group.shift:
            self._at(group.shift.end, self._wish, AgentLoggedOut(agent))

    def _go_on(self, progress: Progress | None) -> None:
        agenda, waiting, acd = self._agenda, self.log.waiting, self.acd
        step = self._scenario.hours * 3600 / _STEPS if progress else inf
        now = self._scenario.start
        told = now + step
        while True:
            due = acd.next_deadline()
            if agenda and (due is None or agenda[0][0] < due):
                now, _, act, what = heappop(agenda)
                act(what, now)
            elif due is not None and (agenda or waiting):
                now = due
                self._carry_out(acd.on_deadline(now), now)
            else:
                break
            while progress and now >= told:
                progress(min(1.0, (told - self._scenario.start) / step / _STEPS))
                told += step
        self.log.close(now)

    def _at(self, when: float, act: Callable[[Any, float], None], what: Any) -> None:
        self._entries += 1
        heappush(self._agenda, (when, self._entries, act, what))

    # -- what people do -------------------------------------------------------------------------

    def _tell(self, event: Any, now: float) -> None:
        self._carry_out(self.acd.handle(event, now), now)

    def _arrive(self, number: int, now: float) -> None:
        contact = self._arrivals[number]
        queued = contact.queued
        self.log.enter(queued.contact, queued.queue, now)
        if number + 1 < len(self._arrivals):
            self._at(self._arrivals[number + 1].at, self._arrive, number + 1)
        self._carry_out(self.acd.handle(queued, now), now)
        if contact.patience < inf and queued.contact in self.log.waiting:
            self._at(now + contact.patience, self._abandon, queued.contact)

    def _abandon(self, contact: str, now: float) -> None:
        if contact in self.log.waiting:
            self.log.leave(contact, ABANDONED, now)
            self._tell(ContactLeft(contact, LeaveReason.ABANDONED), now)

    def _pick_up(self, offer: str, now: float) -> None:
        made = self._ringing.pop(offer, None)
        if made is None:
            return
        contact = self._contacts[made.contact]
        self.log.leave(made.contact, ANSWERED, now, made.agent)
        self._tell(OfferAccepted(offer), now)
        self._at(now + contact.talk, self._hang_up, made)

    def _hang_up(self, made: Offer, now: float) -> None:
        if code := self._codes.get(made.queue):
            self._tell(DispositionSet(made.agent, made.contact, code), now)
        self._tell(TalkEnded(made.agent, made.contact), now)
        wrap_up = self._contacts[made.contact].wrap_up
        if wrap_up is not None and wrap_up < self._longest_wrap_up[made.queue]:
            self._at(now + wrap_up, self._wrapped_up, made.agent)

    def _wrapped_up(self, agent: str, now: float) -> None:
        """Done; but being ready for the next contact takes back the break that he had asked for."""
        if self._state(agent) in (AgentState.WRAP_UP, AgentState.TALKING):
            self._tell(AgentReady(agent), now)
            if agent in self._wishes:
                self._tell(self._wishes[agent], now)

    def _pause(self, what: tuple[AgentPaused, float], now: float) -> None:
        """His break begins now, or when he is out of his talk, and lasts as long in any case."""
        paused, seconds = what
        if self._state(paused.agent) is not AgentState.LOGGED_OUT:
            self._breaks[paused.agent] = seconds
            self._wish(paused, now)

    def _wish(self, event: AgentPaused | AgentLoggedOut, now: float) -> None:
        self._wishes[event.agent] = event
        self._tell(event, now)

    def _return(self, what: tuple[str, AgentState], now: float) -> None:
        agent, state = what
        if self._state(agent) is state:
            self._tell(AgentReady(agent), now)

    def _state(self, agent: str) -> AgentState:
        return self.log.states.get(agent, (AgentState.LOGGED_OUT, 0.0))[0]

    # -- what the distributor decides -----------------------------------------------------------

    def _carry_out(self, decisions: list[AcdDecision], now: float) -> None:
        for decision in decisions:
            if isinstance(decision, AgentMoved):
                self._moved(decision, now)
            elif isinstance(decision, Offer):
                self._ring(decision, now)
            elif isinstance(decision, Withdraw):
                self._ringing.pop(decision.offer, None)
            elif isinstance(decision, Expire):
                self.log.leave(decision.contact, decision.reason, now)
            elif isinstance(decision, Moved):
                self.log.change_queue(decision, now)

    def _moved(self, move: AgentMoved, now: float) -> None:
        self.log.move(move, now)
        if move.new in (AgentState.PAUSED, AgentState.LOGGED_OUT):
            self._wishes.pop(move.agent, None)
        if move.new is AgentState.NOT_RESPONDING:
            self._at(now + NOTICES_SECONDS, self._return, (move.agent, move.new))
        elif move.new is AgentState.PAUSED and move.agent in self._breaks:
            self._at(now + self._breaks.pop(move.agent), self._return, (move.agent, move.new))

    def _ring(self, offer: Offer, now: float) -> None:
        self._ringing[offer.offer] = offer
        pick_up, missed = self._habits[offer.agent]
        if missed and self._dice.random() < missed:
            return
        delay = 0.0 if offer.mode in _AT_ONCE else pick_up(self._dice)
        self._at(now + delay, self._pick_up, offer.offer)


def _longest(queue: QueueSettings) -> float:
    """When a wrap-up ends by itself; 0 when the agent cannot end it sooner."""
    if queue.wrap_up.mode is WrapUpMode.UNTIL_DONE:
        return inf
    return queue.wrap_up.seconds if queue.wrap_up.mode is WrapUpMode.TIMED else 0.0


def _codes(scenario: Scenario) -> dict[str, str]:
    """What agents set as disposition in the queues that insist on one."""
    return {
        name: (*queue.wrap_up.dispositions, "done")[0]
        for name, queue in scenario.queues.items()
        if queue.wrap_up.required
    }
