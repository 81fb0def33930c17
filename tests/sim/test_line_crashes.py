"""The engine dies after each single thing it does while somebody comes to an agent on his line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from acd.messages import AgentState
from engine.calls.talk import orders as o
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before
from tests.sim.test_talk_crashes import BINH, MEANWHILE, give
from tests.sim.test_talk_orders import CALLER, TalkTruth
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, small_site
from tests.unit.virtual_time import EPOCH

LINE = "200.1"
STORIES: dict[str, dict[float, o.Order]] = {
    "consulted": {1: o.ConsultWith("anna", to=BINH), 3: o.CancelConsult("anna")},
    "given a caller": {1: o.ConsultWith("anna", to=BINH), 3: o.Complete("anna")},
    "sent a caller": {1: o.TransferTo("anna", to=BINH)},
}


class _Truth(TalkTruth):
    """A line has answered long before any caller is brought to it."""

    def _talks_are_right(self, record: object) -> None:
        """Who talked when is for other tests."""


async def _talk(witness: Path) -> SmallCenter:
    """Anna talks with a caller; binh waits on his line."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    site = small_site(2, wrap_up=0)
    site.agents["binh"] = site.agents["binh"].model_copy(update={"nailed_up": True})
    center = SmallCenter(switch, site, witness_file=witness)
    await center.start()
    switch.phones["3001"] = Phone(answers=1)
    center.switchboard.online |= {"3001", "3002"}
    center.log_in("anna")
    switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    switch.arrive(LINE, LOGIN, "3002", "3002")
    await asyncio.sleep(3)
    return center


async def _live(story: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; false when the story was over before."""
    witness = folder / f"{cut}.csv"
    first = await _talk(witness)
    first.die_after(cut)
    doing = [
        asyncio.create_task(give(when, first, order)) for when, order in STORIES[story].items()
    ]
    died = await dies_before(asyncio.sleep(8), first)
    for task in doing:
        task.cancel()
    await first.kill()
    if died:
        asyncio.get_running_loop().call_later(0.2, MEANWHILE[meanwhile], first.switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, witness)
    return died


async def _carry_on(dead: SmallCenter, witness: Path) -> None:
    center, switch = dead.successor(witness_file=witness), dead.switch
    try:
        await center.start()
        await asyncio.sleep(15)
        switch.put_down(CALLER)
        await asyncio.sleep(5)
        line = switch.channels[LINE]
        assert (line.bridge, line.muted, line.music) == (None, False, None)
        assert {center.state_of(name) for name in ("anna", "binh")} == {AgentState.READY}
        assert center.switchboard.lines["binh"].user is None
        switch.put_down(LINE)
        await center.until_over()
        _Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
    finally:
        await center.kill()


@pytest.mark.parametrize("meanwhile", ["nothing happens", "anna hangs up"])
@pytest.mark.parametrize("story", STORIES)
def test_a_line_is_free_again_whenever_the_engine_dies(
    story: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(story, meanwhile, cut, tmp_path))
