"""Agents whose line stays connected are consulted, invited and given callers by name: a beep."""

from __future__ import annotations

import asyncio

import pytest
from test_calls_talks import BINH, CALLER, Scene, told

from acd.messages import AgentState
from engine.call_record import CallRecord
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask
from engine.ports import Down, Gone
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

LINE = "200.1"


class _Truth(Truth):
    """A line has answered long before any caller is brought to it."""

    def _talks_are_right(self, record: CallRecord) -> None:
        if all(stretch.leg != LINE for stretch in record.parties):
            super()._talks_are_right(record)


class _Scene(Scene):
    async def over(self, *channels: str) -> CallRecord:
        for channel in channels:
            self.switch.put_down(channel)
        await self.center.until_over()
        _Truth(self.center).check()
        await self.center.kill()
        return self.center.books.of(CALLER)

    def beeps(self) -> int:
        played = ("play", LINE)
        return sum(c[:2] == played and c[-1] == "sound:beep" for c in self.switch.commands)


async def _scene(**queue: object) -> _Scene:
    """Anna talks with a caller; binh waits on his line."""
    site = small_site(2, **{"wrap_up": 0, **queue})
    site.agents["binh"] = site.agents["binh"].model_copy(update={"nailed_up": True})
    center = await opened(site)
    center.switch.phones |= {"3001": Phone(answers=0.5)}
    center.switchboard.online |= {"3001", "3002"}
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    center.switch.arrive(LINE, LOGIN, "3002", "3002")
    await asyncio.sleep(5)
    at = _Scene(center)
    assert center.state_of("anna") is AgentState.TALKING
    assert center.state_of("binh") is AgentState.READY
    return at


@in_virtual_time
async def test_an_agent_on_a_line_is_consulted_and_has_his_line_back() -> None:
    at = await _scene()
    await at.ask(o.ConsultWith(to=BINH))
    assert at.hears(LINE, at.leg())
    assert at.switch.channels[CALLER].music
    assert at.beeps() == 1
    assert at.center.state_of("binh") is AgentState.TALKING
    with pytest.raises(o.NotPossible):
        await at.ask(o.ConsultWith(to=BINH))
    await at.ask(o.CancelConsult())
    assert at.hears(CALLER, at.leg())
    line = at.switch.channels[LINE]
    assert (line.bridge, line.muted, line.music) == (None, False, None)
    assert at.center.state_of("binh") is AgentState.READY
    record = await at.over(CALLER, LINE)
    assert told(record, "anna") == ["talk", "consult", "talk"]


@in_virtual_time
async def test_a_consulted_agent_on_a_line_has_the_caller_when_the_other_one_hangs_up() -> None:
    at = await _scene()
    await at.ask(o.ConsultWith(to=BINH))
    at.switch.put_down(at.leg())
    await at.later(5)
    assert at.hears(LINE, CALLER)
    at.switch.press(LINE, "*")
    await at.later(5)
    assert CALLER not in at.center.registry.calls
    assert LINE in at.switch.channels
    record = await at.over(LINE)
    assert [made.name for made in record.transfers] == ["binh"]
    assert told(record, "binh") == ["consult", "talk"]


@in_virtual_time
async def test_a_caller_sent_to_an_agent_on_a_line_is_with_him_at_once() -> None:
    at = await _scene()
    await at.ask(o.TransferTo(to=BINH))
    await at.later(2)
    assert at.hears(LINE, CALLER)
    assert at.beeps() == 1
    assert at.center.state_of("anna") is AgentState.READY
    at.switch.put_down(CALLER)
    await at.later(2)
    assert at.center.state_of("binh") is AgentState.READY
    record = await at.over(LINE)
    assert [(made.how, made.name) for made in record.transfers] == [("blind", "binh")]


@in_virtual_time
async def test_an_agent_who_leaves_his_line_in_a_consult_is_out_of_it_and_logged_out() -> None:
    at = await _scene()
    await at.ask(o.ConsultWith(to=BINH))
    at.switch.put_down(LINE)
    await at.later(3)
    assert at.hears(CALLER, at.leg())
    assert at.center.state_of("binh") is AgentState.LOGGED_OUT
    await at.over(CALLER)


@pytest.mark.parametrize("hangs_up", [False, True])
@in_virtual_time
async def test_an_agent_ends_a_talk_on_his_line_whenever_the_caller_was_sent_to_him(
    hangs_up: bool,
) -> None:
    """A line is looked after every two seconds: nobody takes it away while the beep is heard."""
    for tenths in range(21):
        at = await _scene()
        await asyncio.sleep(tenths / 10)
        at.switch.latency = 0.3
        await at.ask(o.TransferTo(to=BINH))
        await asyncio.sleep(5)
        assert at.hears(LINE, CALLER)
        if hangs_up:
            at.switch.put_down(LINE)
        else:
            at.switch.press(LINE, "*")
        await at.later(5)
        assert CALLER not in at.center.registry.calls, tenths
        assert (LINE in at.switch.channels) is not hangs_up
        await at.center.kill()


@in_virtual_time
async def test_a_caller_sent_to_a_line_that_hangs_up_just_now_is_back_in_his_queue() -> None:
    at = await _scene()
    at.switch.faults |= {"play": Gone(LINE), "join": Gone(LINE)}  # and its end is not yet told
    loop = asyncio.get_running_loop()
    loop.call_later(0.05, at.switch.put_down, LINE)
    loop.call_later(0.5, at.switch.faults.clear)
    await at.ask(o.TransferTo(to=BINH))
    await at.later(8)
    assert at.hears(at.leg(), CALLER), "anna, the only one left, has him again"
    assert at.center.state_of("binh") is AgentState.LOGGED_OUT
    record = await at.over(CALLER)
    assert [visit.agent for visit in record.visits] == ["anna", "anna"]
    assert record.transfers == ()


@in_virtual_time
async def test_a_caller_whose_beep_cannot_be_played_is_back_in_line_and_not_in_a_dead_talk() -> (
    None
):
    at = await _scene()
    at.switch.faults["play"] = Down("no answer")
    asyncio.get_running_loop().call_later(0.05, at.switch.faults.clear)
    await at.ask(o.TransferTo(to=BINH))
    await at.later(5)
    assert CALLER in at.center.registry.calls
    line = at.center.switchboard.lines["binh"]
    if at.switch.channels[LINE].bridge is None:
        assert line.user is None
    else:  # the queue offered him to binh anew
        assert line.user is at.call
    at.switch.put_down(CALLER)
    await at.later(2)
    assert line.user is None
    record = await at.over(LINE)
    assert record.transfers == ()


async def _killed_at_the_beep() -> SmallCenter:
    """Binh hears that a caller comes, and the engine dies; the next one is not started yet."""
    at = await _scene(wrap_up=30)
    before = len(at.center.moments)
    await at.ask(o.TransferTo(to=BINH))
    until_beep = at.center.moments[before:].index("play") + 1
    await at.center.kill()
    at = await _scene(wrap_up=30)
    at.center.die_after(until_beep)
    asking = asyncio.create_task(ask(at.call, o.TransferTo(to=BINH)))
    await at.center.dead.wait()
    asking.cancel()
    await at.center.kill()
    assert at.beeps() == 1
    return at.center.successor()


@in_virtual_time
async def test_a_beep_is_no_talk_when_the_engine_died_in_it_and_the_caller_has_gone() -> None:
    center = await _killed_at_the_beep()
    center.switch.put_down(CALLER)
    await asyncio.sleep(1)
    await center.start()
    await asyncio.sleep(3)
    [binh] = [view for view in center.desk.acd.agents() if view.name == "binh"]
    assert (binh.state, binh.contacts_today) == (AgentState.READY, 0)
    assert center.switchboard.lines["binh"].user is None
    await center.kill()


@in_virtual_time
async def test_a_caller_is_brought_to_a_line_by_the_engine_after_the_one_that_died() -> None:
    center = await _killed_at_the_beep()
    await asyncio.sleep(1)
    await center.start()
    await asyncio.sleep(3)
    assert _Scene(center).hears(LINE, CALLER)
    center.switch.press(LINE, "*")
    await asyncio.sleep(3)
    assert CALLER not in center.registry.calls
    assert center.state_of("binh") is AgentState.WRAP_UP
    await center.kill()


@in_virtual_time
async def test_a_caller_is_back_in_line_when_the_agent_left_while_no_engine_was_there() -> None:
    center = await _killed_at_the_beep()
    center.switch.put_down(LINE)
    await asyncio.sleep(1)
    await center.start()
    await asyncio.sleep(3)
    assert center.registry.calls[CALLER].standing.visit is not None
    assert center.state_of("binh") is AgentState.LOGGED_OUT
    await center.kill()
