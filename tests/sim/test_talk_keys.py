"""Whatever two agents press on their phones in a talk, and whoever hangs up when: nothing is left.

A seed is some minutes: callers, codes that are right or wrong, keys that are none, in any
order and at any speed. A seed that fails says which one it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

import pytest

from acd.queues import Destination, DestinationKind
from dialplan.features import Action
from dialplan.talk_codes import DEFAULT_CODES, TalkCodes
from engine.call_record import CallRecord
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import run

WHERE = ("3001", "3002", "3003", "0901234567", "0901234567", "8001", "113", "3999", "", "7")
OUTSIDE = "+84901234567"
PHONES = ("3001", "3002", "3003")
PRESSES = 60


class _Truth(Truth):
    """An agent who comes by transfer or pick-up has no offer that he answered."""

    def _talks_are_right(self, record: CallRecord) -> None:
        """Who talked when is for other tests: here it is chance."""


async def _center(chance: Random) -> SmallCenter:
    site = small_site(3, wrap_up=0, park_seconds=20)
    site.features = replace(
        site.features,
        codes={**site.features.codes, "*4": Action.PICK_UP},
        talk=TalkCodes(places={"8001": Destination(kind=DestinationKind.QUEUE, name="sales")}),
    )
    center = await opened(site)
    for phone in (*PHONES, OUTSIDE):
        answers = chance.choice((0.3, 1.0, 3.0, None))
        center.switch.phones[phone] = Phone(answers=answers, refuses=None if answers else 2.0)
    center.switchboard.online |= set(PHONES)
    center.log_in("anna", "binh", "chi")
    return center


def _keys(chance: Random) -> str:
    """A code with what follows it, or what is none."""
    if chance.random() < 0.2:
        return "".join(chance.choices("0123456789*#", k=chance.randint(1, 5)))
    code = chance.choice((*sorted(DEFAULT_CODES), "#3", "#3", "#8", "#4", "#5", "#7"))
    if not DEFAULT_CODES[code].has_where:
        return code
    return code + chance.choice(WHERE) + chance.choice("######*1")


async def _somebody(center: SmallCenter, chance: Random, number: int) -> None:
    """Somebody calls, presses or hangs up."""
    switch = center.switch
    legs = [leg for phone in PHONES for leg in switch.legs_of(phone) if leg.state == "Up"]
    what = chance.random()
    if what < 0.03 or not legs:
        switch.arrive(f"100.{number}", SUPPORT)
    elif what < 0.06:
        switch.arrive(f"200.{number}", f"*4{chance.choice(('', '7', '1'))}", "3003", "3003")
    elif what < 0.1:
        switch.put_down(chance.choice(sorted(switch.channels)))
    elif what < 0.13:
        switch.hold(chance.choice(legs).id, chance.random() < 0.5)
    else:
        leg = chance.choice(legs)
        for key in _keys(chance):
            switch.press(leg.id, key)
            await asyncio.sleep(4.0 if chance.random() < 0.02 else 0.2)


async def _day(seed: int) -> None:
    chance = Random(seed)
    center = await _center(chance)
    for number in range(PRESSES):
        await _somebody(center, chance, number)
        await asyncio.sleep(chance.uniform(0, 4))
    for channel in list(center.switch.channels):
        center.switch.put_down(channel)
        await asyncio.sleep(0.05)
    await asyncio.sleep(60)
    for channel in list(center.switch.channels):
        center.switch.put_down(channel)
    await center.until_over()
    _Truth(center, slack=5).check()
    await center.kill()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_pressed_nothing_is_left_and_all_times_tile(seed: int) -> None:
    run(_day(seed))
