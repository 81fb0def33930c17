"""`tongdai simulate` of a campaign: its days, drawn and run under the real dialer, mode by mode."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from math import isnan
from pathlib import Path
from time import time
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

from acd.simulation.confidence import Mean
from dialer.plan import Mode
from dialer.simulation.campaign_figures import CampaignFigures
from dialer.simulation.campaign_study import CampaignStudy, Row, days_of, study
from dialer.simulation.past import PastDial, TooLittlePast, callees_of
from dialer.simulation.scenario import CampaignScenario
from engine.cli.campaign_scenario_file import load_campaign_scenario
from engine.cli.campaign_simulation_tables import show_agents, show_modes
from engine.cli.simulate import BadStaffing
from engine.cli.terminal import answer, fail, print_problems, read_settings
from engine.settings import Settings
from engine.store.campaign_past import past_dials
from engine.store.ledger import Ledger

PAST_DAYS = 30
"""So far back a campaign's past is its own."""

Drawing = tuple[CampaignScenario, Mode, int]


def simulate_campaign(
    scenario: CampaignScenario, agents: str | None, as_json: bool, console: Console, errors: Console
) -> None:
    """Run the days of ``scenario`` in each of its modes, or in its own with each number of
    ``agents`` if so asked, and print them. Raises ``BadStaffing``."""
    if agents is None:
        studies = _studies([(scenario, mode) for mode in scenario.compared], errors)
        if as_json:
            print(json.dumps([_as_json(scenario, done) for done in studies]))
        else:
            show_modes(scenario, studies, console)
        return
    if scenario.is_broadcast:
        raise BadStaffing(f"--agents {agents}: a broadcast has none; its `lines` are a setting")
    scenarios = [scenario.staffed(count) for count in _counts(agents)]
    studies = _studies([(each, each.campaign.mode) for each in scenarios], errors)
    if as_json:
        told = [_as_json(each, done) for each, done in zip(scenarios, studies, strict=True)]
        print(json.dumps(told))
    else:
        show_agents(list(zip(scenarios, studies, strict=True)), console)


def drawn_from(
    path: Path, seeds: int | None, past: str | None, config: Path | None
) -> CampaignScenario:
    """The scenario of this file, its callees from the ``past`` of a campaign if so asked; or the
    end of the command."""
    scenario, problems = load_campaign_scenario(path)
    print_problems(problems)
    if scenario is None:
        raise typer.Exit(1)
    if seeds is not None:
        scenario = scenario.model_copy(update={"seeds": seeds})
    if past is not None:
        try:
            dials = answer(_dials(read_settings(config), past, scenario.zone))
            scenario = scenario.model_copy(update={"callees": callees_of(dials, scenario)})
        except TooLittlePast as error:
            fail(f"campaign {past}: {error}")
    if scenario.callees is None:
        fail("nothing is known of the callees: write `callees`, or give --past CAMPAIGN")
    return scenario


async def _dials(settings: Settings, campaign: str, zone: str) -> list[PastDial]:
    ledger = Ledger(settings.database_url)
    await ledger.open()
    try:
        return await past_dials(ledger, campaign, time() - PAST_DAYS * 86400, zone)
    finally:
        await ledger.close()


def _counts(agents: str) -> range:
    found = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", agents)
    if found is None:
        raise BadStaffing(f"--agents {agents}: write it as 8..14")
    fewest, most = int(found[1]), int(found[2] or found[1])
    if not 0 < fewest <= most:
        raise BadStaffing(f"--agents {agents}: write two numbers above 0, the smaller one first")
    return range(fewest, most + 1)


def _studies(
    wanted: Sequence[tuple[CampaignScenario, Mode]], errors: Console
) -> list[CampaignStudy]:
    """All meet the same callees, from the same seeds; as many at once as there are processors."""
    drawings: list[Drawing] = [
        (scenario, mode, seed) for scenario, mode in wanted for seed in range(1, scenario.seeds + 1)
    ]
    found = iter(_run(drawings, errors))
    return [
        study(scenario, mode, [next(found) for _ in range(scenario.seeds)])
        for scenario, mode in wanted
    ]


def _run(drawings: Sequence[Drawing], errors: Console) -> list[CampaignFigures]:
    with (
        Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar,
        ProcessPoolExecutor(min(len(drawings), os.cpu_count() or 1)) as pool,
    ):
        task = bar.add_task("simulating", total=len(drawings))
        futures = [pool.submit(days_of, *drawing) for drawing in drawings]
        for _ in as_completed(futures):
            bar.advance(task)
        return [future.result() for future in futures]


def _as_json(scenario: CampaignScenario, done: CampaignStudy) -> dict[str, Any]:
    return {
        "title": scenario.title,
        "mode": done.mode.value,
        "agents": list(scenario.agents),
        "drawn": done.drawn,
        "over_cap": done.over_cap,
        "list_ended": {"drawings": done.ended, "seconds": _mean(done.list_ended)},
        "leads_done": _mean(done.done),
        "whole": _row(done.whole),
        "intervals": [_row(row) for row in done.intervals],
    }


def _row(row: Row) -> dict[str, Any]:
    return {name: _mean(mean) for name, mean in row.items()}


def _mean(mean: Mean | None) -> dict[str, float | None] | None:
    if mean is None:
        return None
    half = None if isnan(mean.half_width) else mean.half_width
    return {"mean": mean.mean, "half_width": half}
