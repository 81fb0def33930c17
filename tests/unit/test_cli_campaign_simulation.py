"""`tongdai simulate` of a campaign, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from engine import telemetry
from engine.cli.campaign_scenario_file import load_campaign_scenario
from engine.cli.main import app

RENEWALS = Path(__file__).parents[2] / "dialer" / "scenarios" / "renewals.yaml"
SMALL = """\
title: A small list
start: "09:00"
hours: 0.1
seeds: 2
campaign: {mode: progressive, machines: {detect: yes}}
modes: [power]
leads: 300
agents: 4
callees: {answered: 0.4}
"""
SITE = """\
campaigns:
  renewals:
    mode: power
    ratio: 3
    rules: [vn]
    queue: outreach
    lists: [renewals]
    trunks: [vnpt]
trunks:
  vnpt: {calls_per_second: 2, channels: 7}
"""


@pytest.fixture(autouse=True)
def _no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "configure", lambda *_, **__: None)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def tongdai(*words: object) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result


def test_the_modes_of_a_campaign_are_shown_beside_each_other(small: Path) -> None:
    result = tongdai("simulate", small)
    assert result.exit_code == 0
    for words in ("A small list: means of 2 drawings", "progressive", "power", "abandoned", "list"):
        assert words in result.output
    assert "Mode progressive, by the time of day" in result.output
    assert "│ 09:00 │" in result.output


def test_programs_get_every_figure_of_each_mode(small: Path) -> None:
    told = json.loads(tongdai("simulate", small, "--json", "--seeds", 1).stdout)
    assert [each["mode"] for each in told] == ["progressive", "power"]
    assert told[0]["whole"]["abandoned"] == {"mean": 0.0, "half_width": None}
    assert told[0]["whole"]["dialed"]["mean"] > 5
    assert told[0]["leads_done"]["mean"] < 1


def test_the_same_campaign_is_shown_with_several_numbers_of_agents(small: Path) -> None:
    told = json.loads(tongdai("simulate", small, "--agents", "2..4", "--json").stdout)
    assert [each["agents"] for each in told] == [[2], [3], [4]]
    dials = [each["whole"]["dialed"]["mean"] for each in told]
    assert dials == sorted(dials)
    assert {each["mode"] for each in told} == {"progressive"}
    assert "│ 3 " in tongdai("simulate", small, "--agents", "3", "--seeds", 1).output


@pytest.mark.parametrize("agents", ["many", "4..2", "0", "day=3"])
def test_numbers_of_agents_that_cannot_be_read_say_how_to_write_them(
    small: Path, agents: str
) -> None:
    result = tongdai("simulate", small, "--agents", agents)
    assert result.exit_code == 1
    assert f"--agents {agents}: write" in result.output


@pytest.mark.parametrize(
    ("line", "instead", "place", "words"),
    [
        ("hours: 0.1", "huors: 2", "3:1", "unknown setting `huors`; did you mean `hours`?"),
        ("leads: 300", "", "1:1", "`leads` is missing"),
        ("answered: 0.4", "answered: 40", "9:21", "`answered` must be at most 1"),
        ("mode: progressive", "mode: loud", "5:18", "mode"),
        ("modes: [power]", "modes: [manual]", "6:8", "`manual` is not among those compared"),
        ("modes: [power]", "campaigns_file: none.yaml", "", "none.yaml"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_with_its_place(
    small: Path, line: str, instead: str, place: str, words: str
) -> None:
    assert line in SMALL
    small.write_text(SMALL.replace(line, instead, 1))
    result = tongdai("simulate", small)
    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert words in told
    assert place in told


def test_a_broadcast_is_shown_without_figures_of_agents_whom_it_has_not(small: Path) -> None:
    alone = SMALL.replace("mode: progressive", "mode: broadcast, lines: 4").replace("agents: 4", "")
    small.write_text(alone)
    result = tongdai("simulate", small)
    assert result.exit_code == 0
    assert "broadcast" in result.output
    for words in ("utilisation", "wait for a call", "power"):
        assert words not in result.output
    assert "a broadcast has none" in tongdai("simulate", small, "--agents", "2..4").output


def test_who_is_called_back_is_counted_below_the_tables(small: Path) -> None:
    assert "Called back" not in tongdai("simulate", small, "--seeds", 1).output
    asks = "{answered: 0.4, call_back: 0.9, call_back_after: {type: fixed, seconds: 9}}"
    small.write_text(SMALL.replace("{answered: 0.4}", asks))
    assert "Called back as they had asked" in tongdai("simulate", small, "--seeds", 1).output


def test_a_broadcast_is_taken_from_the_file_that_it_runs_by(tmp_path: Path) -> None:
    site = SITE.replace("mode: power", "mode: broadcast").replace("queue: outreach", "flow: remind")
    (tmp_path / "campaigns.yaml").write_text(site.replace("    ratio: 3\n", ""))
    path = tmp_path / "plan.yaml"
    written = "campaigns_file: campaigns.yaml\ncampaign: renewals\nleads: 90\n"
    path.write_text(written + "callees: {answered: 0.3}\n")
    scenario, problems = load_campaign_scenario(path)
    assert not problems
    assert scenario is not None
    assert scenario.is_broadcast
    path.write_text(written + "agents: 3\ncallees: {answered: 0.3}\n")
    scenario, problems = load_campaign_scenario(path)
    assert scenario is None
    assert "a broadcast has no agents" in problems[0].message


def test_a_campaign_is_taken_from_the_file_that_it_runs_by(tmp_path: Path) -> None:
    (tmp_path / "campaigns.yaml").write_text(SITE)
    path = tmp_path / "plan.yaml"
    path.write_text(
        "campaigns_file: campaigns.yaml\ncampaign: renewals\n"
        "leads: 90\nagents: 3\ncallees: {answered: 0.3}\n"
    )
    scenario, problems = load_campaign_scenario(path)
    assert not problems
    assert scenario is not None
    assert (scenario.campaign.ratio, scenario.campaign.rules) == (3, ("vn",))
    assert scenario.trunks["vnpt"].channels == 7
    assert [mode.value for mode in scenario.compared] == ["power", "predictive", "progressive"]
    path.write_text(path.read_text().replace("campaign: renewals", "campaign: renewal"))
    scenario, problems = load_campaign_scenario(path)
    assert scenario is None
    assert "there is no campaign `renewal`" in problems[0].message


def test_the_scenario_that_comes_with_the_engine_can_be_run() -> None:
    scenario, problems = load_campaign_scenario(RENEWALS)
    assert not problems
    assert scenario is not None
    assert len(scenario.agents) == scenario.hours


def test_without_callees_or_a_past_nothing_can_be_simulated(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write_text(SMALL.replace("callees: {answered: 0.4}\n", ""))
    result = tongdai("simulate", small)
    assert result.exit_code == 1
    assert "write `callees`, or give --past CAMPAIGN" in result.output
    monkeypatch.setenv("TONGDAI_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/ledger.db")
    result = tongdai("simulate", small, "--past", "renewals")
    assert result.exit_code == 1
    assert "campaign renewals: 0 dials are too few" in result.output
