"""A customer is called back although the engine dies after each single thing it does.

Cut after every line of the journal and every command to the switch, from the key he presses to the
end of the talk, with something happening (or nothing) while no engine is there. He is never
forgotten, never called twice at once, and the agent is free afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.messages import AgentState
from acd.queues import CallbackSettings
from engine.call_record import CallOutcome
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH

CALLER, NUMBER, HOME = "100.1", "0901234567", "+84901234567"

PHONES = {
    "answers": Phone(rings=0.2, answers=3, talks=9),
    "is busy at first": Phone(rings=0.2, refuses=1),
}


def _legs(switch: FakePbx, *phones: str) -> list[str]:
    return [leg.id for phone in phones for leg in switch.legs_of(phone)]


def _all(act: Callable[[str], None], legs: list[str]) -> None:
    for leg in legs:
        act(leg)


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
    "customer answers": lambda switch: _all(switch.answer_phone, _legs(switch, HOME)),
    "customer hangs up": lambda switch: _all(switch.put_down, _legs(switch, HOME)),
    "agent answers": lambda switch: _all(switch.answer_phone, _legs(switch, "3001")),
    "agent hangs up": lambda switch: _all(switch.put_down, _legs(switch, "3001")),
}


async def _live(first: str, phone: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when it was over before."""
    loop = asyncio.get_running_loop()
    witness = folder / f"{cut}.csv"
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, witness)
    callback = CallbackSettings.model_validate(
        {"first": first, "confirm": False, "gap_seconds": 20, "attempts": 5}
    )
    site = small_site(1, callback=callback, wrap_up="none")
    switch.phones.update({"3001": Phone(answers=2, talks=15), HOME: PHONES[phone]})
    center = SmallCenter(switch, site, witness_file=witness)
    await center.start()
    switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(2)
    loop.call_later(15, switch.phones.update, {HOME: PHONES["answers"]})
    center.die_after(cut)
    switch.press(CALLER, "1")
    loop.call_later(4, lambda: None if center.dead.is_set() else center.log_in("anna"))
    died = await dies_before(center.until_over(), center)
    await center.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(center, meanwhile)
    return died


async def _carry_on(dead: SmallCenter, meanwhile: str) -> None:
    async with next_engine(dead) as center:
        center.log_in("anna")
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        _is_kept(center, meanwhile)


def _is_kept(center: SmallCenter, meanwhile: str) -> None:
    first = center.books.of(CALLER)
    assert first.outcome is not CallOutcome.FAILED
    assert center.state_of("anna") is AgentState.READY
    called = {record.call for record in center.books.calls if record.direction == "callback"}
    if first.outcome is CallOutcome.ABANDONED or (
        first.outcome is CallOutcome.ANSWERED and not called
    ):
        return  # the key was not heard: he waited on, and hung up or talked
    assert first.outcome is CallOutcome.CALLBACK
    assert called == {f"cb-{CALLER}"}
    record = center.books.of(f"cb-{CALLER}")
    if meanwhile in ("customer hangs up", "agent hangs up"):
        assert record.outcome in (CallOutcome.ANSWERED, CallOutcome.ABANDONED)
    else:
        assert record.outcome is CallOutcome.ANSWERED, record
    assert [each.problem for each in record.recordings if not each.complete] == []
    talks = [segment for segment in record.segments if segment.kind == "talk"]
    assert len(talks) <= 1


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("first", ["agent", "customer"])
def test_a_callback_survives_the_death_of_the_engine_at_any_moment(
    first: str, phone: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(first, phone, meanwhile, cut, tmp_path))


async def _calls_himself(first: str, cut: int, folder: Path) -> bool:
    """He waits for his callback, and calls; the engine dies while it takes him in."""
    loop = asyncio.get_running_loop()
    witness = folder / f"{cut}.csv"
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, witness)
    callback = CallbackSettings.model_validate({"first": first, "confirm": False})
    site = small_site(1, callback=callback, wrap_up="none")
    switch.phones.update({"3001": Phone(answers=2, talks=9), HOME: PHONES["answers"]})
    center = SmallCenter(switch, site, witness_file=witness)
    await center.start()
    switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(2)
    switch.press(CALLER, "1")
    await asyncio.sleep(10)
    center.die_after(cut)
    switch.arrive("100.2", SUPPORT, NUMBER)
    await asyncio.sleep(5)
    died = center.dead.is_set()
    await center.kill()
    await asyncio.sleep(AWAY_SECONDS)
    await _serve_once(center)
    return died


async def _serve_once(dead: SmallCenter) -> None:
    async with next_engine(dead) as center:
        center.log_in("anna")
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        outcomes = [center.books.of(call).outcome for call in ("100.2", f"cb-{CALLER}")]
        assert outcomes == [CallOutcome.ANSWERED, CallOutcome.DISMISSED]
        visit = center.books.of("100.2").visits[0]
        assert visit.left - visit.entered < 15


@pytest.mark.parametrize("first", ["agent", "customer"])
def test_who_calls_by_himself_is_served_once_whenever_the_engine_dies(
    first: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _calls_himself(first, cut, tmp_path), most=100)
