"""New settings for a running floor: nobody who waits or works loses anything they need not lose.

- A queue that is gone sends its contacts out by ``no_agents``, oldest first; ringing offers are
  withdrawn before. A talk of such a queue goes on, and ends without wrap-up.
- A queue that stays keeps its line. Its new times hold for those who wait already; an offer that
  rings keeps the ring time it was made with. Contacts above a smaller ``max_waiting`` stay.
- An agent who is gone is logged out at once when nothing occupies him (a ringing offer is
  withdrawn), else after his wrap-up; until then he can no longer change his mind.
- An agent whose queues changed serves the new ones from now on; an offer that rings goes on.
"""

from __future__ import annotations

from acd import offers
from acd.agents import LOGGED_OUT, OFFERED, READY, Agent, AgentStatus
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import Configured, ExpireReason, OfferOutcome
from acd.queues import AgentSettings, QueueSettings
from acd.waiting import Queue, Seat, put

_EVENT = Configured.__name__


def configure(floor: Floor, event: Configured, now: float) -> None:
    """Put the settings in force."""
    kept = {queue.name for queue in event.queues}
    for name in [name for name in floor.queues if name not in kept]:
        _close(floor, floor.queues[name], now)
    _adopt_queues(floor, event.queues)
    _adopt_agents(floor, event.agents)
    _seat_everybody(floor)
    for agent in [agent for agent in floor.agents.values() if not agent.listed]:
        _dismiss(floor, agent, now)
    for queue in floor.queues.values():
        floor.turn_away(queue)
    _adopt_times(floor)


def _close(floor: Floor, queue: Queue, now: float) -> None:
    for place in queue.places():
        contact = floor.contacts[place.contact]
        if contact.agent is None:
            floor.expire_from_line(contact, ExpireReason.NO_AGENTS)
        else:
            agent = floor.agents[contact.agent]
            offers.abandon(floor, contact, agent, OfferOutcome.CANCELLED, _EVENT, now)
            floor.expire(contact, ExpireReason.NO_AGENTS)


def _adopt_queues(floor: Floor, wanted: tuple[QueueSettings, ...]) -> None:
    old, floor.queues = floor.queues, {}
    for settings in wanted:
        queue = old.get(settings.name) or Queue(settings)
        queue.settings = settings
        floor.queues[settings.name] = queue


def _adopt_agents(floor: Floor, wanted: tuple[AgentSettings, ...]) -> None:
    for agent in floor.agents.values():
        agent.listed = False
    for settings in wanted:
        agent = floor.agents.setdefault(settings.name, Agent(settings.name, settings.queues))
        agent.listed, agent.queues = True, settings.queues


def _seat_everybody(floor: Floor) -> None:
    for queue in floor.queues.values():
        queue.bench.clear()
        queue.staffed = 0
    for agent in floor.agents.values():
        for queue in floor.queues_of(agent):
            queue.staffed += agent.state is not LOGGED_OUT
            if agent.state is READY:
                put(queue.bench, Seat(agent.idle_since, agent.name))
        floor.freed.add(agent.name)


def _dismiss(floor: Floor, agent: Agent, now: float) -> None:
    agent.want(AgentStatus.LOGGED_OUT)
    floor.end_rest(agent)
    if agent.state is LOGGED_OUT:
        del floor.agents[agent.name]
    elif agent.state is OFFERED:
        offers.take_back(floor, agent, _EVENT, now)
    elif not agent.is_occupied:
        floor.settle(agent, _EVENT, now)


def _adopt_times(floor: Floor) -> None:
    for contact in floor.contacts.values():
        longest = floor.queues[contact.queue].settings.max_wait_seconds
        floor.deadlines.set(
            Deadline(DeadlineKind.MAX_WAIT, contact=contact.contact), contact.entered + longest
        )
