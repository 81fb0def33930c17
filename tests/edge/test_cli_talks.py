"""`tongdai talk` as somebody types it, beside an engine that answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_api_talks import CALLER, Client, api, center, leg_of, standing, until
from test_cli_campaigns import Terminal, quiet_logs

from engine.cli.talks import place
from tests.unit.small_center import SmallCenter

__all__ = ["api", "center", "quiet_logs"]


@pytest.fixture
def terminal(tmp_path: Path, api: Client) -> Terminal:
    assert api.port is not None
    return Terminal(tmp_path, api.port)


async def test_a_caller_is_held_and_shown_and_taken_back(
    terminal: Terminal, center: SmallCenter
) -> None:
    assert await terminal.type("talk hold anna") == (0, "ok")
    _, shown = await terminal.type("talk show anna")
    assert f"{CALLER}: hold for" in shown
    assert "0901234567 │ caller │ hold │ │ hears music" in shown
    assert shown.endswith("held, recorded")
    assert await terminal.type(f"talk resume {CALLER}") == (0, "ok")
    _, shown = await terminal.type(f"talk show {CALLER} --json")
    assert not json.loads(shown)["held"]


async def test_a_consult_is_made_and_given_up(terminal: Terminal, center: SmallCenter) -> None:
    assert await terminal.type("talk consult anna agent:binh") == (0, "ok")
    _, shown = await terminal.type("talk show anna")
    assert "anna consults binh, and is with: consulted" in shown
    code, shown = await terminal.type("talk merge anna")
    assert (code, "his phone still rings" in shown) == (1, True)
    assert await terminal.type("talk cancel anna") == (0, "ok")
    assert await terminal.type("talk invite anna binh --role listener") == (0, "ok")
    center.switch.answer_phone(leg_of(center, "binh"))
    await until(lambda: center.switch.channels[leg_of(center, "binh")].bridge)
    assert await terminal.type("talk role anna binh speaker") == (0, "ok")
    assert await terminal.type("talk drop anna binh") == (0, "ok")
    assert await terminal.type("talk keys anna 4711#") == (0, "ok")
    assert await terminal.type("talk record anna pause --seconds 5") == (0, "ok")
    assert (await terminal.type("talk show anna"))[1].endswith("recording paused")


async def test_a_caller_is_parked_listed_and_picked_up(
    terminal: Terminal, center: SmallCenter
) -> None:
    assert await terminal.type("talk park anna --slot 7") == (0, "ok: 7")
    await until(lambda: standing(center).parked)
    _, shown = await terminal.type("talk parked")
    assert f"7 │ {CALLER} │ 0901234567 │ anna │" in shown
    assert await terminal.type("talk pick-up 7 binh") == (0, f"ok: {CALLER}")
    await until(lambda: center.switch.legs_of("3002"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("queue:sales", {"queue": "sales"}),
        ("voicemail", "voicemail"),
        ("voicemail:agent:an", {"voicemail": "agent:an"}),
        ("john", {"agent": "john"}),
        ("+842873000001", {"number": "+842873000001"}),
        ("0901234567", {"number": "0901234567"}),
    ],
)
def test_a_place_is_written_as_people_say_it(written: str, meant: object) -> None:
    assert place(written) == meant
