"""Which number leads where, for whom and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.features import Action, Feature, Features
from dialplan.hours import HoursState
from dialplan.inbound import Entry, Route, Routes, spelling
from dialplan.schema import CalendarSettings, FeatureSettings, NumberSettings

OFFICE = CalendarSettings.model_validate(
    {"timezone": "Asia/Ho_Chi_Minh", "open": {"mon-fri": "08:00-17:00"}}
).calendar("office")
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")).timestamp()
SUNDAY_NOON = MONDAY_NOON - 86400


def key(number: str) -> str:
    spelled = spelling(number, "VN")
    assert spelled is not None
    return spelled


def entry(name: str, settings: dict[str, Any]) -> Entry:
    number = NumberSettings.model_validate(settings)
    return number.entry(name, {caller: key(caller) for caller in number.callers})


def routes(default: dict[str, Any] | None = None, **numbers: dict[str, Any]) -> Routes:
    return Routes(
        {key(number): entry(number, settings) for number, settings in numbers.items()},
        entry("default", default) if default else None,
        {"office": OFFICE},
    )


def target(table: Routes, did: str, caller: str = "", now: float = MONDAY_NOON) -> str | None:
    route = table.match(did, caller, now)
    return route.target if route else None


@pytest.mark.parametrize("did", ["19001000", "1900 1000", "+8419001000", "008419001000"])
def test_a_number_is_found_in_whatever_spelling_the_trunk_sends(did: str) -> None:
    table = routes(**{"1900 1000": {"flow": "main", "language": "en"}})
    assert table.match(did, "", MONDAY_NOON) == Route("1900 1000", "flow", "main", "en")


@pytest.mark.parametrize(
    ("did", "wanted"),
    [
        ("19001000", "exact"),
        ("19001009", "last_digit"),
        ("19001055", "two_digits"),
        ("190010551", "rest"),
        ("19002", "rest"),
        ("1900", "default"),  # a `.` is one digit at least
        ("3001", "default"),
    ],
)
def test_the_most_definite_pattern_wins(did: str, wanted: str) -> None:
    table = routes(
        {"queue": "default"},
        **{
            "1900.": {"queue": "rest"},
            "190010XX": {"queue": "two_digits"},
            "1900100X": {"queue": "last_digit"},
            "19001000": {"queue": "exact"},
        },
    )
    assert target(table, did) == wanted


def test_a_number_nobody_knows_has_no_route() -> None:
    assert routes(**{"19001000": {"queue": "x"}}).match("19001001", "", MONDAY_NOON) is None


@pytest.mark.parametrize("did", ["", "anonymous", "19001000,1", "${X}", "1" * 40, "1900\n1000"])
def test_a_hostile_number_has_only_the_default(did: str) -> None:
    table = routes({"queue": "default"}, **{".": {"queue": "any"}})
    assert target(table, did) == "default"


def test_a_pattern_may_be_written_in_e164() -> None:
    table = routes(**{"+8490.": {"queue": "mobile"}})
    assert target(table, "0901234567") == "mobile"


def test_outside_the_hours_a_number_leads_elsewhere() -> None:
    table = routes(
        **{
            "19001000": {
                "queue": "support",
                "calendar": "office",
                "language": "vi",
                "closed": {"flow": "night"},
            }
        }
    )
    assert target(table, "19001000", now=MONDAY_NOON) == "support"
    closed = table.match("19001000", "", SUNDAY_NOON)
    assert closed == Route("19001000", "flow", "night", "vi", "office")


def test_a_special_caller_has_a_route_of_his_own_at_any_hour() -> None:
    table = routes(
        **{
            "19001000": {
                "flow": "main",
                "calendar": "office",
                "closed": {"flow": "night"},
                "callers": {
                    "0901 234 567": {"queue": "vip", "language": "en"},
                    "+44.": {"flow": "uk"},
                },
            }
        }
    )
    for now in (MONDAY_NOON, SUNDAY_NOON):
        assert target(table, "19001000", "+84901234567", now) == "vip"
        assert target(table, "19001000", "+442079460958", now) == "uk"
    assert target(table, "19001000", "0909999999") == "main"
    assert target(table, "19001000", "anonymous") == "main"


@pytest.mark.parametrize("number", ["X1", "190X.", "+84X.", "."])
def test_patterns_are_kept_as_written(number: str) -> None:
    assert spelling(number, "VN") == number


@pytest.mark.parametrize("number", ["19.00X", "abcX", "X" * 40, "_1900X", "1900X..", "[1-9]X"])
def test_a_pattern_that_is_none_is_refused(number: str) -> None:
    assert spelling(number, "VN") is None


# -- feature codes --------------------------------------------------------------------------------

FEATURES = FeatureSettings.model_validate(
    {"login": "*10", "logout": "*11", "pause": "*13", "pause_reasons": {"1": "lunch"}}
).features()


@pytest.mark.parametrize(
    ("dialed", "wanted"),
    [
        ("*10", Feature(Action.LOGIN)),
        ("*103001", Feature(Action.LOGIN, what="3001")),
        ("*11", Feature(Action.LOGOUT)),
        ("*13", Feature(Action.PAUSE)),
        ("*131", Feature(Action.PAUSE, what="lunch")),
        ("*132", None),  # no such reason
        ("*111", None),
        ("*10*", None),
        ("*12", None),  # ready has no code here
        ("3001", None),
        ("", None),
    ],
)
def test_an_agent_dials_a_feature_code(dialed: str, wanted: Feature | None) -> None:
    assert FEATURES.match(dialed) == wanted


def test_without_codes_nothing_is_a_feature() -> None:
    assert Features().match("*10") is None


# -- at any hour ----------------------------------------------------------------------------------

LINES = {
    "day": {"mon-fri": "08:00-17:00"},
    "night": {"daily": "22:00-06:00"},
    "always": {"daily": "00:00-24:00"},
    "never": {},
}


@given(
    st.sampled_from(sorted(LINES)),
    st.booleans(),
    st.sampled_from(["0901234567", "0907654321"]),
    st.floats(1_795_000_000, 1_805_000_000),
)
def test_callers_go_where_the_calendar_says_and_special_ones_where_they_always_go(
    name: str, emergency: bool, caller: str, now: float
) -> None:
    line = CalendarSettings.model_validate(
        {"timezone": "Asia/Ho_Chi_Minh", "open": LINES[name], "emergency": emergency}
    ).calendar(name)
    settings = {
        "flow": "main",
        "calendar": name,
        "closed": {"queue": "night"},
        "callers": {"0901 234 567": {"queue": "vip"}},
    }
    table = Routes({key("1900"): entry("1900", settings)}, None, {name: line})
    is_open = line.status(now).state is HoursState.OPEN
    wanted = "vip" if caller == "0901234567" else "main" if is_open else "night"
    route = table.match("1900", caller, now)
    assert route is not None
    assert (route.target, route.calendar) == (wanted, name)
    assert not (emergency and is_open)


def test_a_number_may_lead_to_a_feature() -> None:
    table = routes(**{"1900 1099": {"feature": "emergency"}})
    assert table.match("19001099", "", MONDAY_NOON) == Route("1900 1099", "feature", "emergency")
