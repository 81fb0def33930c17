"""A message that is work survives the death of the engine after each single thing it does.

Cut after every line of the journal and every command to the switch, from the key by which the
caller wants to leave it to the end of the work, with something happening (or nothing) while no
engine is there. It is never lost, never work for two, and the agent is free afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.messages import AgentState
from acd.queues import VoicemailSettings
from engine.call_record import CallOutcome, MessageState
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH

CALLER, NUMBER, HOME = "100.1", "0901234567", "+84901234567"
WORK, ANNA = "vm-100.1.1", "3001"
KEYS = {"saves it": (25.0, "2"), "calls back": (25.0, "4"), "presses nothing": None}
"""So long after his answer, when he has heard it, this key."""


def _all(act: Callable[[str], None], switch: FakePbx, phone: str) -> None:
    for leg in switch.legs_of(phone):
        act(leg.id)


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
    "agent answers": lambda switch: _all(switch.answer_phone, switch, ANNA),
    "agent hangs up": lambda switch: _all(switch.put_down, switch, ANNA),
    "customer hangs up": lambda switch: _all(switch.put_down, switch, HOME),
}


async def _live(key: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when it was over before."""
    loop = asyncio.get_running_loop()
    witness = folder / f"{cut}.csv"
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    site = small_site(1, voicemail=VoicemailSettings(as_work=True), wrap_up="none")
    switch.phones.update(
        {ANNA: Phone(answers=2, presses=KEYS[key]), HOME: Phone(rings=0.2, answers=3, talks=9)}
    )
    center = SmallCenter(switch, site, witness_file=witness)
    await center.start()
    switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(2)
    center.die_after(cut)
    switch.press(CALLER, "2")
    loop.call_later(10, switch.put_down, CALLER)
    loop.call_later(4, lambda: None if center.dead.is_set() else center.log_in("anna"))
    died = await dies_before(center.until_over(), center)
    await center.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(center)
    return died


async def _carry_on(dead: SmallCenter) -> None:
    async with next_engine(dead) as center:
        center.log_in("anna")
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        _is_served_once(center)


def _is_served_once(center: SmallCenter) -> None:
    first = center.books.of(CALLER)
    assert first.outcome is not CallOutcome.FAILED
    assert center.state_of("anna") is AgentState.READY
    work = [record for record in center.books.calls if record.direction == "voicemail"]
    assert {record.call for record in work} == ({WORK} if first.voicemails else set())
    if not work:
        return
    record = center.books.of(WORK)
    assert record.outcome is CallOutcome.ANSWERED, record
    assert record.agent == "anna"
    assert [visit.outcome for visit in record.visits] == ["answered"]
    assert record.marks
    assert record.marks[-1].state in (MessageState.HEARD, MessageState.SAVED)


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("key", KEYS)
def test_a_message_survives_the_death_of_the_engine_at_any_moment(
    key: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(key, meanwhile, cut, tmp_path))
