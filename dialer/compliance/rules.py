"""Rules of law as they are written: what is asked of a call, where, and for what purpose. Pure.

A set of rules asks something of every call, and its clauses more of some. All that fit a call are
asked, and all must agree: a clause can only take away. Whatever a rule needs to know and does not,
it takes as a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from acd.settings import Name
from dialer.compliance.closed_days import closed_day
from dialer.compliance.hours import calling_hours
from dialer.compliance.windows import WindowRule, Zone

Purpose = Literal["advertising", "service", "survey", "collection", "reminder"]
Region = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]

HISTORY = 50
"""As many calls to a number are remembered; a limit cannot be higher."""
HISTORY_DAYS = 30


def _is_closed_day(text: str) -> str:
    return closed_day(text).written


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limit(_Rules):
    """At most so many calls to a number, by any campaign, in a time that rolls or a day."""

    most: int = Field(ge=1, le=HISTORY)
    hours: float | None = Field(None, gt=0, le=HISTORY_DAYS * 24, description="any so many")
    days: int | None = Field(None, ge=1, le=HISTORY_DAYS, description="any so many times 24 h")
    calendar_day: bool = Field(False, description="from midnight to midnight of the callee")

    @model_validator(mode="after")
    def _one_time(self) -> Limit:
        if [self.hours is None, self.days is None, not self.calendar_day].count(False) != 1:
            raise ValueError("a limit needs one of `hours`, `days` and `calendar_day: yes`")
        return self

    @property
    def seconds(self) -> float | None:
        """The time that rolls, None for calendar days."""
        if self.calendar_day:
            return None
        return (self.hours or 0) * 3600 + (self.days or 0) * 86400


class Demands(_Rules):
    """What may be asked of a call. What is left out is not asked."""

    hours: Mapping[str, str] | None = Field(
        None, description="by the callee's clock, as `{mon-fri: '08:00-17:00'}`; other days: never"
    )
    closed: tuple[Annotated[str, AfterValidator(_is_closed_day)], ...] = Field(
        (), description="days without calls: 2027-02-05..2027-02-11, 12-25, easter+1, 11-thu4"
    )
    limits: tuple[Limit, ...] = ()
    gap_seconds: float = Field(0, ge=0, le=HISTORY_DAYS * 86400, description="between two calls")
    rest_after_talk_seconds: float = Field(0, ge=0, le=31_536_000)
    rest_after_abandoned_seconds: float = Field(
        0, ge=0, le=31_536_000, description="then dialed again only with an agent held free"
    )
    do_not_call: Mapping[Name, Annotated[float, Field(gt=0, le=366)]] = Field(
        {}, description="lists that the number must have been looked up in, and their age in days"
    )
    consent: Literal["always", "automated_mobile", "recorded"] | None = Field(
        None, description="`automated_mobile`: mobile phones, unless an agent is held free"
    )
    brand: bool = Field(False, description="a registered name must be shown")
    seller: bool = Field(False, description="who is said to call must be named")

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, hours: Mapping[str, str] | None) -> Mapping[str, str] | None:
        if hours is not None:
            calling_hours(hours)
        return hours


class Clause(Demands):
    """What is asked beside, of calls to these places or for these purposes; none named: of all."""

    where: tuple[Region, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    source: str = ""


class RuleSet(Demands):
    """Rules that hold together, as those of a country. A campaign names the sets that hold for it.

    ``regions`` are the places they know: elsewhere nobody is called under them; none named:
    anywhere. ``cap_percent`` is the most of the people who answered that may be abandoned.
    """

    title: str = ""
    source: str = Field("", description="where that is written, and what was not read there")
    regions: tuple[Region, ...] = ()
    default_zone: Zone | None = Field(
        None, description="of callees of whom no zone is known; without it they are not called"
    )
    cap_percent: float | None = Field(None, ge=0, le=10)
    windows: tuple[WindowRule, ...] = ()
    least_ring_seconds: float = Field(0, ge=0, le=60)
    wait_seconds: float = Field(10, gt=0, le=10, description="for an agent, at most")
    dropped_message: bool = Field(False, description="who is abandoned must be told who called")
    record_days: int = Field(0, ge=0, le=36500, description="proof is kept so long at least")
    clauses: tuple[Clause, ...] = ()


def within(region: str, place: str) -> bool:
    """Whether ``region`` is ``place`` or a part of it: ``US-FL`` is within ``US``."""
    return region == place or region.startswith(f"{place}-")


def may_be_within(region: str, places: tuple[str, ...]) -> bool:
    """Whether one of ``places`` may be meant: ``US`` alone may be ``US-FL``. None named: all."""
    return not places or any(within(region, p) or within(p, region) for p in places)
