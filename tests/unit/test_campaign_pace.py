"""INVITEs leave a trunk evenly, whoever decided them when."""

from __future__ import annotations

import asyncio

from dialer.trunks import TrunkLimits
from engine.campaigns.pace import Pace
from tests.unit.virtual_time import VirtualTimeLoop, in_virtual_time

LIMITS = {"north": TrunkLimits(calls_per_second=5), "south": TrunkLimits(calls_per_second=0.5)}


async def left(pace: Pace, trunk: str, count: int) -> list[float]:
    """When so many INVITEs leave that are wanted at once, in seconds from now."""
    loop = asyncio.get_running_loop()
    began, moments = loop.time(), []

    async def one() -> None:
        await pace.wait(trunk)
        moments.append(loop.time() - began)

    await asyncio.gather(*(one() for _ in range(count)))
    return moments


@in_virtual_time
async def test_of_many_that_are_wanted_at_once_no_second_has_more_than_the_trunk_takes() -> None:
    moments = await left(Pace(lambda: LIMITS), "north", 23)
    assert moments[0] == 0
    assert all(sum(at <= each < at + 1 for each in moments) <= 5 for at in moments)
    assert moments[-1] < 5


@in_virtual_time
async def test_what_an_engine_that_stood_still_has_missed_is_not_made_up_for_at_once() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    for at, seconds in ((0.1, 0.9), (1.5, 0.3), (2.7, 0.02)):
        loop.call_at(loop.time() + at, loop.stand_still, seconds)
    moments = await left(Pace(lambda: LIMITS), "north", 23)
    assert all(sum(at <= each < at + 1 for each in moments) <= 5 for at in moments)
    assert moments[-1] < 7


@in_virtual_time
async def test_trunks_do_not_wait_for_each_other_and_a_pause_is_not_made_up_for() -> None:
    pace = Pace(lambda: LIMITS)
    assert (await left(pace, "south", 2))[-1] > 2
    assert await left(pace, "north", 1) == [0]
    await asyncio.sleep(60)
    assert (await left(pace, "north", 2))[-1] > 0.2


@in_virtual_time
async def test_a_trunk_without_limits_is_not_held_up() -> None:
    assert await left(Pace(lambda: LIMITS), "other", 3) == [0, 0, 0]
