"""The automatic call distributor: events and the time in, decisions out.

``Acd`` reads no clock and rolls no dice, so the same events at the same times always lead to the
same decisions: live, rebuilt from the journal after a crash, and simulated. Deadlines take effect
only in ``on_deadline``, never as a side effect of an event: an agent who picks up while a late
timer still owes him the end of the ring has answered. So the journal needs both (``acd.journal``).

**Events that cross.** The switch, the phones and the stories are not in step with the distributor,
so these are news, not errors:

==============================================  ===================================================
event                                           what happens
==============================================  ===================================================
OfferAccepted of an offer that ended otherwise  ``Withdraw(lost_race)`` of no agent: that leg must
or never was                                    go; what was told of its outcome before stands
OfferRefused of such an offer                   nothing
ContactLeft of a contact not in a queue         nothing (it was accepted, expired, or left before)
ContactLeft while its offer rings               ``Withdraw``; the agent is free at his old place
NeedsChanged, PriorityChanged of such a         nothing
contact
CustomerReached, CallbackPostponed of a         nothing
contact whose customer is not being dialed
CustomerReached of one who has no agent         nobody is held for it any more: it waits like
reserved (yet, or any more)                     anybody on the line, and the next offer rings
TalkEnded twice, or of another contact          nothing
WorkBegan of a contact that he wraps up         its wrap-up is over
AgentReady when ready                           ends his rest, if he rests
AgentReady when offered                         nothing
AgentPaused when paused for that reason         nothing
AgentLoggedOut when logged out                  nothing
AgentLoggedIn when logged in                    a new wish: ready, or paused; a new endpoint too,
                                                unless it rings or talks now
on_deadline with nothing due                    nothing
==============================================  ===================================================

**Illegal**, and refused with ``IllegalEvent`` before anything changes: a wish of an agent who is
logged out; agents, queues and pause reasons that do not exist; an endpoint where another agent is
logged in; a contact queued while it is in a queue already; a refusal with an outcome that is not
the agent's side's; work for a contact that waits, or that he has already; an age that is no finite
number; what ``acd.wrap_up`` does not allow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd import (
    callbacks,
    estimates,
    line,
    matching,
    needs,
    offers,
    reload,
    snapshots,
    views,
    visits,
    why,
    wishes,
    work,
    wrap_up,
)
from acd.agents import WRAP_UP, Agent, IllegalEvent
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    Alert,
    AlertKind,
    CallbackPostponed,
    Configured,
    ContactLeft,
    ContactQueued,
    CustomerReached,
    DayBegan,
    DispositionSet,
    HoursChanged,
    NeedsChanged,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    PriorityChanged,
    StillWaiting,
    TalkEnded,
    WhyWaiting,
    Withdraw,
    WorkBegan,
    WrapUpDone,
    WrapUpExtended,
    WrapUpRequested,
)
from acd.views import AgentView, Glance, QueueView
from acd.waiting import Contact, Estimate

__all__ = ["Acd", "IllegalEvent"]

_AGENTS_SIDE = (
    OfferOutcome.TIMED_OUT,
    OfferOutcome.REJECTED,
    OfferOutcome.BUSY,
    OfferOutcome.UNREACHABLE,
    OfferOutcome.CANCELLED,
)


class Acd:
    """The distributor's decisions. Starts empty; ``Configured`` gives it queues and agents."""

    def __init__(self) -> None:
        self._floor = Floor()
        self._handlers: dict[type, Callable[[Any, float], None]] = {
            Configured: self._configured,
            DayBegan: self._day_began,
            HoursChanged: self._hours_changed,
            AgentLoggedIn: self._agent_logged_in,
            AgentLoggedOut: self._agent_logged_out,
            AgentReady: self._agent_ready,
            AgentPaused: self._agent_paused,
            WrapUpRequested: self._wrap_up_requested,
            WrapUpExtended: self._wrap_up_extended,
            WrapUpDone: self._wrap_up_done,
            DispositionSet: self._disposition_set,
            ContactQueued: self._contact_queued,
            ContactLeft: self._contact_left,
            NeedsChanged: self._needs_changed,
            PriorityChanged: self._priority_changed,
            CustomerReached: self._customer_reached,
            CallbackPostponed: self._callback_postponed,
            OfferAccepted: self._offer_accepted,
            OfferRefused: self._offer_refused,
            WorkBegan: self._work_began,
            TalkEnded: self._talk_ended,
        }

    def handle(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        """Take in what happened at ``now``; what to do about it, in order.

        Afterwards no ready agent is beside a waiting contact that he may be offered. Raises
        ``IllegalEvent`` when the event makes no sense; nothing has changed then.
        """
        self._handlers[type(event)](event, now)
        return self._decide(now)

    def on_deadline(self, now: float) -> list[AcdDecision]:
        """Let happen what is due by ``now``; call it when ``next_deadline`` has come."""
        while (deadline := self._floor.deadlines.pop_due(now)) is not None:
            self._due(deadline, now)
        return self._decide(now)

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called, in seconds since the epoch; None for never."""
        return self._floor.deadlines.next()

    def agents(self) -> tuple[AgentView, ...]:
        """Every agent, by name."""
        return views.agents(self._floor)

    def queues(self, now: float) -> tuple[QueueView, ...]:
        """Every queue with its line as of ``now``, in the order of the settings."""
        return views.queues(self._floor, now)

    def glance(self) -> Glance:
        """The floor in short: cheap enough to be asked every second, with a thousand agents."""
        return views.glance(self._floor)

    def why(self, contact: str, now: float) -> WhyWaiting | None:
        """Why a contact waits, agent by agent; None when it is in no queue."""
        found = self._floor.contacts.get(contact)
        return why.in_full(self._floor, found, now) if found else None

    def estimate(self, contact: str, now: float) -> Estimate | None:
        """How long a contact will wait from ``now`` on; None when it is in no queue or nobody
        staffed may serve it."""
        found = self._floor.contacts.get(contact)
        return estimates.estimate(self._floor, found, now) if found else None

    def snapshot(self) -> dict[str, Any]:
        """The whole state as JSON types; ``restore`` makes an equal distributor of it."""
        return snapshots.dump(self._floor)

    @classmethod
    def restore(cls, snapshot: dict[str, Any]) -> Acd:
        """The distributor that ``snapshot`` was taken of."""
        acd = cls()
        acd._floor = snapshots.load(snapshot)
        return acd

    def _decide(self, now: float) -> list[AcdDecision]:
        floor = self._floor
        while floor.thinned:
            queues = [floor.queues[name] for name in floor.thinned if name in floor.queues]
            floor.thinned = {}
            line.staff_left(floor, queues, now)
        matching.match(floor, now)
        for name in floor.unexplained:
            contact = floor.contacts.get(name)
            if contact is not None and floor.is_waiting(contact):
                reason = why.in_short(floor, contact, now)
                floor.decisions.append(StillWaiting(name, contact.queue, reason))
        floor.unexplained = {}
        decisions, floor.decisions = floor.decisions, []
        return decisions

    # -- settings and the calendar -------------------------------------------------------------

    def _configured(self, event: Configured, now: float) -> None:
        reload.configure(self._floor, event, now)

    def _day_began(self, event: DayBegan, now: float) -> None:
        self._floor.day_began = now
        for queue in self._floor.queues.values():
            queue.counts = {}
        for agent in self._floor.agents.values():
            agent.contacts_today, agent.seconds_today = 0, {}

    def _hours_changed(self, event: HoursChanged, now: float) -> None:
        queue = self._floor.queues.get(event.queue)
        if queue is None:
            raise IllegalEvent(event.queue, "unknown", "HoursChanged", "there is no such queue")
        queue.closed = not event.open
        self._floor.thinned[event.queue] = None

    # -- agents --------------------------------------------------------------------------------

    def _agent_logged_in(self, event: AgentLoggedIn, now: float) -> None:
        wishes.log_in(self._floor, self._agent(event.agent, "AgentLoggedIn"), event, now)

    def _agent_logged_out(self, event: AgentLoggedOut, now: float) -> None:
        wishes.log_out(self._floor, self._agent(event.agent, "AgentLoggedOut"), now)

    def _agent_ready(self, event: AgentReady, now: float) -> None:
        wishes.be_ready(self._floor, self._agent(event.agent, "AgentReady"), now)

    def _agent_paused(self, event: AgentPaused, now: float) -> None:
        wishes.pause(self._floor, self._agent(event.agent, "AgentPaused"), event.reason, now)

    def _agent(self, name: str, event: str) -> Agent:
        agent = self._floor.agents.get(name)
        if agent is None or not agent.listed:
            raise IllegalEvent(name, "unknown", event, "not in the settings")
        return agent

    def _wrap_up_requested(self, event: WrapUpRequested, now: float) -> None:
        agent = self._agent(event.agent, "WrapUpRequested")
        wrap_up.request(self._floor, agent, event.contact, now)

    def _wrap_up_extended(self, event: WrapUpExtended, now: float) -> None:
        agent = self._agent(event.agent, "WrapUpExtended")
        wrap_up.extend(self._floor, agent, event.contact, now)

    def _wrap_up_done(self, event: WrapUpDone, now: float) -> None:
        agent = self._agent(event.agent, "WrapUpDone")
        wrap_up.done(self._floor, agent, event.contact, now)
        self._floor.refresh(agent, "WrapUpDone", now)

    def _disposition_set(self, event: DispositionSet, now: float) -> None:
        agent = self._agent(event.agent, "DispositionSet")
        wrap_up.dispose(self._floor, agent, event.contact, event.code)

    # -- contacts ------------------------------------------------------------------------------

    def _contact_queued(self, event: ContactQueued, now: float) -> None:
        visits.begin(self._floor, event, now)

    def _contact_left(self, event: ContactLeft, now: float) -> None:
        if contact := self._floor.contacts.get(event.contact):
            visits.leave(self._floor, contact, event.reason, now)

    def _needs_changed(self, event: NeedsChanged, now: float) -> None:
        visits.require_readable(event.contact, event.needs, "NeedsChanged")
        if contact := self._floor.contacts.get(event.contact):
            visits.change_needs(self._floor, contact, event.needs, now)

    def _priority_changed(self, event: PriorityChanged, now: float) -> None:
        visits.require_finite(event.contact, "PriorityChanged", event.offset_seconds)
        if contact := self._floor.contacts.get(event.contact):
            visits.change_priority(self._floor, contact, event.offset_seconds)

    def _customer_reached(self, event: CustomerReached, now: float) -> None:
        contact = self._floor.contacts.get(event.contact)
        if contact is not None and (contact.dialing or contact.reserves):
            callbacks.reached(self._floor, contact, now)

    def _callback_postponed(self, event: CallbackPostponed, now: float) -> None:
        contact = self._floor.contacts.get(event.contact)
        if contact is not None and contact.dialing:
            callbacks.postpone(self._floor, contact, event.until)

    # -- offers and talks ----------------------------------------------------------------------

    def _offer_accepted(self, event: OfferAccepted, now: float) -> None:
        found = offers.find(self._floor, event.offer)
        if found is not None:
            offers.accept(self._floor, *found, now)
            return
        contact = offers.contact_of(event.offer)
        self._floor.decisions.append(Withdraw(event.offer, contact, "", OfferOutcome.LOST_RACE))

    def _offer_refused(self, event: OfferRefused, now: float) -> None:
        if event.outcome not in _AGENTS_SIDE:
            detail = f"{event.outcome} is no refusal"
            raise IllegalEvent(event.offer, "offered", "OfferRefused", detail)
        found = offers.find(self._floor, event.offer)
        if found is not None:
            offers.refuse(self._floor, *found, event.outcome, now)

    def _work_began(self, event: WorkBegan, now: float) -> None:
        agent = self._floor.agents.get(event.agent) or self._agent(event.agent, "WorkBegan")
        work.begin(self._floor, agent, event, now)

    def _talk_ended(self, event: TalkEnded, now: float) -> None:
        agent = self._floor.agents.get(event.agent)
        if agent is not None:
            work.talk_ended(self._floor, agent, event, now)

    # -- deadlines -----------------------------------------------------------------------------

    def _due(self, deadline: Deadline, now: float) -> None:
        floor = self._floor
        agent = floor.agents.get(deadline.agent)
        contact = floor.contacts.get(deadline.contact)
        match deadline.kind:
            case DeadlineKind.RING if agent and contact:
                offers.time_out(floor, agent, contact, now)
            case DeadlineKind.WRAP_UP if agent:
                task = agent.tasks[deadline.contact]
                assert task.state is WRAP_UP
                wrap_up.end(floor, agent, task, now)
                floor.refresh(agent, "WrapUpEnded", now)
            case DeadlineKind.WRAP_UP_LONG if agent:
                wrap_up.took_long(floor, agent, agent.tasks[deadline.contact])
            case DeadlineKind.PAUSE if agent:
                detail = f"{agent.status_reason}: longer than it may be"
                floor.decisions.append(Alert(AlertKind.PAUSE_TOO_LONG, agent.name, detail))
            case DeadlineKind.REST if agent:
                floor.end_rest(agent)
                floor.seat(agent)
            case DeadlineKind.RETRY if contact:
                del contact.passed_over[deadline.agent]
                self._try_again(contact, deadline.agent)
            case DeadlineKind.CHECK if deadline.contact in floor.queues:
                line.check(floor, floor.queues[deadline.contact], now)
            case _ if contact:
                self._contact_due(deadline.kind, contact, now)

    def _try_again(self, contact: Contact, agent: str) -> None:
        """He is no longer passed over for it."""
        if self._floor.is_waiting(contact):
            self._floor.returned.add(contact.contact)
        if agent in self._floor.at_work:
            self._floor.freed.add(agent)

    def _contact_due(self, kind: DeadlineKind, contact: Contact, now: float) -> None:
        floor = self._floor
        match kind:
            case DeadlineKind.MAX_WAIT:
                line.max_wait(floor, contact, now)
            case DeadlineKind.WAITED:
                line.waited(floor, contact, now)
            case DeadlineKind.DUE:
                line.due(floor, contact, now)
            case DeadlineKind.STEP:
                needs.next_step(floor, contact, now)
            case DeadlineKind.TIER:
                needs.next_tier(floor, contact, now)
