"""The emergency switch by telephone: what who turns it hears, and what the next caller meets."""

import time

import pytest
from center import MENU, PATIENCE, open_center, open_floor, until
from live_site import usual_site

PIN, WRONG = "739155", "135791"
CODE, NUMBER = "*90", "19001099"
ROUTES = f"""\
numbers:
  "{MENU}": {{flow: main, language: en, calendar: office}}
  "{NUMBER}": {{feature: emergency, language: en}}
calendars:
  office:
    timezone: Asia/Ho_Chi_Minh
    open: {{daily: 00:00-24:00}}
    emergency_pin: "{PIN}"
features:
  emergency: "{CODE}"
"""


@pytest.fixture
async def floor(prepared, tmp_path):
    """A center of its own, as its engine is restarted."""
    settings = usual_site(tmp_path / "site", {"routes/main.yaml": ROUTES})
    async with open_center(prepared, tmp_path, settings) as center, open_floor(center) as floor:
        yield floor


async def switch(floor, call, key, language, *, was):
    """Type the PIN and the key; returns when the call has ended."""
    await until(lambda: floor.heard_prompt(call, "enter_pin", language))
    await call.press(f"{PIN}#")
    await until(lambda: floor.heard_prompt(call, "emergency_choice", language))
    assert floor.heard_prompt(call, was, language)
    await call.press(key)
    assert await call.wait_ended(PATIENCE) == "hung up there"


async def state(floor):
    [office] = await floor.center.get("/v1/calendars")
    return office["state"], (office["emergency"] or {}).get("by")


async def test_the_office_burns_and_the_next_caller_meets_a_closed_line_until_it_is_over(floor):
    phone = await floor.phone("3001")
    call = await floor.dial(CODE, phone=phone)
    await switch(floor, call, "1", "vi", was="emergency_is_off")
    assert floor.heard_prompt(call, "emergency_is_on", "vi")
    assert await state(floor) == ("emergency", "mai, phone 3001")

    calling = await floor.dial(MENU)
    assert await calling.wait_ended(PATIENCE) == "hung up there"
    assert (await floor.record(calling))["outcome"] == "out_of_hours"

    await floor.center.stop_engine()
    await floor.center.start_engine()
    assert await state(floor) == ("emergency", "mai, phone 3001")

    outside = await floor.dial(NUMBER)
    await switch(floor, outside, "2", "en", was="emergency_is_on")
    assert floor.heard_prompt(outside, "emergency_is_off", "en")
    assert await state(floor) == ("open", None)
    record = await floor.record(outside)
    assert (record["outcome"], record["direction"]) == ("feature", "inbound")

    calling = await floor.dial(MENU)
    await until(lambda: floor.heard_prompt(calling, "main_menu"))
    await calling.hang_up()
    assert PIN not in floor.center.engine_log.read_text()


async def test_who_guesses_is_locked_out_also_after_a_restart(floor):
    guessing = await floor.dial(NUMBER)
    for _ in range(3):
        asked = time.monotonic()
        await until(lambda asked=asked: floor.heard_prompt(guessing, "enter_pin", since=asked))
        await guessing.press(f"{WRONG}#")
    assert await guessing.wait_ended(PATIENCE) == "hung up there"
    assert floor.heard_prompt(guessing, "pin_locked")
    await floor.center.stop_engine()
    await floor.center.start_engine()

    again = await floor.dial(NUMBER)
    assert await again.wait_ended(PATIENCE) == "hung up there"
    assert floor.heard_prompt(again, "pin_locked")
    assert not floor.heard_prompt(again, "enter_pin")
    assert await state(floor) == ("open", None)
