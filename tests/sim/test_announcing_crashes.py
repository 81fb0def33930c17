"""The engine dies at any moment of what a waiting caller is told, and of the message he leaves.

Cut after every line of the journal and every command to the switch: the next engine says nothing
that was said at entry again, no place twice, and keeps the message.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.call_record import CallOutcome
from engine.calls.record import Standing
from engine.recovery import NOTE, recover
from engine.store.journal import Entry
from tests.sim.crashes import AWAY_SECONDS, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH, run

CALLER = "100.1"

QUEUE: dict[str, Any] = {
    "announcements": {
        "at_entry": ("welcome",),
        "first_seconds": 2,
        "every_seconds": 10,
        "comfort": ("comfort",),
        "position": True,
        "expected_wait": True,
    },
    "voicemail": {"seconds": 20},
    "max_wait_seconds": 60,
    "wrap_up": "none",
}


def _leaves_a_message(switch: FakePbx) -> None:
    for after, key in ((18, "2"), (28, "#")):
        asyncio.get_running_loop().call_later(after, switch.press, CALLER, key)


def _is_answered(switch: FakePbx) -> None:
    """In the middle of what he is told."""
    asyncio.get_running_loop().call_later(0.6, switch.answer_phone, f"{CALLER}-a1")


STORIES: dict[str, Callable[[FakePbx], None]] = {
    "he leaves a message": _leaves_a_message,
    "an agent answers": _is_answered,
}


async def _live(story: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when the story was over before."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, folder / f"{cut}.csv")
    switch.phones["3001"] = Phone(talks=9)
    first = SmallCenter(switch, small_site(**QUEUE), witness_file=switch.witness_file)
    await first.start()
    if story == "an agent answers":
        first.log_in("anna")
    first.die_after(cut)
    switch.arrive(CALLER, SUPPORT)
    STORIES[story](switch)
    died = await dies_before(first.until_over(), first)
    await first.kill()
    if died:
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, story)
    return died


async def _carry_on(dead: SmallCenter, story: str) -> None:
    async with next_engine(dead) as center:
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        _nothing_is_said_again(center)
        if story == "he leaves a message":
            _the_message_is_kept(center)


def _nothing_is_said_again(center: SmallCenter) -> None:
    plays = [command for command in center.switch.commands if command[0] == "play"]
    said = [media.rpartition("/")[2] for play in plays for media in play[3:]]
    assert said.count("welcome") <= 1
    told = _standing(center).told
    places = [each.position for each in told if each.position is not None]
    assert places == sorted(set(places), reverse=True)


def _the_message_is_kept(center: SmallCenter) -> None:
    """Unless his key was pressed while nobody was there to hear it."""
    record = center.books.of(CALLER)
    if record.outcome is CallOutcome.VOICEMAIL:
        assert all(made.complete for made in record.recordings)
    else:
        assert record.outcome is CallOutcome.OVERFLOWED
        assert record.recordings == ()


def _standing(center: SmallCenter) -> Standing:
    entries = [Entry(**json.loads(line)) for line in center.journal.history]
    mine = [each for each in entries if each.kind == NOTE and each.data["call"] == CALLER]
    return recover(mine).calls[CALLER]


@pytest.mark.parametrize("story", STORIES)
def test_what_was_said_is_not_said_again_wherever_the_engine_dies(
    story: str, tmp_path: Path
) -> None:
    cut = 0
    while True:
        cut += 1
        if not run(_live(story, cut, tmp_path)):
            break
    assert cut > 40
