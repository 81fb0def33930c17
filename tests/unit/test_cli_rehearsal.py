"""`tongdai flow simulate`, `test` and `coverage`, as somebody types them or pipes lines in."""

from __future__ import annotations

import json
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from rehearsed import NODES, PROMPTS
from typer.testing import CliRunner
from written_site import write_site

from engine import whole_file
from engine.cli.flow import app
from engine.sounds import wav

Flow = Callable[..., Result]

ROUTES = """\
numbers:
  "19001000": {flow: shop, language: en}
calendars:
  office:
    timezone: Asia/Ho_Chi_Minh
    open:
      mon-fri: 08:00-17:00
"""
OPEN = ("--at", "2026-01-07 10:00", "--to", "19001000")
TESTS = """\
flow: shop
tests:
  - name: A caller chooses sales
    at: 2026-01-07 10:00
    steps:
      - hear: choose
      - press: "1"
      - goes_to: queue.sales
"""


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A site with the flow `shop`; its folder of flows."""
    written = {"flow": "shop", "start": "hours", "prompts": PROMPTS, "nodes": NODES}
    write_site(tmp_path, routes=ROUTES, flow=json.dumps(written, ensure_ascii=False, indent=1))
    return tmp_path / "flows"


@pytest.fixture
def tongdai(tmp_path: Path, flows: Path, monkeypatch: pytest.MonkeyPatch) -> Flow:
    """Run `tongdai flow …` on that site, in its folder."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "TONGDAI_STATE_DIR": str(tmp_path / "state"),
        "TONGDAI_PROMPTS_DIR": str(tmp_path / "prompts"),
        "TONGDAI_AGENTS_FILE": str(tmp_path / "agents.yaml"),
        "TONGDAI_QUEUES_FILE": str(tmp_path / "queues.yaml"),
        "TONGDAI_ROUTES_DIR": str(tmp_path / "routes"),
        "TONGDAI_FLOWS_DIR": str(flows),
    }

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, words, input=typed, env=environ)

    return run


# -- simulate -----------------------------------------------------------------------------------


def simulated(tongdai: Flow, *lines: str) -> str:
    result = tongdai("simulate", "shop", *OPEN, typed="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.output
    return result.output


def test_somebody_at_the_keyboard_reads_what_a_caller_hears(tongdai: Flow) -> None:
    shown = simulated(tongdai, "1")
    assert "hears      “Welcome to the shop.” (welcome, en, 1.4 s)" in shown
    assert "goes to    queue.sales" in shown
    assert shown.rstrip().endswith("the flow hangs up: answered")


def test_the_hours_are_those_of_the_moment_that_was_asked_for(tongdai: Flow) -> None:
    result = tongdai("simulate", "shop", "--at", "2026-01-04 10:00")
    assert "We are closed now." in result.output


def test_nothing_typed_is_a_silent_caller(tongdai: Flow) -> None:
    assert "We heard nothing." in simulated(tongdai, "")


def test_a_key_now_cuts_the_prompt_that_was_just_said(tongdai: Flow) -> None:
    shown = simulated(tongdai, "!now 1")
    assert "(choose, en, 3.3 s, cut after 0.5 s)" in shown
    assert "queue.sales: answered" in shown


def test_a_key_now_is_possible_late_in_a_call(tongdai: Flow) -> None:
    shown = simulated(tongdai, "", "!queue sales full", "!now 1")
    assert shown.count("queue.sales: full") == 1
    assert "choose, en, 4.5 s, cut after 0.5 s)" in shown


def test_who_writes_help_and_quit_as_elsewhere_is_understood(tongdai: Flow) -> None:
    shown = simulated(tongdai, "help", "quit", "1")
    assert "press these keys" in shown
    assert "queue.sales" not in shown


def test_words_are_said_and_taken_for_a_choice(tongdai: Flow) -> None:
    assert "taken for “sales”, 0.90" in simulated(tongdai, ">sales please @0.9")


def test_what_happens_elsewhere_is_told_before_it_happens(tongdai: Flow) -> None:
    shown = simulated(tongdai, '!http crm {"tier": "vip"}', "!transfer * busy", "2", "1234#")
    assert "transfer.+84901112222: busy" in shown


def test_agents_who_are_not_there_are_told_at_once(tongdai: Flow) -> None:
    assert "queue.sales: no_agents" in simulated(tongdai, "!agent none", "1")


def test_somebody_asks_where_the_call_is_and_what_it_knows(tongdai: Flow) -> None:
    shown = simulated(tongdai, "!where", '!http crm {"tier": "vip"}', "2", "1234#", "!vars")
    assert "shop / main_menu" in shown
    assert "tier = vip" in shown
    assert "1234" not in shown


def test_who_hangs_up_has_given_up(tongdai: Flow) -> None:
    assert "the caller hangs up" in simulated(tongdai, "!wait 2s", "!hangup")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("!foo", "there is no !foo: !help lists"),
        ("!hup", "did you mean `!hangup`?"),
        ("!now", "say which keys"),
        ("hello", "words begin with >"),
        ("!wait soon", "no length of time"),
        ("!queue sale full", "the flow never comes to queue.sale; it comes to queue.sales"),
        ("!queue sales busy", "`busy` is none of `answered`"),
        ("!queue sales", "say what becomes of it: answered or"),
        ("!http crm {", "this is not JSON"),
        ("!agent away", "write !agent free, busy, none"),
        (">sales @loud", "`loud` is no confidence"),
    ],
)
def test_a_line_that_means_nothing_is_answered_and_the_call_goes_on(
    tongdai: Flow, line: str, answer: str
) -> None:
    shown = simulated(tongdai, line, "1")
    assert f"? {answer}" in shown or answer in shown
    assert "queue.sales: answered" in shown


def test_nothing_can_be_done_after_the_end(tongdai: Flow) -> None:
    assert "? the call is over" in simulated(tongdai, "1", "2")


def test_every_command_of_the_help_is_one(tongdai: Flow) -> None:
    assert "!save FILE" in simulated(tongdai, "!help")


def test_a_moment_that_is_none_is_refused(tongdai: Flow) -> None:
    assert tongdai("simulate", "shop", "--at", "noon").exit_code == 1


def test_a_flow_that_is_not_there_is_named(tongdai: Flow) -> None:
    result = tongdai("simulate", "shpo")
    assert result.exit_code == 1
    assert "did you mean `shop`?" in result.output


def test_a_call_at_the_keyboard_becomes_a_test_that_passes(tongdai: Flow, flows: Path) -> None:
    lines = ["", "!queue sales timeout", "!now 1", "!save"]
    assert "saved: test 1 of" in simulated(tongdai, *lines)
    assert "saved: test 2 of" in simulated(
        tongdai, "7", '!http crm {"tier": "007"}', "2", "1#", "!save"
    )
    assert "saved: test 3 of" in simulated(tongdai, "!wait 2s", ">sales @0.9", "!save")
    result = tongdai("test")
    assert result.exit_code == 0, (result.output, (flows / "shop.test.yaml").read_text())
    assert "3 of 3 tests passed" in result.output


def test_a_call_is_only_saved_as_a_file_of_tests(tongdai: Flow, tmp_path: Path) -> None:
    assert "call it NAME.test.yaml" in simulated(tongdai, "1", "!save keys.yaml")
    assert not (tmp_path / "keys.yaml").exists()


def test_what_was_heard_is_kept_as_sound(tongdai: Flow, tmp_path: Path) -> None:
    whole_file.write(tmp_path / "prompts/en/welcome.wav", wav.encode(array("h", [1000] * 4000)))
    result = tongdai("simulate", "shop", *OPEN, "--play")
    assert "silent there, for there is no audio: choose" in result.output
    with wave.open(str(tmp_path / "shop-simulated.wav")) as file:
        assert file.getnframes() / 8000 == pytest.approx(0.5 + 3.3, abs=0.1)
        assert array("h", file.readframes(4000)) == array("h", [1000] * 4000)


# -- test ---------------------------------------------------------------------------------------


def test_good_tests_pass_in_one_line(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS)
    result = tongdai("test", "shop")
    assert (result.exit_code, result.output) == (0, "1 of 1 tests passed\n")


def test_a_failure_is_shown_with_its_place_and_the_whole_call(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS.replace("queue.sales", "pin"))
    result = tongdai("test")
    assert result.exit_code == 1
    assert f"{flows / 'shop.test.yaml'}:8:18: failed: A caller chooses sales: " in result.output
    assert "expected to go to `pin`, but shop/sales → queue.sales → end" in result.output
    assert "    0.0 s  node       shop/hours (hours)" in result.output
    assert "0 of 1 tests passed" in result.output


def test_programs_read_the_results(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS.replace("queue.sales", "pin"))
    told = json.loads(tongdai("test", "--json").output)
    (test,) = told["tests"]
    assert (test["passed"], test["failure"]["line"], test["flow"]) == (False, 8, "shop")


def test_every_call_is_shown_to_who_wants_to_read_it(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS)
    assert "presses    1" in tongdai("test", "--verbose").output


def test_a_file_that_is_wrong_fails_the_run(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS.replace("press:", "pres:"))
    result = tongdai("test")
    assert result.exit_code == 1
    assert "did you mean `press`?" in result.output


# -- coverage -----------------------------------------------------------------------------------


def test_what_no_test_comes_through_is_listed_with_its_line(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS)
    result = tongdai("coverage")
    assert result.exit_code == 0
    line = _line(flows, '"closed": {')
    assert f"main.yaml:{line}: no test: node closed" in result.output
    assert "no test: exit hours.closed" in result.output
    assert "no test: language vi" in result.output
    assert "4/12 (33 %)" in result.output


def test_too_little_coverage_fails(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS)
    assert tongdai("coverage", "--fail-under", "90").exit_code == 1
    assert tongdai("coverage", "--fail-under", "5").exit_code == 0


def test_programs_read_the_coverage(tongdai: Flow, flows: Path) -> None:
    (flows / "shop.test.yaml").write_text(TESTS)
    (told,) = json.loads(tongdai("coverage", "shop", "--json").output)
    assert told["percent"]["node"] == 33.3
    assert {"closed", "pin"} <= {one["name"] for one in told["missed"] if one["kind"] == "node"}


def _line(flows: Path, written: str) -> int:
    """The last line of the flow in which this is written."""
    lines = (flows / "main.yaml").read_text().splitlines()
    return max(number for number, line in enumerate(lines, 1) if written in line)
