"""What a waiting caller is told: places and ranges, never a disappointment that was not his own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ivr_caller import FLOWS, load

from acd.waiting import Estimate
from engine.calls import spoken
from engine.calls.notes import Told
from engine.calls.queueing.told import Telling, Wait, tell
from engine.ivr.lint import prompt_clashes
from engine.ivr.schema import PromptFile

PROMPTS = {
    key: texts
    for name in ("queue.yaml", "spoken.yaml")
    for key, texts in PromptFile.model_validate(load(FLOWS / name)).prompts.items()
}


def expects(low: float, high: float, position: int = 1) -> Estimate:
    return Estimate(position, low, (low + high) / 2, high)


def hears(
    estimate: Estimate,
    *told: Told,
    now: float = 0.0,
    position: bool = False,
    only_up: bool = True,
) -> Telling:
    return tell(told, estimate, now, position=position, only_up=only_up, wait=True)


def text(prompts: Sequence[str], language: str) -> str:
    return " ".join(PROMPTS[prompt][language] for prompt in prompts)


# -- ranges -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "english", "vietnamese"),
    [
        (0, 20, "less than a minute.", "chưa đến một phút."),
        (0, 61, "less than two minutes", "dưới hai phút"),
        (130, 220, "between two and four minutes", "từ hai đến bốn phút"),
        (60, 60, "about one minute.", "khoảng một phút."),
        (240, 240, "about four minutes", "khoảng bốn phút"),
        (13 * 60, 22 * 60, "between ten and twenty-five minutes", "từ mười đến hai mươi lăm phút"),
        (31 * 60, 80 * 60, "more than thirty minutes", "hơn ba mươi phút"),
        (70 * 60, 200 * 60, "more than an hour.", "hơn một giờ."),
        (100, 100 * 60, "more than one minute.", "hơn một phút."),
    ],
)
def test_a_caller_hears_his_wait_as_a_range_of_minutes(
    low: float, high: float, english: str, vietnamese: str
) -> None:
    said = spoken.telling(hears(expects(low, high)))
    assert text(said, "en") == f"The expected waiting time is {english}"
    assert text(said, "vi") == f"Thời gian chờ dự kiến {vietnamese}"


def test_a_caller_hears_nothing_of_a_range_that_says_nothing() -> None:
    assert hears(expects(10, 7200)) == Telling()


def test_a_caller_is_not_told_a_longer_wait_than_before_plus_the_time_gone_by() -> None:
    before = Told(0, place=3, low=2, high=4)
    assert hears(expects(120, 600, 3), before, now=60).wait == Wait(2, 5)
    assert hears(expects(120, 600, 2), before, now=130).wait == Wait(2, 6)


def test_a_caller_hears_that_it_takes_longer_when_no_number_would_be_true() -> None:
    before = Told(0, place=3, low=2, high=4)
    assert hears(expects(400, 600, 3), before, now=60) == Telling(longer=True)
    later = hears(expects(400, 600, 3), before, Told(60, place=3), now=200)
    assert later.wait == Wait(6, 7)


def test_a_caller_before_whom_somebody_came_is_told_the_truth() -> None:
    before = Told(0, place=3, low=2, high=4)
    assert hears(expects(400, 600, 4), before, now=60).wait == Wait(6, 10)


def test_a_range_without_an_end_binds_nobody() -> None:
    before = Told(0, place=9, low=30, high=None)
    assert hears(expects(50 * 60, 90 * 60, 9), before, now=60).wait == Wait(50, None)


# -- positions ----------------------------------------------------------------------------------


def test_a_caller_is_told_his_place_the_first_time_and_then_when_it_is_better() -> None:
    told: list[Told] = []
    heard = []
    for place in (5, 5, 4, 6, 4, 3):
        said = hears(expects(60, 90, place), *told, position=True).position
        heard.append(said)
        told.append(Told(0, place, said))
    assert heard == [5, None, 4, None, None, 3]


def test_a_caller_who_wants_to_hear_each_place_hears_each() -> None:
    told = Told(0, 4, 4)
    assert hears(expects(60, 90, 6), told, position=True, only_up=False).position == 6


@pytest.mark.parametrize(
    ("place", "english", "vietnamese"),
    [
        (1, "Your place in the line is number one", "Số thứ tự của quý khách là một"),
        (15, "Your place in the line is number fifteen", "Số thứ tự của quý khách là mười lăm"),
        (60, "More than fifty callers are ahead of you.", "Phía trước còn hơn năm mươi người."),
    ],
)
def test_a_caller_hears_his_place_in_words(place: int, english: str, vietnamese: str) -> None:
    assert text(spoken.position(place), "en") == english
    assert text(spoken.position(place), "vi") == vietnamese


# -- what always holds --------------------------------------------------------------------------

SECONDS = st.floats(0, 6000)
FORECASTS = st.lists(
    st.tuples(st.integers(1, 80), SECONDS, SECONDS, st.floats(10, 900)), min_size=1, max_size=30
)


@given(FORECASTS, st.booleans())
def test_no_history_of_forecasts_makes_a_caller_hear_a_worse_thing(
    forecasts: list[tuple[int, float, float, float]], only_up: bool
) -> None:
    told: list[Told] = []
    now = 0.0
    for place, one, other, gone in forecasts:
        now += gone
        said = hears(expects(min(one, other), max(one, other), place), *told, now=now,
                     position=True, only_up=only_up)  # fmt: skip
        _holds(told, said, place, now, only_up)
        low, high = (said.wait.low, said.wait.high) if said.wait else (None, None)
        told.append(Told(now, place, said.position, low, high))
        assert set(spoken.telling(said)) <= PROMPTS.keys()


def _holds(told: list[Told], said: Telling, place: int, now: float, only_up: bool) -> None:
    places = [each.position for each in told if each.position is not None]
    if said.position is not None and places and only_up:
        assert said.position < min(places)
    if not places:
        assert said.position == place  # the first is always told
    waits = [each for each in told if each.low is not None]
    if said.wait is None or not waits or place > waits[-1].place:
        return
    last = waits[-1]
    if last.high is not None:
        assert said.wait.high is not None
        assert said.wait.high * 60 <= last.high * 60 + now - last.at


@given(SECONDS, SECONDS, st.integers(1, 80))
def test_the_first_range_that_a_caller_hears_holds_the_whole_forecast(
    one: float, other: float, place: int
) -> None:
    low, high = sorted((one, other))
    wait = hears(expects(low, high, place)).wait
    if wait is not None:
        assert wait.low * 60 <= low
        assert wait.high is None or high <= max(60, wait.high * 60)


# -- the pieces ---------------------------------------------------------------------------------


def test_every_piece_is_there_in_both_languages_and_clashes_with_no_other_file() -> None:
    assert all(set(texts) == {"en", "vi"} for texts in PROMPTS.values())
    tables = {
        path.name: PromptFile(prompts=load(path)["prompts"]).prompts for path in _prompt_files()
    }
    assert {file: found for file, found in prompt_clashes(tables).items() if found} == {}


def _prompt_files() -> list[Path]:
    return sorted(set(FLOWS.glob("*.yaml")) - set(FLOWS.glob("*.test.yaml")))


def test_keys_and_telephone_numbers_are_read_out() -> None:
    assert text(spoken.offer("voicemail", "2"), "en") == "To leave a message, press two"
    assert text(spoken.offer("callback", "*"), "vi").endswith("xin bấm phím sao")
    assert text(spoken.digits("0905"), "vi") == "không chín không năm"
