"""A floor, leads and campaigns for tests of the dialer's core; ``Story`` drives one by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dialer.campaign import CampaignSettings
from dialer.compliance.law import Law
from dialer.compliance.rules import RuleSet
from dialer.core import Dialer
from dialer.dispositions import Disposition
from dialer.leads import Candidate
from dialer.messages import (
    AgentSeen,
    AttemptAnswered,
    AttemptConnected,
    AttemptDialed,
    AttemptEnded,
    CampaignMoved,
    CampaignState,
    ClaimLeads,
    Configured,
    Dial,
    DialerDecision,
    DialerEvent,
    FloorSeen,
    LeadsClaimed,
    PersonDropped,
    PersonFound,
    QueueSeen,
    TrustChanged,
)
from dialer.plan import AttemptPlan
from dialer.trunks import TrunkLimits

NOON = 1_790_000_000.0 // 86400 * 86400 + 43200
ANY_HOUR = RuleSet(hours={"daily": "00:00-24:00"}, default_zone="UTC", cap_percent=3)
OFFICE = RuleSet(hours={"mon-fri": "08:00-17:00"}, cap_percent=3)


@dataclass(frozen=True, slots=True)
class Way:
    trunk: str
    dialed: str
    caller_id: str


def way(number: str, trunk: str, others: Mapping[str, str] = MappingProxyType({})) -> Way | None:
    """Vietnam alone is let out, and the ``others``, each over its trunk."""
    own = next((name for prefix, name in others.items() if number.startswith(prefix)), "")
    if not own and not number.startswith("+84"):
        return None
    return Way(trunk or own or "main", number.removeprefix("+"), "+842873000001")


def campaign(name: str = "spring", mode: str = "progressive", **settings: Any) -> CampaignSettings:
    to = {"flow": "reminder"} if mode == "broadcast" else {"queue": "out"}
    basics = {"name": name, "mode": mode, "rules": ["any"], "lists": ["spring"], **to}
    return CampaignSettings.model_validate({**basics, **settings})


def lead(name: int, **facts: Any) -> Candidate:
    zones = ("Asia/Ho_Chi_Minh",)
    known = Candidate(name, "spring", f"+8490{name:07}", zones=zones, region="VN")
    return replace(known, **facts)


def agent(name: str, state: str = "ready", since: float = NOON - 60, **seen: Any) -> AgentSeen:
    return AgentSeen(name, state, since, **{"queues": ("out",), **seen})


@dataclass
class Story:
    """A dialer with one or more campaigns running, everything trusted, and all it has decided."""

    settings: tuple[CampaignSettings, ...]
    rules: RuleSet = ANY_HOUR
    limits: Mapping[str, TrunkLimits] = field(
        default_factory=lambda: dict.fromkeys(("main", "second"), TrunkLimits(calls_per_second=99))
    )
    now: float = NOON
    ways: Mapping[str, str] = field(default_factory=dict)
    dialer: Dialer = field(default_factory=Dialer)
    told: list[DialerDecision] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tell(TrustChanged(""))
        self.configure(*self.settings)
        for each in self.settings:
            self.tell(CampaignMoved(each.name, CampaignState.RUNNING, "lan"))

    def configure(self, *settings: CampaignSettings) -> list[DialerDecision]:
        laws = {each.name: Law({"any": self.rules}) for each in settings}
        return self.tell(Configured(settings, laws, self.limits, self.way))

    def way(self, number: str, trunk: str) -> Way | None:
        return way(number, trunk, self.ways)

    def tell(self, event: DialerEvent) -> list[DialerDecision]:
        decisions = self.dialer.handle(event, self.now)
        self.told += decisions
        return decisions

    def fill(self, *leads: Candidate, campaign: str = "spring", exhausted: bool = False) -> None:
        self.tell(LeadsClaimed(campaign, leads, exhausted))

    def look(
        self,
        *agents: AgentSeen,
        queues: tuple[QueueSeen, ...] = (),
        closed: frozenset[str] = frozenset(),
    ) -> list[DialerDecision]:
        """A second later the floor is looked at."""
        self.now += 1.0
        return self.tell(FloorSeen(agents, queues, closed))

    def dialed(self, decisions: list[DialerDecision]) -> list[AttemptPlan]:
        return [each.plan for each in decisions if isinstance(each, Dial)]

    def claims(self, decisions: list[DialerDecision]) -> list[ClaimLeads]:
        return [each for each in decisions if isinstance(each, ClaimLeads)]

    # -- what becomes of an attempt --

    def ring(self, plan: AttemptPlan) -> None:
        self.tell(AttemptDialed(plan.attempt))

    def answer(self, plan: AttemptPlan) -> None:
        self.tell(AttemptAnswered(plan.attempt))
        self.tell(PersonFound(plan.attempt))

    def connect(self, plan: AttemptPlan, agent: str = "mai") -> None:
        self.tell(AttemptConnected(plan.attempt, agent))

    def drop(self, plan: AttemptPlan) -> None:
        self.tell(PersonDropped(plan.attempt))
        self.end(plan, Disposition.ABANDONED)

    def end(self, plan: AttemptPlan, disposition: Disposition, **causes: int) -> None:
        self.tell(AttemptEnded(plan.attempt, disposition, **causes))
