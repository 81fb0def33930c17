"""`tongdai campaign` as an operator types it, beside an engine that answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from test_api_campaigns import Client, Engine, api, engine, screen
from typer.testing import CliRunner

from engine import telemetry
from engine.cli.campaign_tables import report_table
from engine.cli.main import app
from engine.store.campaign_reports import CampaignLine, Progress

__all__ = ["api", "engine"]


class Terminal:
    """Types commands in a thread of its own, while the engine serves in this one."""

    def __init__(self, folder: Path, port: int) -> None:
        self._env = {"TONGDAI_STATE_DIR": str(folder), "TONGDAI_API_PORT": str(port)}

    async def type(self, line: str, *more: str) -> tuple[int, str]:
        """Exit code, and all that is shown, on one line."""
        words = [*line.split(), *more]
        result = await asyncio.to_thread(CliRunner().invoke, app, words, env=self._env)
        return result.exit_code, " ".join(result.output.split())


@pytest.fixture(autouse=True)
def quiet_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what went wrong, as of a command, and not for the whole test process."""
    monkeypatch.setattr(telemetry, "configure", lambda **_: None)
    only_warnings = structlog.make_filtering_bound_logger(logging.WARNING)
    before = structlog.get_config()
    structlog.configure(wrapper_class=only_warnings, cache_logger_on_first_use=False)
    yield
    structlog.configure(**before)


@pytest.fixture
def terminal(tmp_path: Path, api: Client) -> Terminal:
    assert api.port is not None
    return Terminal(tmp_path, api.port)


async def test_a_campaign_is_started_and_stopped_with_a_reason(
    terminal: Terminal, engine: Engine
) -> None:
    words = "campaign start renewals --by linh --why"
    code, told = await terminal.type(words, "as agreed")
    assert (code, told.partition(" what hinders it: ")[0]) == (0, "renewals is running")
    assert "what hinders it: nobody works in the queue outreach" in told
    running = engine.campaigns.core.campaigns["renewals"]
    assert (running.by, running.why) == ("linh", "as agreed")
    for move, state in (("pause", "paused"), ("drain", "draining"), ("end", "done")):
        assert await terminal.type(f"campaign {move} renewals") == (0, f"renewals is {state}")
    code, told = await terminal.type("campaign pause renewals")
    assert code == 1
    assert "done" in told


async def test_the_campaigns_are_listed_and_one_is_shown(terminal: Terminal) -> None:
    code, listed = await terminal.type("campaign list")
    assert code == 0
    assert "renewals" in listed
    code, shown = await terminal.type("campaign show renewals")
    assert code == 0
    assert "Contracts that end soon" in shown
    assert "nobody works in the queue outreach" in shown
    assert "the ledger does not answer" in shown
    code, as_json = await terminal.type("campaign show renewals --json")
    assert json.loads(as_json)["state"] == "draft"
    assert (await terminal.type("campaign show nowhere"))[0] == 1


async def test_settings_are_set_and_taken_back_at_the_terminal(
    terminal: Terminal, engine: Engine
) -> None:
    words = "campaign set renewals channels=20 attempts.most=4 filter= lists=[march,april]"
    code, told = await terminal.type(words, "--why", "a quiet day")
    assert (code, told) == (0, "ok: in force, with 1 change over its file")
    settings = engine.campaigns.core.campaigns["renewals"].settings
    assert (settings.channels, settings.attempts.most, settings.filter) == (20, 4, "")
    assert [share.list for share in settings.lists] == ["march", "april"]
    code, told = await terminal.type("campaign revert renewals --last")
    assert (code, told) == (0, "ok: with no changes over its file")
    assert engine.campaigns.core.campaigns["renewals"].settings.channels == 60


async def test_a_campaign_is_made_at_the_terminal_and_warned_of(terminal: Terminal) -> None:
    words = "campaign set may --new mode=progressive rules=[vn] purpose=service queue=sales"
    code, told = await terminal.type(words, "lists=[may]")
    assert code == 0
    assert "W332" in told
    gone = (0, "ok: may is in no file, and is no more")
    assert await terminal.type("campaign revert may") == gone


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("campaign set renewals channels", "write name=value"),
        ("campaign set renewals chanels=3", "did you mean `channels`"),
        ("campaign set renewals lists=[a", "the closing bracket is missing"),
        ("campaign revert renewals", "as it is written in the campaigns' file"),
    ],
)
async def test_a_slip_is_told_with_what_to_do(terminal: Terminal, words: str, told: str) -> None:
    code, shown = await terminal.type(words)
    assert code == 1
    assert told in shown


async def test_why_a_campaign_dials_nobody_is_said_both_ways(
    terminal: Terminal, engine: Engine
) -> None:
    await terminal.type("campaign start renewals")
    engine.look()
    for words in ("why campaign renewals", "campaign why renewals"):
        code, told = await terminal.type(words)
        assert code == 0
        assert "renewals is running and places no call: nothing was checked yet" in told
    code, told = await terminal.type("why campaign renewals --json")
    assert json.loads(told)["looks"][-1]["launch"] == 0


async def test_the_clock_is_confirmed_at_the_terminal(terminal: Terminal) -> None:
    assert await terminal.type("campaign clock --by linh") == (0, "ok: confirmed")


async def test_a_forecast_and_a_report_are_told_in_words(
    terminal: Terminal, engine: Engine
) -> None:
    class Past:
        """What the ledger would say."""

        async def progress(self, *asked: object) -> Progress:
            return Progress(left=0, done=10, finished=10, minutes=60, since=0.0)

    engine.reports = Past()
    code, told = await terminal.type("campaign forecast renewals")
    assert code == 0
    assert "0 leads are left, 10 are done. It finished 10 an hour" in told
    code, told = await terminal.type("campaign report")
    assert (code, told) == (0, "no calls in that time")


def test_a_report_says_what_came_of_the_calls() -> None:
    line = CampaignLine(
        campaign="renewals",
        dialed=100,
        answered=40,
        people=30,
        contacts=28,
        abandoned=1,
        leads=90,
        connect_rate=0.28,
        abandonment_rate=1 / 30,
        mean_wait_seconds=0.4,
        longest_wait_seconds=2.0,
        line_seconds=6000.0,
        dispositions={"busy": 10},
        codes={"sale": 3},
    )
    shown = screen(report_table([line], {"renewals": 2.0}, 0.0, 60.0))
    for told in ("28.0 %", "3.3 %", "0.4 s", "1:40:00", "200.00", "3 sale, 10 busy"):
        assert told in shown
