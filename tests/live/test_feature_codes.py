"""Agents at their phones: logging in and out, pausing, sitting down at another's desk."""

import time
from pathlib import Path

import pytest
from center import PATIENCE, SALES, SUPPORT, until
from live_site import usual_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUEUES = (Path(__file__).parent / "site" / "queues.yaml").read_text("utf-8")
WORK = "wrap_up: {mode: until_done, dispositions: [sold, lost]}"


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The usual site; the sales agents say when they are done with the work after a call."""
    assert QUEUES.count("wrap_up: 1") == 1
    files = {"queues.yaml": QUEUES.replace("wrap_up: 1", WORK)}
    return usual_site(tmp_path_factory.mktemp("site"), files)


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
    for code, said in (
        ("*99", "no_such_code"),
        ("*139", "no_such_code"),  # no such reason
        ("*12", "not_possible"),  # ready without a login
    ):
        call = await floor.dial(code, phone=phone)
        assert await call.wait_ended(PATIENCE) == "hung up there"

        assert floor.heard_prompt(call, said), code
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


async def test_an_agent_says_what_came_of_his_call_and_hears_how_he_is(floor):
    phone = await floor.agent("john", "3002", answer_after=0)
    calling = await floor.dial(SALES)
    await phone.next_call(PATIENCE)
    await floor.until_together("john")
    await calling.hang_up()
    await floor.until_state("john", "wrap_up")
    for code, said in (
        ("*14", "is_wrapping_up"),
        ("*51", "disposition_kept"),
        ("*15", "work_done"),
    ):
        call = await floor.dial(code, phone=phone)
        assert await call.wait_ended(PATIENCE) == "hung up there"
        assert floor.heard_prompt(call, said), code
    await floor.until_state("john", "ready")
    record = await floor.with_wrap_up(await floor.record(calling))
    [given] = record["dispositions"]
    assert (given["agent"], given["code"], given["by_default"]) == ("john", "sold", False)
