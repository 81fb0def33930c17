"""Opening hours as callers meet them, in every zone and through every change of the clocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dialplan.hours import Calendar, HoursState
from dialplan.schema import CalendarSettings

SAIGON = "Asia/Ho_Chi_Minh"


def calendar(zone: str = SAIGON, **written: Any) -> Calendar:
    return CalendarSettings.model_validate({"timezone": zone, **written}).calendar("test")


def at(text: str, zone: str = SAIGON, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


OFFICE = calendar(
    open={"mon-fri": "08:00-12:00, 13:30-17:30", "sat": ["08:00-12:00"]},
    holidays=[
        {"date": "2027-02-04..2027-02-10", "name": {"vi": "Tết", "en": "Lunar New Year"}},
        {"date": "04-30", "name": "Reunification Day"},
        {"date": "12-31..01-01"},
    ],
)


@pytest.mark.parametrize(
    ("moment", "state", "next_open"),
    [
        ("2026-11-23T08:00", "open", None),  # a Monday
        ("2026-11-23T07:59:59", "closed", "2026-11-23T08:00"),
        ("2026-11-23T12:00", "closed", "2026-11-23T13:30"),  # lunch
        ("2026-11-23T17:30", "closed", "2026-11-24T08:00"),
        ("2026-11-28T11:59:59", "open", None),  # Saturday
        ("2026-11-28T12:00", "closed", "2026-11-30T08:00"),
        ("2027-02-03T18:00", "closed", "2027-02-11T08:00"),  # the eve of Tết
        ("2027-02-04T10:00", "holiday", "2027-02-11T08:00"),
        ("2027-02-10T23:59:59", "holiday", "2027-02-11T08:00"),
        ("2029-04-30T10:00", "holiday", "2029-05-01T08:00"),  # every year
        ("2026-12-31T10:00", "holiday", "2027-01-02T08:00"),  # over New Year's Eve
        ("2027-01-01T10:00", "holiday", "2027-01-02T08:00"),
    ],
)
def test_the_office_is_open_when_its_sign_says_so(
    moment: str, state: str, next_open: str | None
) -> None:
    status = OFFICE.status(at(moment))
    assert (status.state, status.next_open) == (state, next_open and at(next_open))


def test_a_holiday_is_named_in_the_callers_language() -> None:
    status = OFFICE.status(at("2027-02-04T10:00"))
    assert (status.name("vi"), status.name("en")) == ("Tết", "Lunar New Year")
    assert status.name("fr") == "Tết"
    assert OFFICE.status(at("2029-04-30T10:00")).name("vi") == "Reunification Day"
    assert OFFICE.status(at("2026-11-23T10:00")).name("vi") == ""


def test_a_night_line_stays_open_over_midnight_but_not_into_a_holiday() -> None:
    night = calendar(open={"daily": "22:00-06:00"}, holidays=[{"date": "2027-05-01"}])
    assert night.status(at("2027-04-29T03:00")).state is HoursState.OPEN
    assert night.status(at("2027-04-30T23:59:59")).state is HoursState.OPEN
    status = night.status(at("2027-05-01T00:00"))
    assert (status.state, status.next_open) == (HoursState.HOLIDAY, at("2027-05-02T00:00"))


def test_a_line_that_never_closes_and_one_that_never_opens() -> None:
    always, never = calendar(open={"daily": "00:00-24:00"}), calendar()
    for moment in ("2026-11-23T00:00", "2026-11-23T23:59:59", "2027-02-06T12:00"):
        assert always.status(at(moment)).state is HoursState.OPEN
        status = never.status(at(moment))
        assert (status.state, status.next_open) == (HoursState.CLOSED, None)


def test_an_emergency_comes_before_everything() -> None:
    closed = calendar(open={"daily": "00:00-24:00"}, holidays=[{"date": "01-01"}], emergency="yes")
    assert closed.status(at("2027-01-01T10:00")).state is HoursState.EMERGENCY
    assert closed.status(at("2027-01-02T10:00")).state is HoursState.EMERGENCY


def test_the_hour_that_comes_twice_is_open_both_times() -> None:
    zone = "America/New_York"  # on 2026-11-01 at 2:00 the clock goes back to 1:00
    line = calendar(zone, open={"daily": "00:30-03:00"})
    for fold in (0, 1):
        assert line.status(at("2026-11-01T01:30", zone, fold)).state is HoursState.OPEN
    assert line.status(at("2026-11-01T03:00", zone)).state is HoursState.CLOSED


def test_a_day_of_23_hours_opens_at_its_own_eight_o_clock() -> None:
    zone = "Europe/Berlin"
    line = calendar(zone, open={"daily": "08:00-17:00"})
    status = line.status(at("2027-03-28T01:00", zone))  # clocks go forward at 2:00
    assert status.next_open == at("2027-03-28T08:00", zone)


minutes = st.integers(0, 1439)
spans = st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1])


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar in a zone with odd clock changes (Lord Howe: half an hour; Apia: a day lost)."""
    zone = draw(
        st.sampled_from(
            [SAIGON, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
             "America/Sao_Paulo", "Pacific/Apia", "Asia/Beirut", "Asia/Tehran"]
        )
    )  # fmt: skip
    week = {}
    for day in draw(st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))):
        opens, closes = draw(spans)
        week[day] = f"{clock(opens)}-{clock(closes)}"
    dates = st.dates(datetime(2000, 1, 1).date(), datetime(2029, 12, 31).date())  # noqa: DTZ001
    holidays = [{"date": day.isoformat()} for day in draw(st.lists(dates, max_size=5))]
    holidays += [{"date": f"{day:%m-%d}"} for day in draw(st.lists(dates, max_size=5))]
    return calendar(zone, open=week, holidays=holidays)


@given(calendars(), st.floats(946_684_800, 1_893_456_000))
def test_what_a_caller_is_told_of_the_next_opening_is_true(line: Calendar, now: float) -> None:
    status = line.status(now)
    if status.state is HoursState.OPEN or status.next_open is None:
        assert status.next_open is None
        return
    assert status.next_open > now
    assert line.status(status.next_open).state is HoursState.OPEN
    before = status.next_open - 0.001
    if before > now:
        assert line.status(before).state is not HoursState.OPEN
        assert line.status(before).next_open == status.next_open
    halfway = (now + status.next_open) / 2
    assert line.status(halfway).state is not HoursState.OPEN


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TET_DAYS = st.dates(date(2027, 1, 25), date(2027, 2, 15))


@dataclass
class Sign:
    """A calendar as it hangs at the door, and a person who reads it with a clock on the wall."""

    zone: str
    week: dict[str, list[tuple[int, int]]]
    holidays: list[date]
    emergency: bool

    def calendar(self) -> Calendar:
        """The one that the engine asks."""
        return calendar(
            self.zone,
            open={day: ", ".join(f"{clock(a)}-{clock(b or 1440)}" for a, b in spans)
                  for day, spans in self.week.items() if spans},
            holidays=[{"date": day.isoformat()} for day in self.holidays],
            emergency="yes" if self.emergency else "no",
        )  # fmt: skip

    def state(self, moment: float) -> HoursState:
        """What the person says, by the clock alone."""
        wall = datetime.fromtimestamp(moment, ZoneInfo(self.zone))
        if self.emergency:
            return HoursState.EMERGENCY
        if wall.date() in self.holidays:
            return HoursState.HOLIDAY
        minute = wall.hour * 60 + wall.minute
        today = self.week[WEEK[wall.weekday()]]
        last_night = self.week[WEEK[wall.weekday() - 1]]
        open_now = any(a <= minute < (b if b > a else 1440) for a, b in today)
        open_still = any(b < a and minute < b for a, b in last_night)
        return HoursState.OPEN if open_now or open_still else HoursState.CLOSED


@st.composite
def signs(draw: st.DrawFn) -> Sign:
    """Any sign in the weeks around Tết, when no clock of these zones is changed."""
    week = {day: draw(st.lists(spans, max_size=2, unique=True)) for day in WEEK}
    for day, hours in week.items():  # hours of one day that overlap are refused
        ends = [(a, b if b > a else b + 1440) for a, b in sorted(hours)]
        if len(ends) == 2 and ends[1][0] < ends[0][1]:
            week[day] = hours[:1]
    zone = draw(st.sampled_from([SAIGON, "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns"]))
    holidays = draw(st.lists(TET_DAYS, max_size=12))
    return Sign(zone, week, holidays, draw(st.booleans()) and draw(st.booleans()))


MINUTES_LOOKED_AT = 4 * 1440
MOMENTS = st.floats(1_801_000_000, 1_802_000_000)
FULL_MINUTES = st.integers(30_016_667, 30_033_333).map(lambda minute: minute * 60.0)


@settings(max_examples=60)
@given(signs(), MOMENTS | FULL_MINUTES)
def test_the_engine_says_what_a_person_reads_from_the_sign_minute_by_minute(
    sign: Sign, now: float
) -> None:
    status = sign.calendar().status(now)
    assert status.state is sign.state(now)
    if status.state in (HoursState.OPEN, HoursState.EMERGENCY):
        assert status.next_open is None
        return
    first = (now // 60 + 1) * 60
    minutes = (first + 60 * step for step in range(MINUTES_LOOKED_AT))
    opens = next((at for at in minutes if sign.state(at) is HoursState.OPEN), None)
    if opens is not None:
        assert status.next_open == opens
    elif status.next_open is not None:
        assert status.next_open >= first + 60 * MINUTES_LOOKED_AT


@given(calendars(), st.floats(946_684_800, 1_893_456_000))
def test_an_emergency_hides_everything_and_says_no_next_opening(line: Calendar, now: float) -> None:
    status = replace(line, emergency=True).status(now)
    assert (status.state, status.names, status.next_open) == (HoursState.EMERGENCY, {}, None)


@given(calendars(), st.floats(946_684_800, 1_893_456_000))
def test_the_same_question_has_the_same_answer(line: Calendar, now: float) -> None:
    assert line.status(now) == line.status(now)


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ({"open": {"moon": "08:00-09:00"}}, "`moon` is no day"),
        ({"open": {"mon": "8-9"}}, "write 08:00-17:30"),
        ({"open": {"mon": "08:00-24:01"}}, "no clock shows"),
        ({"open": {"mon": "08:60-09:00"}}, "no clock shows"),
        ({"open": {"mon": "08:00-08:00"}}, "opens and closes at once"),
        ({"open": {"mon": "22:00-06:00, 21:00-23:00"}}, "overlap"),
        ({"open": {"mon": None}}, "several with commas"),
        ({"open": {"mon-wed": "08:00-09:00", "tue": "10:00-11:00"}}, "tue is in two lines"),
        ({"holidays": [{"date": "30/4"}]}, "write 2027-02-04"),
        ({"holidays": [{"date": "30-04"}]}, "the month comes before the day"),
        ({"holidays": [{"date": "2027-02-29"}]}, "no day of the calendar"),
        ({"holidays": [{"date": "2027-02-10..2027-02-04"}]}, "ends before it begins"),
        ({"holidays": [{"date": "2027-12-31..01-01"}]}, "year in both dates"),
        ({"timezone": "../../etc/passwd"}, "no time zone"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(written: dict[str, Any], advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        CalendarSettings.model_validate({"timezone": SAIGON, **written})
