"""A campaign's own past as the callees of a scenario: how they answered, how long they talked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from acd.simulation.durations import Duration, Measured
from acd.simulation.scenario import HOUR, MINUTE
from dialer.dispositions import ANSWERED_LIVE, OUR_FAULT, Disposition
from dialer.simulation.scenario import Away, Callees, CampaignScenario

FEWEST: Final = 30
"""Dials of an hour of the day, and measured times, that are believed."""
_MOST_TIMES: Final = 2000
_AWAY: Final = frozenset(get_args(Away))
_ALIKE: Final = {
    Disposition.GIVEN_UP: Disposition.NO_ANSWER,
    Disposition.MESSAGE_LEFT: Disposition.MACHINE,
    Disposition.FAX: Disposition.MACHINE,
}


class TooLittlePast(Exception):
    """The campaign dialed too seldom."""


@dataclass(frozen=True, slots=True)
class PastDial:
    """One dial: ``hour`` of the day where the center is, and seconds of what happened to it; None
    for what did not. ``ring`` is until it was answered, ``talk`` the agent's, as is ``wrap``."""

    hour: int
    disposition: Disposition
    set_up: float | None = None
    ring: float | None = None
    talk: float | None = None
    wrap: float | None = None


def callees_of(past: Sequence[PastDial], scenario: CampaignScenario) -> Callees:
    """The callees as they were. Where too few times were measured, those that the scenario has, or
    the usual ones, stay.

    A call that was given up counts as one that nobody answered. Raises ``TooLittlePast``.
    """
    dials = [each for each in past if each.disposition not in OUR_FAULT]
    if len(dials) < FEWEST:
        raise TooLittlePast(f"{len(dials)} dials are too few: at least {FEWEST} are needed")
    machines = [each for each in dials if each.disposition is Disposition.MACHINE]
    people = [each for each in dials if each.disposition in ANSWERED_LIVE]
    times = {
        "set_up": _measured([each.set_up for each in dials]),
        "ring": _measured([each.ring for each in people]),
        "machine_ring": _measured([each.ring for each in machines]),
        "talk": _measured([each.talk for each in people]),
        "wrap_up": _measured([each.wrap for each in people]),
    }
    written = scenario.callees or Callees(answered=(0.0,))
    measured = {name: each for name, each in times.items() if each is not None}
    own = {"answered": _answered(dials, scenario), "otherwise": _otherwise(dials)}
    return written.model_copy(update=own | measured)


def _answered(dials: Sequence[PastDial], scenario: CampaignScenario) -> tuple[float, ...]:
    """By interval of the scenario's day: the share that people answered in its hour."""
    by_hour = [[each for each in dials if each.hour == hour] for hour in range(24)]
    shares = [_share(own if len(own) >= FEWEST else dials) for own in by_hour]
    minutes = scenario.interval_minutes
    intervals = int(-(-scenario.hours * 60 // minutes))
    starts = [scenario.start + (at + 0.5) * minutes * MINUTE for at in range(intervals)]
    return tuple(shares[int(start // HOUR) % 24] for start in starts)


def _share(dials: Sequence[PastDial]) -> float:
    return sum(each.disposition in ANSWERED_LIVE for each in dials) / len(dials)


def _otherwise(dials: Sequence[PastDial]) -> dict[Away, float]:
    ends = (_ALIKE.get(each.disposition, each.disposition).value for each in dials)
    counts = Counter(end for end in ends if end in _AWAY)
    return {away: float(counts[away]) for away in get_args(Away) if counts[away]} or {
        "no_answer": 1.0
    }


def _measured(seconds: Sequence[float | None]) -> Duration | None:
    known = sorted(each for each in seconds if each is not None and 0 <= each <= 86400)
    if len(known) < FEWEST:
        return None
    step = max(1.0, len(known) / _MOST_TIMES)
    kept = [known[int(at * step)] for at in range(int(len(known) / step))]
    return Measured(type="measured", seconds=tuple(kept))
