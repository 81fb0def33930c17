"""The engine dies at any moment while a supervisor listens to an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.calls.names import kind_of
from engine.calls.supervising.notes import SupervisionAsked
from engine.calls.talk.parties import Watch
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, small_site
from tests.unit.test_calls_supervising import Truth
from tests.unit.virtual_time import EPOCH
from tests.unit.who_hears import heard_by

CALLER, NEXT, CHI = "100.1", "100.2", "3003"


def _nothing(switch: FakePbx) -> None:
    pass


def _caller_goes(switch: FakePbx) -> None:
    switch.put_down(CALLER)


def _supervisor_goes(switch: FakePbx) -> None:
    for leg in switch.legs_of(CHI):
        switch.put_down(leg.id)


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": _nothing,
    "the caller hangs up": _caller_goes,
    "the supervisor hangs up": _supervisor_goes,
}


async def _talking(witness: Path) -> SmallCenter:
    """Anna and a caller talk."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    switch.phones |= {"3001": Phone(answers=1), CHI: Phone(answers=1)}
    center = SmallCenter(switch, small_site(3, wrap_up=2), witness_file=witness)
    await center.start()
    center.log_in("anna", "chi")
    switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    return center


async def _live(meanwhile: str, cut: int, folder: Path) -> bool:
    """Chi is rung, listens, whispers, joins in; cut after so many things. False when it was over
    before."""
    witness = folder / f"{cut}.csv"
    first = await _talking(witness)
    switch, loop = first.switch, asyncio.get_running_loop()
    first.die_after(cut)
    now = first.clock.now()
    first.registry.supervise(SupervisionAsked(now, "chi", "anna", Watch.LISTEN, CHI))
    for seconds, key in ((3, "5"), (4, "6"), (5, "4")):
        loop.call_later(seconds, _press, switch, key)
    loop.call_later(7, switch.put_down, CALLER)
    loop.call_later(9, _supervisor_goes, switch)
    died = await dies_before(asyncio.sleep(12), first)
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first)
    return died


def _press(switch: FakePbx, key: str) -> None:
    for leg in switch.legs_of(CHI):
        switch.press(leg.id, key)


async def _carry_on(dead: SmallCenter) -> None:
    switch = dead.switch
    async with next_engine(dead) as center:
        await asyncio.sleep(0.5)
        _hears_as_he_should(center)
        await asyncio.sleep(60)
        switch.arrive(NEXT, SUPPORT)
        await asyncio.sleep(5)
        followed = [c.standing.supervised for c in center.registry.calls.values()]
        assert {now.contact for now in followed if now is not None} <= {NEXT}
        _hears_as_he_should(center)
        for channel in [NEXT, *(leg.id for leg in switch.legs_of(CHI))]:
            switch.put_down(channel)
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        assert [name for name in switch.channels if kind_of(name) == "v"] == []
        for record in center.books.calls:
            early = {entry for entry in center.books.audit if entry.entry.startswith(record.call)}
            assert early <= set(record.audit), "the log says otherwise than the record"


def _hears_as_he_should(center: SmallCenter) -> None:
    """Both who talk; nobody hears him but as he is in it."""
    switch = center.switch
    for call in center.registry.calls.values():
        now = call.standing.supervised
        if now is None or call.hanging_up or now.contact not in center.registry.calls:
            continue
        talk = center.registry.calls[now.contact].standing.talk
        assert talk is not None
        assert heard_by(switch, call.channel) == {now.contact, talk.leg}
        assert (call.channel in heard_by(switch, now.contact)) is (now.watch is Watch.BARGE)
        assert (call.channel in heard_by(switch, talk.leg)) is (now.watch is not Watch.LISTEN)


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_who_listens_goes_on_listening_when_the_engine_is_back(
    meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(meanwhile, cut, tmp_path), most=200)
