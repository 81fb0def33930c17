"""What is kept of a caller's way through the flows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine.call_record import CallOutcome, CallRecord, CallTag, ExperimentArm, SurveyAnswer
from engine.calls import notes as n
from engine.calls.conferences.notes import ConferenceJoined
from engine.calls.flows.course import MOST_ANSWERS, MOST_TAGS, MOST_VISITS
from engine.calls.record import fold
from engine.ivr.position import Place


def at(seconds: float, node: str, via: str = "", **more: Any) -> n.NodeEntered:
    """The call comes to a node of `main`, unless ``more`` says otherwise."""
    return n.NodeEntered(seconds, **{"flow": "main", "node": node, "via": via} | more)


def hung_up(seconds: float) -> n.Ended:
    return n.Ended(seconds, "caller", 16)


def talk(seconds: float, agent: str = "mai", queue: str = "support") -> n.TalkBegan:
    return n.TalkBegan(seconds, "100.1-a1", agent, queue, "100.1-b1")


def called(*notes: n.Note) -> CallRecord:
    return fold("100.1", [n.Arrived(1.0, "100.1", "inbound", "1900", "0901"), *notes]).record()


def way(*notes: n.Note) -> list[tuple[str, float, float, str]]:
    """Node, from when to when, and exit of each stay."""
    return [(v.node, v.entered, v.left, v.exit) for v in called(*notes).nodes]


def test_a_stay_ends_by_the_exit_that_leads_to_the_next_node() -> None:
    assert way(
        at(1.5, "welcome"), at(4.0, "menu", "next"), at(9.0, "bye", "2"), n.FlowLeft(12.0, "end"),
        n.Ended(12.5, "engine", 16),
    ) == [
        ("welcome", 1.5, 4.0, "next"), ("menu", 4.0, 9.0, "2"), ("bye", 9.0, 12.0, "end"),
    ]  # fmt: skip


def test_who_hangs_up_drops_out_at_the_node_where_he_is() -> None:
    assert way(at(1.5, "welcome"), at(4.0, "menu", "next"), hung_up(6.0))[1:] == [
        ("menu", 4.0, 6.0, "hangup")
    ]


def test_who_is_hung_up_on_does_not_drop_out() -> None:
    assert way(at(1.5, "welcome"), n.Ended(3.0, "engine", 16)) == [("welcome", 1.5, 3.0, "end")]


def test_what_is_done_for_him_after_he_hung_up_is_no_second_drop_out() -> None:
    stays = way(at(1.5, "menu"), at(4.0, "note", "hangup"), n.FlowLeft(4.2, "hangup"), hung_up(4.2))
    assert stays == [("menu", 1.5, 4.0, "hangup"), ("note", 4.0, 4.2, "end")]


def test_the_talk_is_no_time_in_the_flow_and_its_end_by_the_caller_no_drop_out() -> None:
    wait = (at(2.0, "line", type="queue"), n.VisitBegan(2.0, "support", 2.0), talk(9.0))
    assert way(*wait, hung_up(100.0)) == [("line", 2.0, 9.0, "answered")]
    assert way(*wait, n.TalkEnded(90.0, "agent"), at(90.5, "ask", "answered"), hung_up(95.0)) == [
        ("line", 2.0, 9.0, "answered"), ("ask", 90.5, 95.0, "hangup"),
    ]  # fmt: skip


def test_who_gives_up_in_the_queue_drops_out_there() -> None:
    waits = (at(2.0, "line", type="queue"), n.VisitBegan(2.0, "support", 2.0))
    assert way(*waits, n.VisitEnded(50.0, "abandoned"), hung_up(50.0)) == [
        ("line", 2.0, 50.0, "hangup")
    ]


def test_a_talk_outside_that_took_too_long_is_left_by_that_exit() -> None:
    outside = (at(2.0, "boss", type="transfer"), n.Forwarded(7.0, "100.1-c1", "100.1-b1"))
    assert way(*outside, at(67.0, "sorry", "max_time"), n.Ended(70.0, "engine", 16))[0] == (
        "boss", 2.0, 7.0, "max_time",
    )  # fmt: skip


def test_who_hangs_up_in_a_talk_has_not_dropped_out_whatever_is_done_after() -> None:
    stays = way(
        at(2.0, "line", type="queue"), talk(9.0), n.TalkEnded(60.0, "caller"),
        at(60.0, "note", "hangup", type="http"), n.FlowLeft(61.0, "hangup"), hung_up(60.5),
    )  # fmt: skip
    assert stays == [("line", 2.0, 9.0, "answered"), ("note", 60.0, 60.5, "end")]


def test_who_hangs_up_in_a_conference_has_left_it() -> None:
    joined = ConferenceJoined(5.0, "team", "room-team")
    assert way(at(2.0, "room", type="conference"), joined, hung_up(500.0)) == [
        ("room", 2.0, 5.0, "left")
    ]


def test_who_leaves_a_message_and_hangs_up_has_left_it() -> None:
    left = n.OutcomeSet(9.0, CallOutcome.VOICEMAIL)
    for type_, exit_ in (("voicemail", "saved"), ("queue", "voicemail")):
        node = at(2.0, "message", type=type_)
        assert way(node, left, hung_up(9.0)) == [("message", 2.0, 9.0, exit_)]


def test_the_time_in_a_called_flow_is_its_own_and_the_return_is_the_exit_of_its_node() -> None:
    stays = way(
        at(2.0, "who", type="flow"),
        at(2.0, "pin", flow="identify"),
        at(8.0, "known", "ok", flow="identify"),
        at(8.5, "menu", "known"),
        hung_up(9.0),
    )
    assert stays == [
        ("who", 2.0, 2.0, "known"),
        ("pin", 2.0, 8.0, "ok"),
        ("known", 8.0, 8.5, "known"),
        ("menu", 8.5, 9.0, "hangup"),
    ]


def test_who_hangs_up_in_a_called_flow_drops_out_there_alone() -> None:
    stays = way(
        at(2.0, "who", type="flow"),
        at(2.0, "pin", flow="identify", type="flow"),
        at(3.0, "code", flow="digits"),
        hung_up(9.0),
    )
    assert [(node, exit_) for node, _, _, exit_ in stays] == [
        ("who", "called"), ("pin", "called"), ("code", "hangup"),
    ]  # fmt: skip


def test_a_hang_up_in_a_called_flow_that_the_outer_one_cares_for_is_one_drop_out() -> None:
    stays = way(
        at(2.0, "who", type="flow"),
        at(2.0, "pin", flow="identify"),
        at(9.0, "note", "hangup"),
        n.FlowLeft(9.5, ""),
        hung_up(9.5),
    )
    assert [(node, exit_) for node, _, _, exit_ in stays] == [
        ("who", "called"), ("pin", "hangup"), ("note", "end"),
    ]  # fmt: skip


def test_a_return_through_two_flows_ends_both_by_the_same_exit() -> None:
    stays = way(
        at(2.0, "who", type="flow"),
        at(2.0, "pin", flow="identify", type="flow"),
        at(3.0, "code", flow="digits"),
        at(5.0, "sorry", "failed"),
        n.Ended(6.0, "engine", 16),
    )
    assert [exit_ for _, _, _, exit_ in stays] == ["failed", "failed", "failed", "end"]


def test_a_rule_of_the_queue_that_leads_into_another_flow_ends_the_stay_there() -> None:
    stays = way(
        at(2.0, "line", type="queue"),
        at(30.0, "start", flow="overflow"),
        n.FlowLeft(33.0, ""),
        n.FlowLeft(33.1, "end"),
        n.Ended(34.0, "engine", 16),
    )
    assert stays == [("line", 2.0, 30.0, "sent_on"), ("start", 30.0, 33.0, "end")]


def test_clocks_that_cross_never_let_a_stay_run_backwards_or_out_of_the_call() -> None:
    stays = way(at(5.0, "a"), at(4.9, "b", "next"), n.Ended(4.8, "caller", 16))
    assert [(left - entered, exit_) for _, entered, left, exit_ in stays] == [
        (0, "next"), (0, "hangup"),
    ]  # fmt: skip
    assert {left for _, _, left, _ in stays} == {4.8}


def test_of_a_course_without_end_the_last_stays_are_kept() -> None:
    stays = way(*(at(2.0 + k, f"n{k}", "again") for k in range(1000)), hung_up(5000.0))
    assert len(stays) == MOST_VISITS
    assert (stays[0][0], stays[-1][0]) == ("n700", "n999")


def test_the_record_says_which_version_a_call_began_with() -> None:
    record = called(
        at(2.0, "a", version="v1", milestone="came"), at(3.0, "b", "next", version="v2"), hung_up(4)
    )
    assert record.flow_version == "v1"
    assert [(v.version, v.milestone) for v in record.nodes] == [("v1", "came"), ("v2", "")]


def test_tags_are_kept_as_they_are_last_and_not_without_end() -> None:
    standing = fold(
        "100.1",
        [
            n.Tagged(1.0, {"tier": "silver", "open": 3}, script="https://crm.example/1"),
            n.Tagged(2.0, {"tier": "vàng", "late": [True, None]}, disposition="renewal"),
        ],
    )
    assert standing.course.call_tags() == (
        CallTag("tier", "vàng"), CallTag("open", "3"), CallTag("late", "[true, null]"),
    )  # fmt: skip
    assert (standing.course.script, standing.course.disposition) == (
        "https://crm.example/1", "renewal",
    )  # fmt: skip
    many = called(n.Tagged(2.0, dict.fromkeys(map(str, range(1000)), "x")), hung_up(3.0))
    assert len(many.tags) == MOST_TAGS


def test_an_answer_belongs_to_the_agent_and_queue_of_the_last_talk() -> None:
    record = called(
        n.SurveyTold(2.0, "before", "heard_of_us", "radio"),
        talk(9.0, "an", "sales"),
        talk(20.0),
        n.SurveyTold(30.0, "after", "score", "4"),
        n.SurveyTold(31.0, "after", "why", "", "100.1-s1"),
        n.SurveyTold(32.0, "after", "score", "5"),
        hung_up(40.0),
    )
    assert record.answers == (
        SurveyAnswer("before", "heard_of_us", "radio", "", None, None, 2.0),
        SurveyAnswer("after", "score", "5", "", "mai", "support", 32.0),
        SurveyAnswer("after", "why", "", "100.1-s1", "mai", "support", 31.0),
    )


def test_an_answer_after_a_transfer_belongs_to_the_agent_who_was_called() -> None:
    record = called(
        talk(9.0, "an", "sales"),
        n.NumberDialed(20.0, "100.1-c1", "3001", "mai"),
        n.Forwarded(22.0, "100.1-c1", "100.1-b2"),
        n.SurveyTold(30.0, "after", "score", "4"),
        n.NumberDialed(31.0, "100.1-c2", "0901"),
        n.Forwarded(32.0, "100.1-c2", "100.1-b3"),
        n.SurveyTold(40.0, "after", "score", "1"),
        hung_up(41.0),
    )
    assert [(a.value, a.agent, a.queue) for a in record.answers] == [
        ("4", "mai", None), ("1", None, None),
    ]  # fmt: skip


def test_each_talk_has_answers_of_its_own_but_not_without_end() -> None:
    asked_twice = (talk(9.0, "an"), n.SurveyTold(10.0, "s", "q", "1"), talk(20.0, "mai"))
    record = called(*asked_twice, n.SurveyTold(30.0, "s", "q", "5"), hung_up(40.0))
    assert [(a.agent, a.value) for a in record.answers] == [("an", "1"), ("mai", "5")]
    many = called(*(n.SurveyTold(2.0, "s", str(k), "1") for k in range(1000)), hung_up(3.0))
    assert len(many.answers) == MOST_ANSWERS


def test_a_call_stays_in_its_arm() -> None:
    arms = (n.ArmChosen(2.0, "hello", "short"), n.ArmChosen(3.0, "hello", "long"))
    assert called(*arms, hung_up(4.0)).arms == (ExperimentArm("hello", "short"),)


def test_nothing_that_the_flow_has_gathered_is_in_the_record() -> None:
    secret = "4111111111111111"
    record = called(
        at(2.0, "a", variables={"card": secret}, shared={"card": secret}),
        at(
            3.0, "b", "next",
            variables={"pin": secret}, outer=(Place("main", "a", {"card": secret}),),
        ),
        hung_up(4.0),
    )  # fmt: skip
    assert record.nodes
    assert secret not in repr(asdict(record))
