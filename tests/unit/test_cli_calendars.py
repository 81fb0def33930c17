"""`tongdai calendars` and `tongdai calendar` as an operator types them."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner
from written_site import ROUTES, write_site

from engine.cli.main import app

NIGHT = """\
  night:
    timezone: Europe/Berlin
    open:
      daily: 22:00-06:00
"""
TET = """\
    holidays:
      - {date: 2027-02-04..2027-02-10, name: {vi: Tết, en: Lunar New Year}}
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """A site on disk, as environment variables."""
    routes = ROUTES.replace("features:\n", TET + NIGHT + "features:\n")
    routes = routes.replace("{queue: support}", "{queue: support, calendar: night}")
    paths = write_site(tmp_path, routes=routes)
    return {
        "TONGDAI_STATE_DIR": str(tmp_path / "state"),
        "TONGDAI_AGENTS_FILE": str(paths.agents_file),
        "TONGDAI_QUEUES_FILE": str(paths.queues_file),
        "TONGDAI_ROUTES_DIR": str(paths.routes_dir),
        "TONGDAI_FLOWS_DIR": str(paths.flows_dir),
    }


def tongdai(site: dict[str, str], *words: str) -> Result:
    result = CliRunner().invoke(app, words, env=site)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_what_will_be_said_at_tet_is_known_before_by_the_wall_time_of_each_calendar(
    site: dict[str, str],
) -> None:
    result = tongdai(site, "calendars", "--at", "2027-02-06 10:00")
    assert result.exit_code == 0
    office, night = (
        next(line for line in result.output.splitlines() if f" {name} " in line)
        for name in ("office", "night")
    )
    assert "holiday: Lunar New Year" in office
    assert "Thu 2027-02-11 08:00" in office
    assert "closed" in night
    assert "Sat 2027-02-06 22:00" in night


def test_a_moment_with_its_zone_is_the_same_for_all(site: dict[str, str]) -> None:
    result = tongdai(site, "calendars", "--at", "2026-11-23T22:00+01:00", "--json")
    [office, night] = json.loads(result.output)
    assert (office["name"], office["state"]) == ("office", "closed")  # 4:00 in the morning there
    assert (night["name"], night["state"], night["next_open"]) == ("night", "open", None)


@pytest.mark.parametrize("at", ["tomorrow", "2027-02-30", ""])
def test_what_is_no_time_is_told(site: dict[str, str], at: str) -> None:
    result = tongdai(site, "calendars", "--at", at)
    assert result.exit_code == 1
    assert "write 2027-02-06 10:00" in result.output


@pytest.mark.parametrize(
    "words", [("calendars",), ("calendar", "emergency", "office", "on", "--reason", "fire")]
)
def test_without_an_engine_it_says_where_it_looked(
    site: dict[str, str], words: tuple[str, ...]
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        result = tongdai(site | {"TONGDAI_API_PORT": port}, *words)
    assert result.exit_code == 1
    assert f"no engine answers at http://127.0.0.1:{port}" in result.output
