"""The engine dies after each single thing it does while a talk is recorded, paused and goes on.

What is said while it is paused is in no file, whoever dies; no recording is left open; and what is
called complete is, by what the switch really wrote.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.call_record import SIDE_IN, SIDE_OUT, TALK, CallRecord
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import NotPossible, PauseRecording
from tests.sim.crashes import die_everywhere, dies_before
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH

CALLER = "100.1"
AWAY_SECONDS, PAUSE_SECONDS = 1.0, 6.0
MEANWHILE = ("nothing happens", "caller hangs up")


async def _live(meanwhile: str, since: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when the call was over before."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, folder / f"{cut}.csv")
    rules = {"when": "always", "stereo": True, "since": since, "pause_seconds": PAUSE_SECONDS}
    site = small_site(wrap_up="none", record=rules)
    first = SmallCenter(switch, site, witness_file=folder / f"{cut}.csv")
    await first.start()
    first.log_in("anna")
    switch.phones["3001"] = Phone(answers=1, talks=20)
    await asyncio.sleep(1)
    first.die_after(cut)
    switch.arrive(CALLER, SUPPORT)
    pausing = loop.create_task(_pause_in(3, first))
    died = await dies_before(first.until_over(), first)
    pausing.cancel()
    await first.kill()
    if not died:
        _is_true(switch, first.books.of(CALLER))
        return False
    if meanwhile == "caller hangs up":
        loop.call_later(0.2, switch.put_down, CALLER)
    await asyncio.sleep(AWAY_SECONDS)
    await _carry_on(first)
    return True


async def _pause_in(seconds: float, center: SmallCenter) -> None:
    await asyncio.sleep(seconds)
    with suppress(NotPossible, KeyError):  # he is not there (any more)
        await ask(center.registry.calls[CALLER], PauseRecording())


async def _carry_on(dead: SmallCenter) -> None:
    noted = _last_wish(dead)
    center = dead.successor(witness_file=dead.settings.witness_file)
    await center.start()
    try:
        await asyncio.sleep(0.5)
        switch = center.switch
        if noted == "pause" and switch.recordings:
            assert set(switch.recordings) == set(switch.paused), "it is recorded in a pause"
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        _is_true(switch, center.books.of(CALLER))
    finally:
        await center.kill()


def _last_wish(center: SmallCenter) -> str:
    journal: Any = center.journal
    wishes = [line for line in journal.history if '"RecordingWanted"' in line]
    return "" if not wishes else "pause" if '"pause"' in wishes[-1] else "resume"


def _is_true(switch: FakePbx, record: CallRecord) -> None:
    """No file is left without its line, and none says more than it holds."""
    made = {each.name: each for each in record.recordings}
    assert {each.kind for each in record.recordings} <= {TALK, SIDE_IN, SIDE_OUT}
    for name, unheard in switch.unheard.items():
        each = made[name]
        told = sum(gap.ended - gap.began for gap in each.gaps)
        assert told == pytest.approx(unheard, abs=AWAY_SECONDS + 0.5), "a gap is told wrong"
        assert each.complete, each.problem


@pytest.mark.parametrize("since", ["answer", "queue"])
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_recording_survives_the_death_of_the_engine_at_any_moment(
    meanwhile: str, since: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(meanwhile, since, cut, tmp_path))
