"""Abandoned calls, and those they are a share of, over the time that a regulator looks at. Pure.

Counted by calendar day of the window's own clock, from sums of ``QUARTER_SECONDS``: every time zone
begins its days at such a moment. A day that is partly in a window counts whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

QUARTER_SECONDS: Final = 900.0
KEPT_DAYS: Final = 100
"""What is older is in no window."""


def _is_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone `{name}`: write Asia/Ho_Chi_Minh") from error


Zone = Annotated[str, AfterValidator(_is_zone)]


class WindowRule(BaseModel):
    """Over which time abandonment is counted.

    ``successive``: periods of ``days`` from the campaign's first day on, each for itself;
    ``rolling``: the last ``days`` days, today included; ``month``: the calendar month. Midnight is
    that of ``zone``: without one, the campaign's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["successive", "rolling", "month"] = "successive"
    days: int = Field(30, ge=1, le=90)
    zone: Zone | None = None

    def first_day(self, today: date, began: date) -> date:
        """The first day of the window that ``today`` is in."""
        match self.kind:
            case "month":
                return today.replace(day=1)
            case "rolling":
                return today - timedelta(days=self.days - 1)
            case "successive":
                return today - timedelta(days=(today - began).days % self.days)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a window holds, machines that were really people counted as both.

    ``answered`` by people, ``abandoned`` of them; ``machines`` that answered. ``since`` is when the
    window began, ``rate`` the share of abandoned calls.
    """

    answered: float
    abandoned: float
    machines: int
    since: float
    rate: float


@dataclass(slots=True)
class _Day:
    answered: int = 0
    abandoned: int = 0
    machines: int = 0


class AbandonmentWindow:
    """Counts the calls of a campaign over the time of ``rule``.

    ``began`` is when the campaign first ran. A rule without a zone goes by UTC.
    ``missed_people`` is the share of machines that really were people: they were hung up on, and
    count as abandoned. It is None when nobody looks who answered; then ``machines`` are those that
    agents reported, and they are among the ``answered``. That makes the share the one that Ofcom
    reckons: it leaves out as many of the drops as there were machines among the calls that agents
    took, and machines from both, and the two cancel out.
    """

    def __init__(
        self,
        rule: WindowRule,
        began: float = 0.0,
        missed_people: float | None = None,
    ) -> None:
        self.rule = rule
        self.missed_people = missed_people
        self._zone = ZoneInfo(rule.zone or "UTC")
        self._began = self._date(began)
        self._days: dict[date, _Day] = {}

    def take(self, at: float, answered: int = 0, abandoned: int = 0, machines: int = 0) -> None:
        """So many more at this moment, or on this day. Those abandoned are among ``answered``."""
        today = self._date(at)
        if today not in self._days:
            self._forget(today)
        day = self._days.setdefault(today, _Day())
        day.answered += answered
        day.abandoned += abandoned
        day.machines += machines

    def totals(self, now: float) -> Totals:
        """What the window that ``now`` is in holds."""
        first = self.rule.first_day(self._date(now), self._began)
        days = [each for day, each in self._days.items() if day >= first]
        machines = sum(day.machines for day in days)
        missed = machines * (self.missed_people or 0.0)
        answered = sum(day.answered for day in days) + missed
        abandoned = sum(day.abandoned for day in days) + missed
        since = datetime.combine(first, time(), self._zone).timestamp()
        rate = abandoned / answered if answered else 0.0
        return Totals(answered, abandoned, machines, since, rate)

    def tokens(self, now: float, cap: float) -> float:
        """How many more calls may be abandoned while ``cap`` (a share) holds; below 0: broken."""
        totals = self.totals(now)
        return cap * totals.answered - totals.abandoned

    def _date(self, at: float) -> date:
        return datetime.fromtimestamp(at, self._zone).date()

    def _forget(self, today: date) -> None:
        oldest = today - timedelta(days=KEPT_DAYS)
        self._days = {day: each for day, each in self._days.items() if day >= oldest}
