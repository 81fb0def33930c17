"""The emergency switch by telephone: who has the PIN turns it, and the next caller hears it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from dialplan.features import Action, Features
from dialplan.hours import Calendar, HoursState, Span
from dialplan.inbound import Route
from engine.call_record import CallOutcome
from engine.calls.emergency import LOCKED_SECONDS, PIN_ATTEMPTS
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SmallCenter, SmallSite, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CODE, NUMBER = "*90", "1990"
OFFICE_PIN, CITY_PIN = "739155", "86420975"


def _always(name: str, pin: str | None, *, emergency: bool = False) -> Calendar:
    week = ((Span(0, 1440),),) * 7
    return Calendar(name, ZoneInfo("Asia/Ho_Chi_Minh"), week, (), emergency, pin)


def _site(*calendars: Calendar) -> SmallSite:
    site = small_site(2, calendar="office")
    return replace(
        site,
        calendars={calendar.name: calendar for calendar in calendars},
        features=Features({CODE: Action.EMERGENCY, **site.features.codes}, {}),
        table=site.table | {NUMBER: Route(NUMBER, "feature", "emergency", "vi")},
    )


async def _center(*calendars: Calendar, pbx: FakePbx | None = None, **more: Any) -> SmallCenter:
    office = _always("office", OFFICE_PIN)
    center = await opened(_site(*(calendars or (office,))), pbx, **more)
    center.switch.phones.update({"3001": Phone(), "3002": Phone()})
    return center


async def _dial(center: SmallCenter, *answers: str, phone: str = "3001") -> list[str]:
    """Dial the switch, from outside without a ``phone``; press one answer at each question. All
    that was said, without the questions for a PIN."""
    channel = f"200.{len(center.switch.commands)}"
    if phone:
        center.switch.arrive(channel, CODE, phone, phone)
    else:
        center.switch.arrive(channel, NUMBER)
    left = list(answers)
    heard = 0
    while center.registry.calls or not heard:
        await asyncio.sleep(0.5)
        said = _said(center, channel)
        if len(said) > heard and _is_question(said[-1]) and left:
            for key in left.pop(0):
                center.switch.press(channel, key)
                await asyncio.sleep(0.05)
        heard = len(said)
    assert left == []
    await center.clerk.finish()
    record = center.books.of(channel)
    assert (record.outcome, record.ended_by) == (CallOutcome.FEATURE, "engine")
    return [prompt for said in _said(center, channel) for prompt in said if prompt != "enter_pin"]


def _said(center: SmallCenter, channel: str) -> list[list[str]]:
    plays = [command for command in center.switch.commands if command[:2] == ("play", channel)]
    return [[media.rpartition("/")[2] for media in play[3:]] for play in plays]


def _is_question(said: list[str]) -> bool:
    return said[-1] in ("enter_pin", "emergency_choice")


def _state(center: SmallCenter, calendar: str = "office") -> HoursState:
    return center.site.hours_status(calendar, center.clock.now()).state


@pytest.mark.parametrize("phone", ["3001", "3099", ""])
@in_virtual_time
async def test_who_has_the_pin_switches_the_emergency_on_and_off_and_hears_how_it_is(
    phone: str,
) -> None:
    center = await _center()
    said = await _dial(center, OFFICE_PIN, "1", phone=phone)
    assert said == ["emergency_is_off", "emergency_choice", "emergency_is_on"]
    assert _state(center) is HoursState.EMERGENCY
    said = await _dial(center, OFFICE_PIN + "#", "2", phone=phone)
    assert said == ["emergency_is_on", "emergency_choice", "emergency_is_off"]
    assert _state(center) is HoursState.OPEN
    await center.until_over()
    Truth(center, slack=5).check()
    await center.kill()


@in_virtual_time
async def test_queues_close_at_once_and_open_at_once() -> None:
    center = await _center()
    for key, is_open in (("1", False), ("2", True)):
        await _dial(center, OFFICE_PIN, key)
        queues = center.desk.acd.queues(center.clock.now())
        assert {queue.open for queue in queues} == {is_open}
    await center.kill()


@in_virtual_time
async def test_it_is_known_who_switched() -> None:
    center = await _center()
    center.log_in("anna")
    for phone, by in (("3001", "anna, phone 3001"), ("3099", "phone 3099"), ("", "call 200.")):
        with capture_logs() as logs:
            await _dial(center, OFFICE_PIN, "1", phone=phone)
            assert center.in_force.emergencies.in_force["office"].by.startswith(by)
            await _dial(center, OFFICE_PIN, "2", phone=phone)
        turned = [log for log in logs if log["event"] in ("emergency_on", "emergency_off")]
        assert [log["event"] for log in turned] == ["emergency_on", "emergency_off"]
        assert all(log["by"].startswith(by) and log["calendar"] == "office" for log in turned)
    await center.kill()


@in_virtual_time
async def test_a_pin_is_of_its_calendars_alone() -> None:
    calendars = (
        _always("office", OFFICE_PIN), _always("hotline", OFFICE_PIN),
        _always("city", CITY_PIN), _always("other", None),
    )  # fmt: skip
    center = await _center(*calendars)
    await _dial(center, CITY_PIN, "1")
    assert list(center.in_force.emergencies.in_force) == ["city"]
    said = await _dial(center, OFFICE_PIN + "#", "1")
    assert said[0] == "emergency_is_off"
    assert set(center.in_force.emergencies.in_force) == {"city", "office", "hotline"}
    await _dial(center, CITY_PIN, "2")
    assert set(center.in_force.emergencies.in_force) == {"office", "hotline"}
    assert _state(center, "other") is HoursState.OPEN
    await center.kill()


@in_virtual_time
async def test_other_keys_and_silence_change_nothing() -> None:
    center = await _center()
    said = await _dial(center, OFFICE_PIN, "5", "#", "0")
    assert said == ["emergency_is_off", "emergency_choice"] * 3 + ["emergency_is_off"]
    assert _state(center) is HoursState.OPEN
    await center.kill()


@in_virtual_time
async def test_what_the_routes_have_in_emergency_for_good_stays_so() -> None:
    center = await _center(_always("office", OFFICE_PIN, emergency=True))
    assert (await _dial(center, OFFICE_PIN, "2"))[-1] == "emergency_is_on"
    await center.kill()


@pytest.mark.parametrize("phone", ["3001", ""])
@in_virtual_time
async def test_three_wrong_pins_lock_a_telephone_for_a_while(phone: str) -> None:
    center = await _center()
    said = await _dial(center, *["000000"] * PIN_ATTEMPTS, phone=phone)
    assert said == ["bad_pin"] * (PIN_ATTEMPTS - 1) + ["pin_locked"]
    assert await _dial(center, phone=phone) == ["pin_locked"]
    other = "3002" if phone else "3001"
    assert (await _dial(center, OFFICE_PIN, "2", phone=other))[-1] == "emergency_is_off"
    await asyncio.sleep(LOCKED_SECONDS)
    assert (await _dial(center, OFFICE_PIN, "1", phone=phone))[-1] == "emergency_is_on"
    await center.kill()


@in_virtual_time
async def test_wrong_pins_count_over_calls_and_a_right_one_forgets_them() -> None:
    center = await _center()
    for _ in range(2):
        await _dial(center, "000000", "000000", OFFICE_PIN, "2")
    for channel in ("300.1", "300.2"):
        center.switch.arrive(channel, CODE, "3001", "3001")
        await asyncio.sleep(0.5)
        for key in "000000":
            center.switch.press(channel, key)
        await asyncio.sleep(0.5)
        center.switch.put_down(channel)
        await center.registry.quiet.wait()
    assert await _dial(center, "000000") == ["pin_locked"]
    await center.kill()


@in_virtual_time
async def test_silence_is_no_pin_and_locks_nobody_out() -> None:
    center = await _center()
    assert await _dial(center) == ["goodbye"]
    assert await _dial(center) == ["goodbye"]
    await center.kill()


@in_virtual_time
async def test_without_any_pin_nobody_switches_by_telephone() -> None:
    center = await _center(_always("office", None))
    for phone in ("3001", ""):
        assert await _dial(center, phone=phone) == ["not_possible"]
    await center.kill()


@in_virtual_time
async def test_the_pin_stands_nowhere() -> None:
    center = await _center()
    with capture_logs() as logs:
        await _dial(center, OFFICE_PIN, "1")
        await _dial(center, "135791", OFFICE_PIN, "2")
    told = [*center.journal.history, *map(str, logs), *map(str, center.books.calls)]
    assert told
    assert not any(pin in line for line in told for pin in (OFFICE_PIN, "135791"))
    assert OFFICE_PIN not in repr(center.site.calendars)
    await center.kill()


@in_virtual_time
async def test_an_emergency_outlives_the_engine(tmp_path: Path) -> None:
    first = await _center(state_dir=tmp_path)
    await _dial(first, OFFICE_PIN, "1")
    since = first.in_force.emergencies.in_force["office"]
    await first.kill()
    second = await _center(
        pbx=first.switch, state_dir=tmp_path, lines=first.journal.lines, books=first.books
    )
    assert second.in_force.emergencies.in_force == {"office": since}
    assert _state(second) is HoursState.EMERGENCY
    assert not any(queue.open for queue in second.desk.acd.queues(second.clock.now()))
    await _dial(second, OFFICE_PIN, "2")
    await second.kill()
    third = await _center(pbx=first.switch, state_dir=tmp_path, books=first.books)
    assert _state(third) is HoursState.OPEN
    await third.kill()


@pytest.mark.parametrize(("number", "phone"), [(CODE, "3001"), (NUMBER, "trunk")])
@in_virtual_time
async def test_at_whatever_moment_the_engine_dies_the_call_ends_and_what_was_switched_is_kept(
    number: str, phone: str, tmp_path: Path
) -> None:
    died, cut, kept = True, 0, []
    while died:
        cut += 1
        state_dir = tmp_path / str(cut)
        state_dir.mkdir()
        first = await _center(state_dir=state_dir)
        first.die_after(cut)
        first.switch.arrive("200.0", number, "3001", phone)
        for key in f"{OFFICE_PIN}1":
            await asyncio.sleep(0.3)
            first.switch.press("200.0", key)
        await asyncio.sleep(3)
        died, before = first.dead.is_set(), _state(first)
        await first.kill()
        left = {"lines": first.journal.lines, "history": first.journal.history}
        second = await _center(pbx=first.switch, state_dir=state_dir, books=first.books, **left)
        await second.until_over()
        Truth(second, slack=5).check()
        assert _state(second) is before
        kept.append(before)
        await second.kill()
    assert kept == sorted(kept, reverse=True), "open first, from some moment on in emergency"
    assert set(kept) == {HoursState.OPEN, HoursState.EMERGENCY}
    assert cut > 10
