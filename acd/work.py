"""What an agent does for a contact that no queue offers him: he called it, or was called by name.

His phone may ring for it first. There is no offer then and no ring time of ours: whoever has him
called says how it ended. One whom somebody brings to a contact that others talk with (a
consultation, a transfer to him, a conference) has his own task for it, and his own wrap-up; none as
long as he is only consulted, which is told without a queue.
"""

from __future__ import annotations

from acd import offers, visits, wrap_up
from acd.agents import OFFERED, TALKING, WRAP_UP, Agent, IllegalEvent, Task
from acd.floor import Floor
from acd.messages import TalkEnded, WorkBegan


def begin(floor: Floor, agent: Agent, event: WorkBegan, now: float) -> None:
    """His phone rings for the contact, or they talk. Raises ``IllegalEvent``."""
    task = agent.tasks.get(event.contact)
    if task is not None and task.is_by_name and not event.rings:
        _answer(agent, task, event, now)
    elif task is not None and _becomes_his(task, event):
        task.queue = event.queue
        agent.contacts_today += 1
    else:
        _require_possible(floor, agent, event)
        if task is not None:
            wrap_up.end(floor, agent, task, now)  # he has it again
        _add(floor, agent, event, now)
    floor.refresh(agent, "WorkBegan", now)


def _becomes_his(task: Task, event: WorkBegan) -> bool:
    """He was consulted, and is with the contact itself from now on."""
    return task.state is TALKING and not task.queue and bool(event.queue) and not event.rings


def _require_possible(floor: Floor, agent: Agent, event: WorkBegan) -> None:
    if not agent.listed:
        raise IllegalEvent(agent.name, "unknown", "WorkBegan", "not in the settings")
    agent.require_logged_in("WorkBegan")
    visits.require_medium(floor, event.contact, event.medium, "WorkBegan")
    task = agent.tasks.get(event.contact)
    if event.contact in floor.contacts or (task is not None and task.state is not WRAP_UP):
        detail = f"{event.contact} is in somebody's hands already"
        raise IllegalEvent(agent.name, agent.state, "WorkBegan", detail)


def _add(floor: Floor, agent: Agent, event: WorkBegan, now: float) -> None:
    task = Task(event.contact, event.queue, event.medium, OFFERED, now)
    if not event.rings:
        _talk(agent, task, now)
    floor.add_task(agent, task)


def _answer(agent: Agent, task: Task, event: WorkBegan, now: float) -> None:
    """He is there, whatever he missed before."""
    agent.misses, agent.not_responding = 0, ""
    task.queue = event.queue
    _talk(agent, task, now)


def _talk(agent: Agent, task: Task, now: float) -> None:
    task.advance(agent.name, "WorkBegan", TALKING, now)
    task.talked_from = now
    if task.queue:
        agent.contacts_today += 1


def talk_ended(floor: Floor, agent: Agent, event: TalkEnded, now: float) -> None:
    """He is out of it; nothing, when he is not in it."""
    task = agent.tasks.get(event.contact)
    if task is None or not (task.state is TALKING or task.is_by_name):
        return
    if event.unheard and task.state is TALKING:
        offers.fall_through(floor, agent, task, now)
    elif event.missed or task.is_by_name:
        offers.end_unmet(agent, task, now)
    else:
        wrap_up.talk_ended(floor, agent, task, now)
    floor.refresh(agent, "TalkEnded", now)
