"""Where a call goes: hours, queues, ends, hang-ups, guards, and going on after a crash."""

from __future__ import annotations

import pytest
from ivr_caller import BYE, Caller, ends, flow_of, gather, menu

from engine.ivr.messages import Digit, End, Enqueue, Entered, Fault, HungUp, PlayEnded, Returned
from engine.ivr.schema import NeedStep

QUEUE = {"type": "queue", "queue": "sales", "timeout": "late", "full": "full", "no_agents": "none"}
AFTER = ends("late", "full", "none", "after")


# -- hours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "closed", "holiday"])
def test_the_calendar_decides_the_way(state: str) -> None:
    hours = {"type": "hours", "calendar": "office", "open": "a", "closed": "b", "holiday": "c"}
    someone = Caller(flow_of({"h": hours, **ends("a", "b", "c")}), hours=state)
    assert someone.path == ["h", {"open": "a", "closed": "b", "holiday": "c"}[state]]


@pytest.mark.parametrize("state", ["holiday", "closed", "something new"])
def test_what_is_not_open_is_closed_when_the_flow_has_no_way_of_its_own_for_it(state: str) -> None:
    hours = {"type": "hours", "calendar": "office", "open": "a", "closed": "b"}
    someone = Caller(flow_of({"h": hours, **ends("a", "b")}), hours=state)
    assert someone.path == ["h", "b"]


@pytest.mark.parametrize(
    ("state", "outcome"), [("open", None), ("closed", "out_of_hours"), ("holiday", "out_of_hours")]
)
def test_the_record_says_out_of_hours_without_the_author_having_to(
    state: str, outcome: str | None
) -> None:
    hours = {"type": "hours", "calendar": "office", "open": "a", "closed": "b"}
    someone = Caller(flow_of({"h": hours, **ends("a", "b")}), hours=state)
    assert someone.ivr.outcome == outcome
    someone.listen()
    assert someone.end == End(outcome)


def test_a_caller_of_a_closed_branch_who_reaches_a_queue_is_not_out_of_hours() -> None:
    hours = {"type": "hours", "calendar": "office", "open": "q", "closed": "q"}
    someone = Caller(flow_of({"h": hours, "q": QUEUE, **AFTER}), hours="closed")
    assert someone.ivr.outcome is None
    someone.leave_queue("timeout")
    someone.listen()
    assert someone.end == End(None)


def test_an_outcome_written_in_the_flow_wins() -> None:
    flow = flow_of({"bye": {"type": "hangup", "outcome": "self_served"}})
    assert Caller(flow).end == End("self_served")


# -- queues -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "node"), [("timeout", "late"), ("full", "full"), ("no_agents", "none")]
)
def test_a_caller_who_leaves_the_queue_goes_on_at_the_exit_of_that_reason(
    reason: str, node: str
) -> None:
    someone = Caller(flow_of({"q": QUEUE, **AFTER}))
    assert someone.queued == ["sales"]
    someone.leave_queue(reason)
    assert someone.path[-1] == node


@pytest.mark.parametrize("reason", ["answered", "callback", "voicemail"])
def test_the_call_ends_after_the_talk_the_message_or_the_promise_to_call_back(reason: str) -> None:
    someone = Caller(flow_of({"q": QUEUE, **AFTER}))
    someone.leave_queue(reason)
    assert someone.end == End(None)


@pytest.mark.parametrize("reason", ["unmatched", "overflow"])
def test_a_caller_whom_the_queue_sends_on_leaves_like_one_who_waited_too_long(reason: str) -> None:
    someone = Caller(flow_of({"q": QUEUE, **AFTER}))
    someone.leave_queue(reason)
    assert someone.path[-1] == "late"


@pytest.mark.parametrize("reason", ["answered", "callback", "voicemail", "unmatched", "overflow"])
def test_the_call_goes_on_where_the_flow_says_so(reason: str) -> None:
    someone = Caller(flow_of({"q": {**QUEUE, reason: "after"}, **AFTER}))
    someone.leave_queue(reason)
    assert someone.path[-1] == "after"


def test_a_flow_says_what_its_caller_needs_and_how_long_he_counts_as_having_waited() -> None:
    steps = [{"need": "billing >= 3", "seconds": "20"}, "billing >= 1"]
    someone = Caller(flow_of({"q": {**QUEUE, "needs": steps, "priority_seconds": "60"}, **AFTER}))
    (enqueue,) = someone.of(Enqueue)
    assert [(step.need, step.seconds) for step in enqueue.needs] == [
        ("billing >= 3", 20),
        ("billing >= 1", None),
    ]
    assert enqueue.offset_seconds == 60


def test_needs_of_one_step_are_written_as_a_text() -> None:
    someone = Caller(flow_of({"q": {**QUEUE, "needs": "billing >= 3"}, **AFTER}))
    assert someone.of(Enqueue) == [Enqueue("sales", (NeedStep(need="billing >= 3"),))]


def test_a_caller_waits_for_the_agent_whose_customer_he_is() -> None:
    someone = Caller(flow_of({"q": {**QUEUE, "owner": "mai"}, **AFTER}))
    assert someone.of(Enqueue) == [Enqueue("sales", owner="mai")]


@pytest.mark.parametrize(("keys", "owner"), [("3001#", "3001"), ("", "")])
def test_a_caller_types_the_extension_of_the_agent_he_wants(keys: str, owner: str) -> None:
    ask = gather(variable="extension", ok="q", noinput="q", attempts=1)
    queue = {**QUEUE, "owner": "$extension"}
    someone = Caller(flow_of({"ask": ask, "q": queue, **AFTER, **ends("lost")}))
    someone.listen()
    someone.press(keys) if keys else someone.silence()
    assert someone.of(Enqueue) == [Enqueue("sales", owner=owner)]


def test_keys_in_the_queue_are_dropped_and_no_timer_runs() -> None:
    someone = Caller(flow_of({"q": QUEUE, **AFTER}))
    assert someone.press("123") == []
    assert someone.ivr.next_deadline() is None
    someone.leave_queue("timeout")
    assert someone.said == ["late"]


def test_a_key_typed_ahead_into_a_queue_does_not_survive_it() -> None:
    nodes = {
        "hi": {"type": "say", "prompts": "hello", "next": "q"},
        "q": {**QUEUE, "timeout": "ask"},
        "ask": menu({"1": "after"}, noinput="after", nomatch="after"),
    }
    someone = Caller(flow_of({**nodes, **AFTER}))
    someone.press("1")
    someone.leave_queue("timeout")
    assert someone.path == ["hi", "q", "ask"]


def test_news_of_a_queue_means_nothing_outside_of_one() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "a"}), **ends("a", "silent", "lost")}))
    before = list(someone.actions)
    someone.leave_queue("answered")
    assert someone.actions == before
    assert not someone.ivr.ended


# -- ends ---------------------------------------------------------------------------------------


def test_the_good_bye_is_heard_to_its_end_whatever_is_pressed() -> None:
    someone = Caller(flow_of(ends("bye")))
    assert someone.press("123#") == []
    someone.listen()
    assert someone.end == End(None)


@pytest.mark.parametrize("event", [Digit("1"), PlayEnded(1), Returned("answered"), HungUp()])
def test_after_the_end_nothing_happens(event: Digit | PlayEnded | Returned | HungUp) -> None:
    someone = Caller(flow_of({"bye": BYE}))
    assert someone.end == End(None)
    assert someone.send(event) == []
    assert someone.ivr.next_deadline() is None
    assert someone.ivr.on_deadline(someone.now + 100) == []


def test_a_caller_who_hangs_up_ends_everything_wherever_he_is() -> None:
    playing = Caller(flow_of(ends("bye")))
    listening = Caller(flow_of({"ask": menu({"1": "a"}), **ends("a", "silent", "lost")}))
    listening.listen()
    queued = Caller(flow_of({"q": QUEUE, **AFTER}))
    for someone in (playing, listening, queued):
        assert someone.hang_up() == []
        assert someone.ivr.ended
        assert someone.ivr.next_deadline() is None
        assert someone.send(PlayEnded(1)) == []
        assert someone.send(Returned("timeout")) == []


def test_a_timer_that_ran_out_before_the_hang_up_does_nothing_more() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "a"}), **ends("a", "silent", "lost")}))
    someone.listen()
    someone.now += 60
    assert someone.hang_up() == []


# -- guards -------------------------------------------------------------------------------------


def test_a_caller_who_repeats_a_menu_for_ever_is_stopped_at_the_twenty_first_visit() -> None:
    someone = Caller(flow_of({"ask": menu({"*": "ask"}), **ends("silent", "lost")}))
    someone.press("*" * 19)
    assert someone.end is None
    someone.press("*")
    assert someone.end == Fault("runaway: node ask entered more than 20 times")
    assert someone.ivr.ended


def test_a_call_is_stopped_at_its_two_hundred_and_first_node() -> None:
    nodes = {f"m{n}": menu({"1": f"m{(n + 1) % 15}"}) for n in range(15)}
    someone = Caller(flow_of({**nodes, **ends("silent", "lost")}))
    someone.press("1" * 199)
    assert someone.end is None
    someone.press("1")
    assert someone.end == Fault("runaway: more than 200 nodes in one call")


def test_a_call_is_stopped_when_it_passes_fifty_nodes_at_once() -> None:
    nodes = {
        f"l{n}": {"type": "language", "language": "en", "next": f"l{n + 1}"} for n in range(60)
    }
    someone = Caller(flow_of({**nodes, "l60": BYE}))
    assert someone.end == Fault("runaway: 50 nodes at once, without media or input")
    assert len(someone.path) == 50


def test_an_exit_that_was_left_out_is_a_fault_and_not_silence() -> None:
    someone = Caller(flow_of({"a": {"type": "say", "prompts": "one"}}))
    someone.listen()
    assert someone.end == Fault("node a: exit next leads nowhere")


def test_an_exit_to_a_node_that_is_not_there_is_a_fault_and_not_a_crash() -> None:
    someone = Caller(flow_of({"a": {"type": "say", "prompts": "one", "next": "b"}}))
    someone.listen()
    assert someone.end == Fault("node a: exit next leads to b, which does not exist")


# -- after a crash ------------------------------------------------------------------------------


def test_a_call_goes_on_in_the_menu_where_it_was_in_its_language() -> None:
    flow = flow_of(
        {"hi": {"type": "say", "prompts": "hello", "next": "ask"}, "ask": menu({"1": "a"})}
        | ends("a", "silent", "lost")
    )
    someone = Caller(
        flow, route_language="en", at="ask", language="vi", variables={"account": "12"}
    )
    assert someone.actions[0] == Entered("ask", "menu", "", "test")
    assert someone.playing
    assert someone.playing.language == "vi"
    assert someone.variables == {"account": "12"}


def test_a_call_goes_on_in_its_queue() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "q"}), "q": QUEUE, **AFTER}), at="q")
    assert someone.actions == [Entered("q", "queue", "", "test"), Enqueue("sales")]
    someone.leave_queue("full")
    assert someone.path[-1] == "full"


def test_a_call_whose_node_was_removed_meanwhile_begins_anew() -> None:
    someone = Caller(flow_of(ends("bye")), at="gone")
    assert someone.path == ["bye"]


def test_the_way_taken_is_told_with_each_node() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "a"}), **ends("a", "silent", "lost")}))
    someone.press("1")
    assert someone.of(Entered) == [
        Entered("ask", "menu", "", "test"),
        Entered("a", "hangup", "1", "test"),
    ]
