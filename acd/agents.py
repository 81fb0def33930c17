"""An agent: what he wants (status), what he does for each contact (tasks), and the state of it all.

Status, task and state are three things. The *status* is the agent's own wish: available, paused
with a reason, or logged out. A *task* is what he does for one contact; he may have several at once,
as the media and his capacity allow (``acd.capacity``). The *state* is what his day is made of:

- ``logged_out``: not at work; he serves no queue and counts for none.
- ``ready``: nothing to do, and may be offered a contact. He may *rest* for a moment, after his
  phone said busy or he rejected an offer: still ready, but passed over for every contact until the
  queue's time for that has gone by or he asks for contacts again. (A phone on do-not-disturb cannot
  be told from a pressed button; without the rest it would be rung for the whole line in one burst.)
- ``offered``: something rings for him, from a queue or by name, or he is *reserved* (held, his
  phone silent, while a customer is dialed for him), and he talks with nobody.
- ``talking``: with at least one contact.
- ``wrap_up``: only the work after talks is left.
- ``paused``: at work, wants no contacts.
- ``not_responding``: he missed ``max_misses`` offers in a row or his phone was unreachable. He gets
  nothing until he says ready himself, or answers what still rings.

A wish that comes while he talks or wraps up changes only the status: he gets nothing new, and it
takes effect after the last wrap-up; the last wish counts. (A wrap-up that only he could end is over
when he leaves.) A wish to pause or to leave while something rings takes those offers back
(``cancelled``) so that the callers go to the next agent at once. Ready ends wrap-up, where the
queue allows it. A phone that rings for a contact that no queue offers (he was *called by name*: a
consultation, a transfer to him) is not taken back, for it is him that somebody wants, and nobody
goes on to the next: the wish waits, as in a talk.

*Idle since* orders the agents: the moment he last became free, by login, return from pause, or end
of a contact. It stays when an offer ends for no reason of his (the caller left, another was first,
a fault of ours) or he was called by name in vain, and starts anew when he missed or refused one:
nobody who does not answer stays first for ever.

``TASKS`` lists what may happen to a task and where it leads (None: it is over). Events that cross
on the wire are listed in ``acd.core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from acd.agent_settings import AgentSettings
from acd.messages import AgentState, OfferOutcome
from acd.queues import VOICE

LOGGED_OUT, READY, OFFERED, TALKING, WRAP_UP, PAUSED, NOT_RESPONDING = AgentState
RESERVED = "reserved"
"""The reason of *offered* while an agent is held for a customer who is being dialed."""

TASKS: Mapping[AgentState, Mapping[str, tuple[AgentState | None, ...]]] = {
    OFFERED: {
        "OfferAccepted": (TALKING,),
        "OfferRefused": (None,),
        "OfferWithdrawn": (None,),  # he wished otherwise, the contact left, another was first
        "RingTimedOut": (None,),
        "WorkBegan": (TALKING,),  # called by name: he answered
        "TalkEnded": (None,),  # called by name: not reached
    },
    TALKING: {"TalkEnded": (WRAP_UP, None)},
    WRAP_UP: {"WrapUpEnded": (None,)},
}

_MAKES_STATE = {TALKING: 2, OFFERED: 1, WRAP_UP: 0}


class IllegalEvent(Exception):
    """An event that makes no sense in the state its agent or contact is in. Nothing has changed."""

    def __init__(self, subject: str, state: str, event: str, detail: str = "") -> None:
        """``subject`` is the agent or contact; ``event`` the message's class name."""
        super().__init__(f"{event} for {subject}, {state}" + (f": {detail}" if detail else ""))
        self.subject = subject
        self.state = state
        self.event = event
        self.detail = detail


class AgentStatus(StrEnum):
    """What an agent wants."""

    AVAILABLE = "available"
    PAUSED = "paused"
    LOGGED_OUT = "logged_out"


_WHEN_FREE = {
    AgentStatus.AVAILABLE: READY,
    AgentStatus.PAUSED: PAUSED,
    AgentStatus.LOGGED_OUT: LOGGED_OUT,
}


@dataclass(slots=True)
class Task:
    """What an agent does for one contact. ``since`` is when this part of it began."""

    contact: str
    queue: str
    medium: str
    state: AgentState
    since: float
    offer: str = ""
    reserved: bool = False  # he is only held: his phone does not ring yet
    talked_from: float | None = None
    wants_wrap_up: bool = False
    extensions: int = 0
    disposition: str = ""

    @property
    def is_by_name(self) -> bool:
        """Whether his phone rings for a contact that no queue offers him."""
        return self.state is OFFERED and not self.offer

    def advance(self, agent: str, event: str, new: AgentState | None, now: float) -> None:
        """Go on as the table allows. Raises ``IllegalEvent``."""
        if new not in TASKS[self.state].get(event, ()):
            raise IllegalEvent(agent, self.state, event, f"{self.contact} cannot become {new}")
        if new is not None:
            self.state, self.since = new, now


@dataclass(slots=True)
class Ended:
    """A talk that ended, as long as its agent may still ask for a wrap-up."""

    contact: str
    queue: str
    medium: str
    at: float
    disposition: str = ""


@dataclass(slots=True)
class Agent:
    """One agent. ``state`` to ``queue`` are as last told by ``AgentMoved``."""

    settings: AgentSettings
    name: str = field(init=False)
    rank: int = 0  # in the settings
    listed: bool = True  # in the settings; an agent taken out of them finishes his talks first
    state: AgentState = LOGGED_OUT
    reason: str = ""
    since: float = 0.0
    contact: str | None = None
    queue: str | None = None
    status: AgentStatus = AgentStatus.LOGGED_OUT
    status_reason: str = ""
    not_responding: str = ""  # why
    endpoint: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    last_talk: Ended | None = None
    idle_since: float = 0.0
    resting: OfferOutcome | None = None  # why he rests
    misses: int = 0  # offers missed in a row
    contacts_today: int = 0
    seconds_today: dict[AgentState, float] = field(default_factory=dict)  # of the states gone by
    last_offered: dict[str, int] = field(default_factory=dict)  # by queue: the number of the offer
    # What follows from the rest (acd.floor): never written into a snapshot.
    levels: dict[str, int] = field(default_factory=dict)
    groups: list[Any] = field(default_factory=list)  # acd.waiting.Group, of which he is a member
    seat: Any = None  # acd.waiting.Seat
    opened: tuple[str, ...] = ()  # the media he has room for

    def __post_init__(self) -> None:
        self.name = self.settings.name

    def want(self, status: AgentStatus, reason: str = "") -> None:
        """Note his wish. It says that he is there, so misses are forgotten."""
        self.status = status
        self.status_reason = reason
        self.misses = 0
        self.not_responding = ""

    def when_free(self) -> tuple[AgentState, str]:
        """The state, and its reason, that his status leads to once nothing occupies him."""
        if self.not_responding:
            return NOT_RESPONDING, self.not_responding
        return _WHEN_FREE[self.status], self.status_reason

    def doing(self) -> tuple[AgentState, str, Task | None]:
        """The state as it is now, its reason, and the task that makes it: of several, the last
        one begun of the most important kind."""
        if self.tasks:
            task = max(self.tasks.values(), key=lambda t: (_MAKES_STATE[t.state], t.since))
            return task.state, RESERVED if task.reserved else "", task
        return *self.when_free(), None

    @property
    def wants_work(self) -> bool:
        """Whether he may be offered anything, as far as his wishes go."""
        return self.status is AgentStatus.AVAILABLE and not self.not_responding

    @property
    def is_occupied(self) -> bool:
        """Whether a wish has to wait."""
        return any(task.state is not OFFERED or task.is_by_name for task in self.tasks.values())

    def tier(self, queue: str) -> int:
        """His tier in a queue; lower ones are asked first."""
        return self.settings.tiers.get(queue, 0)

    def require_logged_in(self, event: str) -> None:
        """Raise ``IllegalEvent`` unless he is at work."""
        if self.state is LOGGED_OUT:
            raise IllegalEvent(self.name, LOGGED_OUT, event, "log in first")


def task_of_offer(agent: Agent, offer: str) -> Task | None:
    """The task that a running offer made."""
    return next((task for task in agent.tasks.values() if task.offer == offer), None)


__all__ = ["VOICE", "Agent", "AgentStatus", "Ended", "IllegalEvent", "Task", "task_of_offer"]
