"""Calls that we hang up ourselves, for the API or before the switch ends."""

from __future__ import annotations

import asyncio

import pytest

from acd.messages import AgentState
from engine.call_record import CallOutcome
from engine.ports import Down
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"


async def _ringing() -> SmallCenter:
    """Anna's phone rings for the one caller."""
    center = await opened()
    center.switch.phones["3001"] = Phone(answers=20)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(2)
    assert center.state_of("anna") is AgentState.OFFERED
    return center


@in_virtual_time
async def test_a_caller_dismissed_while_a_phone_rings_did_not_leave_by_himself() -> None:
    center = await _ringing()
    await center.registry.dismiss(center.registry.calls[CALLER])
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.DISMISSED, "engine")
    assert [visit.outcome for visit in record.visits] == ["moved"]
    assert [offer.outcome for offer in record.offers] == ["cancelled"]
    assert center.state_of("anna") is AgentState.READY
    await center.kill()


@in_virtual_time
async def test_a_caller_whom_we_could_not_hang_up_on_may_still_abandon() -> None:
    center = await _ringing()
    center.switch.faults["hang_up"] = Down("no answer in 3 s")
    with pytest.raises(Down):
        await center.registry.dismiss(center.registry.calls[CALLER])
    center.switch.faults.clear()
    center.switch.put_down(CALLER)
    await center.until_over()
    Truth(center).check()
    record = center.books.of(CALLER)
    assert (record.outcome, record.ended_by) == (CallOutcome.ABANDONED, "caller")
    assert [offer.outcome for offer in record.offers] == ["caller_left"]
    await center.kill()
