"""What operations people read of campaigns is what the settings are, and every recipe passes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from test_docs_queues import BLOCK, ROW, default, recipe_site

from dialer import campaign as c
from dialer.dispositions import Disposition
from dialer.messages import CampaignState
from dialer.plan import Mode
from dialer.trunks import TrunkLimits
from engine.config.site import load
from engine.lead_import.rows import FIELDS

MANUAL = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
TABLES = {
    "campaign": c.CampaignSettings,
    "lists": c.ListShare,
    "trunks of a campaign": c.TrunkUse,
    "caller_ids": c.CallerIds,
    "machines": c.Machines,
    "attempts": c.Attempts,
    "recycle": c.RecycleSettings,
    "preview": c.Preview,
    "reserve": c.Reserve,
    "goals": c.Goals,
    "abandonment": c.Abandonment,
    "trunks": TrunkLimits,
    "do_not_call": c.DoNotCallSettings,
}
SECTION = re.compile(r"^### (.+?)\n(.*?)(?=^###|\Z)", re.MULTILINE | re.DOTALL)
AROUND = ("W301", "W302", "W314", "W320", "W331", "W332")  # of the site around a recipe
RECIPES = [block for block in BLOCK.findall(MANUAL) if block.startswith("campaigns:")]
QUEUES = """\
queues:
  general: {offer_mode: auto_answer}
  previewed: {offer_mode: preview}
"""


def tables() -> dict[str, dict[str, str]]:
    """Per table of the manual, its settings and their defaults."""
    return {title: dict(ROW.findall(body)) for title, body in SECTION.findall(MANUAL)}


@pytest.mark.parametrize("title", TABLES)
def test_an_operator_finds_every_setting_with_its_default(title: str) -> None:
    fields = {n: default(f) for n, f in TABLES[title].model_fields.items() if n != "name"}
    assert tables()[title] == fields


def test_no_table_of_the_manual_is_left_unproven() -> None:
    assert tables().keys() == TABLES.keys()


def test_every_word_of_the_field_is_explained() -> None:
    words = {*Mode, *CampaignState, *Disposition, *FIELDS} - {f"phone{n}" for n in range(3, 9)}
    assert {word for word in words if f"`{word}`" not in MANUAL} == set()


@pytest.mark.parametrize("block", RECIPES, ids=lambda block: block.split("\n")[1].strip())
def test_every_recipe_is_one_that_the_check_lets_through(tmp_path: Path, block: str) -> None:
    around = recipe_site(tmp_path, QUEUES)
    names = "  dialer_dropped: {en: Sorry., vi: Xin lỗi.}\n"
    prompts = around.flows_dir / "prompts.yaml"
    if "dialer_dropped" not in prompts.read_text(encoding="utf-8"):
        prompts.write_text(prompts.read_text(encoding="utf-8") + names, encoding="utf-8")
    flow = (around.flows_dir / "main.yaml").read_text(encoding="utf-8")
    reminder = flow.replace("flow: main", "flow: reminder")
    (around.flows_dir / "reminder.yaml").write_text(reminder, encoding="utf-8")
    campaigns = tmp_path / "campaigns.yaml"
    campaigns.write_text(block, encoding="utf-8")
    site, problems = load(replace(around, campaigns_file=campaigns))
    assert [problem.render() for problem in problems if problem.code not in AROUND] == []
    assert site is not None


def test_there_are_recipes() -> None:
    assert len(RECIPES) > 10
