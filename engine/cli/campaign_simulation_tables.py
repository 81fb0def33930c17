"""Simulated campaigns as people read them in a terminal: mode beside mode, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console

from acd.simulation.scenario import HOUR, MINUTE
from dialer.simulation.campaign_study import CampaignStudy, Row
from dialer.simulation.scenario import CampaignScenario
from engine.cli.simulated_figures import Figures, clock
from engine.tables import Table

_FIGURES: Final = Figures(
    shares=frozenset({"utilisation", "abandonment", "answer_rate", "out_of_leads"}),
    seconds=frozenset({"wait_between_calls"}),
)
_TITLES: Final = {
    "abandonment": "abandoned",
    "abandoned": "abandoned calls",
    "wait_between_calls": "wait for a call",
    "connected_per_hour": "talks/agent/h",
    "dialed": "dials",
    "answer_rate": "answer rate",
    "given_up": "given up",
    "out_of_leads": "without leads",
    "peak_lines": "most lines",
}
_WHOLE: Final = (
    *("utilisation", "abandonment", "wait_between_calls", "connected_per_hour"),
    *("dialed", "connected", "out_of_leads", "peak_lines"),
)
_INTERVAL: Final = (
    *("dialed", "answer_rate", "connected", "abandoned", "abandonment", "given_up"),
    *("utilisation", "wait_between_calls", "out_of_leads", "peak_lines"),
)
_BROADCAST: Final = ("dialed", "answer_rate", "connected", "peak_lines")


def show_modes(
    scenario: CampaignScenario, studies: Sequence[CampaignStudy], console: Console
) -> None:
    """The modes beside each other, then the campaign's own hour by hour."""
    table = _table(_title(scenario, studies[0]), "mode", (*_figures(scenario, _WHOLE), "list"))
    for done in studies:
        own = done.mode is scenario.campaign.mode
        table.add_row(done.mode.value, *_cells(scenario, done), style="bold" if own else "")
    console.print(table)
    console.print(_intervals(scenario, studies[0]))
    if scenario.callees and scenario.callees.call_back:
        kept = _FIGURES.mean("called_back", studies[0].whole["called_back"])
        console.print(f"Called back as they had asked, of those who talked: {kept}")
    over = [f"{done.mode} in {done.over_cap} of {done.drawn}" for done in studies if done.over_cap]
    if over:
        cap = scenario.campaign.abandonment.cap_percent
        console.print(f"More than {cap:g} % of the answered were abandoned: {', '.join(over)}")


def show_agents(
    studies: Sequence[tuple[CampaignScenario, CampaignStudy]], console: Console
) -> None:
    """What each number of agents leads to."""
    scenario, done = studies[0]
    title = f"{_title(scenario, done)}, mode {done.mode}"
    table = _table(title, "agents", (*_WHOLE, "list"))
    for each, found in studies:
        table.add_row(str(each.agents[0]), *_cells(each, found))
    console.print(table)


def _figures(scenario: CampaignScenario, of_agents: tuple[str, ...]) -> tuple[str, ...]:
    return _BROADCAST if scenario.is_broadcast else of_agents


def _title(scenario: CampaignScenario, done: CampaignStudy) -> str:
    title = scenario.title or scenario.campaign.title or scenario.campaign.name
    return f"{title}: means of {done.drawn} drawings ± 95 % interval"


def _table(title: str, first: str, figures: Sequence[str]) -> Table:
    table = Table(first, title=title)
    for name in figures:
        table.add_column(_TITLES.get(name, name), justify="right")
    return table


def _cells(scenario: CampaignScenario, done: CampaignStudy) -> list[str]:
    return [*_row(done.whole, _figures(scenario, _WHOLE)), _end_of_list(scenario, done)]


def _row(row: Row, names: Sequence[str]) -> list[str]:
    return [_FIGURES.mean(name, row[name]) for name in names]


def _intervals(scenario: CampaignScenario, done: CampaignStudy) -> Table:
    figures = _figures(scenario, _INTERVAL)
    table = _table(f"Mode {done.mode}, by the time of day", "from", figures)
    for at, row in enumerate(done.intervals):
        start = scenario.start + at * scenario.interval_minutes * MINUTE
        table.add_row(clock(start), *_row(row, figures))
    return table


def _end_of_list(scenario: CampaignScenario, done: CampaignStudy) -> str:
    """When nothing is left of it; or, in how many drawings that is, and what is done of it."""
    if done.list_ended is None or done.ended < done.drawn:
        share = 100 * done.done.mean if done.done else 0.0
        ends = f", ends in {done.ended} of {done.drawn}" if done.ended else ""
        return f"{share:.0f} % done{ends}"
    day, seconds = divmod(done.list_ended.mean, scenario.hours * HOUR)
    if seconds == 0 and day:
        day, seconds = day - 1, scenario.hours * HOUR
    return f"ends on day {day + 1:.0f} at {clock(scenario.start + seconds)}"
