"""A shift leader reads what is new in the flows before it is published."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.ivr.difference import Side, differences
from engine.ivr.schema import Flow

MAIN: dict[str, Any] = {
    "flow": "main",
    "start": "welcome",
    "nodes": {
        "welcome": {"type": "say", "prompts": "welcome", "next": "main_menu"},
        "main_menu": {
            "type": "menu",
            "prompts": "choices",
            "keys": {"1": "sales", "2": "support"},
            "noinput_prompts": [["short"], ["long"]],
            "noinput": "sales",
            "nomatch": "sales",
        },
        "sales": {"type": "queue", "queue": "sales", "timeout": "bye", "full": "bye"},
        "support": {"type": "queue", "queue": "support", "timeout": "bye", "full": "bye"},
        "bye": {"type": "hangup", "prompts": "bye"},
    },
}


def told(after: dict[str, Any], before: dict[str, Any] = MAIN) -> list[str]:
    """The differences between two flows called main, without their common beginning."""
    sides = [Side({"main": Flow.model_validate(flow)}) for flow in (before, after)]
    return [line.removeprefix("In flow `main`: ") for line in differences(*sides)]


@pytest.fixture
def flow() -> dict[str, Any]:
    return copy.deepcopy(MAIN)


def test_what_is_the_same_is_not_told(flow: dict[str, Any]) -> None:
    flow["note"] = "for who reads it"
    flow["nodes"]["sales"]["note"] = "and this"
    assert told(flow) == []


def test_a_new_key_and_the_node_it_leads_to(flow: dict[str, Any]) -> None:
    flow["nodes"]["main_menu"]["keys"]["3"] = "billing"
    flow["nodes"]["billing"] = {"type": "queue", "queue": "billing", "timeout": "bye"}
    assert told(flow) == [
        "the menu `main_menu` has a new key 3, leading to `billing`.",
        "the queue `billing` is new; `timeout` leads to `bye`.",
    ]


def test_a_new_node_says_its_prompts(flow: dict[str, Any]) -> None:
    flow["nodes"]["sorry"] = {"type": "hangup", "prompts": ["sorry", {"text": "Bye."}]}
    assert told(flow) == ["the hangup `sorry` is new; it says `sorry`, text “Bye.”."]


def test_a_key_that_leads_elsewhere_and_one_that_is_gone(flow: dict[str, Any]) -> None:
    flow["nodes"]["main_menu"]["keys"] = {"1": "support"}
    assert told(flow) == [
        "the menu `main_menu` leads by key 1 to `support` now, no longer to `sales`.",
        "the menu `main_menu` has no key 2 any more; it led to `support`.",
    ]


def test_a_node_that_is_gone_and_the_way_round_it(flow: dict[str, Any]) -> None:
    flow["start"] = "main_menu"
    del flow["nodes"]["welcome"]
    assert told(flow) == [
        "calls begin at `main_menu` now, no longer at `welcome`.",
        "the say `welcome` is gone.",
    ]


def test_a_node_with_another_name_is_not_one_gone_and_one_new(flow: dict[str, Any]) -> None:
    flow["nodes"]["hello"] = flow["nodes"].pop("welcome")
    flow["start"] = "hello"
    assert told(flow) == ["the say `welcome` is called `hello` now."]


def test_settings_with_their_values_of_before(flow: dict[str, Any]) -> None:
    flow["nodes"]["main_menu"]["timeout_seconds"] = "6.5"
    flow["nodes"]["main_menu"]["global_keys"] = "false"
    flow["nodes"]["support"]["queue"] = "help"
    flow["on_error"] = "bye"
    assert told(flow) == [
        "`on_error` is “bye” now.",
        "`timeout_seconds` of the menu `main_menu` is 6.5 now (before: 5).",
        "`global_keys` of the menu `main_menu` is no now (before: yes).",
        "`queue` of the queue `support` is “help” now (before: “support”).",
    ]


def test_other_prompts_at_the_second_failure(flow: dict[str, Any]) -> None:
    menu = flow["nodes"]["main_menu"]
    menu["noinput_prompts"][1] = [{"prompt": "longer", "language": "vi"}, {"pause": "1"}]
    menu["prompts"] = ["news", "choices"]
    assert told(flow) == [
        "the menu `main_menu` says `news`, `choices` now (before: `choices`).",
        "the menu `main_menu` says as `noinput_prompts 2` `longer` (language “vi”), pause 1 now"
        " (before: `long`).",
    ]


def test_a_node_of_another_type(flow: dict[str, Any]) -> None:
    flow["nodes"]["sales"] = {"type": "hangup", "prompts": "bye"}
    assert told(flow)[:1] == ["`sales` was a queue and is a hangup now."]


def test_defaults_are_told_where_they_count(flow: dict[str, Any]) -> None:
    flow["defaults"] = {"no_agents": "bye"}
    assert told(flow) == [
        "the queue `sales` has a new `no_agents`, leading to `bye`.",
        "the queue `support` has a new `no_agents`, leading to `bye`.",
    ]


def test_an_arm_of_an_experiment_with_its_share(flow: dict[str, Any]) -> None:
    split = {"type": "split", "experiment": "e", "arms": {}}
    flow["nodes"]["welcome"] = split
    split["arms"] = {"a": {"percent": 60, "to": "sales"}, "b": {"percent": 40, "to": "support"}}
    before = copy.deepcopy(flow)
    split["arms"] = {
        "a": {"percent": 50, "to": "sales"},
        "b": {"percent": 40, "to": "support"},
        "c": {"percent": 10, "to": "bye"},
    }
    assert told(flow, before) == [
        "the split `welcome` has a new arm `c` (percent 10), leading to `bye`.",
        "`arms a percent` of the split `welcome` is 50 now (before: 60).",
    ]


def test_flows_that_are_new_or_gone() -> None:
    main = Flow.model_validate(MAIN)
    assert differences(Side({"main": main}), Side({"other": main})) == [
        "The flow `other` is new: 5 nodes, from `welcome` on.",
        "The flow `main` is gone.",
    ]


def test_prompts_in_their_languages() -> None:
    before = Side(
        {},
        {"welcome": {"en": "Hello.", "vi": "Chào."}, "old": {"en": "Old."}, "jingle": {"en": ""}},
        {"en/jingle": "a"},
    )
    after = Side(
        {},
        {
            "welcome": {"en": "Hello.", "vi": "Xin chào.", "fr": "Bonjour."},
            "new": {"en": "New.", "vi": "", "fr": "Neuf."},
            "jingle": {"en": ""},
        },
        {"en/jingle": "b", "en/welcome": "c", "vi/new": "d", "fr/new": "e"},
    )
    assert differences(before, after) == [
        "The prompt `welcome` is there in fr now: “Bonjour.”.",
        "The prompt `welcome` in vi changed from “Chào.” to “Xin chào.”.",
        "The prompt `new` is new: en “New.”, fr “Neuf.” (recorded), vi a recording.",
        "The prompt `old` is gone.",
        "The prompt `jingle` in en has another recording.",
        "The prompt `welcome` in en is recorded by a person now.",
    ]
    assert "The prompt `welcome` in en is not recorded any more." in differences(after, before)
