"""A campaign as operations people write it. Times in seconds unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from acd.recording import Recording
from acd.settings import Name
from dialer.dispositions import Disposition
from dialer.plan import Mode, OnMachine, Recycle

Number = Annotated[str, Field(pattern=r"^\+?[0-9]{3,15}$")]
Endpoint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Prompt = Annotated[str, Field(min_length=1, max_length=80)]

DEFAULT_RECYCLE: Mapping[Disposition, Recycle] = {
    Disposition.BUSY: Recycle(900, 4),
    Disposition.NO_ANSWER: Recycle(7200, 4),
    Disposition.GIVEN_UP: Recycle(3600, 4),
    Disposition.REJECTED: Recycle(86400, 1),
    Disposition.CONGESTED: Recycle(300, 6),
    Disposition.UNREACHABLE: Recycle(7200, 3),
    Disposition.MACHINE: Recycle(14400, 3),
    Disposition.SILENT: Recycle(86400, 1),
    Disposition.HUNG_UP: Recycle(86400, 1),
    Disposition.ABANDONED: Recycle(259200, 1),  # 72 h, and then only with an agent held free
    Disposition.CANCELLED: Recycle(300, 20),
    Disposition.FAILED: Recycle(300, 6),
}
"""After what a lead is tried again, unless the campaign says otherwise."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListShare(_Settings):
    """A list of leads, and its share of the mix while several have leads."""

    list: Name
    share: float = Field(1, gt=0, le=1000)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        return {"list": written} if isinstance(written, str) else written


class TrunkUse(_Settings):
    """A trunk that the campaign dials through; of several the first that is well is used."""

    trunk: Endpoint
    channels: int | None = Field(None, ge=1, le=100000, description="of it, at most")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        return {"trunk": written} if isinstance(written, str) else written


class CallerIds(_Settings):
    """Which number is shown, and the name registered for it."""

    numbers: tuple[Number, ...] = Field(min_length=1)
    choose: Literal["first", "rotate", "area"] = Field(
        "first", description="`area`: one of the callee's area code or country, then in turn"
    )
    brand: str = Field("", max_length=60, description="the name registered for these numbers")
    most_per_day: int | None = Field(None, ge=1, description="calls that show one of them, a day")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        if isinstance(written, str):
            return {"numbers": [written]}
        return {"numbers": written, "choose": "rotate"} if isinstance(written, list) else written


class Machines(_Settings):
    """Whether it is found out who answered, and what answering machines get."""

    detect: bool = False
    then: OnMachine = OnMachine.HANG_UP
    prompts: tuple[Prompt, ...] = Field((), description="the message, for `then: message`")
    missed_people_percent: float = Field(
        0,
        ge=0,
        le=50,
        description="of machines, really people (by samples): counted as abandoned",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Machines:
        if self.then is OnMachine.MESSAGE and not (self.prompts and self.detect):
            raise ValueError("`then: message` needs `detect: yes` and `prompts`")
        return self


class Attempts(_Settings):
    """How often a lead is tried, by this campaign; the rules of law hold beside it."""

    most: int = Field(6, ge=1, le=100, description="in all")
    per_day: int = Field(3, ge=1, le=50, description="a day, by the callee's clock")
    gap_seconds: float = Field(600, ge=0, le=2_592_000, description="between two, at least")


class RecycleSettings(_Settings):
    """When to try again, and how often after this disposition."""

    seconds: float = Field(ge=0, le=7_776_000)
    times: int = Field(1, ge=0, le=100)


class Preview(_Settings):
    """What an agent may do with a lead that he is shown."""

    seconds: float = Field(60, ge=5, le=900, description="then it goes to another agent")
    skip_reasons: tuple[Name, ...] = Field((), description="to choose from; empty: any")
    may_skip: bool = True


class Reserve(_Settings):
    """Agents that are left for inbound contacts, of those who serve both."""

    agents: int = Field(0, ge=0, le=1000, description="so many free ones are never dialed for")
    service_level: bool = Field(
        True, description="none are dialed for while an inbound queue of theirs is under its target"
    )


class Goals(_Settings):
    """The campaign is done when one of these is reached."""

    dials: int | None = Field(None, ge=1)
    contacts: int | None = Field(None, ge=1, description="people talked with")
    codes: dict[Name, Annotated[int, Field(ge=1)]] = Field({}, description="as `sale: 100`")


class Abandonment(_Settings):
    """The campaign's own cap, if it is lower than that of its rules, and what the callee hears."""

    cap_percent: float = Field(3, ge=0, le=10, description="of people who answered")
    wait_seconds: float = Field(2, gt=0, le=10, description="for an agent, at most")
    prompts: tuple[Prompt, ...] = Field(
        ("dialer_dropped",), description="who called and how to be called no more"
    )
    rest_seconds: float = Field(
        259200, ge=0, le=2_592_000, description="then dialed again only with an agent held free"
    )


class DoNotCallSettings(_Settings):
    """A list of numbers that are not called. One that is too old cannot be trusted: then nothing is
    dialed for which it must be asked."""

    title: str = Field("", max_length=120)
    max_age_days: float | None = Field(
        None, gt=0, le=3660, description="since it was last imported; without: as the rules say"
    )


CodeEffect = Literal["done", "recycle", "callback", "suppress", "invalid"]


class CampaignSettings(_Settings):
    """One campaign. What is left out has a default that dials nobody whom it should not."""

    name: Name
    title: str = ""
    mode: Mode
    rules: tuple[Name, ...] = Field(
        description="the rules of law that hold: `vn`, `us`, `uk`, `eu`, or your own"
    )
    purpose: Literal["advertising", "service", "survey", "collection", "reminder"] = "advertising"
    seller: str = Field("", max_length=120, description="who is said to call; rules may ask it")
    queue: Name | None = Field(None, description="whose agents take those who answer")
    flow: Name | None = Field(None, description="serves those who answer, in a broadcast")
    lists: tuple[ListShare, ...] = Field(min_length=1)
    filter: str = Field("", max_length=500, description='as `city == "Hanoi" and score >= 50`')
    order: Literal["priority", "newest", "oldest", "longest_ago", "random"] = "priority"
    numbers: Literal["in_turn", "first"] = Field("in_turn", description="of a lead with several")
    caller_ids: CallerIds | None = Field(None, description="without: as `outbound` in the routes")
    trunks: tuple[TrunkUse, ...] = Field((), description="without: as `outbound` in the routes")
    calls_per_second: float = Field(5, gt=0, le=500)
    channels: int = Field(1000, ge=1, le=100000, description="calls at once, at most")
    calendar: Name | None = Field(None, description="hours of this campaign, within the law's")
    start: datetime | None = Field(None, description="no call before it; with its zone")
    stop: datetime | None = Field(None, description="it drains from then on")
    goals: Goals = Goals()
    ring_seconds: float = Field(25, ge=15, le=120)
    least_ring_seconds: float = Field(15, ge=0, le=60, description="never hung up before")
    give_up: bool = Field(True, description="hang up what rang so long when nobody would be free")
    ratio: float = Field(2, ge=1, le=20, description="of mode `power`: calls per free agent")
    lines: int = Field(10, ge=1, le=10000, description="of a broadcast: served at once")
    abandonment: Abandonment = Abandonment()
    machines: Machines = Machines()
    attempts: Attempts = Attempts()
    recycle: dict[Disposition, RecycleSettings] = {}
    codes: dict[Name, CodeEffect] = Field({}, description="what agents' codes do to the lead")
    callback_patience_seconds: float = Field(
        900, ge=0, le=604800, description="a personal callback waits so long for its own agent"
    )
    preview: Preview = Preview()
    weight: float = Field(1, gt=0, le=1000, description="its share of agents of several campaigns")
    reserve: Reserve = Reserve()
    language: str = Field("", max_length=35, description="where the lead has none")
    record: Recording | None = Field(None, description="of its talks; without: as their queue")
    script: str = Field("", description="shown to the agent: a URL or a text")
    cost_per_minute: float = Field(0, ge=0, description="of a call, for the reports")

    @field_validator("rules")
    @classmethod
    def _never_lawless(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        if not rules:
            raise ValueError(
                "without rules nobody may be called: name those of the callees, as `vn`"
            )
        return rules

    @model_validator(mode="after")
    def _somebody_takes_it(self) -> CampaignSettings:
        if self.mode is Mode.BROADCAST and self.flow is None:
            raise ValueError("a broadcast needs a `flow` that serves who answers")
        if self.mode is not Mode.BROADCAST and self.queue is None:
            raise ValueError(f"mode `{self.mode}` needs a `queue` whose agents take the calls")
        if self.mode is not Mode.BROADCAST and self.flow is not None:
            raise ValueError("only a broadcast has a `flow`")
        return self

    @model_validator(mode="after")
    def _rings_lawfully(self) -> CampaignSettings:
        if self.ring_seconds < self.least_ring_seconds:
            raise ValueError("`ring_seconds` is shorter than `least_ring_seconds`")
        for moment in (self.start, self.stop):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("`start` and `stop` need their zone, as 2026-12-01T08:00+07:00")
        if self.start and self.stop and self.stop <= self.start:
            raise ValueError("`stop` is not later than `start`: nothing would ever be dialed")
        return self

    def recycling(self) -> dict[str, Recycle]:
        """After each disposition: when again, and how often."""
        own = {d: Recycle(r.seconds, r.times) for d, r in self.recycle.items()}
        return {d.value: r for d, r in {**DEFAULT_RECYCLE, **own}.items()}
