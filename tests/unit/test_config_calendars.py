"""Calendars of a site: how they are asked, and what an operator is told of useless ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from written_site import FLOW, QUEUES, ROUTES, told, write_site

from dialplan.hours import HoursState, HoursStatus
from engine.config.drafts import SitePaths
from engine.config.site import Site, load

Write = Callable[..., SitePaths]
HOLIDAYS = """\
    holidays:
      - {date: 2027-02-04..2027-02-10, name: {vi: Tết}}
"""
PIN = '    emergency_pin: "739155"\n'
CODE = ROUTES.replace("features:\n", 'features:\n  emergency: "*90"\n')
TOLD_FLOW = FLOW.replace("    closed: bye\n", "    closed: bye\n    emergency: bye\n")
OFFICE = "      mon-fri: 08:00-17:00\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a good site, with some of its files replaced."""
    return partial(write_site, tmp_path)


def good(paths: SitePaths) -> Site:
    site, problems = load(paths)
    assert site is not None, [problem.render() for problem in problems]
    return site


def problems_of(paths: SitePaths) -> list[str]:
    return told(load(paths)[1])


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")).timestamp()


MONDAY, TET = at("2026-11-23T10:00"), at("2027-02-06T10:00")


# -- asked ----------------------------------------------------------------------------------------


def test_a_flow_asks_the_calendar_of_the_number_or_another(write: Write) -> None:
    site = good(write(routes=ROUTES.replace(OFFICE, OFFICE + HOLIDAYS)))
    tet = HoursStatus(HoursState.HOLIDAY, {"vi": "Tết"}, at("2027-02-11T08:00"))
    assert site.hours_status("office", TET) == tet
    assert site.hours_status("route", TET, "office") == tet
    assert site.hours_status("route", MONDAY, "office") == HoursStatus(HoursState.OPEN)
    assert site.hours_status("route", TET, "") == HoursStatus(HoursState.OPEN)
    assert site.hours_status("", TET) == HoursStatus(HoursState.OPEN)
    assert site.hours_status("gone", MONDAY) == HoursStatus(HoursState.CLOSED)


def test_in_an_emergency_everything_that_asks_the_calendar_hears_it(write: Write) -> None:
    routes = ROUTES.replace("calendar: office}", "calendar: office, closed: {queue: sales}}")
    night = "calendars:\n  night:\n    timezone: UTC\n    open: {daily: 00:00-24:00}\n"
    routes = routes.replace("calendars:\n", f"default: {{queue: sales, calendar: night}}\n{night}")
    site = good(write(routes=routes))
    switched = site.in_emergency({"office": None, "gone": None})
    assert switched.hours_status("route", MONDAY, "office").state is HoursState.EMERGENCY
    assert switched.hours_status("night", MONDAY).state is HoursState.OPEN
    targets = [one.route("19001000", "", MONDAY) for one in (site, switched, site)]
    assert [route and route.target for route in targets] == ["main", "sales", "main"]
    assert switched.in_emergency({}).hours_status("office", MONDAY).state is HoursState.EMERGENCY


def test_a_number_leads_to_the_emergency_switch(write: Write) -> None:
    line = '  "19001099": {feature: emergency, language: vi}\n'
    routes = CODE.replace("calendars:\n", f"{line}calendars:\n").replace(OFFICE, OFFICE + PIN)
    paths = write(routes=routes, flow=TOLD_FLOW)
    assert problems_of(paths) == []
    route = good(paths).route("19001099", "", MONDAY)
    assert route is not None
    assert (route.kind, route.target, route.language) == ("feature", "emergency", "vi")


# -- what is wrong --------------------------------------------------------------------------------


def test_a_calendar_that_nothing_asks_is_told(write: Write) -> None:
    night = "  night:\n    timezone: UTC\nfeatures:\n"
    routes = ROUTES.replace("features:\n", night)
    assert problems_of(write(routes=routes)) == ["main.yaml:9:3 W314"]
    asking = (
        {"flow": FLOW.replace("calendar: route", "calendar: night")},
        {"queues": QUEUES.replace("ring_seconds: 15\n", "calendar: night\n")},
        {"routes": routes.replace("{queue: support}", "{queue: support, calendar: night}")},
    )
    for files in asking:
        assert "W314" not in str(problems_of(write(**{"routes": routes, **files}))), files


@pytest.mark.parametrize(
    ("dates", "lines"),
    [
        (["2027-02-04..2027-02-10", "2027-02-10"], [11]),
        (["04-30", "05-01", "2028-04-30"], [12]),
        (["2028-04-30", "04-30"], [11]),
        (["12-31..01-01", "01-01"], [11]),
        (["02-29", "2028-02-28..2028-03-01", "2028-12-31"], [11]),
        (["09-01..09-02", "2027-09-03", "2027-02-04", "2028-02-04", "01-01"], []),
        (["2027-12-30..2028-01-02", "2028-01-02..2028-01-03", "01-03"], [11, 12]),
    ],
)
def test_a_day_that_two_holidays_close_is_told_at_the_second(
    write: Write, dates: list[str], lines: list[int]
) -> None:
    written = "    holidays:\n" + "".join(f"      - {{date: {date}}}\n" for date in dates)
    found = problems_of(write(routes=ROUTES.replace(OFFICE, OFFICE + written)))
    assert found == [f"main.yaml:{line}:9 W315" for line in lines]


def test_who_dials_the_emergency_code_must_find_a_pin_and_a_pin_a_telephone(write: Write) -> None:
    assert problems_of(write(routes=CODE)) == ["main.yaml:10:3 W316"]
    number = '  "19001099": {feature: emergency}\ncalendars:\n'
    by_number = ROUTES.replace("calendars:\n", number)
    assert problems_of(write(routes=by_number)) == ["main.yaml:4:16 W316"]
    with_pin = ROUTES.replace(OFFICE, OFFICE + PIN)
    assert problems_of(write(routes=with_pin, flow=TOLD_FLOW)) == ["main.yaml:9:5 W316"]
    for routes in (CODE, by_number):
        paths = write(routes=routes.replace(OFFICE, OFFICE + PIN), flow=TOLD_FLOW)
        assert problems_of(paths) == []


@pytest.mark.parametrize("calendar", ["route", "office"])
@pytest.mark.parametrize("emergency", [PIN, "    emergency: yes\n"])
def test_a_flow_that_says_nothing_of_an_emergency_is_told(
    write: Write, calendar: str, emergency: str
) -> None:
    routes = CODE.replace(OFFICE, OFFICE + emergency)
    flow = FLOW.replace("calendar: route", f"calendar: {calendar}")
    assert "main.yaml:6:3 W317" in problems_of(write(routes=routes, flow=flow))
    flow = TOLD_FLOW.replace("calendar: route", f"calendar: {calendar}")
    assert "W317" not in str(problems_of(write(routes=routes, flow=flow)))


@pytest.mark.parametrize("pin", ['"1234"', '"12345a"', '"1234567890123"'])
def test_a_pin_is_six_to_twelve_digits_and_is_not_shown(write: Write, pin: str) -> None:
    routes = CODE.replace(OFFICE, f"{OFFICE}    emergency_pin: {pin}\n")
    site, [problem] = load(write(routes=routes))
    assert site is None
    assert "emergency_pin" in problem.render()
    assert pin.strip('"') not in problem.render()


def test_two_places_to_go_are_one_too_many(write: Write) -> None:
    routes = ROUTES.replace("{queue: support}", "{queue: support, feature: emergency}")
    _, [problem] = load(write(routes=routes))
    assert "a call goes to one place" in problem.message


def test_the_emergency_code_begins_no_other_code(write: Write) -> None:
    routes = CODE.replace('"*90"', '"*1"').replace(OFFICE, OFFICE + PIN)
    assert "E307" in str(problems_of(write(routes=routes, flow=TOLD_FLOW)))
