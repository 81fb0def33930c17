"""Who edits a flow in an editor is told of the same mistakes that `tongdai flow check` tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from ruamel.yaml import YAML

from engine import paths
from engine.ivr.json_schema import DRAFT, flow_schema
from engine.ivr.schema import NODE_TYPES

Judge = Callable[[Any], Any]

FLOW = """\
flow: main
start: menu
prompts:
  welcome: {en: Hello.}
nodes:
  menu:
    type: menu
    prompts: [welcome, {prompt: choices, language: vi, barge_in: no}]
    noinput_prompts: [short, [longer, {pause: 0.5}]]
    keys:
      1: sales
      "2": {to: bye, phrases: {en: goodbye, vi: [tạm biệt, thôi]}, confirm: yes}
    attempts: 2
    timeout_seconds: 4.5
    barge_in: false
    noinput: bye
    nomatch: bye
  look:
    type: http
    url: https://crm.example/
    save: {tier: $.tier, name: {path: $.name, as: text}}
    ok: rich
    error: bye
  rich: {type: if, when: true, then: sales, else: bye}
  set: {type: set, variables: {n: 1, "call.tier": '"gold"'}, next: ask}
  ask:
    type: survey
    survey: care
    questions:
      - {id: how, prompts: how, keys: 1-5}
      - {id: why, prompts: why, keys: {"1": price, "2": {label: service}}}
    done: bye
  sales: {type: queue, queue: sales, needs: [vi, {need: sales, seconds: 30}], timeout: bye}
  bye: {type: hangup, prompts: welcome}
"""


@pytest.fixture(scope="module")
def judge() -> Judge:
    compiled: Judge = fastjsonschema.compile(flow_schema())
    return compiled


def as_an_editor_reads(text: str) -> Any:
    """YAML 1.2 with its types, and keys as text, as they are in JSON."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


def test_the_shipped_schema_says_what_the_models_say() -> None:
    shipped = json.loads((paths.FLOWS / "flow.schema.json").read_text())
    assert shipped == flow_schema(), "run: tongdai flow schema --out ivr_flows/flow.schema.json"


def test_it_is_draft_7_through_and_through() -> None:
    schema = flow_schema()
    text = json.dumps(schema)
    assert schema["$schema"] == DRAFT
    for later in ("$defs", "prefixItems", '"discriminator"', '"null"'):
        assert later not in text
    assert schema["definitions"].keys() >= {model.__name__ for model in NODE_TYPES.values()}


@pytest.mark.parametrize("file", sorted(paths.FLOWS.rglob("*.yaml")), ids=lambda file: file.name)
def test_an_editor_finds_nothing_wrong_in_the_shipped_flows(file: Path, judge: Judge) -> None:
    if not file.stem.endswith(".test"):
        judge(as_an_editor_reads(file.read_text()))
        assert file.read_text().startswith("# yaml-language-server: $schema=")


def test_short_forms_numbers_and_yes_or_no_are_right_as_they_are_written(judge: Judge) -> None:
    judge(as_an_editor_reads(FLOW))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("attempts: 2", "atempts: 2"),
        ("attempts: 2", "attempts: 20"),
        ("attempts: 2", "attempts: two"),
        ("attempts: 2", "attempts:"),
        ("type: http", "type: htpp"),
        ("barge_in: false", "barge_in: perhaps"),
        ("queue: sales, needs", "queue: Sales Team, needs"),
        ("{pause: 0.5}", "{pause: 99}"),
        ("to: bye, phrases", "too: bye, phrases"),
        ("      1: sales", "      E: sales"),
        ("keys: 1-5", "keys: 1 to 5"),
        ("start: menu\n", ""),
        ("welcome: {en: Hello.}", "welcome: {english: Hello.}"),
        ("    url: https://crm.example/\n", ""),
    ],
)
def test_a_mistake_is_underlined(right: str, wrong: str, judge: Judge) -> None:
    assert FLOW.count(right) == 1
    with pytest.raises(fastjsonschema.JsonSchemaException):
        judge(as_an_editor_reads(FLOW.replace(right, wrong)))


def test_a_file_of_prompts_is_none_of_a_flow(judge: Judge) -> None:
    judge({"prompts": {"held": {"en": "Please hold."}}})
    with pytest.raises(fastjsonschema.JsonSchemaException):
        judge({"prompts": {"held": "Please hold."}})


def test_every_type_of_node_is_explained_and_proposed() -> None:
    node = flow_schema()["definitions"]["node"]
    kind = node["properties"]["type"]
    assert kind["enum"] == sorted(NODE_TYPES)
    assert all(kind["markdownEnumDescriptions"])
    proposed = {snippet["label"]: snippet["body"] for snippet in node["defaultSnippets"]}
    assert proposed["queue"] == {
        "type": "queue",
        "queue": "${1:queue}",
        "timeout": "${2:timeout}",
        "full": "${3:full}",
        "no_agents": "${4:no_agents}",
    }
    menu = flow_schema()["definitions"]["Menu"]["properties"]
    assert menu["attempts"]["markdownDescription"] == "how often the caller may try in all"
    assert menu["attempts"]["default"] == 3
