"""The engine dies at any moment while an agent works on his connected line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.messages import AgentState
from engine.call_record import CallOutcome
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, small_site
from tests.unit.test_calls_nailed_up import Truth
from tests.unit.virtual_time import EPOCH

LINE, CALLER, NEXT = "200.1", "100.1", "100.2"

MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
}


async def _connected(witness: Path) -> SmallCenter:
    """Anna is on the line, and has talked with nobody yet."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    switch.phones["3001"] = Phone()
    site = small_site(1, wrap_up=2)
    site.agents["anna"] = site.agents["anna"].model_copy(update={"nailed_up": True})
    center = SmallCenter(switch, site, witness_file=witness)
    await center.start()
    switch.arrive(LINE, LOGIN, "3001", "3001")
    await asyncio.sleep(5)
    return center


async def _live(meanwhile: str, cut: int, folder: Path) -> bool:
    """One talk on the line, cut after so many things; False when it was over before."""
    witness = folder / f"{cut}.csv"
    first = await _connected(witness)
    switch, loop = first.switch, asyncio.get_running_loop()
    first.die_after(cut)
    switch.arrive(CALLER, SUPPORT)
    loop.call_later(4, switch.put_down, CALLER)
    died = await dies_before(asyncio.sleep(10), first)
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, meanwhile)
    return died


async def _carry_on(dead: SmallCenter, meanwhile: str) -> None:
    switch = dead.switch
    async with next_engine(dead) as center:
        await asyncio.sleep(20)
        assert LINE in switch.channels, "the line was torn"
        assert center.state_of("anna") is AgentState.READY
        switch.arrive(NEXT, SUPPORT)
        await asyncio.sleep(5)
        assert center.state_of("anna") is AgentState.TALKING, "the line was not free again"
        switch.put_down(NEXT)
        await asyncio.sleep(5)
        switch.put_down(LINE)
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        assert not [command for command in switch.commands if command[0] == "dial"]
        if meanwhile == "nothing happens":
            assert center.books.of(CALLER).outcome is CallOutcome.ANSWERED


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_line_survives_the_death_of_the_engine_at_any_moment(
    meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(meanwhile, cut, tmp_path), most=200)
