"""The number that a callee sees."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dialer.caller_ids import choose
from dialer.campaign import CallerIds

HANOI, SAIGON, NEW_YORK, MIAMI = "+842439991111", "+842839992222", "+12125550100", "+13055550101"
ALL = (HANOI, SAIGON, NEW_YORK, MIAMI)


def shown(number: str, how: str = "area", turn: int = 0, **today: int) -> str | None:
    settings = CallerIds.model_validate({"numbers": ALL, "choose": how})
    return choose(settings, number, today, turn)


def test_the_first_number_is_shown_when_nothing_else_is_asked() -> None:
    assert {shown("+84912345678", "first", turn) for turn in range(9)} == {HANOI}


def test_numbers_are_shown_in_turn() -> None:
    assert [shown("+84912345678", "rotate", turn) for turn in range(5)] == [*ALL, HANOI]


def test_a_callee_in_the_united_states_sees_a_number_of_his_area_code() -> None:
    assert {shown("+13055551234", turn=turn) for turn in range(6)} == {MIAMI}


def test_a_callee_in_ho_chi_minh_city_sees_its_number() -> None:
    assert {shown("+842838123456", turn=turn) for turn in range(6)} == {SAIGON}


def test_a_callee_of_another_area_sees_numbers_of_his_country_in_turn() -> None:
    assert [shown("+84912345678", turn=turn) for turn in range(3)] == [HANOI, SAIGON, HANOI]
    assert [shown("+14165551234", turn=turn) for turn in range(2)] == [NEW_YORK, MIAMI]


def test_a_callee_abroad_sees_all_numbers_in_turn() -> None:
    assert [shown("+33142685300", turn=turn) for turn in range(4)] == list(ALL)


def test_short_numbers_are_shown_to_everybody() -> None:
    settings = CallerIds.model_validate({"numbers": ["1900", "1800"], "choose": "area"})
    assert [choose(settings, "+84912345678", {}, turn) for turn in range(2)] == ["1900", "1800"]


def test_a_number_that_was_shown_often_enough_today_makes_way_for_the_next_nearest() -> None:
    settings = CallerIds(numbers=ALL, choose="area", most_per_day=2)
    assert choose(settings, "+13055551234", {MIAMI: 1}, 7) == MIAMI
    assert choose(settings, "+13055551234", {MIAMI: 2}, 7) == NEW_YORK
    assert choose(settings, "+13055551234", {MIAMI: 2, NEW_YORK: 9}, 0) == HANOI
    assert choose(settings, "+13055551234", dict.fromkeys(ALL, 2), 0) is None


@given(
    how=st.sampled_from(["first", "rotate", "area"]),
    most=st.integers(1, 5),
    callees=st.lists(
        st.sampled_from(["+84912345678", "+842438123456", "+12125551234", "+33142685300", "115"]),
        max_size=40,
    ),
)
def test_no_number_is_shown_oftener_than_allowed_and_none_is_left_unused(
    how: str, most: int, callees: list[str]
) -> None:
    settings = CallerIds.model_validate({"numbers": ALL, "choose": how, "most_per_day": most})
    today: Counter[str] = Counter()
    for turn, callee in enumerate(callees):
        number = choose(settings, callee, today, turn)
        assert (number is None) == (today.total() == most * len(ALL))
        if number is not None:
            assert number in ALL
            today[number] += 1
    assert max(today.values(), default=0) <= most
