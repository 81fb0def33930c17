"""What a caller's keys and silences mean: timers, choices, numbers, terminators."""

from __future__ import annotations

import pytest
from ivr_caller import BYE, Caller, ends, flow_of, gather, menu

from engine.ivr.grammar import Choices, Digits, Fit
from engine.ivr.messages import Digit, Heard, Play, PlayEnded, StopPlay
from engine.ivr.schema import Gather, Menu

EXITS = ends("done", "other", "silent", "lost", "ten")


def caller(node: dict[str, object], **settings: object) -> Caller:
    """A caller who has heard the prompts of this node."""
    someone = Caller(flow_of({"ask": node, **EXITS, "bye": BYE}, **settings))
    someone.listen()
    return someone


# -- the three timers ---------------------------------------------------------------------------


def test_no_timer_runs_while_the_prompt_plays() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}))
    assert someone.playing
    assert someone.ivr.next_deadline() is None


def test_the_first_key_timer_begins_when_the_prompt_ends() -> None:
    someone = caller(menu({"1": "done"}, timeout_seconds=7))
    assert someone.ivr.next_deadline() == someone.now + 7


def test_a_menu_without_prompts_listens_at_once() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}, prompts=[]), **EXITS}))
    assert someone.ivr.next_deadline() == someone.now + 5


def test_a_choice_that_begins_another_waits_the_inter_digit_time_not_the_first_key_time() -> None:
    someone = caller(menu({"1": "done", "10": "ten"}, timeout_seconds=9, inter_digit_seconds=3))
    someone.press("1")
    assert someone.ivr.next_deadline() == someone.now + 3
    someone.wait(3)
    assert someone.node == "done"


def test_each_further_key_starts_the_inter_digit_time_anew() -> None:
    someone = caller(gather(max_digits=8, min_digits=4, inter_digit_seconds=2))
    someone.press("1234", gap=1.9)
    assert someone.node == "ask"
    someone.wait(2)
    assert someone.variables == {"account": "1234"}


def test_a_deadline_that_comes_too_early_changes_nothing() -> None:
    someone = caller(menu({"1": "done"}))
    deadline = someone.ivr.next_deadline()
    assert deadline is not None
    assert someone.ivr.on_deadline(deadline - 0.001) == []
    assert someone.ivr.next_deadline() == deadline


def test_a_key_after_the_timer_ran_out_comes_too_late_even_if_nobody_called_on_deadline() -> None:
    someone = caller(menu({"1": "done"}, attempts=1, timeout_seconds=5))
    someone.now += 5.2
    someone.send(Digit("1"))
    assert someone.path[-1] == "silent"
    assert someone.results == [("", "noinput")]


def test_a_key_at_the_very_moment_the_timer_runs_out_still_counts() -> None:
    someone = caller(menu({"1": "done"}, attempts=1, timeout_seconds=5))
    someone.now += 5
    someone.send(Digit("1"))
    assert someone.path[-1] == "done"


def test_a_late_key_belongs_to_the_next_attempt() -> None:
    someone = caller(menu({"1": "done"}, noinput_prompts="hello"))
    someone.now += 5.2
    actions = someone.send(Digit("1"))
    kinds = [type(action) for action in actions[:4]]
    assert kinds == [Heard, Play, StopPlay, Heard]
    assert someone.path[-1] == "done"


def test_timers_follow_each_other_exactly_however_late_the_driver_is() -> None:
    someone = caller(menu({"1": "done"}, again=[], timeout_seconds=5))
    start = someone.now
    someone.now += 5.7
    someone.send(PlayEnded(1))
    assert someone.ivr.next_deadline() == start + 10


# -- choices ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "node"),
    [
        ("1", "done"),
        ("*", "other"),
        ("22", "ten"),
        ("#", "lost"),
        ("5", "lost"),
        ("21", "lost"),
        ("A", "lost"),
    ],
)
def test_a_choice_is_taken_at_once_and_a_wrong_one_is_refused_at_once(keys: str, node: str) -> None:
    someone = caller(menu({"1": "done", "*": "other", "22": "ten"}, attempts=1))
    someone.press(keys)
    assert someone.path[-1] == node


def test_a_half_typed_choice_is_no_match_after_the_inter_digit_time() -> None:
    someone = caller(menu({"22": "done"}, attempts=1))
    someone.press("2")
    someone.wait(2)
    assert someone.path[-1] == "lost"
    assert someone.results == [("2", "nomatch")]


def test_the_longer_choice_wins_when_it_is_typed_in_time() -> None:
    someone = caller(menu({"1": "done", "10": "ten"}))
    someone.press("10")
    assert someone.path[-1] == "ten"


def test_hash_ends_the_wait_for_a_longer_choice() -> None:
    someone = caller(menu({"1": "done", "10": "ten"}))
    someone.press("1#")
    assert someone.path[-1] == "done"
    assert someone.results == [("1", "ok")]


def test_hash_that_is_part_of_a_choice_is_a_key_like_others() -> None:
    someone = caller(menu({"1": "done", "1#": "other"}))
    someone.press("1#")
    assert someone.path[-1] == "other"


# -- numbers ------------------------------------------------------------------------------------


def test_a_number_is_complete_at_once_with_its_last_possible_digit() -> None:
    someone = caller(gather(max_digits=4))
    someone.press("1234")
    assert someone.path[-1] == "done"
    assert someone.variables == {"account": "1234"}


def test_the_terminator_ends_a_number_and_is_no_part_of_it() -> None:
    someone = caller(gather(min_digits=2, max_digits=10))
    someone.press("123#")
    assert someone.variables == {"account": "123"}


def test_a_number_long_enough_is_taken_after_the_inter_digit_time() -> None:
    someone = caller(gather(min_digits=2, max_digits=10))
    someone.press("12")
    someone.wait(2)
    assert someone.variables == {"account": "12"}


@pytest.mark.parametrize("keys", ["1#", "1", "1*"])
def test_a_number_that_cannot_become_right_is_invalid(keys: str) -> None:
    someone = caller(gather(min_digits=2, max_digits=10, attempts=1))
    someone.press(keys)
    someone.wait(2)
    assert someone.path[-1] == "lost"
    assert someone.variables == {}


def test_a_terminator_alone_is_no_input_and_not_an_invalid_number() -> None:
    someone = caller(gather(attempts=1))
    someone.press("#")
    assert someone.results == [("", "noinput")]
    assert someone.path[-1] == "silent"


def test_without_a_terminator_hash_is_an_invalid_key() -> None:
    someone = caller(gather(terminator="", attempts=1))
    someone.press("12#")
    assert someone.path[-1] == "lost"


def test_either_of_two_terminators_ends_the_number() -> None:
    someone = caller(gather(terminator="*#"))
    someone.press("12*")
    assert someone.variables == {"account": "12"}


def test_a_late_terminator_does_not_leak_into_the_next_node() -> None:
    nodes = {"ask": gather(max_digits=4, ok="next"), "next": menu({"1": "done", "#": "other"})}
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("1234")
    assert someone.press("#") == []
    assert someone.path[-1] == "next"
    someone.press("#")
    assert someone.path[-1] == "other"


def test_a_terminator_much_later_is_a_key_of_the_next_node() -> None:
    nodes = {"ask": gather(max_digits=4, ok="next"), "next": menu({"#": "other"})}
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("1234")
    someone.now += 2.5
    someone.press("#")
    assert someone.path[-1] == "other"


def test_a_terminator_just_after_the_inter_digit_time_does_not_leak_either() -> None:
    nodes = {"ask": gather(min_digits=2, ok="next"), "next": menu({"#": "other"})}
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("12")
    someone.wait(2)
    assert someone.press("#") == []


def test_a_terminator_after_a_silence_is_no_late_one() -> None:
    someone = caller(gather(again=[]))
    someone.wait(5)
    someone.press("#")
    assert someone.results == [("", "noinput"), ("", "noinput")]


def test_the_terminator_of_a_full_number_is_awaited_where_the_flow_says_so() -> None:
    someone = caller(gather(max_digits=2, terminator_seconds=4))
    someone.press("12")
    assert someone.node == "ask"
    assert someone.ivr.next_deadline() == someone.now + 4
    someone.press("#")
    assert someone.variables == {"account": "12"}


def test_a_full_number_is_taken_when_the_awaited_terminator_does_not_come() -> None:
    someone = caller(gather(max_digits=2, terminator_seconds=4))
    someone.press("12")
    someone.wait(4)
    assert someone.variables == {"account": "12"}


def test_another_key_than_the_awaited_terminator_is_typed_ahead_for_the_next_node() -> None:
    nodes = {
        "ask": gather(max_digits=2, terminator_seconds=4, ok="next"),
        "next": menu({"3": "other"}),
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("123")
    assert someone.variables == {"account": "12"}
    assert someone.path[-1] == "other"


def test_a_secret_number_is_in_no_action_and_not_among_the_variables() -> None:
    someone = caller(gather(max_digits=4, secret="true"))
    someone.press("7359")
    assert someone.results == [("••••", "ok")]
    assert "7359" not in repr(someone.actions)
    assert someone.variables == {}
    assert "7359" not in repr(someone.ivr.position())


# -- how far keys fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("1", Fit.ENOUGH), ("10", Fit.FULL), ("2", Fit.SHORT), ("22", Fit.FULL), ("11", Fit.WRONG)],
)
def test_keys_fit_a_menu(typed: str, expected: Fit) -> None:
    node = flow_of({"ask": menu({"1": "a", "10": "b", "22": "c"})}).nodes["ask"]
    assert isinstance(node, Menu)
    assert Choices(tuple(node.keys)).fit(typed) is expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1", Fit.SHORT),
        ("12", Fit.ENOUGH),
        ("123", Fit.FULL),
        ("1234", Fit.WRONG),
        ("1*", Fit.WRONG),
        ("٣", Fit.WRONG),
    ],
)
def test_keys_fit_a_number(typed: str, expected: Fit) -> None:
    node = flow_of({"ask": gather(min_digits=2, max_digits=3)}).nodes["ask"]
    assert isinstance(node, Gather)
    assert Digits.of(node).fit(typed) is expected


# -- floods -------------------------------------------------------------------------------------


def test_a_thousand_keys_at_once_end_in_the_exit_for_wrong_keys() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}))
    someone.press("7" * 1000, gap=0)
    assert someone.path == ["ask", "lost"]
    assert len(someone.actions) < 20
