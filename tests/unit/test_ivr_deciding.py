"""Nodes that decide: conditions, switches, splits, hours, the start; and what variables keep."""

from __future__ import annotations

from typing import Any

from engine.ivr.messages import Alarm, Chosen, Evaluated, Fault
from tests.unit.ivr_caller import BYE, Caller, ends, flow_of, menu
from tests.unit.ivr_nodes import EXITS, say, sub


def decide(node: dict[str, Any], **variables: Any) -> Caller:
    """A caller whose flow comes to this node with these variables."""
    flow = flow_of({"a": node, **ends("yes", "no", "other", "sorry")}, on_error="sorry")
    return Caller(flow, at="a", variables=variables)


def test_an_if_goes_the_way_that_its_expression_says_and_tells_it() -> None:
    someone = decide(
        {"type": "if", "when": 'tier == "gold"', "then": "yes", "else": "no"}, tier="gold"
    )
    assert someone.path == ["a", "yes"]
    assert someone.of(Evaluated) == [Evaluated('tier == "gold"', "true")]


def test_what_nobody_has_set_is_null_and_not_an_error() -> None:
    node = {"type": "if", "when": 'tier == "gold"', "then": "yes", "else": "no"}
    flow = flow_of(
        {
            "a": node,
            "set": {"type": "set", "variables": {"tier": "'gold'"}, "next": "a"},
            **ends("yes", "no"),
        }
    )
    assert Caller(flow).path == ["a", "no"]


def test_an_expression_that_fails_goes_to_the_nodes_own_error_exit() -> None:
    someone = decide(
        {"type": "if", "when": "age > 8", "then": "yes", "else": "no", "error": "other"}, age="x"
    )
    assert someone.path == ["a", "other"]
    assert len(someone.of(Alarm)) == 1


def test_an_expression_that_fails_goes_to_the_flows_error_handler_else() -> None:
    someone = decide({"type": "if", "when": "age > 8", "then": "yes", "else": "no"}, age="x")
    assert someone.path == ["a", "sorry"]


def test_an_expression_that_fails_without_any_handler_is_a_fault() -> None:
    flow = flow_of({"a": {"type": "if", "when": "x > 8", "then": "b", "else": "b"}, "b": BYE})
    someone = Caller(flow, at="a", variables={"x": "eight"})
    assert isinstance(someone.end, Fault)


def test_a_switch_takes_the_first_case_that_is_true() -> None:
    cases = [{"when": "n > 10", "to": "yes"}, {"when": "n > 5", "to": "no"}]
    node = {"type": "switch", "cases": cases, "else": "other"}
    assert decide(node, n=7).path == ["a", "no"]
    assert decide(node, n=11).path == ["a", "yes"]
    assert decide(node, n=1).path == ["a", "other"]


def test_variables_of_the_call_are_seen_everywhere_those_of_a_flow_only_there() -> None:
    flow = flow_of(
        {
            "a": {"type": "set", "variables": {"mine": "1", "call.ours": "'x'"}, "next": "b"},
            "b": {"type": "flow", "flow": "inner", "next": "done"},
            **EXITS,
        }
    )
    inner = sub(
        "inner",
        {
            "i": {
                "type": "if",
                "when": "call.ours == 'x' && mine == null",
                "then": "r",
                "else": "r2",
            },
            "s": {"type": "set", "variables": {"mine": "2"}, "next": "r"},
            "r": {"type": "return"},
            "r2": {"type": "return", "as": "wrong"},
        },
    )
    someone = Caller(flow, inner)
    assert someone.path == ["a", "b", "i", "r", "done"]


def test_the_calls_own_facts_can_be_asked() -> None:
    node = {
        "type": "if",
        "when": "call.caller == '0901' && call.hour == 0",
        "then": "yes",
        "else": "no",
    }
    assert decide(node).path == ["a", "yes"]


def test_a_split_puts_the_same_caller_into_the_same_arm_and_tells_it() -> None:
    arms = {"old": {"percent": 50, "to": "yes"}, "new": {"percent": 50, "to": "no"}}
    flow = flow_of(
        {"a": {"type": "split", "experiment": "menu", "arms": arms}, **ends("yes", "no")}
    )
    taken = {number: Caller(flow, caller=str(number)).of(Chosen)[0].arm for number in range(400)}
    assert 150 < list(taken.values()).count("old") < 250
    assert all(Caller(flow, caller=str(n)).of(Chosen)[0].arm == arm for n, arm in taken.items())


def test_hours_tell_which_and_when_it_opens_again() -> None:
    node = {
        "type": "hours",
        "calendar": "office",
        "open": "yes",
        "closed": "tell",
        "holiday": "tell",
    }
    flow = flow_of(
        {
            "a": node,
            "tell": say([{"value": "hours.next_open", "as": "datetime"}]),
            **ends("yes", "done"),
        }
    )
    someone = Caller(flow)
    assert someone.path == ["a", "yes"]
    someone = Caller(flow, hours="holiday")
    assert someone.path == ["a", "tell", "done"]  # nothing is known of the next opening
    assert len(someone.of(Alarm)) == 1


def test_emergency_is_closed_where_it_has_no_exit_of_its_own() -> None:
    node = {"type": "hours", "calendar": "office", "open": "yes", "closed": "no"}
    flow = flow_of({"a": node, **ends("yes", "no")})
    assert Caller(flow, hours="emergency").path == ["a", "no"]
    node["emergency"] = "yes"
    flow = flow_of({"a": node, **ends("yes", "no")})
    assert Caller(flow, hours="emergency").path == ["a", "yes"]


def test_the_start_guesses_the_language_by_the_longest_beginning() -> None:
    node = {"type": "start", "languages": {"+84": "vi", "+8428": "en"}, "next": "done"}
    flow = flow_of({"a": node, **EXITS})
    assert Caller(flow, caller="+84901").ivr.language == "vi"
    assert Caller(flow, caller="+842812").ivr.language == "en"


def test_who_is_called_back_may_begin_elsewhere() -> None:
    node = {"type": "start", "next": "done", "callback": "silent"}
    flow = flow_of({"a": node, **EXITS})
    assert Caller(flow, entry="callback").path == ["a", "silent"]
    assert Caller(flow).path == ["a", "done"]


def test_a_value_that_doubles_each_time_does_not_fill_the_memory() -> None:
    doubling = {"s": "s + s", "l": "l + l"}
    nodes = {
        "a": {"type": "set", "variables": {"s": "'xyz'", "l": "[1]"}, "next": "ask"},
        "more": {"type": "set", "variables": doubling, "next": "ask"},
        "ask": menu({"1": "more"}),
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("1" * 18)
    assert len(someone.variables["s"]) == 10_000
    assert len(someone.variables["l"]) == 1_000


def test_what_no_journal_can_keep_becomes_a_text_or_nothing() -> None:
    values = {"t": "timestamp('2027-02-06T00:00:00Z')", "n": "double('nan')"}
    flow = flow_of(
        {"a": {"type": "set", "variables": values, "next": "ask"}, "ask": menu({"1": "a"})} | EXITS
    )
    assert Caller(flow).variables == {"t": "2027-02-06 00:00:00+00:00", "n": None}
