"""What operations people read of queues and agents is what the settings are."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from acd import queues as q
from acd.agent_settings import AgentSettings, Medium, PauseReason
from acd.recording import Recording
from acd.service_level import ServiceLevel
from engine.config.drafts import SitePaths
from engine.config.site import load

TOP = Path(__file__).resolve().parents[2]
TABLES = {
    "queue": q.QueueSettings,
    "sticky": q.Sticky,
    "needs: steps": q.Step,
    "overflow: rules": q.Overflow,
    "announcements": q.Announcements,
    "callback": q.CallbackSettings,
    "voicemail": q.VoicemailSettings,
    "wrap_up": q.WrapUp,
    "record": Recording,
    "service_level": ServiceLevel,
    "agent": AgentSettings,
    "media": Medium,
    "pause_reasons": PauseReason,
}
SECTION = re.compile(r"^### (.+?)\n(.*?)(?=^###|^\*\*|\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([a-z_]+)` \| (.+?) \|", re.MULTILINE)
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AROUND = ("W301", "W314")  # a queue or calendar around a recipe, which the recipe leaves alone
RECIPES = (TOP / "docs" / "queues.md").read_text(encoding="utf-8")


def manual() -> dict[str, dict[str, str]]:
    """Per table of the manual, its settings and their defaults."""
    text = (TOP / "acd" / "README.md").read_text(encoding="utf-8")
    return {title: dict(ROW.findall(body)) for title, body in SECTION.findall(text)}


def default(field: FieldInfo) -> str:
    """A default as the manual shows it."""
    if field.is_required():
        return "required"
    return shown(field.get_default(call_default_factory=True))


def shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case BaseModel():
            return "see below"
        case Enum():
            return f"`{value.value}`"
        case int() | float():
            return f"{value:g}" if value < 1e6 else str(value)
        case str() if value:
            return f"`{value}`"
        case tuple() if value:
            return ", ".join(shown(each) for each in value)
    return "–"


@pytest.mark.parametrize("title", TABLES)
def test_an_operator_finds_every_setting_with_its_default(title: str) -> None:
    fields = {n: default(f) for n, f in TABLES[title].model_fields.items() if n != "name"}
    assert manual()[title] == fields


def test_no_table_of_the_manual_is_left_unproven() -> None:
    assert manual().keys() == TABLES.keys()


# -- the recipes --------------------------------------------------------------------------------


def recipe_site(folder: Path, block: str) -> SitePaths:
    """The block in the place of the file it belongs to, in a site around it."""
    files = {
        "queues.yaml": "queues:\n  general: {}\n  sales: {hold_when_unstaffed: no}\n",
        "agents.yaml": (
            "agents:\n"
            "  mai: {extension: '3001', queues: [general], languages: [vi, en],"
            " skills: {billing: 4, technical: 2}}\n"
            "  john: {extension: '3002', queues: [general], languages: [en],"
            " skills: {billing: 2, technical: 3}}\n"
        ),
        "routes/main.yaml": (
            "numbers:\n  '19001000': {flow: main, language: vi}\n"
            "calendars:\n  office: {timezone: Asia/Ho_Chi_Minh, open: {mon-fri: 08:00-17:00}}\n"
            "outbound: {caller_id: '19001000', trunk: trunk, numbers: {'+84.': {}}}\n"
        ),
        "flows/main.yaml": (
            "flow: main\nlanguage: vi\nstart: bye\nnodes:\n  bye: {type: hangup, prompts: closed}\n"
        ),
        "flows/prompts.yaml": (TOP / "ivr_flows/system.yaml").read_text(encoding="utf-8")
        + "  closed: {en: We are closed., vi: Đã hết giờ.}\n"
        + "  thanks: {en: Thank you for waiting., vi: Cảm ơn quý khách đã chờ.}\n"
        + "  hours: {en: We are open from 8 to 5., vi: Chúng tôi làm việc từ 8 đến 17 giờ.}\n",
    }
    files[file_of(block)] = block
    names = re.findall(r"^  ([a-z]+):", files["queues.yaml"], re.MULTILINE)
    if file_of(block) != "agents.yaml":
        files["agents.yaml"] = re.sub(
            r"queues: \[.*?\]", f"queues: [{', '.join(names)}]", files["agents.yaml"]
        )
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    agents, queues = folder / "agents.yaml", folder / "queues.yaml"
    return SitePaths(agents, queues, folder / "routes", folder / "flows")


def file_of(block: str) -> str:
    """Which file a block is."""
    keys = set(re.findall(r"^([a-z_]+):", block, re.MULTILINE))
    if "flow" in keys:
        return "flows/main.yaml"
    return "agents.yaml" if "agents" in keys else "queues.yaml"


@pytest.mark.parametrize("block", BLOCK.findall(RECIPES), ids=lambda block: block.split("\n")[1])
def test_every_recipe_is_one_that_the_check_lets_through(tmp_path: Path, block: str) -> None:
    site, problems = load(recipe_site(tmp_path, block))
    assert [problem.render() for problem in problems if problem.code not in AROUND] == []
    assert site is not None


def test_there_are_recipes() -> None:
    assert len(BLOCK.findall(RECIPES)) > 12


def test_every_code_of_the_checks_is_in_the_list_of_codes() -> None:
    folder = TOP / "engine" / "config"
    sources = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    manual_text = (folder / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r'"([EW][1-5]\d\d)"', sources))
    assert told - set(re.findall(r"\b[EW]\d{3}\b", manual_text)) == set()
