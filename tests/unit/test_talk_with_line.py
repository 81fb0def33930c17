"""Agents whose line stays connected are consulted, invited and given callers by name: a beep."""

from __future__ import annotations

import asyncio

import pytest
from test_calls_talks import BINH, CALLER, Scene, told

from acd.messages import AgentState
from engine.call_record import CallRecord
from engine.calls.talk import orders as o
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import LOGIN, SUPPORT, Truth, opened, small_site
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


async def _scene() -> _Scene:
    """Anna talks with a caller; binh waits on his line."""
    site = small_site(2, wrap_up=0)
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
