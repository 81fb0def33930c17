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
OfferAccepted of an offer that ended otherwise  ``Withdraw(lost_race)``: that leg must go; what was
or never was                                    told of its outcome before stands
OfferRefused of such an offer                   nothing
ContactLeft of a contact not in a queue         nothing (it was accepted, expired, or left before)
ContactLeft while its offer rings               ``Withdraw``; the agent is ready at his old place
TalkEnded twice, or of another contact          nothing
AgentReady when ready                           ends his rest, if he rests
AgentReady when offered                         nothing
AgentPaused when paused for that reason         nothing
AgentLoggedOut when logged out                  nothing
AgentLoggedIn when logged in                    a new wish: ready, or paused; a new endpoint too,
                                                unless it rings or talks now
on_deadline with nothing due                    nothing
==============================================  ===================================================

**Illegal**, and refused with ``IllegalEvent`` before anything changes: what the table in
``acd.agents`` does not list; agents and queues that do not exist; an endpoint where another agent
is logged in; a contact queued while it is in a queue already; a refusal with an outcome that is not
the agent's side's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd import matching, offers, reload, snapshots, views
from acd.agents import OFFERED, READY, TALKING, WRAP_UP, Agent, AgentStatus, IllegalEvent
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    Configured,
    ContactLeft,
    ContactQueued,
    Expire,
    ExpireReason,
    LeaveReason,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
    Withdraw,
)
from acd.views import AgentView, QueueView
from acd.waiting import Contact, take

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
            AgentLoggedIn: self._agent_logged_in,
            AgentLoggedOut: self._agent_logged_out,
            AgentReady: self._agent_ready,
            AgentPaused: self._agent_paused,
            ContactQueued: self._contact_queued,
            ContactLeft: self._contact_left,
            OfferAccepted: self._offer_accepted,
            OfferRefused: self._offer_refused,
            TalkEnded: self._talk_ended,
        }

    def handle(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        """Take in what happened at ``now``; what to do about it, in order.

        Afterwards no ready agent is beside a waiting contact that he may be offered. Raises
        ``IllegalEvent`` when the event makes no sense; nothing has changed then.
        """
        self._handlers[type(event)](event, now)
        return self._match(now)

    def on_deadline(self, now: float) -> list[AcdDecision]:
        """Let happen what is due by ``now``; call it when ``next_deadline`` has come."""
        while (deadline := self._floor.deadlines.pop_due(now)) is not None:
            self._due(deadline, now)
        return self._match(now)

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called, in seconds since the epoch; None for never."""
        return self._floor.deadlines.next()

    def agents(self) -> tuple[AgentView, ...]:
        """Every agent, by name."""
        return views.agents(self._floor)

    def queues(self) -> tuple[QueueView, ...]:
        """Every queue with its line, in the order of the settings."""
        return views.queues(self._floor)

    def snapshot(self) -> dict[str, Any]:
        """The whole state as JSON types; ``restore`` makes an equal distributor of it."""
        return snapshots.dump(self._floor)

    @classmethod
    def restore(cls, snapshot: dict[str, Any]) -> Acd:
        """The distributor that ``snapshot`` was taken of."""
        acd = cls()
        acd._floor = snapshots.load(snapshot)
        return acd

    def _match(self, now: float) -> list[AcdDecision]:
        for contact, agent, why in matching.match(self._floor):
            offers.make(self._floor, contact, agent, why, now)
        decisions, self._floor.decisions = self._floor.decisions, []
        return decisions

    # -- settings ------------------------------------------------------------------------------

    def _configured(self, event: Configured, now: float) -> None:
        reload.configure(self._floor, event, now)

    # -- agents --------------------------------------------------------------------------------

    def _agent_logged_in(self, event: AgentLoggedIn, now: float) -> None:
        agent = self._agent(event.agent, "AgentLoggedIn")
        self._require_desk(agent, event.endpoint)
        agent.endpoint = event.endpoint
        if event.pause_reason is None:
            self._wish(agent, AgentStatus.AVAILABLE, "AgentLoggedIn", now)
        else:
            self._wish(agent, AgentStatus.PAUSED, "AgentLoggedIn", now, event.pause_reason)

    def _require_desk(self, agent: Agent, endpoint: str) -> None:
        if endpoint == agent.endpoint:
            return
        if agent.state in (OFFERED, TALKING):
            detail = f"{agent.endpoint} is in use"
            raise IllegalEvent(agent.name, agent.state, "AgentLoggedIn", detail)
        for other in self._floor.agents.values():
            if other.endpoint == endpoint:
                detail = f"{other.name} is logged in at {endpoint}"
                raise IllegalEvent(agent.name, agent.state, "AgentLoggedIn", detail)

    def _agent_logged_out(self, event: AgentLoggedOut, now: float) -> None:
        agent = self._agent(event.agent, "AgentLoggedOut")
        self._wish(agent, AgentStatus.LOGGED_OUT, "AgentLoggedOut", now)

    def _agent_ready(self, event: AgentReady, now: float) -> None:
        agent = self._agent(event.agent, "AgentReady")
        self._wish(agent, AgentStatus.AVAILABLE, "AgentReady", now)

    def _agent_paused(self, event: AgentPaused, now: float) -> None:
        agent = self._agent(event.agent, "AgentPaused")
        self._wish(agent, AgentStatus.PAUSED, "AgentPaused", now, event.reason)

    def _wish(
        self, agent: Agent, status: AgentStatus, event: str, now: float, reason: str = ""
    ) -> None:
        """Note what he wants; it takes effect now unless he talks or wraps up."""
        agent.want(status, reason)
        self._floor.end_rest(agent)
        wanted = agent.when_free()
        ends_wrap_up = agent.state is WRAP_UP and wanted[0] is READY
        if agent.is_occupied and not ends_wrap_up:
            return
        if agent.state is OFFERED:
            if wanted[0] is not READY:
                offers.take_back(self._floor, agent, event, now)
        elif (agent.state, agent.reason) != wanted:
            self._floor.deadlines.cancel(Deadline(DeadlineKind.WRAP_UP, agent.name))
            self._floor.settle(agent, event, now)

    def _agent(self, name: str, event: str) -> Agent:
        agent = self._floor.agents.get(name)
        if agent is None or not agent.listed:
            raise IllegalEvent(name, "unknown", event, "not in the settings")
        agent.require(event)
        return agent

    # -- contacts ------------------------------------------------------------------------------

    def _contact_queued(self, event: ContactQueued, now: float) -> None:
        floor = self._floor
        queue = floor.queues.get(event.queue)
        known = floor.contacts.get(event.contact)
        if known is not None:
            detail = f"it is in {known.queue} already"
            raise IllegalEvent(event.contact, "waiting", "ContactQueued", detail)
        if queue is None:
            detail = f"there is no queue {event.queue}"
            raise IllegalEvent(event.contact, "unknown", "ContactQueued", detail)
        if queue.size >= queue.settings.max_waiting and not queue.turns_away:  # no_agents says more
            floor.decisions.append(Expire(event.contact, event.queue, ExpireReason.FULL))
            return
        floor.arrivals += 1
        contact = Contact(event.contact, event.queue, event.since, now, floor.arrivals)
        floor.contacts[event.contact] = contact
        floor.deadlines.set(
            Deadline(DeadlineKind.MAX_WAIT, contact=event.contact),
            now + queue.settings.max_wait_seconds,
        )
        floor.stand_in_line(contact, now)

    def _contact_left(self, event: ContactLeft, now: float) -> None:
        contact = self._floor.contacts.get(event.contact)
        if contact is None:
            return
        if contact.agent is None:
            take(self._floor.queues[contact.queue].line, contact.place)
        else:
            moved = event.reason is LeaveReason.MOVED
            outcome = OfferOutcome.CANCELLED if moved else OfferOutcome.CALLER_LEFT
            agent = self._floor.agents[contact.agent]
            offers.abandon(self._floor, contact, agent, outcome, "ContactLeft", now)
        self._floor.forget(contact)

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

    def _talk_ended(self, event: TalkEnded, now: float) -> None:
        agent = self._floor.agents.get(event.agent)
        if agent is None or agent.state is not TALKING or agent.contact != event.contact:
            return
        queue = self._floor.queues.get(str(agent.queue))
        seconds = queue.settings.wrap_up_seconds if queue else 0
        if not seconds:
            self._floor.settle(agent, "TalkEnded", now)
            return
        self._floor.deadlines.set(Deadline(DeadlineKind.WRAP_UP, agent.name), now + seconds)
        self._floor.move(agent, "TalkEnded", WRAP_UP, now, contact=agent.contact, queue=agent.queue)

    # -- deadlines -----------------------------------------------------------------------------

    def _due(self, deadline: Deadline, now: float) -> None:
        floor = self._floor
        match deadline.kind:
            case DeadlineKind.RING:
                offers.time_out(floor, floor.agents[deadline.agent], now)
            case DeadlineKind.WRAP_UP:
                floor.settle(floor.agents[deadline.agent], "WrapUpEnded", now)
            case DeadlineKind.REST:
                floor.end_rest(floor.agents[deadline.agent])
            case DeadlineKind.RETRY:
                del floor.contacts[deadline.contact].passed_over[deadline.agent]
                floor.returned.add(deadline.contact)
            case DeadlineKind.MAX_WAIT:
                contact = floor.contacts[deadline.contact]
                if contact.agent is None:
                    floor.expire_from_line(contact, ExpireReason.TIMEOUT)
