"""Nodes beyond prompts, keys and queues: what each does for a caller."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ivr.messages import (
    Alarm,
    AskCallback,
    Attempted,
    Chosen,
    Confer,
    Deaf,
    Digit,
    End,
    Evaluated,
    Fault,
    Heard,
    HungUp,
    Listen,
    Lookup,
    LookupEnded,
    Play,
    PlayEnded,
    Record,
    RecordAnswer,
    Returned,
    Said,
    SpeechBegan,
    StopListening,
    StopPlay,
    SurveyAnswered,
    Tag,
    TakeMessage,
    Transfer,
)
from engine.ivr.schema import Flow
from engine.ivr.sounds import Pause, Speak, Tone
from tests.unit.ivr_caller import BYE, Caller, ends, flow_of, gather, menu

EXITS = ends("done", "silent", "lost")


def say(prompts: Any, next_: str = "done", **settings: Any) -> dict[str, Any]:
    """A node that says this and goes on."""
    return {"type": "say", "prompts": prompts, "next": next_, **settings}


def sub(name: str, nodes: dict[str, Any], **settings: Any) -> Flow:
    """Another flow."""
    return flow_of(nodes, flow=name, **settings)


# -- deciding --------------------------------------------------------------------------------------


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


# -- sub-flows -------------------------------------------------------------------------------------


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


# -- what is said ----------------------------------------------------------------------------------


def test_values_texts_tones_and_pauses_are_said() -> None:
    flow = flow_of(
        {
            "a": {"type": "set", "variables": {"n": "12", "who": "'Lan'"}, "next": "b"},
            "b": say(
                [
                    "hello",
                    {"value": "n", "as": "number"},
                    {"text": {"en": "Dear {{ who }}", "vi": "Chào {{ who }}"}},
                    {"pause": 0.5},
                    {"tone": "beep"},
                ]
            ),
            **EXITS,
        }
    )
    sounds = Caller(flow).of(Play)[0].prompts
    assert sounds == ("hello", "number_12", Speak("Dear Lan"), Pause(0.5), Tone("beep"))


def test_a_part_is_said_only_when_its_condition_is_true() -> None:
    flow = flow_of(
        {"a": say(["one", {"prompt": "two", "when": "call.hour > 25"}, "three"]), **EXITS}
    )
    assert Caller(flow).said == ["one", "three"]


def test_a_speech_that_cannot_be_played_goes_to_its_own_error_exit() -> None:
    flow = flow_of({"a": say("one", error="lost"), **EXITS})
    someone = Caller(flow)
    someone.send(PlayEnded(1, ok=False))
    assert someone.path == ["a", "lost"]


def test_who_hangs_up_after_he_heard_what_he_called_for_was_served() -> None:
    flow = flow_of({"a": say("one", "ask", outcome="self_served"), "ask": menu({"1": "q"}), **EXITS,
                    "q": {"type": "queue", "queue": "sales", "timeout": "done", "full": "done",
                          "no_agents": "done"}})  # fmt: skip
    someone = Caller(flow)
    assert someone.ivr.outcome is None
    someone.listen()
    assert someone.ivr.outcome == "self_served"
    someone.press("1")
    assert someone.ivr.outcome is None


def test_a_speech_is_repeated() -> None:
    someone = Caller(flow_of({"a": say("one", repeat=3), **EXITS}))
    someone.listen()
    assert someone.said[:3] == ["one", "one", "one"]


# -- menus and numbers -----------------------------------------------------------------------------


def test_a_pattern_of_keys_takes_what_was_typed_into_a_variable() -> None:
    flow = flow_of({"ask": menu({"0": "lost", "3XXX": "done"}, variable="extension"), **EXITS})
    someone = Caller(flow)
    someone.press("3")
    someone.press("002")
    assert someone.path[-1] == "done"
    assert someone.variables == {"extension": "3002"}


def test_a_global_key_counts_in_every_menu_that_has_no_such_choice() -> None:
    nodes = {"ask": menu({"1": "more"}), "more": menu({"0": "done"}), **EXITS, **ends("operator")}
    flow = flow_of(nodes, global_keys={"0": "operator", "*": "back"})
    someone = Caller(flow)
    someone.press("0")
    assert someone.path == ["ask", "operator"]
    someone = Caller(flow)
    someone.press("1")
    someone.press("0")
    assert someone.path == ["ask", "more", "done"]


def test_back_leads_to_the_menu_before() -> None:
    nodes = {"ask": menu({"1": "more"}), "more": menu({"1": "done"}), **EXITS}
    someone = Caller(flow_of(nodes, global_keys={"*": "back", "#": "again"}))
    someone.press("1*")
    assert someone.path == ["ask", "more", "ask"]
    someone.press("#")
    assert someone.path == ["ask", "more", "ask", "ask"]


def test_back_leads_to_the_menu_before_also_when_this_one_was_heard_again() -> None:
    nodes = {"ask": menu({"1": "more"}), "more": menu({"1": "done"}), **EXITS}
    someone = Caller(flow_of(nodes, global_keys={"*": "back", "#": "again"}))
    someone.press("1##*")
    assert someone.path == ["ask", "more", "more", "more", "ask"]


def test_defaults_are_inherited_by_every_node_that_does_not_say_itself() -> None:
    nodes = {"ask": {"type": "menu", "prompts": "choose", "keys": {"1": "done"}}, **EXITS}
    flow = flow_of(nodes, defaults={"noinput": "silent", "nomatch": "lost", "attempts": 1})
    someone = Caller(flow)
    someone.silence()
    assert someone.path == ["ask", "silent"]


def test_the_clear_key_starts_over_and_the_cancel_key_leaves() -> None:
    flow = flow_of({"ask": gather(clear_key="*", cancel_key="A", cancel="lost"), **EXITS})
    someone = Caller(flow)
    someone.press("12*34#")
    assert someone.variables == {"account": "34"}
    someone = Caller(flow)
    someone.press("12A")
    assert someone.path == ["ask", "lost"]


@pytest.mark.parametrize(
    ("settings", "typed", "right"),
    [
        ({"check": "luhn"}, "4111111111111111", True),
        ({"check": "luhn"}, "4111111111111112", False),
        ({"check": "date"}, "31022026", False),
        ({"check": "date"}, "28022026", True),
        ({"check": "date"}, "2902", True),
        ({"check": "date"}, "112", False),
        ({"pattern": "[12][0-9]{3}"}, "3000", False),
        ({"pattern": "[12][0-9]{3}"}, "1000", True),
        ({"valid": "int(typed) > 17"}, "18", True),
        ({"valid": "int(typed) > 17"}, "17", False),
    ],
)
def test_a_number_is_checked(settings: dict[str, Any], typed: str, right: bool) -> None:
    someone = Caller(flow_of({"ask": gather(attempts=1, **settings), **EXITS}))
    someone.press(f"{typed}#")
    assert someone.path[-1] == ("done" if right else "lost")


def test_a_number_is_read_back_and_taken_only_after_a_yes() -> None:
    someone = Caller(flow_of({"ask": gather(confirm="digits"), **EXITS}))
    someone.press("12#")
    assert someone.playing
    assert someone.playing.prompts == ("confirm_heard", "number_1", "number_2", "confirm_keys")
    someone.press("2")
    assert someone.node == "ask"
    someone.press("13#1")
    assert someone.variables == {"account": "13"}


def test_a_date_becomes_one() -> None:
    someone = Caller(flow_of({"ask": gather(check="date", **{"as": "date"}), **EXITS}))
    someone.press("06022027#")
    assert someone.variables == {"account": "2027-02-06"}


@pytest.mark.parametrize(
    ("typed", "day"),
    [("0701", "2026-01-07"), ("0601", "2027-01-06"), ("2902", "2028-02-29")],
)
def test_a_day_and_a_month_are_the_next_such_day_and_are_read_back_as_a_date(
    typed: str, day: str
) -> None:
    asking = gather(check="date", confirm="date", max_digits=4, **{"as": "date"})
    someone = Caller(flow_of({"ask": asking, **EXITS}))
    someone.now = datetime(2026, 1, 7, 12, tzinfo=UTC).timestamp()
    someone.press(typed)
    assert someone.playing
    assert f"month_{int(day[5:7])}" in " ".join(map(str, someone.playing.prompts))
    someone.press("1")
    assert someone.variables == {"account": day}


def test_a_call_that_begins_in_a_flow_with_parameters_has_their_defaults() -> None:
    params = {"topic": {"as": "integer", "default": "7"}, "other": {}}
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}, params=params))
    assert someone.variables == {"topic": 7}


def test_a_default_that_is_not_of_its_type_is_refused() -> None:
    with pytest.raises(ValueError, match="is no integer"):
        flow_of({**EXITS}, params={"topic": {"as": "integer", "default": "soon"}})


def test_a_check_that_fails_does_not_tell_the_secret_that_it_failed_on() -> None:
    check = "int(typed) * 9000000000000000000 > 0"
    someone = Caller(flow_of({"ask": gather(secret=True, valid=check, attempts=1), **EXITS}))
    someone.press("7395#")
    assert someone.path == ["ask", "lost"]
    assert someone.of(Alarm) == [Alarm(f"`{check}` at ask: it failed")]


# -- voice -----------------------------------------------------------------------------------------

BY_VOICE = {"1": {"to": "done", "phrases": {"en": ["sales", "buy"]}}, "2": "lost"}


def test_a_word_does_what_its_key_does() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    assert someone.of(Listen) == [Listen(("sales", "buy"), "en")]
    someone.send(SpeechBegan())
    assert someone.of(StopPlay)
    someone.send(Said("buy", 0.9, "buy"))
    assert someone.path == ["ask", "done"]
    assert someone.of(Heard) == [Heard("buy", "ok", "speech", 0.9)]
    assert someone.of(StopListening)


def test_a_word_that_is_not_sure_is_asked_back() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    someone.send(Said("sales", 0.6, "sails"))
    assert someone.playing
    assert someone.playing.prompts == ("confirm_heard", Speak("sales"), "confirm_keys")
    someone.send(Said("yes", 0.9, "yes"))
    assert someone.path == ["ask", "done"]


def test_a_word_below_all_bands_is_none() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, attempts=1), **EXITS}))
    someone.send(Said("sales", 0.3, "sails"))
    assert someone.path == ["ask", "lost"]


def test_silence_is_not_noticed_while_he_speaks() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, timeout_seconds=1), **EXITS}))
    someone.listen()
    someone.send(SpeechBegan())
    someone.wait(5)
    assert someone.node == "ask"
    assert not someone.of(Heard)
    someone.send(Said(None, 0.0, "mumble"))
    assert someone.results == [("mumble", "nomatch")]


def test_without_a_recogniser_the_keys_still_do() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    someone.send(Deaf())
    someone.press("1")
    assert someone.path == ["ask", "done"]


def test_speech_cuts_only_what_it_may() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, barge_in="keys"), **EXITS}))
    assert not someone.of(Listen)
    someone.send(SpeechBegan())
    assert someone.playing
    someone.listen()
    assert someone.of(Listen)


def test_listening_for_wishes_without_keys_and_without_a_recogniser_is_silence() -> None:
    intents = {"buy": {"to": "done", "phrases": {"en": "buy"}}}
    node = {"type": "listen", "intents": intents, "noinput": "silent", "nomatch": "lost"}
    flow = flow_of({"a": node, **EXITS})
    someone = Caller(flow)
    someone.send(Deaf())
    assert someone.path == ["a", "silent"]
    someone = Caller(flow)
    someone.send(Said("buy", 0.9, "buy"))
    assert someone.path == ["a", "done"]


def test_free_speech_is_kept_in_a_variable() -> None:
    node = {
        "type": "listen",
        "variable": "words",
        "ok": "done",
        "noinput": "silent",
        "nomatch": "lost",
    }
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(Listen) == [Listen((), "en")]
    someone.send(Said(None, 0.8, "my invoice is wrong"))
    assert someone.variables == {"words": "my invoice is wrong"}


# -- lookups ---------------------------------------------------------------------------------------

CRM = {
    "type": "http",
    "url": "https://crm.example/customers/{{ call.caller }}",
    "save": {"tier": {"path": "$.tier", "as": "text", "default": "none"}, "n": "$.orders[0].id"},
    "ok": "done",
    "error": "lost",
}


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


# -- who calls -------------------------------------------------------------------------------------

WHO = {
    "type": "identify",
    "lookup": {"url": "https://crm.example/who?n={{ call.caller }}"},
    "save": {"name": "$.name"},
    "pin": {
        "verify": {
            "method": "POST", "url": "https://crm.example/pin", "body": {"pin": "{{ pin }}"}
        }
    },
    "known": "done", "unknown": "silent", "failed": "lost", "locked": "locked",
}  # fmt: skip


def test_a_caller_is_known_by_his_number_and_his_pin() -> None:
    someone = Caller(flow_of({"a": WHO, **EXITS, **ends("locked")}))
    someone.answer_lookup("ok", {"name": "Lan"})
    someone.press("4711#")
    assert someone.of(Lookup)[1].request.body == {"pin": "4711"}
    someone.answer_lookup("ok", {})
    assert someone.path == ["a", "done"]
    assert someone.variables == {"name": "Lan"}
    assert someone.of(Attempted) == [Attempted("0901", True, 5, 1800)]


def test_nobody_is_unknown() -> None:
    someone = Caller(flow_of({"a": WHO, **EXITS, **ends("locked")}))
    someone.answer_lookup("not_found")
    assert someone.path == ["a", "silent"]


def test_wrong_pins_are_counted_and_lock_the_customer() -> None:
    failed: list[str] = []
    flow = flow_of({"a": WHO, **EXITS, **ends("locked")})
    someone = Caller(flow, locked=lambda subject, now: len(failed) >= 2)
    someone.answer_lookup("ok", {"name": "Lan"})
    for _ in range(2):
        someone.press("1111#")
        failed.append("x")
        someone.answer_lookup("refused")
        someone.listen()
    assert someone.path == ["a", "locked"]
    assert [each.ok for each in someone.of(Attempted)] == [False, False]
    assert Caller(flow, locked=lambda subject, now: True).path == ["a", "locked"]


def test_a_code_is_drawn_sent_and_good_once() -> None:
    node = {
        "type": "identify",
        "code": {
            "send": {
                "method": "POST", "url": "https://sms.example/", "body": {"code": "{{ code }}"}
            }
        },
        "known": "done", "unknown": "silent", "failed": "lost",
    }  # fmt: skip
    digits = iter([4, 7, 1, 1, 0, 8])
    someone = Caller(flow_of({"a": node, **EXITS}), draw=lambda below: next(digits))
    request = someone.of(Lookup)[0].request
    assert request.body == {"code": "471108"}
    assert request.private
    someone.answer_lookup("ok", {})
    someone.press("471108")
    assert someone.path == ["a", "done"]
    assert "471108" not in repr([a for a in someone.actions if not isinstance(a, Lookup)])


# -- a card ----------------------------------------------------------------------------------------

PAY = {
    "type": "payment",
    "amount": "250000",
    "gateway": {
        "method": "POST", "url": "https://pay.example/charge",
        "body": {
            "number": "{{ card }}", "exp": "{{ expiry }}", "cvc": "{{ cvv }}",
            "amount": "{{ amount }}", "currency": "{{ currency }}",
        },
    },
    "paid": "done", "declined": "silent", "gateway_error": "lost", "cancelled": "gone",
}  # fmt: skip
CARD = "4111111111111111"


def payer() -> Caller:
    """A caller who is to pay."""
    return Caller(flow_of({"a": PAY, **EXITS, **ends("gone")}))


def pay(someone: Caller) -> None:
    """Type a card."""
    someone.press(f"{CARD}#")
    someone.press("1299")
    someone.press("123")


def test_a_card_becomes_a_token_and_is_written_nowhere() -> None:
    someone = payer()
    pay(someone)
    body = someone.of(Lookup)[0].request.body
    expected = {"number": CARD, "exp": "1299", "cvc": "123", "amount": "250000", "currency": "VND"}
    assert body == expected
    someone.answer_lookup("ok", {"token": "tok_1"})
    assert someone.path == ["a", "done"]
    assert someone.variables["payment"] == {"token": "tok_1", "brand": "visa"}
    written = repr([a for a in someone.actions if not isinstance(a, Lookup)])
    assert CARD not in written
    assert "123" not in written
    assert someone.of(Record) == [Record("pause"), Record("resume")]


def test_a_payment_is_of_the_flows_currency_unless_it_says_another() -> None:
    for written, charged in (({}, "USD"), ({"currency": "EUR"}, "EUR")):
        someone = Caller(
            flow_of({"a": {**PAY, **written}, **EXITS, **ends("gone")}, currency="USD")
        )
        pay(someone)
        assert someone.of(Lookup)[0].request.body["currency"] == charged


def test_recording_goes_on_whichever_way_the_payment_ends() -> None:
    for way in ("declined", "hang_up", "cancel", "silence"):
        someone = payer()
        if way == "declined":
            pay(someone)
            someone.answer_lookup("refused")
            assert someone.path[-1] == "silent"
        elif way == "hang_up":
            someone.press("4111")
            someone.hang_up()
        elif way == "cancel":
            someone.press("41*")
            assert someone.path[-1] == "gone"
        else:
            for _ in range(3):
                someone.silence()
            assert someone.path[-1] == "silent"
        assert someone.of(Record) == [Record("pause"), Record("resume")], way


@pytest.mark.parametrize("card", ["4111111111111112", "9999999999999995"])
def test_a_card_that_cannot_be_one_is_asked_again(card: str) -> None:
    someone = payer()
    someone.press(f"{card}#")
    assert "payment_wrong" in someone.said
    assert someone.results[-1][1] == "invalid"


def test_a_gateway_without_a_token_is_an_error() -> None:
    someone = payer()
    pay(someone)
    someone.answer_lookup("ok", {})
    assert someone.path == ["a", "lost"]


# -- surveys ---------------------------------------------------------------------------------------

ASKED = {
    "type": "survey", "survey": "care", "invitation": "invite", "refuse_key": "9",
    "questions": [
        {"id": "score", "prompts": "how", "keys": "1-5", "variable": "score"},
        {"id": "why", "prompts": "why", "message": True, "when": "int(score) < 3"},
        {"id": "again", "prompts": "again", "keys": {"1": "yes", "2": "no"}},
    ],
    "done": "done", "partial": "silent", "refused": "lost",
}  # fmt: skip


def asked() -> Caller:
    """A caller in a survey, after its invitation."""
    someone = Caller(flow_of({"a": ASKED, **EXITS}))
    someone.silence()
    return someone


def test_answers_are_kept_one_by_one_and_questions_skipped() -> None:
    someone = asked()
    someone.press("4")
    someone.press("1")
    assert someone.path == ["a", "done"]
    assert someone.of(SurveyAnswered) == [
        SurveyAnswered("care", "score", "4"),
        SurveyAnswered("care", "again", "1"),
    ]


def test_an_answer_in_words_is_recorded() -> None:
    someone = asked()
    someone.press("2")
    someone.listen()
    assert someone.of(RecordAnswer) == [RecordAnswer(60)]
    someone.come_back("saved", recording="c-s1", seconds=4.0)
    someone.press("2")
    assert SurveyAnswered("care", "why", "", "c-s1") in someone.of(SurveyAnswered)
    assert someone.path == ["a", "done"]


def test_who_hangs_up_in_a_survey_has_answered_what_he_answered() -> None:
    someone = asked()
    someone.press("2")
    someone.hang_up()
    assert someone.of(SurveyAnswered) == [SurveyAnswered("care", "score", "2")]


def test_a_survey_can_be_refused_by_key_or_by_silence() -> None:
    someone = Caller(flow_of({"a": ASKED, **EXITS}))
    someone.press("9")
    assert someone.path == ["a", "lost"]
    someone = asked()
    while not someone.ivr.ended and someone.node == "a":
        someone.silence()
    assert someone.path == ["a", "lost"]


# -- to somebody -----------------------------------------------------------------------------------


def test_a_transfer_leaves_by_what_came_of_it() -> None:
    node = {
        "type": "transfer",
        "number": "{{ to }}",
        "failed": "lost",
        "busy": "silent",
        "answered": "done",
    }
    flow = flow_of({"a": node, **EXITS})
    for by, exit_ in (
        ("busy", "silent"),
        ("noanswer", "lost"),
        ("answered", "done"),
        ("max_time", "done"),
    ):
        someone = Caller(flow, at="a", variables={"to": "+84281"})
        assert someone.of(Transfer)[0].to == "+84281"
        someone.come_back(by)
        assert someone.path == ["a", exit_], by


def test_after_a_transfer_that_says_nothing_else_the_call_is_over() -> None:
    flow = flow_of({"a": {"type": "transfer", "agent": "an", "failed": "lost"}, **EXITS})
    someone = Caller(flow)
    someone.come_back("answered")
    assert isinstance(someone.end, End)


def test_a_conference_asks_for_its_pin_and_knows_its_leader() -> None:
    node = {
        "type": "conference", "room": "team", "pin": "1234", "leader_pin": "9876",
        "left": "done", "full": "lost", "bad_pin": "silent",
    }  # fmt: skip
    someone = Caller(flow_of({"a": node, **EXITS}))
    someone.press("1111#")
    assert "conference_bad_pin" in someone.said
    someone.press("9876")
    assert someone.of(Confer)[0].leader
    assert "9876" not in repr(someone.of(Heard))
    someone.come_back("ended")
    assert someone.path == ["a", "done"]


def test_wrong_pins_at_a_conference_lock_its_doors_over_all_calls() -> None:
    node = {
        "type": "conference", "room": "team", "pin": "1234",
        "left": "done", "full": "lost", "bad_pin": "silent",
    }  # fmt: skip
    flow, tried = flow_of({"a": node, **EXITS}), list[str]()
    someone = Caller(flow, locked=lambda subject, now: subject in tried)
    someone.press("1111#")
    counted = [(each.subject, each.ok, each.attempts) for each in someone.of(Attempted)]
    own, outside = "room team 0901", "room team outside"
    assert counted == [(own, False, 3), (outside, False, 30)]
    tried.append(outside)
    someone.press("1234")
    assert someone.path == ["a", "silent"]
    again = Caller(flow, locked=lambda subject, now: subject in tried)
    again.listen()  # he is told so, or a flow could go round and round in silence
    assert again.path == ["a", "silent"]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, Confer("team")),
        ({"until_leader": "yes"}, Confer("team", until_leader=True, ends_with_leader=True)),
        (
            {"until_leader": "yes", "end_with_leader": "no"},
            Confer("team", until_leader=True),
        ),
        (
            {"listeners": "yes", "most_minutes": "30", "announce": "name", "keys": {"lock": ""}},
            Confer("team", listener=True, longest_seconds=1800, announce="name", keys={"lock": ""}),
        ),
    ],
)
def test_a_conference_goes_as_its_node_says(settings: dict[str, Any], wanted: Confer) -> None:
    node = {"type": "conference", "room": "team", "left": "done", "full": "lost", **settings}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(Confer) == [wanted]
    someone.come_back("locked")
    assert someone.path == ["a", "lost"]


def test_a_callback_and_a_message_are_errands() -> None:
    node = {"type": "callback", "queue": "sales", "scheduled": "done", "declined": "lost"}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(AskCallback) == [AskCallback("sales")]
    someone.come_back("duplicate")
    assert someone.path == ["a", "done"]
    node = {"type": "voicemail", "queue": "sales", "saved": "done", "review": True}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(TakeMessage) == [TakeMessage("sales", review=True)]
    someone.come_back("too_short")
    assert someone.path == ["a", "done"]


def test_recording_is_announced_first() -> None:
    node = {"type": "record", "do": "start", "prompts": "notice", "next": "done"}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert not someone.of(Record)
    someone.press("1")
    assert someone.playing
    someone.listen()
    assert someone.of(Record) == [Record("start")]


def test_tags_are_kept_with_the_call() -> None:
    node = {"type": "tag", "values": {"tier": "'gold'"}, "script": "vip", "next": "done"}
    assert Caller(flow_of({"a": node, **EXITS})).of(Tag) == [Tag({"tier": "gold"}, "vip")]


# -- the end ---------------------------------------------------------------------------------------


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
