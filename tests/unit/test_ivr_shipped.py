"""The flows that come with the product, as their callers hear them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ivr_caller import FLOWS, KNOWN, Caller, load
from ruamel.yaml import YAML

from engine.config import check_flows
from engine.ivr import lint as lint_module
from engine.ivr.lint import lint, prompt_clashes
from engine.ivr.messages import End
from engine.ivr.schema import Flow, PromptFile

MAIN = Flow.model_validate(load(FLOWS / "main.yaml"))
SYSTEM = PromptFile.model_validate(load(FLOWS / "system.yaml"))


def test_the_flow_in_the_manual_is_free_of_findings() -> None:
    manual = (FLOWS / "README.md").read_text(encoding="utf-8")
    example = manual.split("```yaml\n")[1].split("```")[0]
    flow = Flow.model_validate(YAML(typ="base", pure=True).load(example))
    assert lint(flow, KNOWN) == []


def test_the_manual_explains_every_code_of_the_check() -> None:
    manual = (FLOWS / "README.md").read_text(encoding="utf-8")
    files = [*Path(lint_module.__file__).parent.glob("*.py"), Path(check_flows.__file__)]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    codes = set(re.findall(r'"([EW]6\d{2})"', source))
    assert len(codes) > 35
    assert codes == set(re.findall(r"\| ([EW]\d{3}) \|", manual))


def test_the_engines_own_prompts_exist_in_both_languages_and_clash_with_no_flow() -> None:
    assert all(set(texts) == {"en", "vi"} for texts in SYSTEM.prompts.values())
    clashes = prompt_clashes({"system": SYSTEM.prompts, "main": MAIN.prompts})
    assert clashes == {"system": [], "main": []}


@pytest.mark.parametrize(("key", "queue"), [("1", "sales"), ("2", "support")])
def test_an_english_caller_presses_a_key_and_waits_in_its_queue(key: str, queue: str) -> None:
    someone = Caller(MAIN)
    someone.listen()
    someone.press(key)
    someone.listen()
    assert someone.queued == [queue]
    assert someone.said[:3] == ["welcome", "main_menu", "offer_vietnamese"]


def test_a_caller_who_presses_9_hears_the_menu_in_vietnamese() -> None:
    someone = Caller(MAIN)
    someone.listen()
    someone.press("9")
    assert someone.playing
    assert (someone.playing.prompts, someone.playing.language) == (("main_menu",), "vi")


def test_a_caller_of_the_vietnamese_number_hears_only_vietnamese() -> None:
    someone = Caller(MAIN, route_language="vi")
    someone.listen()
    someone.press("2")
    someone.listen()
    assert {play.language for play in someone.actions if hasattr(play, "language")} == {"vi"}
    assert "offer_vietnamese" not in someone.said


def test_a_caller_without_keys_reaches_support_after_two_silences() -> None:
    someone = Caller(MAIN)
    someone.silence()
    someone.silence()
    someone.listen()
    assert someone.said.count("main_menu") == 2
    assert someone.queued == ["support"]


@pytest.mark.parametrize(("hours", "said"), [("closed", "closed"), ("holiday", "closed_holiday")])
def test_a_caller_outside_of_hours_is_told_so(hours: str, said: str) -> None:
    someone = Caller(MAIN, hours=hours)
    someone.listen()
    assert someone.said == [said]
    assert someone.end == End("out_of_hours")


@pytest.mark.parametrize("reason", ["timeout", "full", "no_agents"])
def test_a_caller_whom_nobody_can_serve_is_told_so(reason: str) -> None:
    someone = Caller(MAIN)
    someone.press("1")
    someone.press("1")
    someone.listen()
    someone.leave_queue(reason)
    someone.listen()
    assert someone.said[-1] == "sorry"
    assert someone.end == End(None)
