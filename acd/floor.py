"""The floor: everybody and everything the distributor knows, with its indexes kept in step.

Only here do agents change state and contacts change place, so that lines, seats, deadlines and what
is told of agents always agree. What became possible by a change (an agent has room, a contact is in
line) is noted in ``freed`` and ``returned`` for ``acd.matching``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from acd import capacity
from acd.agent_settings import Medium, PauseReason
from acd.agents import LOGGED_OUT, PAUSED, Agent, Task
from acd.deadlines import Deadline, DeadlineKind, Deadlines
from acd.messages import (
    AcdDecision,
    AgentMoved,
    AgentState,
    Expire,
    ExpireReason,
    OfferOutcome,
)
from acd.queues import Destination
from acd.skills import compile_need
from acd.waiting import ALL_TIERS, Contact, Crew, Group, GroupKey, Queue, Seat, put, take

MOST_EMPTY_GROUPS = 2000  # of needs that came once; then those without contacts are dropped


@dataclass(slots=True)
class Floor:
    """The state of the distributor. ``decisions`` collects what one event leads to."""

    queues: dict[str, Queue] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    media: Mapping[str, Medium] = field(default_factory=dict)
    reasons: Mapping[str, PauseReason] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    offers_made: int = 0  # numbers the offers, for ever
    arrivals: int = 0  # numbers the contacts' entries, for ever
    day_began: float = 0.0
    # Whom an old place waits for: (queue, customer) to (since, until).
    remembered: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    # What follows from the rest.
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    most_groups: int = MOST_EMPTY_GROUPS  # then the empty ones are dropped
    standing: dict[str, Group] = field(default_factory=dict)  # contacts in a line
    open: dict[str, list[Seat]] = field(default_factory=dict)  # by medium: agents with room
    rooms: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict)  # of _room
    staffed: set[str] = field(default_factory=set)  # logged in
    available: set[str] = field(default_factory=set)  # and want contacts
    staffing: int = 0  # counts the changes of these two
    resting: dict[str, OfferOutcome] = field(default_factory=dict)  # who would have room
    at_work: dict[str, None] = field(default_factory=dict)  # have tasks, and room
    widening: dict[str, None] = field(default_factory=dict)  # ring, and may ring at more phones
    dialing: dict[str, None] = field(default_factory=dict)  # their customers are being dialed
    decisions: list[AcdDecision] = field(default_factory=list)
    freed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    thinned: dict[str, None] = field(default_factory=dict)  # queues whose agents went or paused
    unexplained: dict[str, None] = field(default_factory=dict)  # to be told why they wait

    # -- agents --------------------------------------------------------------------------------

    def refresh(self, agent: Agent, event: str, now: float) -> None:
        """Something about him changed: tell his state if it is another, and seat him anew."""
        state, reason, task = agent.doing()
        contact, queue = (task.contact, task.queue or None) if task else (None, None)
        if (state, reason, contact, queue) != (
            agent.state,
            agent.reason,
            agent.contact,
            agent.queue,
        ):
            self._account(agent, now)
            old, agent.state, agent.reason, agent.since = agent.state, state, reason, now
            agent.contact, agent.queue = contact, queue
            self.decisions.append(AgentMoved(agent.name, old, state, event, reason, contact, queue))
            if PAUSED in (old, state):
                self._watch_pause(agent, now)
        self.seat(agent)
        if state is LOGGED_OUT:
            agent.endpoint = ""
            if not agent.listed:
                del self.agents[agent.name]

    def _watch_pause(self, agent: Agent, now: float) -> None:
        """A pause may have its longest time, by its reason."""
        deadline = Deadline(DeadlineKind.PAUSE, agent.name)
        reason = self.reasons.get(agent.reason)
        if agent.state is PAUSED and reason is not None and reason.max_seconds:
            self.deadlines.set(deadline, now + reason.max_seconds)
        else:
            self.deadlines.cancel(deadline)

    def _account(self, agent: Agent, now: float) -> None:
        """Add what his state took of today."""
        spent = now - max(agent.since, self.day_began)
        if agent.state is not LOGGED_OUT and spent > 0:
            today = agent.seconds_today
            today[agent.state] = today.get(agent.state, 0.0) + spent

    def seconds_in(self, agent: Agent, state: AgentState, now: float) -> float:
        """How long he was in a state today."""
        done = agent.seconds_today.get(state, 0.0)
        open_ = now - max(agent.since, self.day_began) if agent.state == state else 0.0
        return done + max(open_, 0.0)

    def seat(self, agent: Agent) -> None:
        """Bring what follows from his state up to date: who is staffed, who has room for what."""
        name, staffed = agent.name, agent.state is not LOGGED_OUT
        available = staffed and agent.wants_work
        before = name in self.staffed, name in self.available
        if before != (staffed, available):
            self.staffing += 1
        if before > (staffed, available):
            self.thinned.update((queue.settings.name, None) for queue in self.queues_of(agent))
        (self.staffed.add if staffed else self.staffed.discard)(name)
        (self.available.add if available else self.available.discard)(name)
        self._keep_seat(agent)

    def _keep_seat(self, agent: Agent) -> None:
        opened = self._room(agent)
        self.resting.pop(agent.name, None)
        if agent.resting is not None and opened:
            self.resting[agent.name] = agent.resting
            opened = ()
        seat = Seat(capacity.load(self.media, agent), agent.idle_since, agent.name)
        if opened == agent.opened and (seat == agent.seat or not opened):
            return
        for medium in agent.opened:
            take(self.open[medium], agent.seat)
        agent.opened, agent.seat = opened, seat
        for medium in opened:
            put(self.open.setdefault(medium, []), seat)
        self.at_work.pop(agent.name, None)
        if opened:
            self.freed.add(agent.name)
            if agent.tasks:
                self.at_work[agent.name] = None

    def _room(self, agent: Agent) -> tuple[str, ...]:
        """The media that he may be offered now."""
        if agent.state is LOGGED_OUT or not agent.wants_work or not agent.listed:
            return ()
        media = agent.settings.media
        if not agent.tasks:
            return media
        key = media, agent.settings.capacity, *sorted(task.medium for task in agent.tasks.values())
        room = self.rooms.get(key)
        if room is None:
            room = tuple(medium for medium in media if capacity.fits(self.media, agent, medium))
            self.rooms[key] = room
        return room

    def rest(self, agent: Agent, outcome: OfferOutcome, until: float) -> None:
        """Pass him over for every contact for a while; ``refresh`` him afterwards."""
        agent.resting = outcome
        self.deadlines.set(Deadline(DeadlineKind.REST, agent.name), until)

    def end_rest(self, agent: Agent) -> None:
        """He may be offered contacts again; ``refresh`` or ``seat`` him afterwards."""
        agent.resting = None
        self.deadlines.cancel(Deadline(DeadlineKind.REST, agent.name))

    def add_task(self, agent: Agent, task: Task) -> None:
        """He has something to do; ``refresh`` him afterwards."""
        agent.tasks[task.contact] = task

    def queues_of(self, agent: Agent) -> Iterator[Queue]:
        """The queues he serves, of those that exist."""
        return (self.queues[name] for name in agent.settings.queues if name in self.queues)

    # -- groups --------------------------------------------------------------------------------

    def group(self, contact: Contact) -> Group:
        """Where the contact stands, or would stand, with the step and tier in force."""
        stage = contact.stage
        tier = ALL_TIERS if stage.only else contact.tier
        return self.group_of(contact, stage.need, tier, stage.only)

    def group_of(self, contact: Contact, need: str, tier: int = ALL_TIERS, only: str = "") -> Group:
        """The group of contacts like this one with that need."""
        key = GroupKey(contact.queue, contact.medium, need, tier, only)
        group = self.groups.get(key)
        if group is None:
            group = self._make_group(key)
        return group

    def _make_group(self, key: GroupKey) -> Group:
        if len(self.groups) >= self.most_groups:
            self._drop_empty_groups()
        queue = self.queues[key.queue]
        rules = {name: self.kept_out(self.agents[name], key) for name in queue.members}
        members = frozenset(name for name, rule in rules.items() if not rule)
        kept_out = Counter(sorted(filter(None, rules.values())))
        tiers = {self.agents[name].tier(key.queue) for name in members}
        span = min(tiers, default=0), max(tiers, default=0)
        group = Group(key, members, kept_out, queue.settings.rate, span)
        self.groups[key] = group
        queue.groups.append(group)
        for name in members:
            self.agents[name].groups.append(group)
        return group

    def kept_out(self, agent: Agent, key: GroupKey) -> str:
        """The rule that keeps an agent of the queue from the group's contacts; '' for none."""
        if key.only and key.only != agent.name:
            return f"it waits for {key.only}"
        if key.medium not in agent.settings.media:
            return f"does not do {key.medium}"
        if key.need and not compile_need(key.need)(agent.levels):
            return f"lacks {key.need}"
        return "of a later tier" if agent.tier(key.queue) > key.tier else ""

    def crew(self, serves: Group | Queue) -> Crew:
        """Who of its members is there."""
        if serves.crew.staffing != self.staffing:
            staffed = frozenset(serves.members & self.staffed)
            serves.crew = Crew(self.staffing, staffed, staffed & self.available)
        return serves.crew

    def _drop_empty_groups(self) -> None:
        self.groups = {key: group for key, group in self.groups.items() if group.line}
        self.most_groups = max(MOST_EMPTY_GROUPS, 2 * len(self.groups))
        for agent in self.agents.values():
            agent.groups = [group for group in agent.groups if group.line]
        for queue in self.queues.values():
            queue.groups = [group for group in queue.groups if group.line]

    # -- contacts ------------------------------------------------------------------------------

    def put_in_line(self, contact: Contact) -> None:
        """The contact, which stands nowhere, waits among its like."""
        group = self.group(contact)
        queue = self.queues[contact.queue]
        put(group.line, queue.place(contact))
        queue.aside.discard(contact.contact)
        self.standing[contact.contact] = group
        self.returned.add(contact.contact)

    def take_out_of_line(self, contact: Contact) -> None:
        """The contact stands nowhere, until told where to. Who was held back for it may go on."""
        group = self.standing.pop(contact.contact, None)
        if group is None:
            return
        queue = self.queues[contact.queue]
        take(group.line, queue.place(contact))
        queue.aside.add(contact.contact)
        self.freed.update(name for name in self.at_work if name in group.members)

    def pass_over(self, contact: Contact, agent: str, outcome: OfferOutcome, until: float) -> None:
        """Offer this contact to others than ``agent`` for a while."""
        contact.passed_over[agent] = outcome
        self.deadlines.set(Deadline(DeadlineKind.RETRY, agent, contact.contact), until)

    def is_waiting(self, contact: Contact) -> bool:
        """Whether it stands in a line: nothing rings for it, nobody dials, and it is due."""
        return contact.contact in self.standing

    def forget(self, contact: Contact) -> None:
        """The contact, which nothing rings for any more, is out of its queue."""
        self.take_out_of_line(contact)
        self.widening.pop(contact.contact, None)
        self.dialing.pop(contact.contact, None)
        self.leave_queue(contact)
        del self.contacts[contact.contact]

    def enlist(self, contact: Contact, there: bool = True) -> None:
        """The contact is in its queue, standing nowhere yet; or not any more."""
        queue = self.queues[contact.queue]
        for names in (queue.contacts, queue.aside):
            (names.add if there else names.discard)(contact.contact)

    def leave_queue(self, contact: Contact) -> None:
        """Nothing of this queue waits for it any more."""
        self.enlist(contact, False)
        for kind in (
            DeadlineKind.DUE,
            DeadlineKind.MAX_WAIT,
            DeadlineKind.STEP,
            DeadlineKind.TIER,
            DeadlineKind.WAITED,
        ):
            self.deadlines.cancel(Deadline(kind, contact=contact.contact))
        for agent in contact.passed_over:
            self.deadlines.cancel(Deadline(DeadlineKind.RETRY, agent, contact.contact))
        contact.passed_over.clear()

    def expire(
        self,
        contact: Contact,
        reason: ExpireReason,
        to: Destination | None = None,
        rule: str = "",
    ) -> None:
        """Send the contact, which nothing rings for, out of its queue."""
        self.queues[contact.queue].count("flowed_out")
        self.forget(contact)
        self.decisions.append(Expire(contact.contact, contact.queue, reason, to, rule))
