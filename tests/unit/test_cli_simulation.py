"""`tongdai simulate` and `tongdai replay` as an operator types them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from acd.messages import AgentPaused, AgentReady
from acd.simulation.whatif import WhatIf
from engine import telemetry
from engine.cli.main import app
from engine.cli.replay import read_day
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, small_site
from tests.unit.virtual_time import EPOCH, run

SCENARIOS = Path(__file__).parents[2] / "acd" / "scenarios"
SHOP = str(SCENARIOS / "small-shop.yaml")
PLAIN = """\
title: A plain line
hours: 2
seeds: 3
queues:
  help: {wrap_up: none}
arrivals:
  help:
    per_hour: 60
    talk: {type: exponential, mean: 180}
    patience: {type: exponential, mean: 120}
agents:
  day: {count: 4, queues: [help], pick_up: {type: fixed, seconds: 0}}
"""


@pytest.fixture(autouse=True)
def _no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "configure", lambda *_, **__: None)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN)
    return path


def tongdai(*words: object) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result


def test_a_day_is_shown_by_queue_and_by_interval_with_a_curve() -> None:
    result = tongdai("simulate", SHOP, "--seeds", 2)
    assert result.exit_code == 0
    for word in ("A small shop", "means of 2 days", "service level", "ASA", "p95", "occupancy"):
        assert word in result.output
    assert "│ 09:00 │" in result.output
    assert any(bar in result.output for bar in "▅▆▇")
    assert "no yardstick here: arrivals are not constant" in result.output


def test_a_plain_line_stands_beside_the_theory(plain: Path) -> None:
    result = tongdai("simulate", plain)
    assert "Beside the theory" in result.output
    assert "Erlang A" in result.output


def test_programs_get_every_figure_with_its_interval(plain: Path) -> None:
    told = json.loads(tongdai("simulate", plain, "--json").stdout)
    (queue,) = told["queues"]
    assert told["days"] == 3
    assert 60 < queue["offered"]["mean"] < 180
    assert queue["service_level"]["half_width"] > 0
    assert len(told["intervals"]) == 4
    assert told["yardstick"]["model"] == "Erlang A"
    one = json.loads(tongdai("simulate", plain, "--json", "--seeds", 1).stdout)
    assert one["queues"][0]["offered"]["half_width"] is None


def test_staffing_shows_what_each_number_of_agents_leads_to(plain: Path) -> None:
    result = tongdai("simulate", plain, "--agents", "2..6")
    assert "Agents in `day`" in result.output
    assert "are the fewest that keep every target" in result.output
    told = json.loads(tongdai("simulate", plain, "--agents", "2..6", "--json").stdout)
    assert [day["agents"] for day in told] == [{"day": n} for n in range(2, 7)]
    levels = [day["queues"][0]["service_level"]["mean"] for day in told]
    assert levels == sorted(levels)
    assert levels[0] < 0.5 < 0.9 < levels[-1]


@pytest.mark.parametrize(
    ("scenario", "agents", "words"),
    [
        ("plain", "many", "write it as 8..14"),
        ("plain", "9..3", "the smaller number first"),
        ("plain", "night=3..9", "say of which group, as day=8..14"),
        (SHOP, "3..9", "say of which group, as morning=8..14"),
    ],
)
def test_staffing_that_cannot_be_read_says_how_to_write_it(
    plain: Path, scenario: str, agents: str, words: str
) -> None:
    path = plain if scenario == "plain" else scenario
    result = tongdai("simulate", path, "--agents", agents)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    ("line", "instead", "place", "words"),
    [
        ("hours: 2", "huors: 2", "2:1", "unknown setting `huors`; did you mean `hours`?"),
        ("wrap_up: none", "wrap_upp: none", "5:10", "did you mean `wrap_up`?"),
        ("mean: 180", "mean: long", "9:37", "`mean` must be a number"),
        ("type: exponential, mean: 180", "type: expo, mean: 1", "9:18", "unknown type `expo`"),
        ("per_hour: 60", "per_hour: [60, 70, 80]", "8:5", "3 rates for a day of 2 intervals"),
        ("hours: 2", 'start: "8 am"', "2:8", '`8 am` is no time of day: write it as "08:30"'),
        ("queues: [help]", "queues: [hepl]", "12:28", "there is no queue `hepl`"),
        ("arrivals:\n  help:", "arrivals:\n  hlep:", "7:3", "there is no queue `hlep`"),
        ("wrap_up: none", "wrap_up: until_done", "7:3", "nothing says when"),
        ("hours: 2", "warm_up_minutes: 480", "2:1", "nothing is left of the day"),
        ("hours: 2", "queues_file: queues.yaml", "2:1", "there are `queues` in this file, too"),
        ("queues:\n  help: {wrap_up: none}\n", "", "1:1", "there is no queue"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_with_its_place(
    plain: Path, line: str, instead: str, place: str, words: str
) -> None:
    assert line in PLAIN
    plain.write_text(PLAIN.replace(line, instead, 1))
    result = tongdai("simulate", plain)
    assert result.exit_code == 1
    assert f"{plain}:{place}: error" in result.output
    assert words in result.output


def test_the_queues_of_the_live_site_can_be_simulated(tmp_path: Path, plain: Path) -> None:
    plain.write_text(PLAIN.replace("queues:\n  help: {wrap_up: none}", "queues_file: site.yaml"))
    (tmp_path / "site.yaml").write_text("queues:\n  help: {wrap_up: 45}\n  sales: {}\n")
    assert tongdai("simulate", plain).exit_code == 0
    (tmp_path / "site.yaml").write_text("queues:\n  help: {wrap_upp: 45}\n")
    result = tongdai("simulate", plain)
    assert result.exit_code == 1
    assert "site.yaml:2:10: error" in result.output


def test_a_scenario_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    result = tongdai("simulate", tmp_path / "nowhere.yaml")
    assert result.exit_code == 1
    assert "does not exist" in result.output


# -- replay ------------------------------------------------------------------------------------


async def _a_busy_quarter_of_an_hour(recordings: Path) -> list[str]:
    """Of the real engine on a fake switch: talks, a wait, a rejection, a pause, an abandon."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), recordings)
    switch.phones.update({"3001": Phone(answers=3, talks=60), "3002": Phone(answers=4, talks=45)})
    center = SmallCenter(switch, small_site(2, wrap_up=20))
    await center.start()
    center.log_in("anna", "binh")
    for number in range(12):
        switch.arrive(f"100.{number}", SUPPORT)
        await asyncio.sleep(20)
        if number == 3:
            center.desk.post(AgentPaused("binh", "lunch"))
            switch.phones["3001"] = replace(switch.phones["3001"], refuses=1)
        if number == 5:
            switch.phones["3001"] = Phone(answers=2, talks=30)
            center.desk.post(AgentReady("anna"))
        if number == 7:
            switch.put_down("100.7")
            center.desk.post(AgentReady("binh"))
    await center.until_over()
    lines = list(center.journal.history)
    await center.kill()
    return lines


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    lines = run(_a_busy_quarter_of_an_hour(tmp_path))
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def folder(tmp_path: Path, queues: str) -> Path:
    (tmp_path / "queues.yaml").write_text(queues)
    return tmp_path


def test_a_journal_of_the_engine_run_again_makes_the_same_offers(journal: Path) -> None:
    day = read_day([journal])
    run_again = WhatIf(day, lambda settings: settings)
    course = run_again.run()
    assert course.offers == day.course.offers
    assert len(course.offers) > 12
    assert course.log.visits == day.course.log.visits
    assert {visit.how for visit in day.course.log.visits} >= {"answered", "abandoned"}
    assert not run_again.refused


def test_what_would_have_been_is_told_beside_what_was(journal: Path, tmp_path: Path) -> None:
    queues = "queues:\n  support: {wrap_up: 120}\n  sales: {}\n"
    result = tongdai("replay", journal, "--config", folder(tmp_path, queues))
    assert result.exit_code == 0
    for word in ("was", "would be", "change", "support", "anna", "binh", "ASA", "another way"):
        assert word in result.output
    told: dict[str, Any] = json.loads(
        tongdai("replay", journal, "--config", tmp_path, "--json").stdout
    )
    was, would_be = (told[side]["queues"]["support"] for side in ("was", "would_be"))
    assert would_be["mean_wait"] > was["mean_wait"]
    assert would_be["offered"] == was["offered"] == 12
    assert told["changed"]


def test_a_folder_without_the_sites_files_says_what_belongs_there(
    journal: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    result = tongdai("replay", journal, "--config", tmp_path / "empty")
    assert result.exit_code == 1
    assert "there is no queues.yaml and no agents.yaml in it" in result.output


def test_changed_settings_that_are_wrong_are_refused_with_their_place(
    journal: Path, tmp_path: Path
) -> None:
    result = tongdai(
        "replay", journal, "--config", folder(tmp_path, "queues:\n  support: {ring: 5}\n")
    )
    assert result.exit_code == 1
    assert "queues.yaml:2:13: error" in result.output


def test_a_journal_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    settings = folder(tmp_path, "queues:\n  support: {}\n")
    for name, content, words in (
        ("missing", None, "cannot be read"),
        ("empty", "", "there is no day in this journal"),
        ("torn", "rubbish\n", "is damaged in line 1"),
        ("old", '{"at": 1.0, "kind": "event", "data": {"event": "Gone"}}\n', "another version"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        result = tongdai("replay", path, "--config", settings)
        assert result.exit_code == 1
        assert words in " ".join(result.output.split())
