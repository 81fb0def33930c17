"""The work after a talk: it belongs to one agent and one contact, whatever queues he serves.

============  ==========================================  =====================================
mode          begins                                      ends
============  ==========================================  =====================================
none          never
optional      when asked for, in the talk or right after  after its seconds, or when he is ready
on_request    when asked for in the talk                  after its seconds, or when he is ready
until_done    always                                      when he is ready, or logs out
timed         always                                      after its seconds, or when he is ready
timed_fixed   always                                      after its seconds
============  ==========================================  =====================================

He may ask for more time, ``extensions`` times. What came of the contact (its disposition) is
settled when the wrap-up is over, or the talk where there is none: what he set, else the default.
Where it is ``required`` he cannot end the wrap-up without it; the clock can, and sets the default.
"""

from __future__ import annotations

from acd import estimates
from acd.agents import READY, TALKING, WRAP_UP, Agent, Ended, IllegalEvent, Task
from acd.deadlines import Deadline, DeadlineKind
from acd.floor import Floor
from acd.messages import Alert, AlertKind, Disposed, WrappedUp
from acd.queues import WrapUp, WrapUpMode

_NONE = WrapUp(mode=WrapUpMode.NONE)
_ASKED_FOR = (WrapUpMode.OPTIONAL, WrapUpMode.ON_REQUEST)


def settings_of(floor: Floor, queue: str) -> WrapUp:
    """Those of the queue; none where it is gone."""
    found = floor.queues.get(queue)
    return found.settings.wrap_up if found else _NONE


def talk_ended(floor: Floor, agent: Agent, task: Task, now: float) -> None:
    """Begin the wrap-up, if there is one. ``refresh`` him afterwards."""
    settings = settings_of(floor, task.queue)
    agent.last_talk = Ended(task.contact, task.queue, task.medium, now, task.disposition)
    if _begins(settings, agent, task):
        task.advance(agent.name, "TalkEnded", WRAP_UP, now)
        _set_clock(floor, agent, task, settings, now)
    else:
        task.advance(agent.name, "TalkEnded", None, now)
        _settle(floor, agent, task, now)


def _begins(settings: WrapUp, agent: Agent, task: Task) -> bool:
    if settings.mode is WrapUpMode.NONE:
        return False
    if settings.mode in _ASKED_FOR:
        return task.wants_wrap_up
    if settings.mode is WrapUpMode.UNTIL_DONE:
        return agent.listed  # nobody could end it for one who is not
    return settings.seconds > 0


def _set_clock(floor: Floor, agent: Agent, task: Task, settings: WrapUp, now: float) -> None:
    endless = settings.mode is WrapUpMode.UNTIL_DONE
    kind = DeadlineKind.WRAP_UP_LONG if endless else DeadlineKind.WRAP_UP
    if settings.seconds:
        floor.deadlines.set(Deadline(kind, agent.name, task.contact), now + settings.seconds)


def request(floor: Floor, agent: Agent, contact: str, now: float) -> None:
    """He wants time after his talk with ``contact``. Raises ``IllegalEvent``."""
    task = agent.tasks.get(contact)
    if task is not None and task.state is TALKING:
        _require_mode(floor, agent, task.queue)
        task.wants_wrap_up = True
        return
    last = agent.last_talk
    if task is not None or last is None or last.contact != contact or agent.state is not READY:
        raise IllegalEvent(
            agent.name, agent.state, "WrapUpRequested", f"he does not talk with {contact}"
        )
    _require_mode(floor, agent, last.queue)
    settings = settings_of(floor, last.queue)
    if settings.mode is not WrapUpMode.OPTIONAL or now > last.at + settings.seconds:
        raise IllegalEvent(agent.name, agent.state, "WrapUpRequested", "the talk is over")
    task = Task(contact, last.queue, last.medium, WRAP_UP, now, disposition=last.disposition)
    agent.last_talk = None
    floor.add_task(agent, task)
    _set_clock(floor, agent, task, settings, now)
    floor.refresh(agent, "WrapUpRequested", now)


def _require_mode(floor: Floor, agent: Agent, queue: str) -> None:
    mode = settings_of(floor, queue).mode
    if mode not in _ASKED_FOR:
        detail = f"wrap-up of {queue or 'no queue'} is {mode}: it is not asked for"
        raise IllegalEvent(agent.name, agent.state, "WrapUpRequested", detail)


def extend(floor: Floor, agent: Agent, contact: str, now: float) -> None:
    """He needs longer. Raises ``IllegalEvent``."""
    task, settings = _wrapping(floor, agent, contact, "WrapUpExtended")
    deadline = Deadline(DeadlineKind.WRAP_UP, agent.name, contact)
    until = floor.deadlines.at(deadline)
    if until is None:
        raise IllegalEvent(agent.name, agent.state, "WrapUpExtended", "it has no end of its own")
    if task.extensions >= settings.extensions:
        detail = f"extended {task.extensions} times already"
        raise IllegalEvent(agent.name, agent.state, "WrapUpExtended", detail)
    task.extensions += 1
    floor.deadlines.set(deadline, max(until, now) + settings.extension_seconds)


def done(floor: Floor, agent: Agent, contact: str, now: float) -> None:
    """He has finished with ``contact``. ``refresh`` him afterwards. Raises ``IllegalEvent``."""
    task, settings = _wrapping(floor, agent, contact, "WrapUpDone")
    if settings.mode is WrapUpMode.TIMED_FIXED:
        detail = "it takes its whole time"
        raise IllegalEvent(agent.name, agent.state, "WrapUpDone", detail)
    _require_disposition(agent, task, settings, "WrapUpDone")
    end(floor, agent, task, now)


def dispose(floor: Floor, agent: Agent, contact: str, code: str) -> None:
    """What came of the contact, until he says otherwise. Raises ``IllegalEvent``."""
    task = agent.tasks.get(contact)
    if task is None or task.state not in (TALKING, WRAP_UP):
        detail = f"he neither talks with {contact} nor wraps it up"
        raise IllegalEvent(agent.name, agent.state, "DispositionSet", detail)
    codes = settings_of(floor, task.queue).dispositions
    if codes and code not in codes:
        detail = f"{code!r} is none of {', '.join(codes)}"
        raise IllegalEvent(agent.name, agent.state, "DispositionSet", detail)
    task.disposition = code


def _wrapping(floor: Floor, agent: Agent, contact: str, event: str) -> tuple[Task, WrapUp]:
    task = agent.tasks.get(contact)
    if task is None or task.state is not WRAP_UP:
        raise IllegalEvent(agent.name, agent.state, event, f"he does not wrap up {contact}")
    return task, settings_of(floor, task.queue)


def require_end(floor: Floor, agent: Agent, event: str) -> None:
    """Raise ``IllegalEvent`` when he has to say first what came of a contact."""
    for task in agent.tasks.values():
        if task.state is WRAP_UP:
            _require_disposition(agent, task, settings_of(floor, task.queue), event)


def _require_disposition(agent: Agent, task: Task, settings: WrapUp, event: str) -> None:
    if settings.required and not task.disposition:
        codes = ", ".join(settings.dispositions) or "any code"
        detail = f"set a disposition for {task.contact} first: {codes}"
        raise IllegalEvent(agent.name, agent.state, event, detail)


def end_all(floor: Floor, agent: Agent, now: float) -> None:
    """He is ready: end the wrap-ups that may end before their time. ``refresh`` him afterwards."""
    for task in list(agent.tasks.values()):
        fixed = settings_of(floor, task.queue).mode is WrapUpMode.TIMED_FIXED
        if task.state is WRAP_UP and not fixed:
            end(floor, agent, task, now)


def end_endless(floor: Floor, agent: Agent, now: float) -> None:
    """He goes: end the wrap-ups that only he could end. ``refresh`` him afterwards."""
    for task in list(agent.tasks.values()):
        clock = Deadline(DeadlineKind.WRAP_UP, agent.name, task.contact)
        if task.state is WRAP_UP and floor.deadlines.at(clock) is None:
            end(floor, agent, task, now)


def end(floor: Floor, agent: Agent, task: Task, now: float) -> None:
    """The wrap-up is over. ``refresh`` him afterwards."""
    began = task.since
    task.advance(agent.name, "WrapUpEnded", None, now)
    floor.decisions.append(WrappedUp(agent.name, task.contact, task.queue, began))
    _settle(floor, agent, task, now)


def took_long(floor: Floor, agent: Agent, task: Task) -> None:
    """A wrap-up without end takes longer than it should."""
    seconds = settings_of(floor, task.queue).seconds
    detail = f"{task.contact}: more than {seconds:g} s"
    floor.decisions.append(Alert(AlertKind.WRAP_UP_TOO_LONG, agent.name, detail))


def _settle(floor: Floor, agent: Agent, task: Task, now: float) -> None:
    """Nothing more is to be done for the contact."""
    for kind in (DeadlineKind.WRAP_UP, DeadlineKind.WRAP_UP_LONG):
        floor.deadlines.cancel(Deadline(kind, agent.name, task.contact))
    del agent.tasks[task.contact]
    agent.idle_since = now
    queue = floor.queues.get(task.queue)
    if queue is not None and task.talked_from is not None:
        estimates.learn_handling(queue, now - task.talked_from)
    default = settings_of(floor, task.queue).default_disposition
    if task.disposition or default:
        code, by_default = task.disposition or default, not task.disposition
        floor.decisions.append(Disposed(agent.name, task.contact, task.queue, code, by_default))
