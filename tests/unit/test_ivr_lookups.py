"""Lookups in a flow: what is asked, what becomes of the answer, and of secrets."""

from __future__ import annotations

from typing import Any

import pytest

from engine.ivr.messages import Lookup, LookupEnded, StopPlay
from tests.unit.ivr_caller import Caller, ends, flow_of, gather, menu
from tests.unit.ivr_nodes import CRM, EXITS


def crm(**settings: Any) -> Caller:
    """A caller whose flow asks the CRM."""
    return Caller(flow_of({"a": {**CRM, **settings}, **EXITS, **ends("gone", "slow")}))


def test_an_answer_becomes_variables_of_their_types() -> None:
    someone = crm()
    request = someone.of(Lookup)[0].request
    assert (request.method, request.url, request.name) == (
        "GET",
        "https://crm.example/customers/0901",
        "a",
    )
    someone.answer_lookup("ok", {"tier": "gold", "orders": [{"id": 7}]})
    assert someone.path == ["a", "done"]
    assert someone.variables == {"tier": "gold", "n": 7}


def test_an_answer_without_what_it_must_have_is_an_error() -> None:
    someone = crm()
    someone.answer_lookup("ok", {"tier": "gold"})
    assert someone.path == ["a", "lost"]


@pytest.mark.parametrize("result", ["not_found", "refused", "failed", "timeout", "error"])
def test_each_failure_has_its_exit_or_that_for_all(result: str) -> None:
    someone = crm()
    someone.answer_lookup(result)
    assert someone.path == ["a", "lost"]
    if result != "error":
        someone = crm(**{result: "gone"})
        someone.answer_lookup(result)
        assert someone.path == ["a", "gone"]


def test_what_a_caller_typed_cannot_lead_to_another_address() -> None:
    flow = flow_of({"a": {**CRM, "url": "https://crm.example/{{ n }}"}, **EXITS})
    someone = Caller(flow, at="a", variables={"n": "../../admin?x=1#@evil.example"})
    assert someone.of(Lookup)[0].request.url == (
        "https://crm.example/..%2F..%2Fadmin%3Fx%3D1%23%40evil.example"
    )


def test_what_a_caller_or_an_answer_says_names_no_secret_of_the_installation() -> None:
    node = {
        **CRM,
        "method": "POST",
        "headers": {"X-Who": "{{ who }}", "X-Key": "${secret:KEY}"},
        "body": {"who": "{{ who }}", "text": "I am {{ who }}", "all": "{{ answer }}"},
    }
    words = "${secret:KEY}"
    someone = Caller(
        flow_of({"a": node, **EXITS}),
        at="a",
        variables={"who": words, "answer": {"deep": [words]}},
    )
    request = someone.of(Lookup)[0].request
    assert request.headers["X-Key"] == words
    assert words not in repr((request.headers["X-Who"], request.body))


def test_what_a_caller_typed_is_no_way_up() -> None:
    flow = flow_of({"a": {**CRM, "url": "https://crm.example/customers/{{ n }}/x"}, **EXITS})
    someone = Caller(flow, at="a", variables={"n": ".."})
    assert someone.of(Lookup)[0].request.url == "https://crm.example/customers//x"


def test_a_filler_is_said_over_and_over_until_the_answer_comes() -> None:
    someone = crm(filler="wait", filler_after_seconds=1)
    someone.wait(1)
    assert someone.said == ["wait"]
    someone.listen()
    someone.wait(1)
    assert someone.said == ["wait", "wait"]
    someone.answer_lookup("ok", {"orders": [{"id": 1}]})
    assert someone.of(StopPlay)
    assert someone.path == ["a", "done"]


def test_keys_pressed_during_a_lookup_are_kept_for_the_menu_that_follows() -> None:
    flow = flow_of({"a": {**CRM, "ok": "ask"}, "ask": menu({"12": "done"}), **EXITS})
    someone = Caller(flow)
    someone.press("12")
    someone.answer_lookup("ok", {"orders": [{"id": 1}]})
    assert someone.path == ["a", "ask", "done"]


def test_a_lookup_whose_end_is_never_told_is_a_timeout() -> None:
    someone = crm(timeout="slow", timeout_seconds=2)
    someone.wait(60)
    assert someone.path == ["a", "slow"]
    assert someone.send(LookupEnded(1, "ok", {})) == []


def test_a_secret_is_sent_in_the_body_alone_and_is_neither_cached_nor_remembered() -> None:
    node = {**CRM, "method": "POST", "body": {"pin": "{{ pin }}", "n": 1}, "cache_seconds": 60}
    flow = flow_of({"ask": gather(variable="pin", secret=True, ok="a"), "a": node, **EXITS})
    someone = Caller(flow)
    someone.press("7359#")
    request = someone.of(Lookup)[0].request
    assert request.body == {"pin": "7359", "n": 1}
    assert request.private
    assert request.cache_seconds == 0
    assert "7359" not in repr([a for a in someone.actions if not isinstance(a, Lookup)])
    assert "7359" not in repr(someone.ivr.position())
