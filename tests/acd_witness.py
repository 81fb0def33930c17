"""A witness beside the distributor: plain rules over its written state, without any index.

After each step it takes the snapshot, works out by brute force who could be offered what, and
asserts the promises of ``acd``. What has ended, and how, it believes only events and decisions.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from acd.agent_settings import AgentSettings, Medium
from acd.core import Acd, IllegalEvent
from acd.journal import Entry
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentMoved,
    AgentState,
    CallBack,
    Configured,
    ContactLeft,
    ContactQueued,
    CustomerReached,
    Expire,
    Moved,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
    Withdraw,
    WorkBegan,
)
from acd.queues import OfferMode, QueueSettings
from acd.skills import compile_need

Json = dict[str, Any]


class Witness:
    """Drives an ``Acd`` and checks each step."""

    def __init__(self) -> None:
        self.acd = Acd()
        self.journal: list[Entry] = []
        self.told: list[list[AcdDecision]] = []
        self.queue_of: dict[str, str] = {}  # contacts that are in a queue
        self.offers: dict[str, Offer] = {}  # running
        self.offered: set[str] = set()  # every id ever
        self.talks: set[tuple[str, str]] = set()
        self.called: set[tuple[str, str]] = set()  # by name: they ring outside any queue
        self.ends: dict[str, list[str]] = {}  # contact: how each visit ended
        self.visits: dict[str, int] = {}
        self.state: dict[str, AgentState] = {}
        self.since: dict[str, float] = {}
        self.day: dict[str, float] = {}  # agent: seconds accounted to any state
        self.dialing: set[str] = set()
        self.reserving: set[str] = set()  # contacts that came for an agent to be held, not reached
        self.queues: dict[str, QueueSettings] = {}
        self.agents: dict[str, AgentSettings] = {}
        self.media: dict[str, Medium] = {}
        self.written = self.acd.snapshot()  # after the last step

    def tell(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        """Hand in an event; an illegal one must change nothing."""
        self.journal.append((now, event))
        try:
            decisions = self.acd.handle(event, now)
        except IllegalEvent:
            assert self.acd.snapshot() == self.written, "an illegal event changed something"
            return []
        self._note(event)
        self._check(decisions, now)
        return decisions

    def wake(self, now: float) -> list[AcdDecision]:
        """Let what is due happen."""
        self.journal.append((now, None))
        decisions = self.acd.on_deadline(now)
        due = self.acd.next_deadline()
        assert due is None or due > now
        self._check(decisions, now)
        return decisions

    def run_until(self, now: float) -> None:
        """Wake at every deadline up to ``now``."""
        while (due := self.acd.next_deadline()) is not None and due <= now:
            self.wake(due)

    # -- what was told ---------------------------------------------------------------------------

    def _note(self, event: AcdEvent) -> None:
        match event:
            case Configured():
                self.queues = {queue.name: queue for queue in event.queues}
                self.agents = {agent.name: agent for agent in event.agents}
                self.media = {medium.name: medium for medium in event.media}
            case ContactQueued():
                self.visits[event.contact] = self.visits.get(event.contact, 0) + 1
                self.queue_of[event.contact] = event.queue
                if event.callback == "reserved":
                    self.reserving.add(event.contact)
            case CustomerReached():
                self.reserving.discard(event.contact)
            case ContactLeft() if event.contact in self.queue_of:
                self._ended(event.contact, "left")
            case OfferAccepted() if event.offer in self.offers:
                offer = self.offers.pop(event.offer)
                self.talks.add((offer.agent, offer.contact))
                self._ended(offer.contact, "answered")
            case OfferRefused():
                self.offers.pop(event.offer, None)
            case WorkBegan(rings=True):
                self.called.add((event.agent, event.contact))
            case WorkBegan():
                self.called.discard((event.agent, event.contact))
                self.talks.add((event.agent, event.contact))
            case TalkEnded():
                self.called.discard((event.agent, event.contact))
                self.talks.discard((event.agent, event.contact))

    def _ended(self, contact: str, how: str) -> None:
        del self.queue_of[contact]
        self.dialing.discard(contact)
        self.reserving.discard(contact)
        self.ends.setdefault(contact, []).append(how)

    # -- what was decided ------------------------------------------------------------------------

    def _check(self, decisions: list[AcdDecision], now: float) -> None:
        self.told.append(decisions)
        for decision in decisions:
            match decision:
                case AgentMoved():
                    self._check_move(decision, now)
                case Offer():
                    self._check_offer(decision)
                case Withdraw():
                    self._check_withdraw(decision)
                case Expire():
                    assert self.queue_of[decision.contact] == decision.queue
                    self._ended(decision.contact, decision.reason)
                case Moved():
                    assert self.queue_of[decision.contact] == decision.source
                    self.queue_of[decision.contact] = decision.queue
                case CallBack():
                    self.dialing.add(decision.contact)
        self.written = self.acd.snapshot()
        floor = Snapshot(self.written, self.media, now)
        self._check_tasks(floor)
        self._check_contacts(floor)
        floor.check_capacity()
        floor.check_nobody_is_idle_beside_a_contact()
        floor.check_phones_ring()
        self._check_nobody_is_skipped(floor, decisions)

    def _check_move(self, move: AgentMoved, now: float) -> None:
        old = self.state.get(move.agent, AgentState.LOGGED_OUT)
        assert move.old is old, f"{move} does not follow {old}"
        spent = now - self.since.get(move.agent, now)
        self.day[move.agent] = self.day.get(move.agent, 0.0) + spent
        self.state[move.agent], self.since[move.agent] = move.new, now

    def _check_offer(self, offer: Offer) -> None:
        assert offer.offer not in self.offered, "an offer's id came back"
        running = [o for o in self.offers.values() if o.agent == offer.agent]
        assert offer.contact not in {o.contact for o in running}, "the same contact twice"
        assert self.state[offer.agent] in (AgentState.OFFERED, AgentState.TALKING)
        assert offer.why.candidates[0].agent == offer.agent
        reserved = offer.contact in self.reserving
        assert (offer.mode is OfferMode.RESERVED) == reserved, "only a phone that is dialed holds"
        assert self.queue_of[offer.contact] == offer.queue
        self.offered.add(offer.offer)
        self.offers[offer.offer] = offer

    def _check_withdraw(self, withdraw: Withdraw) -> None:
        if not withdraw.agent:
            assert withdraw.outcome is OfferOutcome.LOST_RACE
            assert withdraw.offer not in self.offers
            return
        offer = self.offers.pop(withdraw.offer)
        assert (offer.contact, offer.agent) == (withdraw.contact, withdraw.agent)
        if withdraw.outcome is OfferOutcome.TIMED_OUT:
            assert offer.contact not in self.reserving, "a silent phone was missed"

    def _check_tasks(self, floor: Snapshot) -> None:
        """Agents do what was told of them, and nothing else."""
        for agent in self.acd.agents():
            assert agent.state is self.state.get(agent.name, AgentState.LOGGED_OUT)
        ringing = {(o.agent, o.contact, o.offer) for o in self.offers.values()}
        ringing |= {(agent, contact, "") for agent, contact in self.called}
        assert ringing == {
            (name, task["contact"], task["offer"])
            for name, agent in floor.agents.items()
            for task in agent["tasks"].values()
            if task["state"] == "offered"
        }
        held = {task["contact"] for a in floor.agents.values() for task in floor.reserved(a)}
        assert held == {o.contact for o in self.offers.values()} & self.reserving
        assert self.talks == {
            (name, task["contact"])
            for name, agent in floor.agents.items()
            for task in agent["tasks"].values()
            if task["state"] == "talking"
        }

    def _check_contacts(self, floor: Snapshot) -> None:
        """The lines hold exactly who was queued and has not ended, in order of score."""
        assert self.queue_of == {name: c["queue"] for name, c in floor.contacts.items()}
        assert {name for name, c in floor.contacts.items() if c["dialing"]} <= self.dialing
        for queue in self.acd.queues(floor.now):
            ranks = [floor.rank(floor.contacts[waiting.contact]) for waiting in queue.waiting]
            assert ranks == sorted(ranks)

    def _check_nobody_is_skipped(self, floor: Snapshot, decisions: list[AcdDecision]) -> None:
        """Whom an agent was offered, was the best whom he may serve; he, of who is left free, the
        one idle longest (where that is the strategy)."""
        made = [d for d in decisions if isinstance(d, Offer) and d.offer in self.offers]
        for number, offer in enumerate(made, 1):
            later = sum(other.agent == offer.agent for other in made[number:])
            contact = floor.contacts[offer.contact]
            first = min(contact["offers"], key=lambda o: int(o.rpartition("-a")[2]))
            agent = floor.agents[offer.agent]
            if first != offer.offer:
                continue  # a further phone of one that rings already
            for other in floor.waiting():
                if floor.may_serve(agent, other) and not floor.is_held_for_dialing(other):
                    full = floor.count(agent, other["medium"]) >= floor.most(other["medium"])
                    worse = floor.rank(other) > floor.rank(contact)
                    assert worse or full, f"{offer} skipped {other['contact']}"
            settings = self.queues[offer.queue]
            if settings.strategy == "longest_idle":
                mine = floor.tier(agent, contact), agent["idle_since"], offer.agent
                for name, idle in floor.agents.items():
                    if floor.is_free(idle) and floor.may_serve(idle, contact):
                        theirs = floor.tier(idle, contact), idle["idle_since"], name
                        assert len(agent["tasks"]) - later == 1, "a busy one before an idle one"
                        assert mine < theirs

    def check_ends(self) -> None:
        """Every visit that is over ended once, every other is still waiting."""
        for contact, visits in self.visits.items():
            ended = len(self.ends.get(contact, []))
            assert ended + (contact in self.queue_of) == visits

    def reborn(self) -> Acd:
        """A distributor from the snapshot, by way of JSON text."""
        return Acd.restore(json.loads(json.dumps(self.acd.snapshot())))


@lru_cache(maxsize=64)
def _agent_settings(written: str) -> AgentSettings:
    return AgentSettings.model_validate_json(written)


class Snapshot:
    """The written state of a distributor at ``now``, asked by brute force."""

    def __init__(self, written: Json, media: dict[str, Medium], now: float) -> None:
        self.agents: dict[str, Json] = {a["settings"]["name"]: a for a in written["agents"]}
        self.contacts: dict[str, Json] = {c["contact"]: c for c in written["contacts"]}
        self.queues: dict[str, Json] = {q["settings"]["name"]: q for q in written["queues"]}
        self.settings = {
            n: _agent_settings(json.dumps(a["settings"])) for n, a in self.agents.items()
        }
        self.media, self.now = media, now

    # -- contacts --------------------------------------------------------------------------------

    def waiting(self) -> list[Json]:
        """Those whom nothing rings for and nobody dials, and who are due."""
        return [
            c
            for c in self.contacts.values()
            if not c["offers"] and not c["dialing"] and c["not_before"] is None
        ]

    def rank(self, contact: Json) -> tuple[float, int]:
        settings = self.queues[contact["queue"]]["settings"]
        offset = contact["offset"] + settings["offset_seconds"]
        score = offset + settings["rate"] * (self.now - contact["since"])
        return -round(score, 6), contact["arrival"]

    def is_held_for_dialing(self, contact: Json) -> bool:
        """Whether as many customers are being dialed as agents are free for it, of those whom any
        of these agents could take."""
        if contact["callback"] != "customer" or contact["reached"]:
            return False
        free = [a for a in self.agents.values() if self.fits(a, contact["medium"])]
        able = [a for a in free if self.is_member(a, contact) and self.is_open(a)]
        dialing = [c for c in self.contacts.values() if c["dialing"]]
        return sum(any(self.is_member(a, c) for a in able) for c in dialing) >= len(able)

    # -- agents ----------------------------------------------------------------------------------

    def is_open(self, agent: Json) -> bool:
        return (
            agent["listed"]
            and agent["state"] != "logged_out"
            and agent["status"] == "available"
            and not agent["not_responding"]
            and agent["resting"] is None
        )

    def is_free(self, agent: Json) -> bool:
        return self.is_open(agent) and not agent["tasks"]

    def is_member(self, agent: Json, contact: Json) -> bool:
        stage = contact["plan"][contact["step"]]
        settings = self.settings[agent["settings"]["name"]]
        return (
            contact["queue"] in settings.queues
            and contact["medium"] in settings.media
            and stage["only"] in ("", settings.name)
            and (bool(stage["only"]) or self.tier(agent, contact) <= contact["tier"])
            and (not stage["need"] or compile_need(stage["need"])(settings.levels()))
        )

    def may_serve(self, agent: Json, contact: Json) -> bool:
        name = agent["settings"]["name"]
        busy_with_it = contact["contact"] in agent["tasks"]
        return (
            self.is_member(agent, contact)
            and name not in contact["passed_over"]
            and not busy_with_it
        )

    def reserved(self, agent: Json) -> list[Json]:
        return [task for task in agent["tasks"].values() if task["reserved"]]

    def tier(self, agent: Json, contact: Json) -> int:
        return int(agent["settings"]["tiers"].get(contact["queue"], 0))

    def count(self, agent: Json, medium: str) -> int:
        return sum(task["medium"] == medium for task in agent["tasks"].values())

    def most(self, medium: str) -> int:
        return self.media[medium].most if medium in self.media else 1

    def fits(self, agent: Json, medium: str) -> bool:
        if not agent["tasks"]:
            return True
        others = [t["medium"] for t in agent["tasks"].values()]
        count = [m for m in others if m == medium or medium not in self._interrupted(m)]
        weight = self._weight(medium) + sum(map(self._weight, count))
        capacity = agent["settings"]["capacity"]
        return others.count(medium) < self.most(medium) and weight <= capacity

    def _weight(self, medium: str) -> int:
        return self.media[medium].weight if medium in self.media else 100

    def _interrupted(self, medium: str) -> tuple[str, ...]:
        return self.media[medium].interrupted_by if medium in self.media else ()

    # -- promises --------------------------------------------------------------------------------

    def check_capacity(self) -> None:
        """What rings fits beside what he does (work that nobody offered him may be too much)."""
        for agent in self.agents.values():
            for contact, task in agent["tasks"].items():
                if task["state"] == "offered":
                    rest = {c: t for c, t in agent["tasks"].items() if c != contact}
                    alone = {**agent, "tasks": rest}
                    assert self.fits(alone, task["medium"]) or self._is_crowded(agent)

    def _is_crowded(self, agent: Json) -> bool:
        """Something that may interrupt came after it, or a reload changed the rules."""
        return len(agent["tasks"]) > 1

    def check_nobody_is_idle_beside_a_contact(self) -> None:
        waiting = sorted(self.waiting(), key=self.rank)
        for contact in waiting:
            if self.is_held_for_dialing(contact):
                continue
            for name, agent in self.agents.items():
                if not self.is_open(agent) or not self.may_serve(agent, contact):
                    continue
                assert agent["tasks"], f"{name} idle beside {contact['contact']}"
                best = next(
                    c
                    for c in waiting
                    if self.may_serve(agent, c)
                    and not self.is_held_for_dialing(c)
                    and (c is contact or self.count(agent, c["medium"]) < self.most(c["medium"]))
                )
                if best is contact:
                    assert not self.fits(agent, contact["medium"]), (
                        f"{name} has room beside {contact['contact']}"
                    )

    def check_phones_ring(self) -> None:
        """A contact that may ring at more phones rings at each that is free for it."""
        for contact in self.contacts.values():
            width = self.queues[contact["queue"]]["settings"]["ring_width"]
            if contact["callback"] == "reserved" and not contact["reached"]:
                width = 1
            if 0 < len(contact["offers"]) < width:
                for name, agent in self.agents.items():
                    idle = self.is_free(agent) and self.may_serve(agent, contact)
                    assert not idle, f"{name} does not ring for {contact['contact']}"
