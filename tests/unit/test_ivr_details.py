"""Small promises of the interpreter, each by itself: a slip in one line would break it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ivr_caller import Caller, ends, flow_of, gather, menu

from engine.ivr.interpreter import Interpreter
from engine.ivr.messages import (
    Deaf,
    Digit,
    End,
    Fault,
    Heard,
    Lookup,
    LookupEnded,
    Play,
    PlayEnded,
    Said,
    SpeechBegan,
    SurveyAnswered,
)

EXITS = ends("done", "silent", "lost")
ASK_ELSEWHERE = {"type": "http", "url": "https://crm.example/", "error": "lost"}


def test_the_late_answer_of_an_earlier_request_is_no_answer_of_this_one() -> None:
    nodes = {
        "first": {**ASK_ELSEWHERE, "ok": "lost", "timeout": "second"},
        "second": {**ASK_ELSEWHERE, "ok": "done"},
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.wait(6)
    assert someone.send(LookupEnded(1, "ok", {})) == []
    assert someone.node == "second"
    someone.send(LookupEnded(2, "ok", {}))
    assert someone.path[-1] == "done"


def test_a_filler_that_is_said_at_once_leaves_a_pause_before_it_is_said_again() -> None:
    node = {**ASK_ELSEWHERE, "ok": "done", "filler": "one_moment", "filler_after_seconds": 0}
    someone = Caller(flow_of({"a": node, **EXITS}))
    someone.wait(0)
    assert someone.said == ["one_moment"]
    someone.listen()
    assert someone.ivr.next_deadline() == pytest.approx(someone.now + 0.5)


def test_who_is_not_understood_any_more_is_not_kept_waiting_for_his_words_later_on() -> None:
    wish = {"type": "listen", "prompts": "choose", "noinput": "silent", "nomatch": "lost"}
    wish |= {"intents": {"buy": {"to": "done", "phrases": {"en": "buy"}}}, "deaf": "lost"}
    someone = Caller(flow_of({"ask": menu({"1": "wish"}), "wish": wish, **EXITS}))
    someone.send(Deaf())
    someone.press("1")
    someone.listen()
    assert someone.path[:3] == ["ask", "wish", "lost"]


def test_a_key_counts_also_when_it_is_pressed_into_ones_own_words() -> None:
    phrases = {"to": "lost", "phrases": {"en": "buy"}}
    someone = Caller(flow_of({"ask": menu({"1": "done", "12": "lost", "3": phrases}), **EXITS}))
    someone.listen()
    someone.send(SpeechBegan())
    someone.press("1")
    someone.wait(2)
    assert someone.path == ["ask", "done"]


def test_a_key_of_the_flow_counts_only_as_the_first_key() -> None:
    nodes = {"ask": menu({"12": "done"}, attempts=1), **EXITS, **ends("operator")}
    someone = Caller(flow_of(nodes, global_keys={"0": "operator"}))
    someone.press("10")
    assert someone.path == ["ask", "lost"]


def test_who_starts_over_has_all_the_time_of_the_beginning_again() -> None:
    someone = Caller(flow_of({"ask": gather(clear_key="*", attempts=1), **EXITS}))
    someone.listen()
    someone.press("1")
    someone.wait(1.5)
    someone.press("*")
    someone.wait(4.9)
    assert someone.node == "ask"
    someone.wait(0.2)
    assert someone.path == ["ask", "silent"]


def test_what_was_typed_ahead_of_a_wrong_key_is_not_used_for_the_next_attempt() -> None:
    nodes = {"a": {**ASK_ELSEWHERE, "ok": "ask"}, "ask": menu({"1": "done"}), **EXITS}
    someone = Caller(flow_of(nodes))
    someone.press("91")
    someone.answer_lookup()
    assert someone.of(Heard) == [Heard("9", "nomatch")]
    assert someone.node == "ask"


def test_the_variables_of_a_call_are_there_again_after_a_crash() -> None:
    name = {"type": "set", "variables": {"call.name": "'Lan'"}, "next": "ask"}
    flow = flow_of({"a": name, "ask": menu({"1": "greet"}), "greet": _greet(), **EXITS})
    someone = Caller(flow)
    again = Interpreter(
        someone.ivr.flows, "test", someone.ivr._turn.context, someone.ivr.position()
    )
    again.start(0.0)
    assert again.position().shared == {"name": "Lan"}


def _greet() -> dict[str, Any]:
    return {"type": "say", "prompts": [{"text": "Dear {{ call.name }}"}], "next": "done"}


def test_a_secret_stays_out_of_an_address_also_in_a_flow_that_was_never_checked() -> None:
    node = {**ASK_ELSEWHERE, "ok": "done", "url": "https://crm.example/{{ account }}"}
    node |= {"params": {"pin": "{{ account }}"}, "headers": {"X-Pin": "{{ account }}"}}
    someone = Caller(flow_of({"ask": gather(secret=True, ok="a"), "a": node, **EXITS}))
    someone.press("7395#")
    request = someone.of(Lookup)[0].request
    assert (request.url, request.headers) == ("https://crm.example/?pin=", {"X-Pin": ""})


def test_the_return_of_a_flow_is_told_by_its_own_name() -> None:
    flow = flow_of({"a": {"type": "flow", "flow": "inner", "next": "done"}, **EXITS})
    inner = flow_of({"r": {"type": "return", "as": "unknown"}}, flow="inner")
    someone = Caller(flow, inner)
    assert [entered.via for entered in someone.actions if hasattr(entered, "via")] == [
        "", "", "unknown",
    ]  # fmt: skip
    assert someone.of(Play)[0].prompts == ("done",)


def test_words_into_what_they_must_not_cut_are_not_taken() -> None:
    spoken = {"1": {"to": "done", "phrases": {"en": "buy"}}}
    prompts = ["choose", {"prompt": "notice", "barge_in": "keys"}]
    someone = Caller(flow_of({"ask": menu(spoken, prompts=prompts), **EXITS}))
    assert someone.playing is not None
    someone.send(PlayEnded(someone.playing.play))
    assert someone.send(Said("buy", 0.9)) == []
    someone.listen()
    someone.send(Said("buy", 0.9))
    assert someone.path == ["ask", "done"]


def test_a_value_of_several_lines_begins_no_further_header() -> None:
    node = {**ASK_ELSEWHERE, "ok": "done", "headers": {"X-Who": "{{ who }}"}}
    flow = flow_of({"a": node, **EXITS})
    someone = Caller(flow, at="a", variables={"who": "Lan\r\nX-Admin: yes"})
    assert someone.of(Lookup)[0].request.headers == {"X-Who": "Lan X-Admin: yes"}


@pytest.mark.parametrize("when", ["tier", "size(tier)", "null", "size(7) > 1"])
def test_what_is_said_on_a_condition_is_said_when_it_is_true_and_not_else(when: str) -> None:
    say = {"type": "say", "prompts": ["one", {"prompt": "two", "when": when}], "next": "done"}
    someone = Caller(flow_of({"a": say, **EXITS}), at="a", variables={"tier": "gold"})
    assert someone.said == ["one"]


def test_words_after_a_key_are_not_taken() -> None:
    spoken = {"12": {"to": "done", "phrases": {"en": "buy"}}, "3": "lost"}
    someone = Caller(flow_of({"ask": menu(spoken), **EXITS}))
    someone.press("1")
    assert someone.send(Said("buy", 0.9)) == []
    someone.press("2")
    assert someone.results == [("12", "ok")]


def test_who_speaks_as_the_recogniser_fails_can_still_press_a_key() -> None:
    spoken = {"1": {"to": "done", "phrases": {"en": "buy"}}}
    someone = Caller(flow_of({"ask": menu(spoken), **EXITS}))
    someone.listen()
    someone.send(SpeechBegan())
    someone.send(Deaf())
    assert someone.ivr.next_deadline() == pytest.approx(someone.now + 5)
    someone.press("1")
    assert someone.path == ["ask", "done"]


def test_a_text_with_nothing_in_it_is_not_spoken() -> None:
    say = {"type": "say", "prompts": ["one", {"text": " {{ tier }} "}], "next": "done"}
    someone = Caller(flow_of({"a": say, **EXITS}), at="a", variables={"tier": None})
    assert someone.said == ["one"]


def test_a_clock_that_is_set_back_does_not_set_back_a_call() -> None:
    someone = Caller(flow_of({"ask": gather(), **EXITS}))
    someone.listen()
    someone.press("1")
    pressed = someone.now
    someone.now -= 3600
    someone.press("2")
    assert someone.ivr.next_deadline() == pytest.approx(pressed + 2)


def test_the_end_of_an_errand_that_comes_after_the_hang_up_means_nothing() -> None:
    queue = {"type": "queue", "queue": "sales", "timeout": "done", "full": "done"}
    nodes = {
        "q": {**queue, "no_agents": "done"},
        "note": {**ASK_ELSEWHERE, "ok": "over", "error": "over"},
        "over": {"type": "hangup"},
    }
    someone = Caller(flow_of({**nodes, **EXITS}, on_hangup="note"))
    someone.hang_up()
    assert someone.come_back("timeout") == []
    assert someone.node == "note"


def test_what_cannot_be_played_is_not_tried_again() -> None:
    say = {"type": "say", "prompts": "one", "repeat": 3, "next": "done", "error": "lost"}
    someone = Caller(flow_of({"a": say, **EXITS}))
    someone.send(PlayEnded(1, ok=False))
    assert (someone.said, someone.path) == (["one", "lost"], ["a", "lost"])


# -- after the hang-up ---------------------------------------------------------------------------


def test_who_hangs_up_within_a_flow_that_says_nothing_of_it_leaves_by_the_one_that_called() -> None:
    nodes = {"a": {"type": "flow", "flow": "inner", "next": "done"}, "gone": {"type": "hangup"}}
    inner = flow_of(
        {"i": menu({"1": "r"}, noinput="r", nomatch="r"), "r": {"type": "return"}}, flow="inner"
    )
    someone = Caller(flow_of({**nodes, **EXITS}, on_hangup="gone"), inner)
    someone.hang_up()
    assert someone.path == ["a", "i", "gone"]


def test_nobody_is_asked_or_entertained_after_the_hang_up() -> None:
    node = {**ASK_ELSEWHERE, "ok": "ask", "filler": "one_moment", "filler_after_seconds": 1}
    nodes = {"first": menu({"1": "done"}), "a": node, "ask": menu({"1": "done"})}
    someone = Caller(flow_of({**nodes, **EXITS}, on_hangup="a"))
    said = len(someone.said)
    someone.hang_up()
    someone.wait(2)
    someone.answer_lookup()
    assert someone.node == "ask"
    assert someone.ivr.ended
    assert someone.said[said:] == []


# -- ends of nodes -------------------------------------------------------------------------------


def test_a_return_of_a_flow_that_nobody_called_is_the_end_of_the_call() -> None:
    someone = Caller(flow_of({"r": {"type": "return", "as": "ok"}}))
    assert someone.end == End(None)


@pytest.mark.parametrize("when", ["tier", "1", "null"])
def test_only_true_is_true(when: str) -> None:
    node = {"type": "if", "when": when, "then": "lost", "else": "done"}
    someone = Caller(flow_of({"a": node, **EXITS}), at="a", variables={"tier": "gold"})
    assert someone.path == ["a", "done"]


def test_a_fault_names_what_failed_and_not_the_exit_that_was_left_out() -> None:
    node = {"type": "set", "variables": {"n": "tier > 1"}, "next": "done"}
    someone = Caller(flow_of({"a": node, **EXITS}), at="a", variables={"tier": "gold"})
    assert isinstance(someone.end, Fault)
    assert someone.end.text.startswith("node a: No such overload")


def survey(*questions: dict[str, Any]) -> Caller:
    """A caller in a survey; ``partial`` leads to ``silent``, ``refused`` to ``lost``."""
    exits = {"done": "done", "partial": "silent", "refused": "lost"}
    node = {"type": "survey", "survey": "service", "questions": list(questions), **exits}
    return Caller(flow_of({"a": node, **EXITS}))


def test_a_survey_that_had_nothing_to_ask_was_not_refused() -> None:
    someone = survey({"id": "score", "prompts": "choose", "keys": "1-5", "when": "false"})
    assert someone.path == ["a", "done"]


def test_a_message_of_no_length_is_no_answer() -> None:
    someone = survey({"id": "why", "prompts": "choose", "message": True})
    someone.listen()
    someone.come_back("too_short")
    assert someone.path == ["a", "lost"]
    assert someone.of(SurveyAnswered) == []


def test_a_code_is_good_for_its_minutes_only() -> None:
    send = {"method": "POST", "url": "https://sms.example/", "body": {"code": "{{ code }}"}}
    node = {
        "type": "identify",
        "code": {"send": send, "digits": 4, "minutes": 0.1},
        "known": "done",
        "unknown": "lost",
        "failed": "lost",
    }
    for late, path in ((0.0, ["a", "done"]), (10.0, ["a", "lost"])):
        someone = Caller(flow_of({"a": node, **EXITS}))
        someone.answer_lookup()
        someone.now += late
        someone.press("0000")
        assert someone.path == path


@pytest.mark.parametrize(
    ("expiry", "next_said"), [("0227", "payment_cvv"), ("0127", "lost"), ("1327", "lost")]
)
def test_a_card_is_good_to_the_end_of_its_month(expiry: str, next_said: str) -> None:
    gateway = {"method": "POST", "url": "https://pay.example/", "body": {"card": "{{ card }}"}}
    exits = {"paid": "done", "declined": "lost", "gateway_error": "lost"}
    node = {"type": "payment", "amount": "1", "gateway": gateway, "attempts": 1, **exits}
    someone = Caller(flow_of({"a": node, **EXITS}))
    ivr = Interpreter(someone.ivr.flows, "test", someone.ivr._turn.context)
    now = datetime(2027, 2, 28, 23, 59, tzinfo=UTC).timestamp()
    ivr.start(now)
    brought = [ivr.handle(Digit(key), now) for key in f"4111111111111111#{expiry}"]
    assert next(a.prompts for a in brought[-1] if isinstance(a, Play)) == (next_said,)
