"""Callers in the menu: what they hear, what their keys do, and what becomes of who presses none."""

import asyncio

import pytest
from center import CLOSED, MENU, MENU_VI, kinds_of, until
from wire import WireCall

from engine.demo import tones
from engine.demo.rtp import KeyPress
from engine.demo.sipp import CallPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_callers_are_welcomed_in_the_language_of_the_number_they_dialed(floor):
    english, vietnamese = await asyncio.gather(floor.dial(MENU), floor.dial(MENU_VI))

    await until(lambda: floor.heard_prompt(english, "main_menu", "en"))
    await until(lambda: floor.heard_prompt(vietnamese, "main_menu", "vi"))

    assert floor.heard_prompt(english, "welcome", "en")
    assert floor.heard_prompt(vietnamese, "welcome", "vi")
    assert not floor.heard_prompt(english, "welcome", "vi")
    assert not floor.heard_prompt(vietnamese, "welcome", "en")
    assert tones.speech_seconds(english.heard()) > 1.5
    await asyncio.gather(english.hang_up(), vietnamese.hang_up())
    records = [await floor.record(call) for call in (english, vietnamese)]
    assert [r["language"] for r in records] == ["en", "vi"]
    assert [r["outcome"] for r in records] == ["abandoned", "abandoned"]
    assert [r["ended_by"] for r in records] == ["caller", "caller"]
    assert kinds_of(records[0]) == ["setup", "ivr"]


async def test_a_key_cuts_the_prompt_and_leads_to_the_queue(floor):
    calling = await floor.dial(MENU, keys="1")

    await until(lambda: floor.heard_prompt(calling, "connecting_sales"))
    await until(lambda: floor.heard_music(calling))

    assert not floor.heard_prompt(calling, "main_menu")
    await calling.hang_up()
    record = await floor.record(calling)
    assert kinds_of(record) == ["setup", "ivr", "queue"]
    assert [v["queue"] for v in record["visits"]] == ["sales"]
    assert [s["detail"] for s in record["steps"] if s["event"] == "keys"] == ["1: ok"]


async def test_the_language_key_changes_what_the_caller_hears_from_then_on(floor):
    calling = await floor.dial(MENU, keys="9")

    await until(lambda: floor.heard_prompt(calling, "main_menu", "vi"))
    await calling.press("2")
    await until(lambda: floor.heard_prompt(calling, "connecting_support", "vi"))
    await until(lambda: floor.heard_music(calling))

    await calling.hang_up()
    record = await floor.record(calling)
    assert record["language"] == "vi"
    assert [v["queue"] for v in record["visits"]] == ["support"]


async def test_callers_out_of_hours_or_of_no_number_are_told_and_let_go(floor):
    late, lost = await asyncio.gather(floor.dial(CLOSED), floor.dial("19009999"))

    assert await late.wait_ended(20) == "hung up there"
    assert await lost.wait_ended(20) == "hung up there"

    assert floor.heard_prompt(late, "closed")
    assert floor.heard_prompt(lost, "unknown_number", "en")
    assert floor.heard_prompt(lost, "unknown_number", "vi")
    records = [await floor.record(call) for call in (late, lost)]
    assert [r["outcome"] for r in records] == ["out_of_hours", "unrouted"]
    assert [r["ended_by"] for r in records] == ["engine", "engine"]


async def test_callers_on_a_trunk_press_keys_none_or_wrong_ones_or_are_not_there(floor):
    with WireCall(floor.address) as absent:
        await absent.invite(MENU)
        assert (await absent.final()).status == 200  # which he never confirms
        await three_callers_press_keys(floor)
        await absent.until(lambda message: message.text.startswith("BYE"), patience=60)
    assert (await floor.record(absent))["outcome"] == "abandoned"


async def three_callers_press_keys(floor):
    """The right one, none, and two wrong ones: all come to support."""
    menu = CallPlan(MENU, "0901111111", patience=60, keys=(KeyPress(0.5, "2"),))
    nothing = CallPlan(MENU, "0902222222", patience=80)
    wrong = CallPlan(MENU, "0903333333", patience=80, keys=(KeyPress(0.5, "5"), KeyPress(6, "7")))
    calling = asyncio.create_task(floor.sipp(menu, nothing, wrong))

    async def in_queue(caller):
        calls = await floor.live()
        return next((c for c in calls if c["caller"] == caller and c["queue"]), None)

    for caller in ("0901111111", "0903333333", "0902222222"):
        call = await until(lambda caller=caller: in_queue(caller), patience=60)
        assert call["queue"] == "support"
        await floor.hang_up(call)
    result = await calling
    assert [call.successful for call in result.calls] == [True] * 3
    records = [await floor.record(call) for call in result.calls]
    keys = [[s["detail"] for s in r["steps"] if s["event"] == "keys"] for r in records]
    assert keys == [
        ["2: ok"],
        ["none: noinput", "none: noinput"],
        ["5: nomatch", "7: nomatch"],
    ]
