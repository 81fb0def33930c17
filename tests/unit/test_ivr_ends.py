"""How a flow ends: hang-ups, runaways, and what comes after."""

from __future__ import annotations

from engine.ivr.messages import Alarm, End, Fault, HungUp, LookupEnded, Returned, Tag
from tests.unit.ivr_caller import Caller, ends, flow_of, menu
from tests.unit.ivr_nodes import CRM, EXITS, say


def test_after_a_hang_up_the_flow_does_what_needs_no_caller() -> None:
    handler = {
        "bye": {"type": "tag", "values": {"gone": "call.hung_up"}, "next": "tell"},
        "tell": {**CRM, "save": {}, "ok": "spoken", "error": "spoken"},
        "spoken": say("nobody_hears"),
    }
    flow = flow_of({"ask": menu({"1": "done"}), **handler, **EXITS}, on_hangup="bye")
    someone = Caller(flow)
    someone.hang_up()
    assert someone.of(Tag) == [Tag({"gone": True})]
    assert not someone.ivr.ended
    someone.answer_lookup("ok", {})
    assert someone.ivr.ended
    assert "nobody_hears" not in someone.said
    assert not someone.of(End)


def test_what_comes_after_a_hang_up_takes_five_seconds_at_most() -> None:
    flow = flow_of(
        {"ask": menu({"1": "done"}), "tell": {**CRM, "timeout_seconds": 30}, **EXITS},
        on_hangup="tell",
    )
    someone = Caller(flow)
    someone.hang_up()
    someone.wait(4.9)
    assert not someone.ivr.ended
    someone.wait(0.2)
    assert someone.ivr.ended


def test_a_runaway_is_saved_once_by_the_error_handler() -> None:
    nodes = {"a": {"type": "goto", "to": "b"}, "b": {"type": "goto", "to": "a"}, **ends("sorry")}
    someone = Caller(flow_of(nodes, on_error="sorry"))
    assert len(someone.of(Alarm)) == 1
    assert someone.path[-1] == "sorry"
    someone = Caller(flow_of(nodes, on_error="a"))
    assert isinstance(someone.end, Fault)


def test_a_call_that_stays_too_long_in_menus_is_a_runaway() -> None:
    nodes = {"ask": menu({"1": "ask"}, timeout_seconds=60, noinput="ask", nomatch="ask"), **EXITS}
    someone = Caller(flow_of(nodes, most_minutes=5))
    for _ in range(8):
        someone.wait(59)
        if not someone.ivr.ended:
            someone.press("1")
    assert someone.end == Fault("runaway: more than 5 minutes in flows")


def test_time_with_an_agent_is_no_time_in_menus() -> None:
    queue = {
        "type": "queue",
        "queue": "sales",
        "timeout": "x",
        "full": "x",
        "no_agents": "x",
        "answered": "x",
    }
    someone = Caller(flow_of({"q": queue, "x": say("more"), **EXITS}, most_minutes=1))
    someone.now += 3600
    someone.come_back("answered")
    assert someone.path == ["q", "x"]


def test_the_network_is_told_why() -> None:
    someone = Caller(flow_of({"a": {"type": "hangup", "cause": "busy"}}))
    assert someone.end == End(None, "busy")


def test_an_answer_to_nothing_is_ignored() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}))
    assert someone.send(Returned("answered")) == []
    assert someone.send(LookupEnded(1, "ok")) == []
    assert someone.send(HungUp()) == []
    assert someone.send(Returned("answered")) == []
