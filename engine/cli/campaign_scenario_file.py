"""Reads a scenario of a campaign, with everything that is wrong in it and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dialer.campaign import CampaignSettings
from dialer.simulation.scenario import CampaignScenario
from dialer.trunks import TrunkLimits
from engine.config.problems import Problem, has_errors
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, read


def is_of_campaign(path: Path) -> bool:
    """Whether this file is a scenario of a campaign, not of a day of queues."""
    try:
        data = read(path).data
    except BadFile:
        return False
    return isinstance(data, Mapping) and "campaign" in data


def load_campaign_scenario(path: Path) -> tuple[CampaignScenario | None, list[Problem]]:
    """The scenario in ``path``, or ``None``; and its problems. Never raises on bad input."""
    try:
        document = read(path)
        scenario, problems = validated(CampaignScenario, document)
        if scenario is not None and scenario.campaigns_file:
            scenario, problems = _with_campaign(scenario, document)
    except BadFile as error:
        return None, [error.problem]
    return (None if has_errors(problems) else scenario), problems


def _with_campaign(
    scenario: CampaignScenario, document: Document
) -> tuple[CampaignScenario | None, list[Problem]]:
    """The campaign of another file, with that file's trunks; found from the scenario's folder."""
    other = read(document.path.parent / Path(scenario.campaigns_file).expanduser())
    written = other.data if isinstance(other.data, Mapping) else {}
    name = scenario.campaign.name
    campaigns = written.get("campaigns")
    if not isinstance(campaigns, Mapping) or name not in campaigns:
        message, hint = f"there is no campaign `{name}` in {other.path}", "write the name of one"
        return None, [document.problem(("campaign",), "E209", message, hint)]
    settings, problems = validated(CampaignSettings, other, ("campaigns", name), name=name)
    trunks = {use.trunk: TrunkLimits() for use in (settings.trunks if settings else ())}
    limits = written.get("trunks")
    for trunk in limits if isinstance(limits, Mapping) else ():
        found, wrong = validated(TrunkLimits, other, ("trunks", str(trunk)))
        problems += wrong
        if found is not None:
            trunks[str(trunk)] = found
    if settings is None or has_errors(problems):
        return None, problems
    update = {"campaigns_file": "", "campaign": settings, "trunks": trunks or scenario.trunks}
    try:
        known = {**dict(scenario), **update}
        return CampaignScenario.model_validate(known), problems
    except ValueError as error:
        message = str(error).split("Value error, ")[-1].split(" [type=")[0]
        return None, [*problems, document.problem(("campaign",), "E209", message, "")]
