"""New settings for a running floor: nobody who waits or works loses anything they need not lose.

- A queue that is gone sends its contacts out by ``no_agents``, best first; ringing offers are
  withdrawn before. A talk of such a queue goes on, and ends without wrap-up.
- A queue that stays keeps its line. Its new rules hold for those who wait already, from now on; an
  offer that rings keeps the ring time it was made with. Contacts above a smaller ``max_waiting``
  stay. Steps begin anew for who waits when the queue's steps are others.
- An agent who is gone is logged out at once when nothing occupies him (a ringing offer is
  withdrawn), else after his wrap-up; until then he can no longer change his mind.
- An agent whose queues or skills changed has the new ones from now on; an offer that rings goes on.
"""

from __future__ import annotations

from acd import line, needs, offers, wrap_up
from acd.agent_settings import AgentSettings
from acd.agents import LOGGED_OUT, Agent, AgentStatus
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import Configured, ExpireReason, OfferOutcome
from acd.queues import QueueSettings
from acd.waiting import ALL_TIERS, Contact, Crew, Queue

_EVENT = Configured.__name__


def configure(floor: Floor, event: Configured, now: float) -> None:
    """Put the settings in force."""
    kept = {queue.name for queue in event.queues}
    for name in [name for name in floor.queues if name not in kept]:
        _close(floor, floor.queues[name], now)
    floor.media = {medium.name: medium for medium in event.media}
    floor.reasons = {reason.name: reason for reason in event.reasons}
    standing = set(floor.standing)
    _adopt_queues(floor, event.queues)
    _adopt_agents(floor, event.agents)
    reindex(floor)
    for contact in sorted(floor.contacts.values(), key=lambda each: each.arrival):
        _adopt_rules(floor, contact, contact.contact in standing, now)
    for agent in [agent for agent in floor.agents.values() if not agent.listed]:
        _dismiss(floor, agent, now)
    floor.thinned.update((name, None) for name in floor.queues)


def _close(floor: Floor, queue: Queue, now: float) -> None:
    there = [floor.contacts[name] for name in queue.contacts]
    for contact in sorted(there, key=lambda each: (-queue.score(each, now), each.arrival)):
        offers.withdraw_all(floor, contact, OfferOutcome.CANCELLED, _EVENT, now)
        floor.expire(contact, ExpireReason.NO_AGENTS)
    floor.deadlines.cancel(Deadline(DeadlineKind.CHECK, contact=queue.settings.name))


def _adopt_queues(floor: Floor, wanted: tuple[QueueSettings, ...]) -> None:
    old, floor.queues = floor.queues, {}
    for settings in wanted:
        queue = old.get(settings.name) or Queue(settings)
        queue.settings = settings
        floor.queues[settings.name] = queue


def _adopt_agents(floor: Floor, wanted: tuple[AgentSettings, ...]) -> None:
    """Without what the distributor has no use for: the journal does not hold it, either."""
    for agent in floor.agents.values():
        agent.listed = False
    for rank, written in enumerate(wanted):
        settings = written.model_copy(update={"pin": None, "secret": None})
        agent = floor.agents.setdefault(settings.name, Agent(settings))
        agent.settings, agent.rank, agent.listed = settings, rank, True


def reindex(floor: Floor) -> None:
    """Make all that follows from settings, agents and contacts anew; nobody stands in line."""
    floor.groups.clear()
    floor.standing.clear()
    floor.open.clear()
    floor.rooms.clear()
    floor.staffed.clear()
    floor.available.clear()
    floor.at_work.clear()
    for queue in floor.queues.values():
        queue.members, queue.groups, queue.aside = set(), [], set(queue.contacts)
        queue.crew = Crew()
    for agent in floor.agents.values():
        agent.groups, agent.seat, agent.opened = [], None, ()
        agent.levels = agent.settings.levels()
        for queue in floor.queues_of(agent):
            if agent.listed:
                queue.members.add(agent.name)
        floor.seat(agent)
    floor.dialing = {name: None for name, each in floor.contacts.items() if each.dialing}
    for contact in floor.contacts.values():
        offers.keep_widening(floor, contact)


def _adopt_rules(floor: Floor, contact: Contact, waits: bool, now: float) -> None:
    queue = floor.queues[contact.queue]
    same_tiers = (contact.tier == ALL_TIERS) == (not queue.settings.tier_seconds)
    same = same_tiers and contact.plan == needs.plan(queue.settings, contact)
    if not same:
        needs.begin(floor, contact, now)
    line.set_clocks(floor, contact)
    if waits and same:
        floor.put_in_line(contact)
    elif waits:
        floor.unexplained[contact.contact] = None
        line.stand(floor, contact, now)


def _dismiss(floor: Floor, agent: Agent, now: float) -> None:
    agent.want(AgentStatus.LOGGED_OUT)
    wrap_up.end_endless(floor, agent, now)
    floor.end_rest(agent)
    offers.take_back(floor, agent, now)
    if agent.state is LOGGED_OUT:
        del floor.agents[agent.name]
    else:
        floor.refresh(agent, _EVENT, now)
