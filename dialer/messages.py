"""What the dialer is told (events, past tense) and what it decides (imperative). Pure.

The time of an event is the ``now`` handed to ``Dialer.handle`` beside it, in seconds since the
epoch. An attempt goes through ``Dial`` (decided), ``AttemptRefused`` (the ledger did not let it) or
``AttemptAnswered`` … ``AttemptEnded``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from dialer.campaign import CampaignSettings
from dialer.compliance.law import Law
from dialer.dispositions import Disposition
from dialer.leads import Candidate
from dialer.plan import AttemptPlan
from dialer.trunks import TrunkLimits


class CampaignState(StrEnum):
    """What a campaign does."""

    DRAFT = "draft"  # never started
    RUNNING = "running"
    PAUSED = "paused"  # places no calls; those under way are finished
    DRAINING = "draining"  # places no more calls, then it is done
    DONE = "done"


CAMPAIGN_MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING, CampaignState.DONE}),
    CampaignState.RUNNING: frozenset(
        {CampaignState.PAUSED, CampaignState.DRAINING, CampaignState.DONE}
    ),
    CampaignState.PAUSED: frozenset(
        {CampaignState.RUNNING, CampaignState.DRAINING, CampaignState.DONE}
    ),
    CampaignState.DRAINING: frozenset(
        {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DONE}
    ),
    CampaignState.DONE: frozenset({CampaignState.RUNNING}),
}


# -- events --


class Way(Protocol):
    """How a number is reached (``dialplan.outbound.Way``)."""

    @property
    def trunk(self) -> str: ...
    @property
    def dialed(self) -> str: ...
    @property
    def caller_id(self) -> str: ...


FindWay = Callable[[str, str], Way | None]
"""How a number is reached through a trunk ('': the one of its rule); None: not at all."""


@dataclass(frozen=True, slots=True)
class Configured:
    """What is in force from now on: the campaigns (one that is left out drains), by name the law of
    each, the limits of the trunks, and how numbers are reached."""

    campaigns: tuple[CampaignSettings, ...]
    laws: Mapping[str, Law]
    trunks: Mapping[str, TrunkLimits]
    way: FindWay


@dataclass(frozen=True, slots=True)
class CampaignMoved:
    """Somebody started, paused, drained or ended a campaign. Raises ``IllegalMove``."""

    campaign: str
    state: CampaignState
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrustChanged:
    """Whether the do-not-call lists, the clock and the ledger can be trusted; while they cannot,
    nothing is dialed. ``why`` is what is wrong, '' for nothing."""

    why: str


@dataclass(frozen=True, slots=True)
class LeadsClaimed:
    """The store put these into the campaign's hopper; ``exhausted``: it has no more just now."""

    campaign: str
    candidates: tuple[Candidate, ...]
    exhausted: bool


@dataclass(frozen=True, slots=True)
class NumberSuppressed:
    """A number was put on a do-not-call list: what the hopper has of it is not dialed."""

    number: str
    source: str


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """An agent as the distributor has him: ``state`` since ``since``, and the queues he serves.

    ``queue`` is that of his contact while he talks or wraps up.
    """

    name: str
    state: str
    since: float
    queues: tuple[str, ...]
    queue: str = ""
    resting: bool = False


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """An inbound queue: who waits, and whether it is under its service level today."""

    name: str
    waiting: int
    under_target: bool


@dataclass(frozen=True, slots=True)
class FloorSeen:
    """The floor as it is now; told about once a second. The dialer decides after each.

    ``closed`` are the campaigns whose own calendar is not open, ``midnight`` is when the center's
    day began.
    """

    agents: tuple[AgentSeen, ...]
    queues: tuple[QueueSeen, ...] = ()
    closed: frozenset[str] = frozenset()
    midnight: float = 0.0


@dataclass(frozen=True, slots=True)
class AttemptRefused:
    """The ledger or the switch did not let an attempt begin: nobody's phone rang. The lead is the
    store's again."""

    attempt: str
    why: str


@dataclass(frozen=True, slots=True)
class AttemptResumed:
    """After a restart: this attempt of the last run is under way. What has happened to it is told
    by the events that follow."""

    plan: AttemptPlan


@dataclass(frozen=True, slots=True)
class AttemptHeld:
    """Of the modes that hold an agent first: this one is held, or looks at the lead."""

    attempt: str
    agent: str


@dataclass(frozen=True, slots=True)
class AttemptLetGo:
    """He does not want it, or is gone: it waits for another one."""

    attempt: str


@dataclass(frozen=True, slots=True)
class AttemptDialed:
    """The INVITE went out."""

    attempt: str


@dataclass(frozen=True, slots=True)
class AttemptAnswered:
    """Somebody, or a machine, answered."""

    attempt: str


@dataclass(frozen=True, slots=True)
class PersonFound:
    """It is a person (or nobody looked): from now on he waits, at most ``plan.wait_seconds``."""

    attempt: str


@dataclass(frozen=True, slots=True)
class MachineFound:
    """It is a machine, a fax or silence: no agent is due."""

    attempt: str


@dataclass(frozen=True, slots=True)
class PersonDropped:
    """No agent was there in time, and he hears the message instead: an abandoned call."""

    attempt: str


@dataclass(frozen=True, slots=True)
class AttemptConnected:
    """He and an agent hear each other."""

    attempt: str
    agent: str


@dataclass(frozen=True, slots=True)
class TalkOver:
    """They are apart again."""

    attempt: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The call is over, with this disposition; ``tech_cause`` is the SIP status, 0 for none."""

    attempt: str
    disposition: Disposition
    cause: int = 0
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """An agent said what came of a talk (goals count these)."""

    campaign: str
    code: str


OfAttempt = (
    AttemptRefused
    | AttemptHeld
    | AttemptLetGo
    | AttemptDialed
    | AttemptAnswered
    | PersonFound
    | MachineFound
    | PersonDropped
    | AttemptConnected
    | TalkOver
    | AttemptEnded
)
"""What happens to an attempt; of one that is over, or never was, it is no news."""

DialerEvent = (
    Configured
    | CampaignMoved
    | TrustChanged
    | LeadsClaimed
    | NumberSuppressed
    | FloorSeen
    | AttemptResumed
    | CodeGiven
    | OfAttempt
)


# -- decisions --


@dataclass(frozen=True, slots=True)
class Dial:
    """Begin this attempt: first in the ledger, then at the switch."""

    plan: AttemptPlan


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Hang up this call, which rings: nobody would be free for him."""

    attempt: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End this attempt, whose callee has not been dialed: its campaign does not run any more."""

    attempt: str
    why: str


@dataclass(frozen=True, slots=True)
class ClaimLeads:
    """The campaign's hopper wants this many more leads."""

    campaign: str
    count: int


@dataclass(frozen=True, slots=True)
class ReturnLead:
    """This claimed lead may not be dialed now: back to the store, due again at ``due`` (None: as it
    was). ``why`` names the rule; ``suppress``: it is on a do-not-call list, for good."""

    campaign: str
    candidate: Candidate
    due: float | None
    why: str
    suppress: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The campaign's state changed."""

    campaign: str
    old: CampaignState
    new: CampaignState
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Paced:
    """What was decided for a campaign just now, in numbers, for ``tongdai why``."""

    campaign: str
    launch: int
    limited_by: str
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)


DialerDecision = Dial | GiveUp | Cancel | ClaimLeads | ReturnLead | Moved | Paced
