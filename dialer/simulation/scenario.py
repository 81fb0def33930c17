"""A campaign to be simulated: its settings, its list, its agents, and how its callees are.

Times of day are seconds since midnight, written ``"08:30"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from acd.simulation.durations import Duration, Fixed, Gamma, Lognormal
from acd.simulation.scenario import HOUR, MINUTE, TimeOfDay
from dialer.campaign import CampaignSettings
from dialer.compliance.presets import RULES
from dialer.compliance.rules import RuleSet
from dialer.plan import Mode
from dialer.simulation.lead_list import MOST_LEADS, first_digits
from dialer.simulation.shape import Curve, Failure, Shape, machine_ring, steps, uniform
from dialer.trunks import TrunkLimits

NAME = "simulated"
NO_AGENTS = "there are no agents at all"
COMPARED = (Mode.PREDICTIVE, Mode.POWER, Mode.PROGRESSIVE, Mode.PREVIEW)
"""Modes that are shown beside each other: those in which agents take what is dialed for them."""

Away = Literal[
    "busy", "invalid_number", "machine", "no_answer", "rejected", "congested", "unreachable"
]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=5000)]


def _as_list(written: Any) -> Any:
    return [written] if isinstance(written, str | int | float) else written


def _named(written: Any) -> Any:
    """A campaign of which only what matters here is written, or its name in another file."""
    if isinstance(written, str):
        written = {"name": written, "mode": Mode.PREDICTIVE}
    if not isinstance(written, Mapping):
        return written
    to = "flow" if written.get("mode") == Mode.BROADCAST else "queue"
    return {"name": NAME, to: NAME, "lists": [NAME], "rules": [NAME], **written}


def _compared(modes: tuple[Mode, ...]) -> tuple[Mode, ...]:
    for mode in modes:
        if mode not in COMPARED:
            raise ValueError(f"`{mode}` is not among those compared: {', '.join(COMPARED)}")
    return modes


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"`{name}` is no time zone: write it as Asia/Ho_Chi_Minh") from None
    return name


def _country(region: str) -> str:
    first_digits(region)
    return region


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Callees(_Part):
    """Who is dialed: how many of the dials a person answers, and how the others end."""

    answered: Annotated[tuple[Share, ...], BeforeValidator(_as_list)] = Field(
        min_length=1, description="share of the dials: one number, or one for each interval"
    )
    otherwise: dict[Away, Weight] = Field(
        {"busy": 10, "invalid_number": 5, "machine": 35, "no_answer": 50},
        description="how the other dials end: parts, beside each other",
    )
    set_up: Duration | None = Field(None, description="until it rings; without: 0.8 to 3 seconds")
    ring: Duration = Field(
        Gamma(type="gamma", mean=9.5, cv=0.577), description="until a person answers"
    )
    machine_ring: Duration | None = Field(None, description="until a machine answers")
    talk: Duration = Field(
        Lognormal(type="lognormal", mean=120, cv=0.95),
        description="an agent's; in a broadcast, the flow's time with him",
    )
    wrap_up: Duration = Lognormal(type="lognormal", mean=20, cv=0.66)
    machine_talk: Duration = Field(
        Fixed(type="fixed", seconds=8), description="an agent's, before he knows it is a machine"
    )
    call_back: Share = Field(0.0, description="of those who talked: asked to be called back")
    call_back_after: Duration = Field(
        Lognormal(type="lognormal", mean=2 * HOUR, cv=0.5), description="so long after the talk"
    )
    preview: Duration = Field(
        Lognormal(type="lognormal", mean=20, cv=0.6), description="an agent's look, then he dials"
    )


class CampaignScenario(_Part):
    """Days of one campaign: from ``start`` for ``hours``, until the list ends or ``days`` are over.

    ``modes`` are run on the same callees, the campaign's own among them. Whoever loads a scenario
    puts the campaign of ``campaigns_file`` there when it names one, and takes that name away.
    """

    title: str = ""
    campaigns_file: str = Field("", description="where `campaign` is the name of one")
    campaign: Annotated[CampaignSettings, BeforeValidator(_named)]
    rules: dict[str, RuleSet] = Field({}, description="your own, as in campaigns.yaml")
    trunks: dict[str, TrunkLimits] = Field(
        {"trunk": TrunkLimits(calls_per_second=50, channels=10000)}, min_length=1
    )
    modes: Annotated[tuple[Mode, ...], AfterValidator(_compared)] = (
        Mode.PREDICTIVE,
        Mode.POWER,
        Mode.PROGRESSIVE,
    )
    leads: int = Field(ge=1, le=MOST_LEADS)
    numbers_per_lead: int = Field(1, ge=1, le=10)
    region: Annotated[str, AfterValidator(_country)] = Field(
        "VN", pattern=r"^[A-Z]{2}$", description="where they live"
    )
    agents: Annotated[tuple[Count, ...], BeforeValidator(_as_list)] = Field(
        (0,), min_length=1, description="one number, or one for each interval"
    )
    callees: Callees | None = Field(None, description="without: from the campaign's own past")
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    first_day: date = Field(date(2026, 3, 2), description="rules of law may ask which day it is")
    start: TimeOfDay = 9 * HOUR
    hours: float = Field(8, gt=0, le=24)
    days: int = Field(1, ge=1, le=60)
    interval_minutes: float = Field(60, ge=1, le=1440, description="of figures and results")
    seeds: int = Field(5, ge=1, le=1000, description="how often it is drawn")

    @model_validator(mode="after")
    def _can_be_run(self) -> CampaignScenario:
        if self.campaigns_file:  # by another campaign, which is not there yet
            return self
        known = self.own_rules.keys() | RULES.keys()
        for name in self.campaign.rules:
            if name not in known:
                raise ValueError(f"there are no rules `{name}`: {', '.join(sorted(known))}")
        for use in self.campaign.trunks:
            if use.trunk not in self.trunks:
                raise ValueError(f"the campaign's trunk `{use.trunk}` is not among the `trunks`")
        if self.campaign.mode is Mode.MANUAL:
            raise ValueError(f"a campaign of mode `{self.campaign.mode}` cannot be simulated")
        if any(self.agents) is self.is_broadcast:
            raise ValueError("a broadcast has no agents" if self.is_broadcast else NO_AGENTS)
        return self

    @property
    def is_broadcast(self) -> bool:
        """Whether a flow has those who answer, and no agent."""
        return self.campaign.mode is Mode.BROADCAST

    @property
    def compared(self) -> tuple[Mode, ...]:
        """The campaign's mode, and those beside it; beside a broadcast there is none."""
        if self.is_broadcast:
            return (Mode.BROADCAST,)
        return tuple(dict.fromkeys((self.campaign.mode, *self.modes)))

    @property
    def own_rules(self) -> dict[str, RuleSet]:
        """Those of the scenario; one without rules of law has the campaign's own cap alone."""
        always = {"daily": "00:00-24:00"}
        unruled = RuleSet(default_zone=self.zone, cap_percent=10, hours=always)
        return {NAME: unruled, **self.rules}

    def shifts(self) -> Iterator[tuple[float, float]]:
        """From when to when agents are there, in seconds since the epoch: each day."""
        for number in range(self.days):
            day = self.first_day + timedelta(days=number)
            midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
            begins = midnight.timestamp() + self.start
            yield begins, begins + self.hours * HOUR

    def agents_at(self, seconds: float) -> int:
        """How many are there, so long after the day's start."""
        return self.agents[min(len(self.agents) - 1, self.interval(seconds))]

    def interval(self, seconds: float) -> int:
        """The number of the interval, so long after the day's start."""
        return int(seconds // (self.interval_minutes * MINUTE))

    def staffed(self, count: int) -> CampaignScenario:
        """The same with another number of agents."""
        return self.model_copy(update={"agents": (count,)})

    def in_mode(self, mode: Mode) -> CampaignSettings:
        """The campaign's settings, in this mode."""
        return self.campaign.model_copy(update={"mode": mode})

    def shape(self) -> Shape:
        """The callees as the simulated world draws them; shares of a shift are of its hours."""
        if self.callees is None:
            raise ValueError("nothing is known of the callees")
        callees, standard = self.callees, Shape()
        set_up = uniform(0.8, 3.0) if callees.set_up is None else callees.set_up.draw()
        machine = machine_ring if callees.machine_ring is None else callees.machine_ring.draw()
        late = {failure.kind: failure.after for failure in standard.failures}
        late |= {"invalid_number": late["invalid"], "machine": machine}
        quick = late["busy"]
        return Shape(
            answer_rate=self._by_interval(callees.answered),
            talk=callees.talk.draw(),
            wrap=callees.wrap_up.draw(),
            set_up=set_up,
            ring=callees.ring.draw(),
            ring_limit=self.campaign.ring_seconds,
            failures=tuple(
                Failure(kind, share, late.get(kind, quick))
                for kind, share in callees.otherwise.items()
            ),
        )

    def _by_interval(self, values: tuple[float, ...]) -> Curve:
        part = self.interval_minutes * MINUTE / (self.hours * HOUR)
        return steps(values[0], *((part * at, value) for at, value in enumerate(values) if at))
