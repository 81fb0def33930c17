"""Follows a day as it runs and names its moments, so that the same moment is known in another run.

A moment is what people react to: a contact began to wait, a phone rang, a talk began. Two runs of a
day under different settings have different offers at different times, but the second offer of a
contact to the same agent is the same moment in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from acd.core import Acd
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentMoved,
    AgentReady,
    AgentState,
    CallBack,
    CallbackPostponed,
    ContactLeft,
    ContactQueued,
    CustomerReached,
    DispositionSet,
    Expire,
    Moved,
    NeedsChanged,
    Offer,
    OfferAccepted,
    OfferRefused,
    PriorityChanged,
    TalkEnded,
    Withdraw,
    WorkBegan,
    WrapUpExtended,
    WrapUpRequested,
)
from acd.simulation.daylog import ANSWERED, DayLog
from acd.views import ContactState


class Moment(NamedTuple):
    """``kind`` is queued, left (``detail``: how), offered (``detail``: to whom), dialed, accepted
    or ended; ``visit`` counts a contact's stays in the line, ``number`` what repeats within one.

    The kind unresponsive is an agent's, whose name then stands for the contact's.
    """

    kind: str
    contact: str
    visit: int
    detail: str = ""
    number: int = 0


class Ringing(NamedTuple):
    """An offer that runs."""

    offer: Offer
    moment: Moment
    since: float


class Course:
    """What has happened up to now, as far as it decides what a later event belongs to."""

    def __init__(self) -> None:
        self.log = DayLog()
        self.offers: list[tuple[float, Offer]] = []
        self.ringing: dict[str, Ringing] = {}
        self.holder: dict[str, str] = {}  # contact: the agent who has or had it last
        self.stage: dict[str, Moment] = {}  # contact: how far it has come since it left the line
        self.queues: dict[str, str] = {}  # contact: the queue it was answered in
        self.working: dict[str, str] = {}  # agent: the contact that makes his state
        self.own_work: set[tuple[str, str]] = set()  # agent, contact: nobody offered it to him
        self._visits: dict[str, int] = {}
        self._counts: dict[Moment, int] = {}
        self._unresponsive: dict[str, Moment] = {}

    def begin(self, acd: Acd, now: float) -> list[Moment]:
        """Take up a day that is under way."""
        reached = []
        for agent in acd.agents():
            if agent.state is not AgentState.LOGGED_OUT:
                self.log.states[agent.name] = (agent.state, now)
                self.working[agent.name] = agent.contact or ""
            for task in agent.tasks:
                if task.state in (AgentState.TALKING, AgentState.WRAP_UP):
                    kind = "accepted" if task.state is AgentState.TALKING else "ended"
                    self.queues[task.contact] = task.queue
                    reached.append(self._advance(task.contact, kind, agent.name))
        for queue in acd.queues(now):
            for waiting in queue.waiting:
                self.log.enter(waiting.contact, queue.name, waiting.entered)
                self._visits[waiting.contact] = 1
                reached.append(Moment("queued", waiting.contact, 1))
                if waiting.state is ContactState.DIALING:
                    reached.append(self._count("dialed", waiting.contact))
        return reached

    def _advance(self, contact: str, kind: str, agent: str) -> Moment:
        visit = self._visits.setdefault(contact, 1)
        self.holder[contact] = agent
        self.stage[contact] = Moment(kind, contact, visit)
        return self.stage[contact]

    def _count(self, kind: str, contact: str, detail: str = "") -> Moment:
        first = Moment(kind, contact, self._visits.get(contact, 1), detail)
        number = self._counts[first] = self._counts.get(first, 0) + 1
        return first._replace(number=number)

    def reaction_to(self, event: AcdEvent) -> Moment | None:
        """The moment that ``event``, before it is told, is a reaction to; None for one that comes
        by the clock: who arrives, works, pauses or goes."""
        match event:
            case ContactQueued():
                return self.stage.get(event.contact)
            case ContactLeft() | NeedsChanged() | PriorityChanged():
                if event.contact in self.log.waiting:
                    return Moment("queued", event.contact, self._visits[event.contact])
            case OfferAccepted() | OfferRefused():
                ringing = self.ringing.get(event.offer)
                return ringing.moment if ringing else None
            case WorkBegan():  # brought to a contact that somebody answered: as long after that
                return self.stage.get(event.contact)
            case TalkEnded() if (event.agent, event.contact) in self.own_work:
                return self.stage.get(event.contact)
            case TalkEnded() | DispositionSet() | WrapUpRequested() | WrapUpExtended():
                if self.holder.get(event.contact) == event.agent:
                    return self.stage.get(event.contact)
            case AgentReady():
                state = self.log.states.get(event.agent, ("", 0))[0]
                if state is AgentState.WRAP_UP:
                    return self.stage.get(self.working[event.agent])
                if state is AgentState.NOT_RESPONDING:
                    return self._unresponsive.get(event.agent)
            case CustomerReached() | CallbackPostponed():
                first = Moment("dialed", event.contact, self._visits.get(event.contact, 0))
                return first._replace(number=self._counts.get(first, 0))
        return None

    def took(
        self, event: AcdEvent | None, decisions: Iterable[AcdDecision], now: float
    ) -> list[Moment]:
        """An event was legal, or deadlines were due, and led to ``decisions``: what was reached."""
        reached = self._after_event(event, now) if event else []
        for decision in decisions:
            reached += self._after(decision, now)
        return reached

    def _after_event(self, event: AcdEvent, now: float) -> list[Moment]:
        match event:
            case ContactQueued():
                self._visits[event.contact] = self._visits.get(event.contact, 0) + 1
                self.stage.pop(event.contact, None)
                self.log.enter(event.contact, event.queue, now)
                return [Moment("queued", event.contact, self._visits[event.contact])]
            case ContactLeft() if event.contact in self.log.waiting:
                return [self._left(event.contact, event.reason, now)]
            case OfferAccepted() if event.offer in self.ringing:
                return [self._accepted(self.ringing.pop(event.offer).offer, now)]
            case OfferRefused():
                self.ringing.pop(event.offer, None)
            case WorkBegan():
                self.own_work.add((event.agent, event.contact))
            case TalkEnded() if (event.agent, event.contact) in self.own_work:
                self.own_work.discard((event.agent, event.contact))
            case TalkEnded() if self._talks(event.agent, event.contact):
                return [self._advance(event.contact, "ended", event.agent)]
        return []

    def _talks(self, agent: str, contact: str) -> bool:
        stage = self.stage.get(contact)
        return stage is not None and stage.kind == "accepted" and self.holder[contact] == agent

    def _accepted(self, offer: Offer, now: float) -> Moment:
        self.log.leave(offer.contact, ANSWERED, now, offer.agent)
        self.queues[offer.contact] = offer.queue
        return self._advance(offer.contact, "accepted", offer.agent)

    def _left(self, contact: str, how: str, now: float) -> Moment:
        self.log.leave(contact, how, now)
        self.stage[contact] = Moment("left", contact, self._visits[contact], how)
        return self.stage[contact]

    def _after(self, decision: AcdDecision, now: float) -> list[Moment]:
        match decision:
            case AgentMoved():
                self.log.move(decision, now)
                self.working[decision.agent] = decision.contact or ""
                if decision.new is AgentState.NOT_RESPONDING:
                    moment = self._count("unresponsive", decision.agent)
                    self._unresponsive[decision.agent] = moment
                    return [moment]
            case Offer():
                moment = self._count("offered", decision.contact, decision.agent)
                self.ringing[decision.offer] = Ringing(decision, moment, now)
                self.offers.append((now, decision))
                return [moment]
            case Withdraw() if decision.agent:
                self.ringing.pop(decision.offer, None)
            case Expire():
                return [self._left(decision.contact, decision.reason, now)]
            case Moved():
                self.log.change_queue(decision, now)
            case CallBack():
                return [self._count("dialed", decision.contact)]
        return []
