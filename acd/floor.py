"""The floor: everybody and everything the distributor knows, with its indexes kept in step.

Only here do agents change state and contacts change place, so that the lines, the benches, the
staffing and the deadlines always agree with them. What became possible by a change (an agent free,
a contact back in line) is noted in ``freed`` and ``returned`` for ``acd.matching``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from acd.agents import LOGGED_OUT, READY, TABLE, Agent, IllegalEvent
from acd.deadlines import Deadline, DeadlineKind, Deadlines
from acd.messages import AcdDecision, AgentMoved, AgentState, Expire, ExpireReason, OfferOutcome
from acd.waiting import Contact, Queue, Seat, put, take


@dataclass(slots=True)
class Floor:
    """The state of the distributor. ``decisions`` collects what one event leads to."""

    queues: dict[str, Queue] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    offers_made: int = 0  # numbers the offers, for ever
    arrivals: int = 0  # numbers the contacts' entries, for ever
    decisions: list[AcdDecision] = field(default_factory=list)
    freed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)

    def queues_of(self, agent: Agent) -> Iterator[Queue]:
        """The queues he serves, of those that exist."""
        return (self.queues[name] for name in agent.queues if name in self.queues)

    # -- agents --------------------------------------------------------------------------------

    def move(
        self,
        agent: Agent,
        event: str,
        new: AgentState,
        now: float,
        *,
        reason: str = "",
        contact: str | None = None,
        queue: str | None = None,
    ) -> None:
        """Bring the agent into another state, as the table allows, and say so."""
        if new not in TABLE[agent.state].get(event, ()):
            raise IllegalEvent(agent.name, agent.state, event, f"cannot become {new}")
        old = agent.state
        self._leave_state(agent)
        agent.state, agent.reason, agent.since = new, reason, now
        agent.contact, agent.queue = contact, queue
        self._enter_state(agent)
        self.decisions.append(AgentMoved(agent.name, old, new, event, reason, contact, queue))

    def _leave_state(self, agent: Agent) -> None:
        if agent.state is READY:
            for queue in self.queues_of(agent):
                take(queue.bench, Seat(agent.idle_since, agent.name))
        elif agent.state is LOGGED_OUT:
            for queue in self.queues_of(agent):
                queue.staffed += 1

    def _enter_state(self, agent: Agent) -> None:
        if agent.state is READY:
            for queue in self.queues_of(agent):
                put(queue.bench, Seat(agent.idle_since, agent.name))
            self.freed.add(agent.name)
        elif agent.state is LOGGED_OUT:
            agent.endpoint = ""
            for queue in self.queues_of(agent):
                queue.staffed -= 1
            if not agent.listed:
                del self.agents[agent.name]

    def settle(self, agent: Agent, event: str, now: float) -> None:
        """Nothing occupies him any more: he becomes what his status says, newly idle."""
        state, reason = agent.when_free()
        if agent.state is not READY:  # a ready agent's seat is found by it
            agent.idle_since = now
        self.move(agent, event, state, now, reason=reason)
        if state is LOGGED_OUT:
            self.turn_away_unstaffed(agent)

    def rest(self, agent: Agent, outcome: OfferOutcome, until: float) -> None:
        """Pass him over for every contact for a while."""
        agent.resting = outcome
        self.deadlines.set(Deadline(DeadlineKind.REST, agent.name), until)

    def end_rest(self, agent: Agent) -> None:
        """He may be offered contacts again."""
        agent.resting = None
        self.deadlines.cancel(Deadline(DeadlineKind.REST, agent.name))
        self.freed.add(agent.name)

    # -- contacts ------------------------------------------------------------------------------

    def stand_in_line(self, contact: Contact, now: float) -> None:
        """The contact waits at its place, unless the queue's rules say that it must go."""
        queue = self.queues[contact.queue]
        if now >= contact.entered + queue.settings.max_wait_seconds:
            self.expire(contact, ExpireReason.TIMEOUT)
        elif queue.turns_away:
            self.expire(contact, ExpireReason.NO_AGENTS)
        else:
            put(queue.line, contact.place)
            self.returned.add(contact.contact)

    def step_aside(self, contact: Contact, offer: str, agent: str) -> None:
        """The contact is being offered: nobody else may take it."""
        queue = self.queues[contact.queue]
        take(queue.line, contact.place)
        put(queue.ringing, contact.place)
        contact.offer, contact.agent = offer, agent

    def step_back(self, contact: Contact) -> None:
        """The contact is no longer being offered; it stands nowhere until told where to."""
        take(self.queues[contact.queue].ringing, contact.place)
        contact.offer = contact.agent = None

    def pass_over(self, contact: Contact, agent: str, outcome: OfferOutcome, until: float) -> None:
        """Offer this contact to others than ``agent`` for a while."""
        contact.passed_over[agent] = outcome
        self.deadlines.set(Deadline(DeadlineKind.RETRY, agent, contact.contact), until)

    def forget(self, contact: Contact) -> None:
        """The contact, which stands nowhere any more, is out of its queue."""
        del self.contacts[contact.contact]
        self.deadlines.cancel(Deadline(DeadlineKind.MAX_WAIT, contact=contact.contact))
        for agent in contact.passed_over:
            self.deadlines.cancel(Deadline(DeadlineKind.RETRY, agent, contact.contact))

    def expire(self, contact: Contact, reason: ExpireReason) -> None:
        """Send the contact, which stands nowhere any more, out of its queue."""
        self.forget(contact)
        self.decisions.append(Expire(contact.contact, contact.queue, reason))

    def expire_from_line(self, contact: Contact, reason: ExpireReason) -> None:
        """Send a waiting contact out of its queue."""
        take(self.queues[contact.queue].line, contact.place)
        self.expire(contact, reason)

    def turn_away_unstaffed(self, agent: Agent) -> None:
        """After ``agent`` left: empty those of his queues that nobody serves now."""
        for queue in self.queues_of(agent):
            self.turn_away(queue)

    def turn_away(self, queue: Queue) -> None:
        """Empty the queue's line if nobody serves it and callers are not held for that."""
        if queue.turns_away:
            for place in tuple(queue.line):
                self.expire_from_line(self.contacts[place.contact], ExpireReason.NO_AGENTS)
