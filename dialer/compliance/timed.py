"""The rules that time answers: calling hours, how often, how long after what. Pure.

``dialed`` are the moments of the calls to a number by any campaign, newest first. Moments that lie
ahead, as after a clock that was wrong, count as if they had been: nobody is called more for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.compliance.hours import CallingHours, written
from dialer.leads import Consent


@dataclass(frozen=True, slots=True)
class InHours:
    """Within the calling hours, by the clock in ``zone``."""

    by: str
    hours: CallingHours
    zone: ZoneInfo
    name: str = "hours"

    def earliest(self, moment: float) -> float | None:
        """The first moment within the hours."""
        return self.hours.next_lawful(moment, self.zone)

    def facts(self, moment: float) -> dict[str, object]:
        """The local time, and the hours of that day."""
        local = datetime.fromtimestamp(moment, self.zone)
        hours = written(self.hours.on(local.date()))
        return {"zone": self.zone.key, "local": local.isoformat("T", "seconds"), "hours": hours}


@dataclass(frozen=True, slots=True)
class NotTooOften:
    """At most ``most`` calls within any ``seconds``."""

    by: str
    most: int
    seconds: float
    dialed: tuple[float, ...]
    name: str = "frequency"

    def earliest(self, moment: float) -> float | None:
        """When the call that is one too many has become old enough."""
        if len(self.dialed) < self.most:
            return moment
        return max(moment, self.dialed[self.most - 1] + self.seconds)

    def facts(self, moment: float) -> dict[str, object]:
        """How many of how many."""
        made = sum(moment < at + self.seconds for at in self.dialed)
        return {"dialed": made, "most": self.most, "within_seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class NotTooOftenADay:
    """At most ``most`` calls on one day of the callee, by the calendar in ``zone``."""

    by: str
    most: int
    zone: ZoneInfo
    dialed: tuple[float, ...]
    name: str = "frequency"

    def earliest(self, moment: float) -> float | None:
        """Now, or the first midnight after days that are full."""
        day = self._day(moment)
        while self._made_from(day) >= self.most:
            day += timedelta(days=1)
        return max(moment, datetime.combine(day, time(), self.zone).timestamp())

    def facts(self, moment: float) -> dict[str, object]:
        """How many of how many, on which day."""
        day = self._day(moment)
        made = {"dialed": self._made_from(day), "most": self.most}
        return {"zone": self.zone.key, "day": day.isoformat(), **made}

    def _made_from(self, day: date) -> int:
        return sum(self._day(at) >= day for at in self.dialed)

    def _day(self, moment: float) -> date:
        return datetime.fromtimestamp(moment, self.zone).date()


@dataclass(frozen=True, slots=True)
class LongEnoughAfter:
    """Not before ``seconds`` have gone by since something, if it ever was."""

    name: str
    by: str
    since: float | None
    seconds: float

    def earliest(self, moment: float) -> float | None:
        """When they have gone by."""
        return moment if self.since is None else max(moment, self.since + self.seconds)

    def facts(self, moment: float) -> dict[str, object]:
        """Since when, and how long."""
        return {"since": self.since, "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Agreed:
    """He agreed to be called, and that still holds."""

    by: str
    consent: Consent | None
    scopes: frozenset[str]
    name: str = "consent"

    def earliest(self, moment: float) -> float | None:
        """Now, or from when he agreed; never without his consent, or after it."""
        consent = self.consent
        if consent is None or (consent.scope and consent.scope not in self.scopes):
            return None
        at = max(moment, consent.given_at)
        return at if consent.until is None or at < consent.until else None

    def facts(self, moment: float) -> dict[str, object]:
        """When he agreed, until when, to what, and where that is written."""
        consent = self.consent
        if consent is None:
            return {"given_at": None}
        return {
            "given_at": consent.given_at,
            "until": consent.until,
            "scope": consent.scope,
            "evidence": consent.evidence,
        }
