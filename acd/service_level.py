"""What a queue promises, `percent` answered in `seconds`, and the ways to count if it was kept.

The ways differ in what they make of abandons. Contacts that left for elsewhere (overflow, callback,
voicemail, closed) are in none of them. A formula is only a way to read counts: a report over the
past with another one needs no new data.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Formula(StrEnum):
    """How abandons count: as kept promises (met), not at all (ignored), or as broken (missed).

    *Early* are those who left within the target's seconds, *short* within
    ``short_abandon_seconds``. These are the ways in use according to ICMI (QueueTips) and Call
    Centre Helper. Asterisk's queues report the second (`ServiceLevelPerf`) and the first
    (`ServiceLevelPerf2`); the last is that of Genesys Cloud without its short abandons.
    """

    EARLY_ABANDONS_MET = "early_abandons_met"
    """(answered in time + early abandons) / (answered + abandoned)"""
    ABANDONS_IGNORED = "abandons_ignored"
    """answered in time / answered: rises when more give up, so never look at it alone"""
    ABANDONS_MISSED = "abandons_missed"
    """answered in time / (answered + abandoned)"""
    EARLY_ABANDONS_IGNORED = "early_abandons_ignored"
    """answered in time / (answered + abandons later than the target)"""
    SHORT_ABANDONS_MET = "short_abandons_met"
    """(answered in time + short abandons) / (answered + abandoned)"""
    SHORT_ABANDONS_IGNORED = "short_abandons_ignored"
    """answered in time / (answered + abandoned - short abandons)"""


class ServiceLevel(BaseModel):
    """The target of a queue, and how it is counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: float = Field(80, gt=0, le=100, description="of the contacts are to be answered")
    seconds: float = Field(20, gt=0, le=3600, description="within so long")
    formula: Formula = Field(Formula.SHORT_ABANDONS_IGNORED, description="what abandons count")
    short_abandon_seconds: float = Field(5, ge=0, le=120, description="who left sooner is short")


def service_level(
    formula: Formula,
    *,
    answered: int,
    answered_in_time: int,
    abandoned: int,
    abandoned_in_time: int,
    abandoned_short: int,
) -> float | None:
    """The share, 0 to 1, for which the promise was kept; None when there is nobody to count."""
    met, ignored = {
        Formula.EARLY_ABANDONS_MET: (abandoned_in_time, 0),
        Formula.ABANDONS_IGNORED: (0, abandoned),
        Formula.ABANDONS_MISSED: (0, 0),
        Formula.EARLY_ABANDONS_IGNORED: (0, abandoned_in_time),
        Formula.SHORT_ABANDONS_MET: (abandoned_short, 0),
        Formula.SHORT_ABANDONS_IGNORED: (0, abandoned_short),
    }[formula]
    counted = answered + abandoned - ignored
    return (answered_in_time + met) / counted if counted else None
