"""The `tongdai` command as an operator types it: what it shows, and what it says when it cannot.

No cause that an operator can put right is ever told by a traceback.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result
from test_ladder import CALL, PICTURE, in_ha_noi
from typer.testing import CliRunner

from engine import paths, telemetry
from engine.asterisk.debian import InstallError
from engine.call_record import CallOutcome
from engine.cli import logs
from engine.cli.main import app
from engine.store.ledger import Ledger

__all__ = ["in_ha_noi"]

Tongdai = Callable[..., Result]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def warnings_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the command sets it, but for this test only."""
    monkeypatch.setattr(telemetry, "configure", lambda *_, **__: None)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.fixture
def tongdai(state: Path) -> Tongdai:
    """Run the command on a state folder of its own; ``settings`` are environment variables."""

    def run(*words: str, **settings: str) -> Result:
        variables = {f"TONGDAI_{name.upper()}": value for name, value in settings.items()}
        environ = {"TONGDAI_STATE_DIR": str(state)} | variables
        result = CliRunner().invoke(app, words, env=environ)
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run


@pytest.fixture
def ledger(state: Path) -> str:
    """Three calls in the ledger of the state folder."""

    async def fill() -> None:
        ledger = Ledger(f"sqlite:///{state}/tongdai.db")
        await ledger.open()
        for seconds, call in enumerate(("1790000000.3", "1790000000.5")):
            early = dataclasses.replace(
                CALL,
                call=call,
                arrived=CALL.arrived - 100 + seconds,
                outcome=CallOutcome.ABANDONED,
                agent=None,
                segments=(),
                recordings=(),
                steps=(),
            )
            await ledger.save_call(early)
        await ledger.save_call(CALL)
        await ledger.close()

    asyncio.run(fill())
    return CALL.call


def test_it_says_its_version(tongdai: Tongdai) -> None:
    result = tongdai("--version")
    assert result.exit_code == 0
    assert result.output.startswith("tongdai ")


def test_without_a_command_it_lists_them(tongdai: Tongdai) -> None:
    shown = tongdai("--help").output
    for command in ("check", "setup", "run", "serve", "demo", "tail", "trace", "calls", "agents"):
        assert f" {command} " in shown


# -- calls and trace ------------------------------------------------------------------------------


def test_calls_are_listed_newest_first_each_in_a_line(tongdai: Tongdai, ledger: str) -> None:
    result = tongdai("calls")
    assert result.exit_code == 0
    newest = next(line for line in result.output.splitlines() if ledger in line)
    cells = [cell.strip() for cell in newest.strip("│").split("│")]
    assert cells == [
        ledger, "+84901234567", "19001000", "vi", "answered", "mai", "4.0 s", "22.5 s", "30.5 s",
    ]  # fmt: skip
    order = [result.output.index(call) for call in (ledger, "1790000000.5", "1790000000.3")]
    assert order == sorted(order)


def test_calls_are_listed_for_programs(tongdai: Tongdai, ledger: str) -> None:
    listed = json.loads(tongdai("calls", "--json", "--limit", "1").output)
    assert [(line["call"], line["outcome"]) for line in listed] == [(ledger, "answered")]


def test_a_caller_s_number_is_shown_as_it_is_not_obeyed(tongdai: Tongdai, state: Path) -> None:
    async def fill() -> None:
        ledger = Ledger(f"sqlite:///{state}/tongdai.db")
        await ledger.open()
        await ledger.save_call(dataclasses.replace(CALL, caller="[red]1[/b]"))
        await ledger.close()

    asyncio.run(fill())
    assert "[red]1[/b]" in tongdai("calls").output
    assert "[red]1[/b]" in tongdai("trace", "last").output


def test_an_empty_ledger_lists_nothing(tongdai: Tongdai) -> None:
    assert tongdai("calls").output == "no calls yet\n"
    assert json.loads(tongdai("calls", "--json").output) == []


@pytest.mark.parametrize("which", [CALL.call, "last"])
def test_a_call_is_drawn_as_a_ladder(tongdai: Tongdai, ledger: str, which: str) -> None:
    assert tongdai("trace", which).output == PICTURE + "\n"


def test_a_call_is_told_to_programs_whole(tongdai: Tongdai, ledger: str) -> None:
    told = json.loads(tongdai("trace", "last", "--json").output)
    assert (told["call"], told["steps"][0]["event"]) == (ledger, "INVITE")


def test_an_ended_call_is_explained_from_the_ledger_alone(tongdai: Tongdai, ledger: str) -> None:
    shown = tongdai("why", "last").output
    assert shown.splitlines()[0] == f"{ledger} · ended"
    assert json.loads(tongdai("why", "last", "--json").output)["call"] == ledger


def test_there_is_nothing_to_explain_before_the_first_call(tongdai: Tongdai) -> None:
    result = tongdai("why", "last")
    assert result.exit_code == 1
    assert result.output == "tongdai: no calls yet\n"


def test_before_the_first_call_there_is_none_to_draw(tongdai: Tongdai) -> None:
    result = tongdai("trace", "last")
    assert (result.exit_code, result.output) == (1, "tongdai: no calls yet\n")


def test_an_unknown_call_is_answered_with_where_to_look(tongdai: Tongdai) -> None:
    result = tongdai("trace", "1790000000.9")
    assert result.exit_code == 1
    assert result.output.startswith("tongdai: there is no record of call 1790000000.9: ")
    for command in ("calls", "why 1790000000.9", "tail --call 1790000000.9"):
        assert f"`tongdai {command}`" in result.output


@pytest.mark.parametrize("command", [("calls",), ("trace", "last")])
def test_a_database_that_is_away_is_named_without_its_password(
    tongdai: Tongdai, command: tuple[str, ...]
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    result = tongdai(*command, database_url=f"postgresql://me:s3cret@127.0.0.1:{port}/calls")
    assert result.exit_code == 1
    assert result.output.startswith("tongdai: postgresql+asyncpg://me:***@127.0.0.1")
    assert "s3cret" not in result.output


# -- tail -----------------------------------------------------------------------------------------


def line(event: str, call: str | None = "c-1", **more: Any) -> str:
    said = {"timestamp": "2026-09-21T14:13:20.125500Z", "level": "info", "event": event}
    return json.dumps(said | ({"call_id": call} if call else {}) | more, ensure_ascii=False) + "\n"


@pytest.fixture
def log(state: Path) -> Path:
    return state / "engine.log"


def test_a_line_is_shown_with_local_time_call_and_event(tongdai: Tongdai, log: Path) -> None:
    log.write_text(line("agent_moved", agent="mai", reason=None, change="ready -> offered"))
    assert tongdai("tail").output == (
        "21:13:20.125 c-1                  agent_moved        agent=mai change=ready -> offered\n"
    )


def test_one_call_s_lines_can_be_read_alone(tongdai: Tongdai, log: Path) -> None:
    log.write_text(line("arrived") + line("arrived", "c-2") + line("linked", None) + line("ended"))
    shown = tongdai("tail", "--call", "c-1").output.splitlines()
    assert [text.split()[2] for text in shown] == ["arrived", "ended"]


def test_the_last_lines_are_shown_first(tongdai: Tongdai, log: Path) -> None:
    log.write_text("".join(line(f"event{number}") for number in range(9)))
    shown = tongdai("tail", "-n", "2").output.splitlines()
    assert [text.split()[2] for text in shown] == ["event7", "event8"]
    assert tongdai("tail", "-n", "0").output == ""


def test_what_is_no_line_of_the_engine_is_passed_over(tongdai: Tongdai, log: Path) -> None:
    odd = ["text", "{", "[]", "7", "null", '{"event": "x"}', '{"timestamp": "x", "event": "y"}']
    log.write_text("\n".join(odd) + "\n" + line("arrived") + line("half")[:40])
    assert [text.split()[2] for text in tongdai("tail").output.splitlines()] == ["arrived"]


def test_a_log_line_cannot_move_the_terminal(tongdai: Tongdai, log: Path) -> None:
    log.write_text(line("arrived", caller="\x1b[2J[red]x", node="a\u2028b"))
    shown = tongdai("tail").output
    assert "\x1b" not in shown
    assert "[red]x" in shown


def test_a_fault_is_shown_by_its_last_words(tongdai: Tongdai, log: Path) -> None:
    frames = [{"exc_type": "ValueError", "exc_value": "odd", "frames": [{"lineno": 7}]}]
    log.write_text(line("story_failed", exception=frames))
    assert tongdai("tail").output.endswith("exception=ValueError: odd\n")


def test_without_a_log_the_operator_is_told_where_it_would_be(tongdai: Tongdai, log: Path) -> None:
    result = tongdai("tail")
    assert result.exit_code == 1
    assert f"no log at {log}" in result.output


def test_new_lines_are_followed_through_a_rotation(
    tongdai: Tongdai, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_text(line("first"))
    writes = iter(writing(log))

    def wait(_seconds: float) -> None:
        try:
            next(writes)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(logs.time, "sleep", wait)
    result = tongdai("tail", "--follow", "--call", "c-1")
    assert result.exit_code == 0
    assert [text.split()[2] for text in result.output.splitlines()] == [
        "first", "second", "torn", "last_of_old", "first_of_new", "second_of_new",
    ]  # fmt: skip


def writing(log: Path) -> Iterator[None]:
    """What the engine does between two looks at its log."""

    def write(text: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(text)

    yield write(line("second") + line("of_another_call", "c-2"))
    yield write(line("torn", node="chào")[:-5])
    yield write(line("torn", node="chào")[-5:])
    write(line("last_of_old"))
    yield log.rename(log.with_suffix(".log.1"))  # type: ignore[func-returns-value]
    yield write(line("first_of_new"))
    yield write(line("second_of_new"))
    yield None


# -- check ----------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The shipped configuration, to be broken."""
    shutil.copytree(paths.ROUTES, tmp_path / "routes")
    shutil.copytree(paths.FLOWS, tmp_path / "flows")
    for name in ("agents.yaml", "queues.yaml"):
        shutil.copy(paths.CENTER / name, tmp_path)
    return tmp_path


def test_the_shipped_configuration_is_in_order(tongdai: Tongdai) -> None:
    result = tongdai("check")
    assert result.exit_code == 0
    assert "ok" in result.output


def test_prompts_that_are_not_made_yet_are_a_warning_that_names_the_command(
    tongdai: Tongdai, tmp_path: Path
) -> None:
    result = tongdai("check", prompts_dir=str(tmp_path / "none"))
    assert result.exit_code == 0
    assert "W501" in result.output
    assert "`tongdai setup` makes them" in result.output


def test_a_wrong_file_is_named_with_line_and_column(tongdai: Tongdai, site: Path) -> None:
    file = site / "agents.yaml"
    number = len(file.read_text().splitlines()) + 1
    with file.open("a") as written:
        written.write("  hoa: {extension: hai, queues: [sales]}\n")
    result = tongdai("check", agents_file=str(file))
    assert result.exit_code == 1
    assert f"{file}:{number}:" in result.output
    assert "error[E" in result.output


def test_all_that_is_wrong_is_told_to_programs(tongdai: Tongdai, site: Path) -> None:
    (site / "queues.yaml").write_text("sales: {ring_seconds: -1}\n")
    result = tongdai("check", "--json", queues_file=str(site / "queues.yaml"))
    assert result.exit_code == 1
    problems = json.loads(result.output)
    assert {"file", "line", "column", "level", "code", "message", "hint"} == problems[0].keys()
    assert any(problem["level"] == "error" for problem in problems)


def test_a_wrong_setting_is_named_by_its_variable(tongdai: Tongdai) -> None:
    for command in ("check", "serve", "calls"):
        result = tongdai(command, api_port="99999")
        assert result.exit_code == 1
        assert "TONGDAI_API_PORT" in result.output


# -- serve, run, agents: what keeps them from it --------------------------------------------------


def test_serve_without_an_asterisk_says_which_settings_it_needs(tongdai: Tongdai) -> None:
    result = tongdai("serve")
    assert result.exit_code == 1
    assert result.output == (
        "tongdai: set TONGDAI_ARI_URL and TONGDAI_ARI_PASSWORD, or use `tongdai run`\n"
    )


def test_a_log_that_cannot_be_written_is_named(
    tongdai: Tongdai, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def configure(_format: str, _level: str, file: Path) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(telemetry, "configure", lambda *a, **k: configure(*a) if a else None)
    result = tongdai("serve", ari_url="http://127.0.0.1:1", ari_password="x" * 16)
    assert result.exit_code == 1
    assert f"Permission denied: '{state}/engine.log'" in result.output


@pytest.mark.parametrize("command", [("agents",), ("queues",), ("why", "1790000000.9")])
def test_an_engine_that_is_not_there_cannot_be_asked(
    tongdai: Tongdai, command: tuple[str, ...]
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = str(free.getsockname()[1])
    result = tongdai(*command, api_port=port)
    assert result.exit_code == 1
    assert f"no engine answers at http://127.0.0.1:{port}:" in result.output
    assert "TONGDAI_API_PORT" in result.output


@pytest.mark.parametrize("command", ["setup", "run"])
@pytest.mark.parametrize(
    "fault", [InstallError("no mirror answers"), OSError(28, "No space left on device", "prompts")]
)
def test_a_set_up_that_fails_says_what_is_missing(
    tongdai: Tongdai, monkeypatch: pytest.MonkeyPatch, command: str, fault: Exception
) -> None:
    def ensure(*_: object) -> None:
        raise fault

    monkeypatch.setattr("engine.asterisk.install.ensure", ensure)
    result = tongdai(command)
    assert result.exit_code == 1
    assert result.output == f"set-up: {fault}\n"


def test_a_prompt_in_no_language_is_named_by_the_set_up(
    tongdai: Tongdai, site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("engine.cli.prepare.programs", lambda: None)
    recorded = site / "flows" / "recordings" / "tiếng Việt" / "welcome.wav"
    recorded.parent.mkdir(parents=True)
    recorded.touch()
    result = tongdai(
        "setup",
        flows_dir=str(site / "flows"),
        prompts_dir=str(tmp_path / "made"),
        ari_url="http://127.0.0.1:1",
        ari_password="x" * 16,
    )
    assert result.exit_code == 1
    assert "'tiếng Việt' is no language code such as vi" in result.output


def test_the_demo_needs_its_softphones(tongdai: Tongdai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "engine.demo.show", None)
    result = tongdai("demo")
    assert result.exit_code == 1
    assert "pip install 'tongdai[demo]'" in result.output


def test_the_phones_accounts_are_listed_with_the_same_passwords_each_time(
    tongdai: Tongdai,
) -> None:
    first, second = tongdai("accounts"), tongdai("accounts")
    assert first.exit_code == 0
    assert "3001" in first.stdout
    assert first.stdout == second.stdout
