"""What operations people read of the examples is what stands in their files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from engine.ivr.diagram import mermaid
from engine.ivr.schema import Flow

TOP = Path(__file__).resolve().parents[2]
TOUR = (TOP / "docs" / "flows.md").read_text(encoding="utf-8")
FILES = {file.name: file.read_text(encoding="utf-8") for file in (TOP / "ivr_flows").glob("*.yaml")}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TOUR, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.split("\n")[0].strip())
def test_a_piece_of_the_tour_stands_in_a_flow_as_it_is(block: str) -> None:
    assert [name for name, text in FILES.items() if block in text] != []


def test_the_drawing_of_the_tour_is_what_the_command_draws() -> None:
    outage = Flow.model_validate(YAML(typ="base", pure=True).load(FILES["outage.yaml"]))
    assert blocks("mermaid") == [mermaid(outage)]


def test_the_tour_comes_to_each_example() -> None:
    examples = {name.removesuffix(".test.yaml") for name in FILES if name.endswith(".test.yaml")}
    assert {f"{name}.yaml" for name in examples - {"main"}} == set(
        re.findall(r"\(\.\./ivr_flows/([a-z]+\.yaml)\)", TOUR)
    )


def test_the_tour_says_how_many_tests_there_are() -> None:
    written = sum(
        text.count("\n  - name: ") for name, text in FILES.items() if name.endswith(".test.yaml")
    )
    assert f"\n{written} of {written} tests passed\n" in TOUR
