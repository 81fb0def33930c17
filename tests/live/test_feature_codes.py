"""Agents at their phones: logging in and out, pausing, sitting down at another's desk."""

import time

import pytest
from center import PATIENCE, SUPPORT, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_agent_logs_in_pauses_goes_ready_and_logs_out_from_his_phone(floor):
    phone = await floor.phone("3001")
    day = [
        ("*10", "logged_in", "ready", ""),
        ("*131", "paused", "paused", "lunch"),
        ("*12", "ready", "ready", ""),
        ("*13", "paused", "paused", "break"),
        ("*11", "logged_out", "logged_out", ""),
    ]
    for code, said, state, reason in day:
        call = await floor.dial(code, phone=phone)
        assert await call.wait_ended(PATIENCE) == "hung up there"

        assert floor.heard_prompt(call, said, "vi"), code
        agent = await floor.seen("mai")
        assert (agent["state"], agent["reason"], agent["phone"]) == (state, reason, "3001")
        record = await floor.record(call)
        assert (record["outcome"], record["direction"]) == ("feature", "internal")


async def test_a_code_that_does_not_exist_or_cannot_be_done_now_is_told(floor):
    phone = await floor.phone("3002")
    for code in ("*99", "*139", "*12"):  # unknown, unknown reason, ready without a login
        call = await floor.dial(code, phone=phone)
        assert await call.wait_ended(PATIENCE) == "hung up there"

        assert floor.heard_prompt(call, "not_possible"), code
        assert (await floor.seen("john"))["state"] == "logged_out"


async def test_an_agent_sits_down_at_anothers_phone_with_his_pin(floor):
    desk = await floor.phone("3002")
    call = await floor.dial("*103001", phone=desk)
    await until(lambda: floor.heard_prompt(call, "enter_pin", "vi"))
    await call.press("4821")

    assert await call.wait_ended(PATIENCE) == "hung up there"

    assert floor.heard_prompt(call, "logged_in", "vi")
    agent = await floor.seen("mai")
    assert (agent["state"], agent["phone"]) == ("ready", "3002")
    calling = await floor.dial(SUPPORT)
    await (await desk.next_call(PATIENCE)).answer()
    await floor.until_state("mai", "talking")
    await calling.hang_up()
    assert (await floor.record(calling))["agent"] == "mai"
    away = await floor.dial("*11", phone=desk)  # it is mai who sits here
    await away.wait_ended(PATIENCE)
    assert (await floor.seen("mai"))["state"] == "logged_out"


async def test_nobody_sits_down_at_anothers_phone_with_a_wrong_pin_or_none(floor):
    desk = await floor.phone("3002")
    call = await floor.dial("*103001", phone=desk)
    for _ in range(3):
        asked = time.monotonic()
        await until(lambda asked=asked: floor.heard_prompt(call, "enter_pin", "vi", since=asked))
        await call.press("1397")

    assert await call.wait_ended(PATIENCE) == "hung up there"

    assert floor.heard_prompt(call, "bad_pin", "vi")
    assert (await floor.seen("mai"))["state"] == "logged_out"
    assert "1397" not in floor.center.engine_log.read_text()
    without = await floor.dial("*103003", phone=desk)  # linh has no PIN
    assert await without.wait_ended(PATIENCE) == "hung up there"
    assert floor.heard_prompt(without, "bad_pin", "vi")
    assert (await floor.seen("linh"))["state"] == "logged_out"
