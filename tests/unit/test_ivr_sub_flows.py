"""Flows within flows: what goes in, what comes back, and how deep."""

from __future__ import annotations

from engine.ivr.messages import Alarm, Digit, Fault
from tests.unit.ivr_caller import Caller, flow_of, menu
from tests.unit.ivr_nodes import EXITS, sub


def test_a_sub_flow_gets_its_parameters_and_brings_back_results() -> None:
    flow = flow_of(
        {
            "a": {
                "type": "flow", "flow": "double", "with": {"n": "21"}, "results": {"twice": "m"},
                "returns": {"ok": "b"}, "next": "lost",
            },
            "b": {"type": "if", "when": "twice == 42", "then": "done", "else": "lost"},
            **EXITS,
        }
    )  # fmt: skip
    double = sub(
        "double",
        {
            "s": {"type": "set", "variables": {"m": "n * 2"}, "next": "r"},
            "r": {"type": "return", "as": "ok", "values": {"m": "m"}},
        },
        params={"n": {"as": "integer"}},
    )
    assert Caller(flow, double).path == ["a", "s", "r", "b", "done"]


def test_a_sub_flow_without_a_parameter_that_it_needs_is_an_alarm_and_the_error_handler() -> None:
    flow = flow_of({"a": {"type": "flow", "flow": "b", "next": "done"}, **EXITS}, on_error="lost")
    inner = sub("b", {"r": {"type": "return"}}, params={"n": {"as": "integer"}})
    someone = Caller(flow, inner)
    assert someone.path == ["a", "lost"]
    assert "`n` is not given" in someone.of(Alarm)[0].text


def test_flows_within_each_other_for_ever_are_stopped() -> None:
    flow = flow_of({"a": {"type": "flow", "flow": "test", "next": "done"}, **EXITS})
    someone = Caller(flow)
    assert someone.end == Fault("runaway: 16 flows within each other")


def test_a_call_in_a_sub_flow_goes_on_there_after_a_crash() -> None:
    flow = flow_of({"a": {"type": "flow", "flow": "inner", "next": "done"}, **EXITS})
    inner = sub(
        "inner", {"ask": menu({"1": "r"}, noinput="r", nomatch="r"), "r": {"type": "return"}}
    )
    someone = Caller(flow, inner)
    from engine.ivr.interpreter import Interpreter

    again = Interpreter(
        someone.ivr.flows, "test", someone.ivr._turn.context, someone.ivr.position()
    )
    again.start(0.0)
    assert [place.node for place in again.position().places] == ["a", "ask"]
    again.handle(Digit("1"), 1.0)
    assert again.position().place.node == "done"
