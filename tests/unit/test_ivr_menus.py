"""Menus and numbers beyond the plain ones: patterns, global keys, the way back, checks, dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ivr.messages import Alarm
from tests.unit.ivr_caller import Caller, ends, flow_of, gather, menu
from tests.unit.ivr_nodes import EXITS


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
