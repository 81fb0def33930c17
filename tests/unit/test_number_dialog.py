"""A caller says at which number he wants to be called back."""

from __future__ import annotations

import pytest

from engine.calls.callbacks.number_dialog import (
    FIRST_KEY_SECONDS,
    FURTHER_KEY_SECONDS,
    Answer,
    Ask,
    Chosen,
    Dropped,
    Hush,
    NumberDialog,
)

MINE, OTHER = "+84901234567", "+84905550000"


def reach(number: str) -> str | None:
    """Two numbers can be called, as they are dialed and in full."""
    return {"0901234567": MINE, MINE: MINE, "0905550000": OTHER}.get(number)


def dialog(number: str = "0901234567") -> tuple[NumberDialog, Ask]:
    one = NumberDialog(reach, lambda number: number.replace("+84", "0"))
    return one, one.begin(number, 0.0)


def press(one: NumberDialog, keys: str, now: float = 1.0) -> Answer | None:
    answer = None
    for key in keys:
        answer = one.pressed(key, now)
    return answer


def read_back(answer: Answer | None) -> str:
    """The number that is read in a question to confirm it."""
    assert isinstance(answer, Ask)
    assert answer.prompts[-1] == "callback_confirm"
    return "".join(key.removeprefix("number_") for key in answer.prompts if "number_" in key[:7])


def test_a_caller_hears_his_number_and_takes_it() -> None:
    one, asked = dialog()
    assert read_back(asked) == "0901234567"
    assert one.pressed("1", 1.0) == Chosen(MINE)


def test_a_caller_types_another_number_and_takes_that() -> None:
    one, _ = dialog()
    assert press(one, "2") == Ask(("callback_enter",))
    assert press(one, "0") == Hush()
    assert press(one, "90555000") is None
    assert read_back(press(one, "0#")) == "0905550000"
    assert press(one, "1") == Chosen(OTHER)


def test_a_number_without_an_end_is_taken_after_a_while() -> None:
    one, _ = dialog()
    press(one, "2")
    one.said(2.0)
    press(one, "0905550000", now=3.0)
    assert one.next_deadline() == 3.0 + FURTHER_KEY_SECONDS
    assert read_back(one.late(one.next_deadline())) == "0905550000"


@pytest.mark.parametrize("hidden", ["anonymous", "", "113"])
def test_a_caller_without_a_number_that_can_be_called_is_asked_for_one(hidden: str) -> None:
    _, asked = dialog(hidden)
    assert asked == Ask(("callback_enter",))


def test_a_number_that_cannot_be_called_is_asked_for_again() -> None:
    one, _ = dialog("anonymous")
    assert press(one, "113#") == Ask(("callback_wrong_number", "callback_enter"))
    assert read_back(press(one, "0901234567#")) == "0901234567"


@pytest.mark.parametrize(
    ("number", "keys"), [("0901234567", "333"), ("anonymous", "###"), ("anonymous", "9#9#9#")]
)
def test_a_caller_who_keeps_pressing_wrong_keys_waits_on(number: str, keys: str) -> None:
    one, _ = dialog(number)
    assert isinstance(press(one, keys[: -len(keys) // 3]), Ask)
    assert press(one, keys[-len(keys) // 3 :]) == Dropped()


def test_a_silent_caller_is_asked_three_times_and_waits_on() -> None:
    one, asked = dialog()
    for _ in range(2):
        one.said(5.0)
        assert one.next_deadline() == 5.0 + FIRST_KEY_SECONDS
        assert one.late(11.0) == asked
    one.said(5.0)
    assert one.late(11.0) == Dropped()


def test_the_time_for_the_first_key_begins_when_all_is_said() -> None:
    one, _ = dialog()
    assert one.next_deadline() > 5.0 + FIRST_KEY_SECONDS
    press(one, "2", now=4.0)
    press(one, "09", now=5.0)
    one.said(5.1)  # what he cut
    assert one.next_deadline() == 5.0 + FURTHER_KEY_SECONDS


def test_nobody_can_type_without_an_end() -> None:
    one, _ = dialog("anonymous")
    assert press(one, "0" * 20) == Ask(("callback_wrong_number", "callback_enter"))
