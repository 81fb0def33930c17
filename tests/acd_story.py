"""A small center told as a story: what is due happens on the way, and a witness looks on.

Each step returns what was decided since the step before, in short words: `offer c1 to mai`,
`withdraw c1 from mai: timed_out`, `mai: talking`. Whatever a story is about, the promises that
``tests.acd_witness`` checks hold after each of its steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import pytest

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.core import IllegalEvent
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentMoved,
    AgentPaused,
    Alert,
    CallBack,
    Configured,
    ContactLeft,
    ContactQueued,
    Disposed,
    Expire,
    LeaveReason,
    Moved,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
    Withdraw,
    WorkBegan,
)
from acd.queues import QueueSettings
from acd.views import AgentView, QueueView, WaitingView
from tests.acd_witness import Witness

D = TypeVar("D", bound=AcdDecision)
Settings = Mapping[str, Any]


class Story(Witness):
    """A distributor with these queues and agents, at time 0.

    A setting that is not said is as in the shipped queues, but for the wrap-up: there is none.
    Agents serve all queues unless told.
    """

    def __init__(
        self,
        queues: Mapping[str, Settings],
        agents: Mapping[str, Settings] | Iterable[str],
        media: Iterable[Medium] = DEFAULT_MEDIA,
        reasons: Iterable[PauseReason] = (),
    ) -> None:
        super().__init__()
        self.now = 0.0
        self.said: list[tuple[float, AcdDecision]] = []
        self.configure(queues, agents, 0.0, media, reasons)

    # -- what happens ----------------------------------------------------------------------------

    def configure(
        self,
        queues: Mapping[str, Settings],
        agents: Mapping[str, Settings] | Iterable[str],
        at: float,
        media: Iterable[Medium] = DEFAULT_MEDIA,
        reasons: Iterable[PauseReason] = (),
    ) -> list[str]:
        """Put settings in force."""
        if not isinstance(agents, Mapping):
            agents = {name: {} for name in agents}
        people = {
            name: {"name": name, "extension": str(3001 + number), "queues": tuple(queues), **said}
            for number, (name, said) in enumerate(agents.items())
        }
        return self.tell_at(
            at,
            Configured(
                tuple(
                    QueueSettings.model_validate({"name": name, "wrap_up": 0, **said})
                    for name, said in queues.items()
                ),
                tuple(map(AgentSettings.model_validate, people.values())),
                tuple(media),
                tuple(reasons),
            ),
        )

    def tell_at(self, at: float, *events: AcdEvent) -> list[str]:
        """What is due by then happens, then these, which must make sense."""
        before = len(self.said)
        self.until(at)
        for event in events:
            told = len(self.told)
            self.tell(event, at)
            assert len(self.told) > told, f"{event} is illegal"
            self._hear(at, self.told[-1])
        return [words(decision) for _, decision in self.said[before:]]

    def until(self, at: float) -> list[str]:
        """Let time go by."""
        before = len(self.said)
        assert at >= self.now, "time never goes back"
        while (due := self.acd.next_deadline()) is not None and due <= at:
            due = max(due, self.now)
            self._hear(due, self.wake(due))
        self.now = at
        return [words(decision) for _, decision in self.said[before:]]

    def _hear(self, at: float, decisions: list[AcdDecision]) -> None:
        self.said.extend((at, decision) for decision in decisions)

    def log_in(self, names: str, at: float) -> list[str]:
        """These agents sit down, one second after the other."""
        before = len(self.said)
        for number, name in enumerate(names.split()):
            self.tell_at(at + number, AgentLoggedIn(name, self.agents[name].extension))
        return [words(decision) for _, decision in self.said[before:]]

    def pause(self, agent: str, at: float, reason: str = "lunch") -> list[str]:
        """He wants nothing for a while."""
        return self.tell_at(at, AgentPaused(agent, reason))

    def queue(self, contact: str, at: float, queue: str = "sales", **fields: Any) -> list[str]:
        """A contact begins to wait."""
        return self.tell_at(
            at, ContactQueued(contact, queue, **{"since": at, "medium": "voice", **fields})
        )

    def answer(self, contact: str, at: float, agent: str = "") -> list[str]:
        """An agent at whom it rings (the only one, or this one) takes it."""
        return self.tell_at(at, OfferAccepted(self.offer_of(contact, agent).offer))

    def refuse(
        self, contact: str, at: float, outcome: OfferOutcome = OfferOutcome.REJECTED
    ) -> list[str]:
        """The agent at whom it rings does not take it."""
        return self.tell_at(at, OfferRefused(self.offer_of(contact).offer, outcome))

    def give_up(self, contact: str, at: float) -> list[str]:
        """A caller hangs up."""
        return self.tell_at(at, ContactLeft(contact, LeaveReason.ABANDONED))

    def end(self, contact: str, at: float) -> list[str]:
        """The talk with a contact ends."""
        agent = next(agent for agent, talk in self.talks if talk == contact)
        return self.tell_at(at, TalkEnded(agent, contact))

    def work(self, agent: str, contact: str, at: float, **fields: Any) -> list[str]:
        """He is busy with something that nobody offered him."""
        return self.tell_at(at, WorkBegan(agent, contact, **fields))

    def refused(self, at: float, event: AcdEvent) -> str:
        """What the distributor says of an event that makes no sense; nothing has changed."""
        self.until(at)
        before = self.acd.snapshot()
        with pytest.raises(IllegalEvent) as error:
            self.acd.handle(event, at)
        assert self.acd.snapshot() == before
        return str(error.value)

    # -- what is there ---------------------------------------------------------------------------

    def offer_of(self, contact: str, agent: str = "") -> Offer:
        """The running offer of a contact."""
        (found,) = [
            offer
            for offer in self.offers.values()
            if offer.contact == contact and agent in ("", offer.agent)
        ]
        return found

    def ringing(self, contact: str) -> list[str]:
        """At whom it rings."""
        return sorted(offer.agent for offer in self.offers.values() if offer.contact == contact)

    def all_of(self, kind: type[D]) -> list[D]:
        """Every decision of a kind so far."""
        return [decision for _, decision in self.said if isinstance(decision, kind)]

    def offers_of(self, contact: str) -> list[tuple[float, str]]:
        """When it was offered to whom."""
        return [
            (at, decision.agent)
            for at, decision in self.said
            if isinstance(decision, Offer) and decision.contact == contact
        ]

    def agent(self, name: str) -> AgentView:
        """What is shown of him."""
        return next(view for view in self.acd.agents() if view.name == name)

    def state_of(self, name: str) -> str:
        """What he does."""
        return str(self.agent(name).state)

    def view(self, queue: str = "sales") -> QueueView:
        """What is shown of a queue."""
        return next(view for view in self.acd.queues(self.now) if view.name == queue)

    def line(self, queue: str = "sales") -> list[str]:
        """Who is in a queue, the first one first."""
        return [waiting.contact for waiting in self.view(queue).waiting]

    def waiting(self, contact: str) -> WaitingView:
        """What is shown of a contact."""
        return next(
            waiting
            for view in self.acd.queues(self.now)
            for waiting in view.waiting
            if waiting.contact == contact
        )


def words(decision: AcdDecision) -> str:
    """A decision in short."""
    match decision:
        case Offer():
            return f"offer {decision.contact} to {decision.agent}"
        case Withdraw():
            whom = f" from {decision.agent}" if decision.agent else ""
            return f"withdraw {decision.contact}{whom}: {decision.outcome}"
        case Expire():
            to = f" to {decision.to.kind}" if decision.to else ""
            return f"{decision.contact} leaves: {decision.rule or decision.reason}{to}"
        case Moved():
            return f"{decision.contact} moves to {decision.queue}: {decision.rule}"
        case CallBack():
            return f"dial {decision.contact}"
        case AgentMoved():
            return f"{decision.agent}: {decision.new}"
        case Disposed():
            by = " by default" if decision.by_default else ""
            return f"{decision.contact} came to: {decision.code}{by}"
        case Alert():
            return f"alert {decision.agent}: {decision.detail}"
    return f"{type(decision).__name__} {decision.contact}"


def contacts(decisions: Iterable[str]) -> list[str]:
    """Of the words of a step, those about contacts: offers, withdrawals and ways out."""
    return [
        said
        for said in decisions
        if said.startswith(("offer", "withdraw", "dial"))
        or " leaves: " in said
        or " moves " in said
    ]
