"""An agent: what he wants (status), what he does (state), and the table of moves between states.

Status and state are two things. The *status* is the agent's own wish: available, paused with a
reason, or logged out. The *state* is what he does:

- ``logged_out``: not at work; he serves no queue and counts for none.
- ``ready``: free, and may be offered a contact. He may *rest* for a moment, after his phone said
  busy or he rejected an offer: still ready, but passed over for every contact until
  ``retry_seconds`` have gone by or he asks for contacts again. (A phone on do-not-disturb cannot be
  told from a pressed button; without the rest it would be rung for the whole line in one burst.)
- ``offered``: his phone rings for exactly one contact.
- ``talking``: with a contact.
- ``wrap_up``: the work after a talk, for the queue's ``wrap_up_seconds`` or until he says ready.
- ``paused``: at work, wants no contacts.
- ``not_responding``: he missed ``max_misses`` offers in a row or his phone was unreachable. He gets
  nothing until he says ready himself.

A wish that comes while he talks or wraps up changes only the status; it takes effect after the
wrap-up, and the last wish counts. A wish to pause or to leave while his phone rings takes the offer
back (``cancelled``) so that the caller goes to the next agent at once. Ready ends wrap-up.

*Idle since* orders the agents: the moment he last became free, by login, return from pause, or end
of wrap-up. It stays when an offer ends for no reason of his (the caller left, a fault of ours), and
starts anew when he missed or refused one: nobody who does not answer stays first for ever.

``TABLE`` lists what may happen in each state and where it may lead. An event that is not listed
raises ``IllegalEvent`` and changes nothing. Events that cross on the wire are listed in
``acd.core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.messages import AgentState, OfferOutcome

LOGGED_OUT, READY, OFFERED, TALKING, WRAP_UP, PAUSED, NOT_RESPONDING = AgentState

TABLE: Mapping[AgentState, Mapping[str, tuple[AgentState, ...]]] = {
    LOGGED_OUT: {
        "AgentLoggedIn": (READY, PAUSED),
        "AgentLoggedOut": (LOGGED_OUT,),
    },
    READY: {
        "Offer": (OFFERED,),
        "AgentReady": (READY,),
        "AgentPaused": (PAUSED,),
        "AgentLoggedIn": (READY, PAUSED),
        "AgentLoggedOut": (LOGGED_OUT,),
        "Configured": (LOGGED_OUT,),
    },
    OFFERED: {
        "OfferAccepted": (TALKING,),
        "OfferRefused": (READY, NOT_RESPONDING),
        "RingTimedOut": (READY, NOT_RESPONDING),
        "ContactLeft": (READY,),
        "AgentReady": (OFFERED,),
        "AgentPaused": (PAUSED,),
        "AgentLoggedIn": (OFFERED, PAUSED),
        "AgentLoggedOut": (LOGGED_OUT,),
        "Configured": (READY, LOGGED_OUT),
    },
    TALKING: {
        "TalkEnded": (WRAP_UP, READY, PAUSED, LOGGED_OUT),
        "AgentReady": (TALKING,),
        "AgentPaused": (TALKING,),
        "AgentLoggedIn": (TALKING,),
        "AgentLoggedOut": (TALKING,),
        "Configured": (TALKING,),
    },
    WRAP_UP: {
        "WrapUpEnded": (READY, PAUSED, LOGGED_OUT),
        "AgentReady": (READY,),
        "AgentPaused": (WRAP_UP,),
        "AgentLoggedIn": (READY, WRAP_UP),
        "AgentLoggedOut": (WRAP_UP,),
        "Configured": (WRAP_UP,),
    },
    PAUSED: {
        "AgentReady": (READY,),
        "AgentPaused": (PAUSED,),
        "AgentLoggedIn": (READY, PAUSED),
        "AgentLoggedOut": (LOGGED_OUT,),
        "Configured": (LOGGED_OUT,),
    },
    NOT_RESPONDING: {
        "AgentReady": (READY,),
        "AgentPaused": (PAUSED,),
        "AgentLoggedIn": (READY, PAUSED),
        "AgentLoggedOut": (LOGGED_OUT,),
        "Configured": (LOGGED_OUT,),
    },
}


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
class Agent:
    """One agent. ``contact`` and ``queue`` are set while offered, talking or in wrap-up."""

    name: str
    queues: tuple[str, ...]
    listed: bool = True  # in the settings; an agent taken out of them finishes his talk first
    state: AgentState = LOGGED_OUT
    reason: str = ""
    since: float = 0.0  # when the state began
    status: AgentStatus = AgentStatus.LOGGED_OUT
    status_reason: str = ""
    endpoint: str = ""
    idle_since: float = 0.0
    resting: OfferOutcome | None = None  # why he rests
    misses: int = 0  # offers missed in a row
    contact: str | None = None
    queue: str | None = None

    def want(self, status: AgentStatus, reason: str = "") -> None:
        """Note his wish. It says that he is there, so misses are forgotten."""
        self.status = status
        self.status_reason = reason
        self.misses = 0

    def when_free(self) -> tuple[AgentState, str]:
        """The state, and its reason, that his status leads to once nothing occupies him."""
        return _WHEN_FREE[self.status], self.status_reason

    @property
    def is_occupied(self) -> bool:
        """Whether a wish has to wait."""
        return self.state in (TALKING, WRAP_UP)

    def require(self, event: str) -> None:
        """Raise ``IllegalEvent`` unless the table knows ``event`` in his state."""
        if event not in TABLE[self.state]:
            raise IllegalEvent(self.name, self.state, event)
