"""The steps of a flow's test: what passes, what fails, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from rehearsed import flows, rehearsal

from engine.ivr.rehearsal.script import FlowTest, Step
from engine.ivr.rehearsal.story import Failure, play

VIP = {"http.crm": {"json": {"tier": "vip", "orders": 3}}}


def run(*steps: dict[str, Any], given: dict[str, object] | None = None) -> Failure | None:
    return play(rehearsal(given), [Step.model_validate(step) for step in steps])


def failure(*steps: dict[str, Any], given: dict[str, object] | None = None) -> str:
    """The message of the last step, which alone must fail."""
    found = run(*steps, given=given)
    assert found is not None, "nothing failed"
    assert found.step == len(steps) - 1
    return found.message


# -- what passes --------------------------------------------------------------------------------


def test_a_whole_call_is_as_expected() -> None:
    assert not run(
        {"hear": "welcome"},
        {"hear": "For sales"},
        {"press": "2"},
        {"hear": "/PIN.*please/"},
        {"press": "1234#"},
        {"goes_to": "http.crm"},
        {"variable": {"tier": "vip", "orders": "3"}},
        {"goes_to": "transfer.+84901112222"},
        {"not_hear": "sorry"},
        {"ends": "forwarded"},
        given=VIP,
    )


def test_a_prompt_is_also_expected_in_its_language() -> None:
    assert not run({"hear": "welcome.en"})
    assert "`welcome.vi`" in failure({"hear": "welcome.vi"})


def test_a_word_that_names_a_prompt_is_not_looked_for_in_texts() -> None:
    assert not run({"press": "1"}, {"not_hear": "closed"})
    assert "`sorry`" in failure({"hear": "sorry"}, given={"hours.office": "closed"})


def test_a_text_may_go_over_the_end_of_a_sound() -> None:
    one = {"type": "say", "prompts": ["welcome", "bye"], "next": "bye"}
    call = rehearsal(flows=flows({"one": one, "bye": {"type": "hangup"}}))
    steps = [{"hear": "the shop. Good-bye."}, {"ends": None}]
    assert not play(call, [Step.model_validate(step) for step in steps])


def test_a_caller_who_waits_is_asked_again() -> None:
    assert not run({"hear": "choose"}, {"wait": "4.1s"}, {"hear": "nothing_heard"})


def test_a_caller_who_is_silent_is_asked_again() -> None:
    assert not run({"silence": None}, {"hear_only": ["nothing_heard", "choose"]})


def test_a_key_that_comes_early_cuts_what_is_said() -> None:
    assert not run({"press": {"keys": "1", "early": True}}, {"goes_to": "sales"})


def test_what_is_expected_after_a_key_was_not_heard_before_it() -> None:
    assert "`choose`" in failure({"hear": "choose"}, {"press": "1"}, {"hear": "choose"})


def test_one_thing_heard_is_not_expected_twice() -> None:
    assert "`welcome`" in failure({"hear": "welcome"}, {"hear": "welcome"})


def test_who_hangs_up_ends_the_call() -> None:
    assert not run({"hear": "choose"}, {"hangup": None}, {"ends": "caller"}, {"ends": "abandoned"})


def test_a_place_is_expected_with_or_without_its_flow() -> None:
    assert not run({"goes_to": "shop/welcome"}, {"goes_to": "main_menu"})


def test_a_caller_in_the_queue_who_hangs_up_hears_no_more() -> None:
    assert not run(
        {"press": "1"}, {"goes_to": "queue.sales"}, {"wait": "5s"}, {"hangup": None},
        {"not_hear": "sorry"}, given={"queue.sales": "timeout"},
    )  # fmt: skip


# -- what fails ---------------------------------------------------------------------------------


def test_what_was_heard_instead_is_told() -> None:
    message = failure({"hear": "closed"})
    assert message == (
        "expected to hear `closed`, but heard welcome “Welcome to the shop.”, choose “For sales, "
        "press 1. For your account, press 2.”; the call is at `main_menu` of shop"
    )


def test_what_was_heard_beside_is_told() -> None:
    message = failure({"hear_only": ["welcome"]})
    assert message.startswith("expected to hear only `welcome`, but heard welcome")


def test_what_should_not_be_heard_is_told() -> None:
    message = failure({"press": "7"}, {"not_hear": "wrong_key"})
    assert message.startswith("expected not to hear `wrong_key`, but heard wrong_key “That key")


def test_where_it_went_instead_is_told() -> None:
    message = failure({"press": "2"}, {"goes_to": "queue.sales"})
    assert message == "expected to go to `queue.sales`, but shop/pin; the call is at `pin` of shop"


def test_what_a_variable_is_instead_is_told() -> None:
    steps = ({"press": "2"}, {"press": "1234#"})
    message = failure(*steps, {"variable": {"tier": "gold"}}, given=VIP)
    assert message == "expected `tier` to be gold, but it is vip"
    assert "it has no value" in failure(*steps, {"variable": {"colour": "red"}}, given=VIP)


def test_a_pin_is_no_variable_of_a_test() -> None:
    message = failure({"press": "2"}, {"press": "1234#"}, {"variable": {"pin": "1234"}}, given=VIP)
    assert "it has no value" in message


def test_how_it_ended_instead_is_told() -> None:
    message = failure({"ends": "self_served"}, given={"hours.office": "closed"})
    assert message == (
        "expected the call to end as `self_served`, but: the flow hung up (out_of_hours)"
    )
    assert "it goes on: the call is at `main_menu`" in failure({"ends": None})


def test_nothing_can_be_done_after_the_end() -> None:
    message = failure({"press": "1"}, given={"hours.office": "closed"})
    assert message == "the call is over already: the flow hung up (out_of_hours)"


def test_words_where_nobody_listens_are_told() -> None:
    message = failure({"press": "2"}, {"say": "one two three four"})
    assert message == "nobody listens to what he says: the call is at `pin` of shop"


def test_a_flow_that_goes_on_for_ever_fails_its_test_and_does_not_hang() -> None:
    hold = {"type": "queue", "queue": "sales", "timeout": "hold", "full": "hold"}
    call = rehearsal(
        {"queue.sales": {"outcome": "timeout", "after": "1h"}},
        flows=flows({"hold": {**hold, "no_agents": "hold"}}),
    )
    found = play(call, [Step.model_validate({"ends": None})])
    assert found == Failure(0, "the call is not over after 2 hours")


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({}, "a step is one of"),
        ({"press": "1", "hear": "welcome"}, "a step is one of"),
        ({"hear": None}, "`hear` has no value"),
        ({"hear": "/(/"}, "no regular expression"),
        ({"wait": "soon"}, "no length of time"),
        ({"press": "one"}, "are no keys"),
        ({"hears": "welcome"}, "Extra inputs"),
    ],
)
def test_a_step_that_means_nothing_is_refused(step: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Step.model_validate(step)


def test_a_test_may_call_its_steps_expect() -> None:
    assert len(FlowTest.model_validate({"name": "a", "expect": [{"hear": "welcome"}]}).steps) == 1
