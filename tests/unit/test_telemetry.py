"""What is in the log of a call: everything an engineer needs, and nobody's number in full."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from engine import telemetry


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "engine.log"


def test_a_line_tells_the_call_the_event_and_when(file: Path) -> None:
    telemetry.configure(file=file)
    with structlog.contextvars.bound_contextvars(call_id="c-1"):
        structlog.get_logger("calls").info("arrived", did="19001000", node="chào")
    [line] = lines(file)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "call_id": "c-1",
        "level": "info",
        "event": "arrived",
        "did": "19001000",
        "node": "chào",
    }
    assert "chào" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "said", "logged"),
    [
        ("caller", "+84901234567", "…567"),
        ("number", "113", "113"),
        ("number", 84901234567, "…567"),
        ("caller", None, None),
        ("digit", "5", "•"),
        ("digits", "4111111111111111", "•" * 16),
        ("keys", "12", "••"),
        ("pin", "0000", "••••"),
    ],
)
def test_numbers_and_typed_digits_are_masked_in_the_file_and_on_the_terminal(
    file: Path, capsys: pytest.CaptureFixture[str], key: str, said: object, logged: str | None
) -> None:
    telemetry.configure(file=file)
    structlog.get_logger("calls").info("heard", **{key: said})
    [line] = lines(file)
    assert line[key] == logged
    terminal = capsys.readouterr().err
    assert f"{key}={logged}" in terminal
    if len(str(said)) > 4 and logged != said:  # shorter ones may stand in the time
        assert str(said) not in terminal + file.read_text(encoding="utf-8")


def test_libraries_log_in_the_same_form_and_without_their_chatter(file: Path) -> None:
    telemetry.configure(file=file)
    logging.getLogger("aiohttp.access").info("chatter")
    logging.getLogger("sqlalchemy.pool").warning("pool %s is empty", "calls")
    [line] = lines(file)
    assert (line["event"], line["level"]) == ("pool calls is empty", "warning")


def test_a_fault_is_one_line_of_json_with_its_place(file: Path) -> None:
    telemetry.configure(file=file)
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger("calls").exception("story_failed", stage="ivr")
    [line] = lines(file)
    [fault] = line["exception"]
    assert (fault["exc_type"], fault["exc_value"]) == ("ValueError", "odd")


def test_the_level_holds_for_terminal_and_file(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure(level="warning", file=file)
    structlog.get_logger("calls").info("arrived")
    structlog.get_logger("calls").warning("slow_to_settle")
    assert [line["event"] for line in lines(file)] == ["slow_to_settle"]
    assert "arrived" not in capsys.readouterr().err


def test_the_terminal_speaks_json_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("json")
    structlog.get_logger("calls").info("arrived", caller="+84901234567")
    assert json.loads(capsys.readouterr().err)["caller"] == "…567"


def test_a_fault_s_variables_do_not_carry_a_number_into_the_log(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure(file=file)
    caller = "+84901234567"
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger("calls").exception("story_failed")
    assert caller not in file.read_text(encoding="utf-8") + capsys.readouterr().err
