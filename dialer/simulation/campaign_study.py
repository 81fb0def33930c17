"""Several drawings of one campaign scenario, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from acd.simulation.confidence import Mean, mean_of
from dialer.plan import Mode
from dialer.simulation.campaign_day import CampaignDays
from dialer.simulation.campaign_figures import CampaignFigures, Part
from dialer.simulation.scenario import CampaignScenario

FIGURES: Final = (
    "utilisation",
    "abandonment",
    "wait_between_calls",
    "connected_per_hour",
    "dialed",
    "answer_rate",
    "answered",
    "connected",
    "called_back",
    "abandoned",
    "given_up",
    "out_of_leads",
    "peak_lines",
)
"""The names of the figures that are averaged."""

Row = Mapping[str, Mean | None]
"""Each figure's mean; None for one that no drawing had."""


@dataclass(frozen=True, slots=True)
class CampaignStudy:
    """What ``drawn`` drawings in one mode were like.

    ``over_cap`` of them abandoned more than the cap. ``ended`` of them came to the end of the list,
    after ``list_ended`` seconds of staffed time; ``done`` is the share of its leads done with.
    """

    mode: Mode
    drawn: int
    whole: Row
    intervals: tuple[Row, ...]
    over_cap: int
    ended: int
    list_ended: Mean | None
    done: Mean | None


def days_of(
    scenario: CampaignScenario,
    mode: Mode,
    seed: int,
    told: Callable[[float], None] = lambda share: None,
) -> CampaignFigures:
    """One drawing: the same seed has the same callees in every mode."""
    return CampaignDays(scenario, mode, Random(seed)).run(told)


def study(
    scenario: CampaignScenario, mode: Mode, drawn: Sequence[CampaignFigures]
) -> CampaignStudy:
    """What these drawings say together."""
    cap = scenario.campaign.abandonment.cap_percent / 100
    ends = [each.list_ended for each in drawn if each.list_ended is not None]
    longest = max(len(each.intervals) for each in drawn)
    return CampaignStudy(
        mode,
        len(drawn),
        whole=_row([each.whole for each in drawn]),
        intervals=tuple(
            _row([each.intervals[at] for each in drawn if at < len(each.intervals)])
            for at in range(longest)
        ),
        over_cap=sum((each.whole.abandonment or 0.0) > cap for each in drawn),
        ended=len(ends),
        list_ended=mean_of(ends),
        done=mean_of([each.done / scenario.leads for each in drawn]),
    )


def _row(parts: Sequence[Part]) -> Row:
    figures = {}
    for name in FIGURES:
        values = [value for part in parts if (value := getattr(part, name)) is not None]
        figures[name] = mean_of(values)
    return figures
