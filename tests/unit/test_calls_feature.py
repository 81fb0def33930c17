"""Feature codes: an agent logs in, goes ready, pauses and leaves by his phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from acd.messages import AgentPaused, AgentState
from dialplan.features import Action
from engine.call_record import CallOutcome
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import (
    LOGIN,
    LOGOUT,
    PAUSE,
    READY,
    SUPPORT,
    SmallCenter,
    Truth,
    opened,
    small_site,
)
from tests.unit.virtual_time import in_virtual_time


async def _dial(
    center: SmallCenter, code: str, phone: str, keys: str = "", every: float = 0.3
) -> str:
    """Dial a code, press keys after the first prompt; the last thing that was said."""
    calls = sum(command[0] == "answer" for command in center.switch.commands)
    channel = f"200.{calls}"
    center.switch.arrive(channel, code, phone, phone)
    for number, key in enumerate(keys):
        asyncio.get_running_loop().call_later(
            1.1 + number * every, center.switch.press, channel, key
        )
    await asyncio.sleep(0.1)
    await center.registry.quiet.wait()
    await center.clerk.finish()
    record = center.books.of(channel)
    assert (record.outcome, record.ended_by) == (CallOutcome.FEATURE, "engine")
    assert record.direction == "internal"
    said = [command[3] for command in center.switch.commands if command[:2] == ("play", channel)]
    return said[-1].rpartition("/")[2]


async def _center(**queue: object) -> SmallCenter:
    site = small_site(2, **queue)
    codes = {
        **site.features.codes,
        "*14": Action.STATUS,
        "*15": Action.DONE,
        "*5": Action.DISPOSITION,
        "*4": Action.PICK_UP,
        "*6": Action.SUPERVISE,
        "*7": Action.VOICEMAIL,
    }
    site.features = replace(
        site.features, codes=codes, dispositions={"1": "sold", "2": "lost", "3": "stolen"}
    )
    center = await opened(site)
    center.switch.phones.update({"3001": Phone(), "3002": Phone()})
    return center


def _said(center: SmallCenter, channel: str) -> list[str]:
    """All that was said on a channel."""
    played = [command for command in center.switch.commands if command[:2] == ("play", channel)]
    return [media.rpartition("/")[2] for command in played for media in command[3:]]


async def _talks(center: SmallCenter, caller: str = "100.1") -> None:
    """Anna has talked with somebody."""
    center.log_in("anna")
    center.switch.phones["3001"] = Phone(answers=0.5)
    center.switch.arrive(caller, SUPPORT)
    await asyncio.sleep(5)
    center.switch.put_down(caller)
    await asyncio.sleep(2)
    assert center.state_of("anna") is AgentState.WRAP_UP


@in_virtual_time
async def test_an_agent_logs_in_pauses_comes_back_and_leaves_by_his_own_phone() -> None:
    center = await _center()
    for code, said, state in (
        (LOGIN, "logged_in", AgentState.READY),
        (PAUSE, "paused", AgentState.PAUSED),
        (READY, "ready", AgentState.READY),
        (PAUSE + "1", "paused", AgentState.PAUSED),
        (LOGOUT, "logged_out", AgentState.LOGGED_OUT),
    ):
        assert await _dial(center, code, "3001") == said
        assert center.state_of("anna") is state
    await center.until_over()
    Truth(center, slack=5).check()
    reasons = [each.reason for each in center.books.stretches if each.state == "paused"]
    assert reasons == ["break", "lunch"]
    await center.kill()


@in_virtual_time
async def test_a_code_that_means_nothing_now_is_told_and_changes_nothing() -> None:
    center = await _center()
    for code, phone, said in (
        ("*99", "3001", "no_such_code"),
        (PAUSE + "7", "3001", "no_such_code"),
        (READY, "3001", "not_possible"),
        (LOGIN, "3099", "not_possible"),
    ):
        assert await _dial(center, code, phone) == said
    assert center.state_of("anna") is AgentState.LOGGED_OUT
    await center.kill()


@pytest.mark.parametrize("keys", ["4711", "12344711", "#4711", "47#4711"])
@in_virtual_time
async def test_at_anothers_phone_an_agent_logs_in_with_his_pin(keys: str) -> None:
    center = await _center()
    every = 1.2 if len(keys) > 4 else 0.3
    assert await _dial(center, f"{LOGIN}3001", "3002", keys, every) == "logged_in"
    [anna] = [view for view in center.desk.acd.agents() if view.name == "anna"]
    assert anna.endpoint == "3002"
    assert await _dial(center, PAUSE, "3002") == "paused"
    assert center.state_of("anna") is AgentState.PAUSED
    await center.kill()


@in_virtual_time
async def test_three_wrong_pins_or_silence_let_nobody_in() -> None:
    for keys in ("", "999999999999", "471"):
        center = await _center()
        assert await _dial(center, f"{LOGIN}3001", "3002", keys, 0.9) == "bad_pin"
        assert center.state_of("anna") is AgentState.LOGGED_OUT
        await center.kill()


@in_virtual_time
async def test_an_agent_without_a_pin_cannot_log_in_at_anothers_phone() -> None:
    center = await _center()
    assert await _dial(center, f"{LOGIN}3002", "3001", "0000") == "bad_pin"
    await center.kill()


@in_virtual_time
async def test_a_phone_where_somebody_sits_is_not_given_to_another() -> None:
    center = await _center()
    center.log_in("binh")
    assert await _dial(center, f"{LOGIN}3001", "3002", "4711") == "not_possible"
    assert center.state_of("anna") is AgentState.LOGGED_OUT
    await center.kill()


@in_virtual_time
async def test_an_agent_who_hangs_up_before_he_is_told_is_logged_in_all_the_same() -> None:
    center = await _center()
    center.switch.arrive("200.0", LOGIN, "3001", "3001")
    await asyncio.sleep(0.5)
    center.switch.put_down("200.0")
    await center.until_over()
    Truth(center).check()
    assert center.state_of("anna") is AgentState.READY
    assert center.books.of("200.0").ended_by == "caller"
    await center.kill()


@in_virtual_time
async def test_the_pin_stands_nowhere() -> None:
    center = await _center()
    await _dial(center, f"{LOGIN}3001", "3002", "4711")
    assert not any("4711" in line for line in center.journal.history)
    await center.kill()


# -- the work after a call ------------------------------------------------------------------------

WRAP_UP = {"mode": "until_done", "dispositions": ["sold", "lost"]}


@in_virtual_time
async def test_an_agent_says_what_came_of_his_call_and_that_he_is_done_with_it() -> None:
    center = await _center(wrap_up=WRAP_UP)
    await _talks(center)
    assert await _dial(center, "*52", "3001") == "disposition_kept"
    assert center.state_of("anna") is AgentState.WRAP_UP
    assert await _dial(center, "*15", "3001") == "work_done"
    assert center.state_of("anna") is AgentState.READY
    await center.until_over()
    [(call, given)] = center.books.dispositions
    assert (call, given.agent, given.code, given.by_default) == ("100.1", "anna", "lost", False)
    await center.kill()


@in_virtual_time
async def test_what_the_queue_does_not_take_or_nobody_worked_on_is_not_possible() -> None:
    center = await _center(wrap_up=WRAP_UP)
    center.log_in("anna")
    assert await _dial(center, "*51", "3001") == "not_possible"
    assert await _dial(center, "*15", "3001") == "not_possible"
    await _talks(center)
    assert await _dial(center, "*53", "3001") == "not_possible"
    assert await _dial(center, "*59", "3001") == "no_such_code"
    assert await _dial(center, "*5", "3001") == "no_such_code"
    assert center.state_of("anna") is AgentState.WRAP_UP
    await center.kill()


# -- asking ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_an_agent_hears_his_state_and_how_many_wait() -> None:
    center = await _center(wrap_up=WRAP_UP)
    for number in range(2):
        center.switch.arrive(f"100.{number}", SUPPORT)
    center.log_in("anna")
    center.desk.post(AgentPaused("anna", "lunch"))
    await asyncio.sleep(5)
    for phone, state in (("3001", "paused"), ("3002", "logged_out")):
        center.switch.arrive(f"200.{phone}", "*14", phone, phone)
        await asyncio.sleep(10)
        assert _said(center, f"200.{phone}") == [state, "callers_wait", "number_2"]
        assert f"200.{phone}" not in center.switch.channels
    await center.kill()


@in_virtual_time
async def test_who_picks_up_where_nobody_is_parked_is_told_so() -> None:
    center = await _center()
    for code in ("*4", "*47"):
        assert await _dial(center, code, "3001") == "nobody_parked"
    await center.kill()


@in_virtual_time
async def test_whom_an_agent_may_not_hear_and_who_is_not_there_he_is_told() -> None:
    center = await _center()
    center.log_in("binh")
    assert await _dial(center, "*63002", "3001") == "not_allowed"
    assert await _dial(center, "*63001", "3001") == "not_allowed"
    assert await _dial(center, "*63099", "3001") == "no_such_agent"
    assert await _dial(center, "*6", "3001") == "no_such_code"
    await center.kill()
