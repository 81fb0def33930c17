"""The engine dies after each single thing it does for a conference room: nobody is left in it, no
phone rings for it, no agent is busy with it, and its recording is one file that somebody has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.messages import AgentState
from dialplan.inbound import Route
from dialplan.rooms import MeetMe
from engine.call_record import CallOutcome
from engine.calls.conferences.inviting import invite
from engine.calls.talk.parties import Role
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import ANNA, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH

TEAM, ANA, BO, OUTSIDE = "1910", "100.1", "100.2", "+842873000001"


def _story(center: SmallCenter) -> None:
    """Two come, one of them locks it; a number and an agent are called in; who began goes first."""
    switch, loop = center.switch, asyncio.get_running_loop()
    switch.phones[OUTSIDE] = Phone(answers=2.0, presses=(3.0, "1"))
    switch.phones[ANNA] = Phone(answers=2.0, presses=(3.0, "1"))
    switch.arrive(ANA, TEAM)
    loop.call_later(1, switch.arrive, BO, TEAM)
    loop.call_later(5, switch.press, ANA, "4")
    for wanted in (OUTSIDE, "anna"):
        loop.call_later(5.5, _invite, center, wanted)
    loop.call_later(14, switch.put_down, ANA)
    for leg in (OUTSIDE, ANNA):
        loop.call_later(16, _put_down_all, switch, leg)
    loop.call_later(18, switch.put_down, BO)


def _invite(center: SmallCenter, wanted: str) -> None:
    if not center.dead.is_set():
        invite(center.switchboard, "team", wanted, Role.SPEAKER)


def _put_down_all(switch: FakePbx, phone: str) -> None:
    for leg in switch.legs_of(phone):
        switch.put_down(leg.id)


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "who came first hangs up": lambda switch: switch.put_down(ANA),
    "all who were called in hang up": lambda switch: (
        [_put_down_all(switch, phone) for phone in (OUTSIDE, ANNA)] and None
    ),
}


async def _live(meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when the story was over before."""
    loop = asyncio.get_running_loop()
    folder = folder / str(cut)
    folder.mkdir()
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, folder / "witness.csv")
    site = small_site()
    site.rooms["team"] = MeetMe("team", record=True)
    site.table[TEAM] = Route(TEAM, "room", "team", "en")
    first = SmallCenter(switch, site, witness_file=folder / "witness.csv")
    await first.start()
    first.log_in("anna")
    first.switchboard.online.add(ANNA)
    await asyncio.sleep(1)
    first.die_after(cut)
    _story(first)
    died = await dies_before(first.until_over(), first)
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first)
    return died


async def _carry_on(dead: SmallCenter) -> None:
    async with next_engine(dead) as center:
        center.switchboard.online.add(ANNA)
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        assert center.state_of("anna") is AgentState.READY
        assert list(center.switchboard.conferences) == []
        assert [r.call for r in center.books.calls if r.outcome is CallOutcome.FAILED] == []
        made = {made for record in center.books.calls for made in record.recordings}
        assert len(made) <= 1
        assert {each.problem for each in made} <= {"", "no file"}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_room_survives_the_death_of_the_engine_at_any_moment(
    meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(meanwhile, cut, tmp_path))
