"""What the tests of a flow came through, also where a flow calls another and comes back."""

from __future__ import annotations

from rehearsed import NODES, PROMPTS, rehearsal

from engine.ivr.flowset import FlowSet
from engine.ivr.rehearsal.coverage import Coverage, coverage, percent
from engine.ivr.rehearsal.places import places
from engine.ivr.rehearsal.rehearsal import Rehearsal
from engine.ivr.rehearsal.visits import Visits
from engine.ivr.schema import Flow

OUTER = {
    "ask": {"type": "flow", "flow": "asking", "returns": {"yes": "line"}, "next": "bye"},
    "line": {
        "type": "queue",
        "queue": "sales",
        "timeout": "bye",
        "full": "bye",
        "no_agents": "bye",
        "overflow": "bye",
    },
    "bye": NODES["bye"],
}
INNER = {
    "question": {
        "type": "menu",
        "prompts": "choose",
        "keys": {"1": "yes", "2": "no"},
        "attempts": 1,
        "noinput": "no",
        "nomatch": "no",
    },
    "yes": {"type": "return", "as": "yes"},
    "no": {"type": "return", "as": "no"},
}
SHOP = Flow.model_validate({"flow": "shop", "start": "ask", "prompts": PROMPTS, "nodes": OUTER})
ASKING = Flow.model_validate({"flow": "asking", "start": "question", "nodes": INNER})
BOTH = FlowSet({"shop": SHOP, "asking": ASKING})


def called(*keys: str, **given: object) -> Rehearsal:
    call = rehearsal(given, flows=BOTH)
    call.rest()
    for one in keys:
        call.press(one)
        call.rest()
    return call


def covered(flow: Flow, *calls: Rehearsal) -> Coverage:
    visits = Visits()
    for call in calls:
        visits.add(call.visits)
    return coverage(flow, visits)


def names(found: Coverage, kind: str) -> set[str]:
    return {part.name for part in found.of(kind) if part.covered}


def test_a_return_is_the_exit_of_the_node_that_called() -> None:
    found = covered(SHOP, called("1"))
    assert names(found, "exit") == {"ask.yes"}
    assert names(found, "node") == {"ask", "line"}


def test_a_return_without_an_exit_of_its_own_is_next() -> None:
    assert names(covered(SHOP, called("2")), "exit") == {"ask.next"}


def test_the_exits_within_the_other_flow_are_its_own() -> None:
    assert names(covered(ASKING, called("1"), called("7")), "exit") == {
        "question.1",
        "question.nomatch",
    }


def test_an_exit_that_was_left_out_is_the_one_where_it_goes() -> None:
    call = called("1", **{"queue.sales": "unmatched"})
    assert "line.timeout" in names(covered(SHOP, call), "exit")


def test_all_of_it_is_all() -> None:
    found = covered(ASKING, called("1"), called("2"), called("7"), _silent())
    assert [part for part in found.missed() if part.kind != "language"] == []
    assert percent(found.of("exit")) == 100


def test_the_exits_of_a_node_that_nobody_came_to_are_not_listed() -> None:
    missed = {part.name for part in covered(SHOP, called("2")).missed()}
    assert "line" in missed
    assert "line.timeout" not in missed


def test_a_language_is_covered_when_something_was_heard_in_it() -> None:
    assert names(covered(ASKING, called()), "language") == {"en"}


def test_the_places_of_a_flow_are_also_those_of_the_flows_that_it_calls() -> None:
    asks = {"look": {"type": "http", "url": "https://crm.example/", "ok": "no", "error": "no"}}
    inner = ASKING.model_validate(
        {"flow": "asking", "start": "look", "nodes": {**asks, "no": INNER["no"]}}
    )
    assert places(FlowSet({"shop": SHOP, "asking": inner}), "shop") == {"queue.sales", "http.look"}


def _silent() -> Rehearsal:
    call = called()
    call.be_silent()
    call.rest()
    return call
