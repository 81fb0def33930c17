"""`tongdai report` as an operator types it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_cli_commands import Tongdai, state, tongdai, warnings_alone
from test_ladder import CALL, T, in_ha_noi

from engine.call_record import (
    AgentStretch,
    CallOutcome,
    ExperimentArm,
    NodeVisit,
    OfferMade,
    PartyStretch,
    QueueVisit,
    SegmentKind,
    SurveyAnswer,
    TransferHow,
    TransferMade,
)
from engine.store.ledger import Ledger

__all__ = ["in_ha_noi", "state", "tongdai", "warnings_alone"]

REPORTS = ("queues", "agents", "flow main", "surveys", "experiments")
DAY = ("--from", "2026-09-21", "--to", "2026-09-22")  # T is 21:13:20 of that day


@pytest.fixture
def ledger(state: Path) -> None:
    """Three visits to support, one to sales, and an hour of mai's day.

    Mai talked, consulted an, and gave the caller on to her; then somebody else to sales."""
    visits = (
        QueueVisit("support", T, T + 4, "answered", "mai"),
        QueueVisit("support", T + 10, T + 12, "abandoned"),
        QueueVisit("support", T + 3600, T + 3630, "answered", "mai"),
        QueueVisit("sales", T, T + 9, "timeout"),
    )
    offers = (OfferMade("a1", "support", "mai", T + 2, T + 4, "timed_out"),)

    async def fill() -> None:
        ledger = Ledger(f"sqlite:///{state}/tongdai.db")
        await ledger.open()
        parties = (
            PartyStretch("l1", "agent", "mai", SegmentKind.TALK, T + 4, T + 64),
            PartyStretch("l1", "agent", "mai", SegmentKind.CONSULT, T + 64, T + 70),
            PartyStretch("l2", "agent", "an", SegmentKind.TALK, T + 70, T + 100.5),
        )
        given = (
            TransferMade(T + 70, TransferHow.ATTENDED, "mai", "agent", "an", "support"),
            TransferMade(T + 3700, TransferHow.BLIND, "mai", "queue", "sales", "support"),
        )
        await ledger.save_call(
            replace(CALL, visits=visits, offers=offers, parties=parties, transfers=given)
        )
        await ledger.save_agent_stretch(AgentStretch("mai", "talking", "", T, T + 900))
        await ledger.save_agent_stretch(AgentStretch("mai", "ready", "", T + 900, T + 3600))
        await ledger.close()

    asyncio.run(fill())


@pytest.fixture
def flows(state: Path) -> None:
    """Two calls in the flow `main`: one reached mai and answered a survey, one hung up."""
    hello = NodeVisit("main", "v1", "hello", "say", T, T + 2, "next", "came")
    menu = NodeVisit("main", "v1", "menu", "menu", T + 2, T + 6.5, "1")
    gone = NodeVisit("main", "v1", "menu", "menu", T + 2, T + 5, "hangup")
    answers = (
        SurveyAnswer("after", "score", "5", "", "mai", "support", T + 60),
        SurveyAnswer("after", "why", "", "c-1-s1", None, None, T + 61),
    )
    short, long = (ExperimentArm("greeting", arm) for arm in ("short", "long"))
    bare = replace(CALL, recordings=())
    reached = replace(bare, call="c-1", nodes=(hello, menu), answers=answers, arms=(short,))
    left = replace(bare, call="c-2", nodes=(hello, gone), outcome=CallOutcome.ABANDONED)

    async def fill() -> None:
        ledger = Ledger(f"sqlite:///{state}/tongdai.db")
        await ledger.open()
        await ledger.save_call(reached)
        await ledger.save_call(replace(left, arms=(long,)))
        await ledger.close()

    asyncio.run(fill())


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("│").split("│")]


def rows(shown: str) -> list[list[str]]:
    """The table's lines below its head."""
    return [cells(line) for line in shown.splitlines() if line.startswith("│")]


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_the_queues_of_a_day_are_a_table_in_local_time(tongdai: Tongdai) -> None:
    result = tongdai("report", "queues", *DAY)
    assert result.exit_code == 0
    assert "Queues, 2026-09-21 00:00 to 2026-09-22 00:00" in result.output
    assert rows(result.output) == [
        ["sales", "1", "0", "0", "1 timeout", "", "80 % in 20 s",
         "", "9.0 s", "9.0 s", "9.0 s", "9.0 s", "", "", ""],
        ["support", "3", "2", "1 (1 short)", "", "100.0 %", "80 % in 30 s",
         "17.0 s", "4.0 s", "30.0 s", "30.0 s", "30.0 s", "11.2 s",
         "1 attended to agent, 1 blind to queue", ""],
    ]  # fmt: skip


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_intervals_begin_at_the_time_asked_for(tongdai: Tongdai) -> None:
    result = tongdai("report", "queues", *DAY, "--interval", "60")
    assert [row[:3] for row in rows(result.output)] == [
        ["sales", "2026-09-21 21:00", "1"],
        ["support", "2026-09-21 21:00", "2"],
        ["support", "2026-09-21 22:00", "1"],
    ]


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_another_formula_and_target_are_asked_for(tongdai: Tongdai) -> None:
    asked = ("--formula", "abandons_missed", "--percent", "60", "--seconds", "30")
    result = tongdai("report", "queues", *DAY, *asked, "--short-abandon", "1")
    assert rows(result.output)[1][3:7] == ["1", "", "66.7 %", "60 % in 30 s"]


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_the_target_is_that_of_the_queue_s_settings(tongdai: Tongdai, tmp_path: Path) -> None:
    queues = tmp_path / "queues.yaml"
    target = "{percent: 55, seconds: 30, short_abandon_seconds: 1}"
    queues.write_text(
        f"queues:\n  sales: {{}}\n  outreach: {{}}\n  outreach_preview: {{}}\n"
        f"  support:\n    service_level: {target}\n",
        encoding="utf-8",
    )
    result = tongdai("report", "queues", *DAY, queues_file=str(queues))
    assert rows(result.output)[1][5:7] == ["66.7 %", "55 % in 30 s"]


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_reports_are_told_to_programs(tongdai: Tongdai) -> None:
    [sales, support] = json.loads(tongdai("report", "queues", *DAY, "--json").output)
    assert (sales["flow_outs"], support["service_level"]) == ({"timeout": 1}, 1.0)
    [an, mai] = json.loads(tongdai("report", "agents", *DAY, "--json").output)
    assert (mai["agent"], mai["occupancy"]) == ("mai", 0.25)
    assert (an["handling"]["contacts"], an["handling"]["aht_seconds"]) == (1, 30.5)


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_the_agents_of_a_day_are_a_table(tongdai: Tongdai) -> None:
    result = tongdai("report", "agents", *DAY)
    assert "Agents, 2026-09-21 00:00 to 2026-09-22 00:00" in result.output
    assert rows(result.output)[1:2] == [
        [
            "mai",
            "1:00:00",
            "1:00:00",
            "0:45:00",
            "0:00:00",
            "0:15:00",
            "0:00:00",
            "0:00:00",
            "0:00:00",
            "25.0 %",
            "1",
            "0",
            "1",
        ]
    ]  # fmt: skip


@pytest.mark.usefixtures("in_ha_noi", "ledger")
def test_what_each_agent_handled_is_a_table_below(tongdai: Tongdai) -> None:
    result = tongdai("report", "agents", *DAY)
    assert "Handled, 2026-09-21 00:00 to 2026-09-22 00:00" in result.output
    assert rows(result.output)[2:] == [
        ["an", "1", "0:00:30", "0:00:00", "0:00:00", "0:00:00", "30.5 s", "0:00:00",
         "", "1 attended"],
        ["mai", "1", "0:01:00", "0:00:00", "0:00:00", "0:00:00", "60.0 s", "0:00:06",
         "1 attended to agent, 1 blind to queue", ""],
    ]  # fmt: skip


@pytest.mark.usefixtures("in_ha_noi", "flows")
def test_the_nodes_of_a_flow_are_a_table_and_so_are_its_milestones(tongdai: Tongdai) -> None:
    result = tongdai("report", "flow", "main", *DAY)
    assert result.exit_code == 0
    assert "Flow main, 2026-09-21 00:00 to 2026-09-22 00:00, 2 calls" in result.output
    assert rows(result.output) == [
        ["hello", "say", "2", "2", "100.0 %", "2.0 s", "2.0 s", "2.0 s", "0", "next 2"],
        ["menu", "menu", "2", "2", "100.0 %", "3.8 s", "3.0 s", "4.5 s", "1", "1 1 · hangup 1"],
        ["came", "2026-09-21 00:00", "2", "2"],
    ]
    told = json.loads(tongdai("report", "flow", "main", *DAY, "--json").output)
    assert (told["calls"], told["nodes"][1]["exits"]) == (2, {"1": 1, "hangup": 1})


@pytest.mark.usefixtures("in_ha_noi", "flows")
def test_surveys_are_a_table_by_whom_is_asked_for(tongdai: Tongdai) -> None:
    assert rows(tongdai("report", "surveys", *DAY).output) == [
        ["after", "score", "1", "5.00", "5 1"],
        ["after", "why", "1", "", "spoken 1"],
    ]
    assert rows(tongdai("report", "surveys", *DAY, "--by", "agent").output) == [
        ["after", "score", "mai", "1", "5.00", "5 1"],
        ["after", "why", "nobody", "1", "", "spoken 1"],
    ]
    [score, _] = json.loads(tongdai("report", "surveys", *DAY, "--json").output)
    assert (score["of"], score["mean"]) == ("", 5.0)


@pytest.mark.usefixtures("in_ha_noi", "flows")
def test_the_arms_of_an_experiment_are_beside_each_other(tongdai: Tongdai) -> None:
    assert rows(tongdai("report", "experiments", *DAY).output) == [
        ["greeting", "long", "1", "50.0 %", "abandoned 1", "came 1"],
        ["greeting", "short", "1", "50.0 %", "answered 1", "came 1"],
    ]


@pytest.mark.usefixtures("ledger")
def test_a_time_may_have_an_offset(tongdai: Tongdai) -> None:
    asked = ("--from", "2026-09-21T21:13:20+07:00", "--to", "2026-09-21T21:13:21+07:00")
    lines = json.loads(tongdai("report", "queues", *asked, "--json").output)
    assert [(line["queue"], line["offered"]) for line in lines] == [("sales", 1), ("support", 1)]


def test_without_a_time_it_is_about_today(tongdai: Tongdai) -> None:
    assert tongdai("report", "queues").output == "no contacts in that time\n"
    assert tongdai("report", "agents").output == "no agents in that time\n"
    assert tongdai("report", "flow", "main").output == ("no calls in the flow main in that time\n")
    assert tongdai("report", "surveys").output == "no answers in that time\n"
    assert tongdai("report", "experiments").output == "no experiments in that time\n"
    assert json.loads(tongdai("report", "agents", "--json").output) == []


@pytest.mark.parametrize("report", REPORTS)
def test_a_time_that_cannot_be_read_is_answered_with_one_that_can(
    tongdai: Tongdai, report: str
) -> None:
    result = tongdai("report", *report.split(), "--from", "yesterday-ish")
    assert result.exit_code == 2
    assert "'yesterday-ish' is no time such as 2026-08-07" in " ".join(result.output.split())


@pytest.mark.usefixtures("in_ha_noi")
@pytest.mark.parametrize("report", REPORTS)
def test_a_time_that_ends_before_it_begins_is_refused(tongdai: Tongdai, report: str) -> None:
    result = tongdai("report", *report.split(), "--from", "2026-09-22", "--to", "2026-09-21T08:30")
    assert result.exit_code == 1
    assert result.output == (
        "tongdai: `--to` (2026-09-21 08:30) must be later than `--from` (2026-09-22 00:00)\n"
    )


def test_a_formula_that_is_none_is_answered_with_those_that_are(tongdai: Tongdai) -> None:
    result = tongdai("report", "queues", "--formula", "F1")
    assert result.exit_code == 2
    assert "abandons_missed" in result.output
