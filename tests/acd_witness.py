"""A witness beside the distributor: believes only events and decisions, and checks what must hold.

Its picture of agents and contacts is built from the decisions alone; after each step it compares
that with the distributor's views and asserts the promises of ``acd``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from acd.core import Acd, IllegalEvent
from acd.journal import Entry
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentMoved,
    AgentState,
    Configured,
    ContactLeft,
    ContactQueued,
    Expire,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    Withdraw,
)
from acd.queues import AgentSettings, QueueSettings


@dataclass
class Waiting:
    """A contact as told to the distributor, not yet ended."""

    queue: str
    order: tuple[float, int]
    offer: Offer | None = None
    passed_over: dict[str, float] = field(default_factory=dict)  # agent: until


class Witness:
    """Drives an ``Acd`` and checks each step."""

    def __init__(self) -> None:
        self.acd = Acd()
        self.journal: list[Entry] = []
        self.told: list[list[AcdDecision]] = []
        self.waiting: dict[str, Waiting] = {}
        self.offers: dict[str, Offer] = {}  # running
        self.offered: set[str] = set()  # every id ever
        self.ends: dict[str, list[str]] = {}  # contact: how each visit ended
        self.visits: dict[str, int] = {}
        self.state: dict[str, AgentState] = {}
        self.resting: dict[str, float] = {}
        self.queues: dict[str, QueueSettings] = {}
        self.agents: dict[str, AgentSettings] = {}
        self.arrivals = 0

    def tell(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        """Hand in an event; an illegal one must change nothing."""
        self.journal.append((now, event))
        before = self.acd.snapshot()
        try:
            decisions = self.acd.handle(event, now)
        except IllegalEvent:
            assert self.acd.snapshot() == before, "an illegal event changed something"
            return []
        self._note(event, now)
        self._check(decisions, now)
        return decisions

    def wake(self, now: float) -> list[AcdDecision]:
        """Let what is due happen."""
        self.journal.append((now, None))
        decisions = self.acd.on_deadline(now)
        due = self.acd.next_deadline()
        assert due is None or due > now
        for waiting in self.waiting.values():
            waiting.passed_over = {a: t for a, t in waiting.passed_over.items() if t > now}
        self.resting = {a: t for a, t in self.resting.items() if t > now}
        self._check(decisions, now)
        return decisions

    def run_until(self, now: float) -> None:
        """Wake at every deadline up to ``now``."""
        while (due := self.acd.next_deadline()) is not None and due <= now:
            self.wake(due)

    # -- what was told ---------------------------------------------------------------------------

    def _note(self, event: AcdEvent, now: float) -> None:
        match event:
            case Configured():
                self.queues = {queue.name: queue for queue in event.queues}
                self.agents = {agent.name: agent for agent in event.agents}
            case ContactQueued():
                self.arrivals += 1
                self.visits[event.contact] = self.visits.get(event.contact, 0) + 1
                order = (event.since, self.arrivals)
                self.waiting[event.contact] = Waiting(event.queue, order)
            case ContactLeft() if event.contact in self.waiting:
                self._ended(event.contact, "left", keep_offer=True)
            case OfferAccepted() if event.offer in self.offers:
                self._ended(self.offers.pop(event.offer).contact, "answered")
            case OfferRefused() if event.offer in self.offers:
                self._offer_ended(self.offers.pop(event.offer), event.outcome, now)
        name = getattr(event, "agent", None)
        if type(event).__name__.startswith("Agent"):
            self.resting.pop(str(name), None)

    def _ended(self, contact: str, how: str, *, keep_offer: bool = False) -> None:
        waiting = self.waiting.pop(contact)
        assert keep_offer or waiting.offer is None or waiting.offer.offer not in self.offers
        self.ends.setdefault(contact, []).append(how)

    def _offer_ended(self, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        until = now + self.queues[offer.queue].retry_seconds
        waiting = self.waiting.get(offer.contact)
        if waiting is not None:
            waiting.offer = None
            if outcome in (OfferOutcome.TIMED_OUT, OfferOutcome.CANCELLED):
                waiting.passed_over[offer.agent] = until
        if outcome in (OfferOutcome.BUSY, OfferOutcome.REJECTED):
            self.resting[offer.agent] = until

    # -- what was decided ------------------------------------------------------------------------

    def _check(self, decisions: list[AcdDecision], now: float) -> None:
        self.told.append(decisions)
        for decision in decisions:
            match decision:
                case AgentMoved():
                    self._check_move(decision)
                case Offer():
                    self._check_offer(decision)
                case Withdraw():
                    self._check_withdraw(decision, now)
                case Expire():
                    self._ended(decision.contact, decision.reason)
        self._check_views()
        self._check_nobody_is_skipped([d for d in decisions if isinstance(d, Offer)])
        self._check_nobody_is_idle_beside_a_caller()

    def _check_move(self, move: AgentMoved) -> None:
        old = self.state.get(move.agent, AgentState.LOGGED_OUT)
        assert move.old is old, f"{move} does not follow {old}"
        assert move.new is not old or move.new is AgentState.PAUSED
        self.state[move.agent] = move.new

    def _check_offer(self, offer: Offer) -> None:
        assert offer.offer not in self.offered, "an offer's id came back"
        assert offer.agent not in {o.agent for o in self.offers.values()}, "two offers at once"
        assert offer.contact not in {o.contact for o in self.offers.values()}
        assert self.state[offer.agent] is AgentState.OFFERED
        assert offer.why.candidates[0] == offer.agent
        assert self.waiting[offer.contact].queue == offer.queue
        assert self._may_serve(offer.agent, self.waiting[offer.contact])
        self.offered.add(offer.offer)
        self.offers[offer.offer] = offer
        self.waiting[offer.contact].offer = offer

    def _check_withdraw(self, withdraw: Withdraw, now: float) -> None:
        if withdraw.outcome is OfferOutcome.LOST_RACE:
            assert withdraw.offer not in self.offers
            return
        offer = self.offers.pop(withdraw.offer)
        assert (offer.contact, offer.agent) == (withdraw.contact, withdraw.agent)
        if withdraw.outcome is OfferOutcome.CANCELLED:
            waiting = self.waiting.get(offer.contact)
            if waiting is not None:
                waiting.offer = None
        else:
            self._offer_ended(offer, withdraw.outcome, now)

    def _check_views(self) -> None:
        for agent in self.acd.agents():
            assert agent.state is self.state.get(agent.name, AgentState.LOGGED_OUT)
        seen = {
            waiting.contact: (queue.name, waiting.agent)
            for queue in self.acd.queues()
            for waiting in queue.waiting
        }
        assert seen == {
            name: (waiting.queue, waiting.offer.agent if waiting.offer else None)
            for name, waiting in self.waiting.items()
        }
        for queue in self.acd.queues():
            orders = [self.waiting[waiting.contact].order for waiting in queue.waiting]
            assert orders == sorted(orders)
            members = [a for a in self.agents.values() if queue.name in a.queues]
            states = [self.state.get(a.name, AgentState.LOGGED_OUT) for a in members]
            assert queue.ready == states.count(AgentState.READY)
            assert queue.staffed >= len(states) - states.count(AgentState.LOGGED_OUT)

    def _may_serve(self, agent: str, waiting: Waiting) -> bool:
        return (
            agent in self.agents
            and waiting.queue in self.agents[agent].queues
            and agent not in waiting.passed_over
            and agent not in self.resting
        )

    def _check_nobody_is_idle_beside_a_caller(self) -> None:
        ready = [name for name, state in self.state.items() if state is AgentState.READY]
        for name, waiting in self.waiting.items():
            if waiting.offer is None:
                idle = [agent for agent in ready if self._may_serve(agent, waiting)]
                assert not idle, f"{idle} idle beside {name}"

    def _check_nobody_is_skipped(self, made: list[Offer]) -> None:
        """The plain rule, without indexes: contacts by age, each to the agent idle longest."""
        places = {a["name"]: (a["idle_since"], a["name"]) for a in self.acd.snapshot()["agents"]}
        orders = [self.waiting[offer.contact].order for offer in made]
        assert orders == sorted(orders), "a younger contact was offered first"
        free = {name for name, state in self.state.items() if state is AgentState.READY}
        free |= {offer.agent for offer in made}
        skipped = [waiting for waiting in self.waiting.values() if waiting.offer is None]
        for offer in made:
            mine = self.waiting[offer.contact]
            able = sorted(places[agent] for agent in free if self._may_serve(agent, mine))
            assert list(offer.why.candidates) == [name for _, name in able][:10]
            for other in skipped:
                assert other.order > mine.order or not self._may_serve(offer.agent, other)
            free.discard(offer.agent)

    def check_ends(self) -> None:
        """Every visit that is over ended once, every other is still waiting."""
        for contact, visits in self.visits.items():
            ended = len(self.ends.get(contact, []))
            assert ended + (contact in self.waiting) == visits

    def reborn(self) -> Acd:
        """A distributor from the snapshot, by way of JSON text."""
        return Acd.restore(json.loads(json.dumps(self.acd.snapshot())))
