"""Calling hours by the callee's clock: over nights when it is changed, year ends and holidays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.closed_days import closed_day, easter
from dialer.compliance.hours import calling_hours

NEW_YORK, HANOI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Ho_Chi_Minh")


def at(local, zone, fold=0):
    return datetime.fromisoformat(local).replace(tzinfo=zone, fold=fold).timestamp()


ODD_ZONES = [
    "America/New_York", "America/St_Johns", "Europe/London", "Europe/Madrid", "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Santiago",
    "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Chatham", "America/Asuncion",
]  # fmt: skip


def test_hours_hold_on_the_days_when_clocks_change():
    hours = calling_hours({"daily": "08:00-21:00"})
    for day, offset in (("2026-03-08", "-04:00"), ("2026-11-01", "-05:00")):
        first = hours.next_lawful(at(f"{day}T01:00", NEW_YORK), NEW_YORK)
        assert first == datetime.fromisoformat(f"{day}T08:00{offset}").timestamp()


def test_an_hour_that_clocks_skip_is_no_hour_of_calls():
    hours = calling_hours({"daily": "02:30-03:30"})
    opens = hours.next_lawful(at("2026-03-08T01:59", NEW_YORK), NEW_YORK)
    assert opens == datetime.fromisoformat("2026-03-08T03:00-04:00").timestamp()


def test_an_hour_that_clocks_show_twice_is_lawful_twice():
    hours = calling_hours({"daily": "01:00-01:30"})
    assert hours.lawful(at("2026-11-01T01:15", NEW_YORK), NEW_YORK)
    again = hours.next_lawful(at("2026-11-01T01:45", NEW_YORK), NEW_YORK)
    assert again == at("2026-11-01T01:00", NEW_YORK, fold=1)


def test_nobody_is_called_over_tet():
    closed = ("2027-02-05..2027-02-11",)
    hours = calling_hours({"daily": "08:00-17:00"}, closed)
    assert hours.lawful(at("2027-02-04T16:59", HANOI), HANOI)
    assert not hours.lawful(at("2027-02-05T08:00", HANOI), HANOI)
    after = hours.next_lawful(at("2027-02-04T17:00", HANOI), HANOI)
    assert after == at("2027-02-12T08:00", HANOI)


def test_the_year_ends_on_a_weekday():
    hours = calling_hours({"mon-fri": "09:00-18:00"}, ("12-31", "01-01~"))
    after = hours.next_lawful(at("2027-12-30T18:00", HANOI), HANOI)
    assert after == at("2028-01-03T09:00", HANOI)


@pytest.mark.parametrize(
    ("closed", "days", "open_days"),
    [
        ("12-24..12-26", ["2026-12-24", "2026-12-26", "2030-12-25"], ["2026-12-23", "2026-12-27"]),
        ("12-30..01-02", ["2026-12-30", "2027-01-02"], ["2026-12-29", "2027-01-03", "2027-07-01"]),
        ("02-29", ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        ("2027-02-05", ["2027-02-05"], ["2028-02-05"]),
        ("easter", ["2027-03-28"], ["2027-03-27"]),
        ("11-thu4", ["2026-11-26"], ["2026-11-19", "2026-12-24"]),
    ],
)
def test_closed_days_come_when_they_are_written(closed, days, open_days):
    covers = closed_day(closed).covers
    assert all(covers(date.fromisoformat(day)) for day in days)
    assert not any(covers(date.fromisoformat(day)) for day in open_days)


def test_hours_that_never_come_are_never():
    hours = calling_hours({"mon": "09:00-10:00"}, tuple(f"{m:02}-mon{n}" for m in range(1, 13)
                                                      for n in range(1, 6)))  # fmt: skip
    assert hours.next_lawful(at("2026-11-22T12:00", HANOI), HANOI) is None


@pytest.mark.parametrize(
    "wrong",
    [{"mon": "8-17"}, {"mon": "17:00-08:00"}, {"mon": "08:00-08:00"}, {"mon": "08:00-24:01"},
     {"mon": "08:60-09:00"}, {"mo": "08:00-17:00"}, {"mon-fri": "08:00-17:00", "fri": "08:00-9:00"},
     {"mon": "08:00-12:00, 11:00-17:00"}, {"mon": ""}],
)  # fmt: skip
def test_hours_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=r"write|day|calling hours"):
        calling_hours(wrong)


@pytest.mark.parametrize(
    "wrong", ["2027-02-30", "02-30", "13-01", "easter+", "11-thu6", "00-mon1", "tet", "",
              "2027-02-11..2027-02-05", "12-24~..12-26", "12-24..13-01", "12-24..2027-01-01"],
)  # fmt: skip
def test_days_that_no_calendar_has_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        closed_day(wrong)


def test_the_holidays_of_france_are_those_that_its_calendar_has():
    ours = [closed_day(day) for day in (
        "01-01", "easter+1", "05-01", "05-08", "easter+39", "easter+50", "07-14", "08-15", "11-01",
        "11-11", "12-25",
    )]  # fmt: skip
    for year in range(2024, 2036):
        theirs = set(holidays.country_holidays("FR", years=year))
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0)))
        assert {day for day in days if any(each.covers(day) for each in ours)} == theirs


def test_the_holidays_of_the_united_states_and_their_substitutes():
    ours = [closed_day(day) for day in (
        "01-01~", "01-mon3", "02-mon3", "05-mon-last", "06-19~", "07-04~", "09-mon1", "10-mon2",
        "11-11~", "11-thu4", "12-25~",
    )]  # fmt: skip
    for year in range(2024, 2036):
        for day in holidays.country_holidays("US", years=year, observed=True):
            assert any(each.covers(day) for each in ours), day


def test_easter_is_when_it_is():
    known = {2024: "03-31", 2025: "04-20", 2026: "04-05", 2027: "03-28", 2038: "04-25"}
    assert {year: easter(year).strftime("%m-%d") for year in known} == known


MOMENTS = st.integers(
    min_value=int(at("2026-01-01", NEW_YORK)), max_value=int(at("2028-12-31", NEW_YORK))
)
TEXTS = st.sampled_from(
    ["08:00-21:00", "00:00-24:00", "00:00-01:30, 02:30-03:00", "10:00-13:00, 14:00-20:00",
     "23:30-24:00", "02:15-02:45"]
)  # fmt: skip
CLOSED = st.lists(st.sampled_from(["12-25", "easter+1", "11-thu4", "01-01~"]), max_size=3)


@settings(max_examples=120, deadline=None)
@given(
    MOMENTS, st.sampled_from(ODD_ZONES), TEXTS, st.sampled_from(["daily", "mon-fri", "sun"]), CLOSED
)
def test_the_next_lawful_moment_is_lawful_and_none_before_it_is(moment, zone, text, days, closed):
    zone, hours = ZoneInfo(zone), calling_hours({days: text}, tuple(closed))
    found = hours.next_lawful(moment, zone)
    assert found is not None
    assert found >= moment
    assert hours.lawful(found, zone)
    if found > moment:
        step = max(1.0, min(60.0, (found - moment) / 200))
        tried = moment
        while tried < found:
            assert not hours.lawful(tried, zone)
            tried += step
        assert not hours.lawful(found - 1, zone)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ODD_ZONES), st.sampled_from([2025, 2026, 2027]), TEXTS)
def test_no_opening_is_missed_on_any_night_when_clocks_change(zone, year, text):
    zone, hours = ZoneInfo(zone), calling_hours({"daily": text})
    start = datetime(year, 1, 1, tzinfo=zone).timestamp()
    offsets = [datetime.fromtimestamp(start + h * 3600, zone).utcoffset() for h in range(8760)]
    for hour in (h for h in range(1, 8760) if offsets[h] != offsets[h - 1]):
        near = start + hour * 3600
        asked = near - 4 * 3600
        while asked < near + 4 * 3600:
            found = hours.next_lawful(asked, zone)
            tried = asked
            while not hours.lawful(tried, zone):
                tried += 900
            assert found <= tried
            assert found == tried or not hours.lawful(found - 1, zone)
            asked += 900
