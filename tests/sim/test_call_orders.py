"""Everything that may cross on the wire, crosses: one call, two agents, all orders.

Around each critical instant of a call (the agent answers, the ring time is over, the talk ends) two
or three things happen within milliseconds, in every order. Whatever the order, nobody is left over,
the agents are free, and the record tells what happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from itertools import combinations, permutations
from random import Random
from typing import Any

import pytest

from acd.core import IllegalEvent
from acd.messages import AcdEvent, AgentLoggedOut, AgentPaused, AgentState
from tests.unit.fake_pbx import NO_ANSWER, REJECTED, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import run

CALLER, LEG, SECOND_LEG = "100.1", "100.1-a1", "100.1-a2"
STEP = 0.002  # between two happenings
COMMAND_SECONDS = 0.001
DYING_SECONDS = 0.005  # a channel from the hang-up to its end: other things happen meanwhile
LINK_SECONDS = 0.008

_HEARD_OR_NOT = (("agent answers",), ("link is lost", "agent answers"))


def _tell(center: SmallCenter, event: AcdEvent) -> None:
    try:
        center.desk.post(event)
    except IllegalEvent:
        return  # the API says 409


def _lose_link(center: SmallCenter) -> None:
    center.link_down()
    asyncio.get_running_loop().call_later(LINK_SECONDS, center.link_up)


HAPPENINGS: dict[str, Callable[[SmallCenter], None]] = {
    "agent answers": lambda c: c.switch.answer_phone(LEG),
    "agent hangs up": lambda c: c.switch.put_down(LEG, DYING_SECONDS),
    "agent refuses": lambda c: c.switch.refuse_phone(LEG, REJECTED, 603),
    "phone rings out": lambda c: c.switch.refuse_phone(LEG, NO_ANSWER, 0),
    "phone unregisters": lambda c: c.switch.unregister("3001"),
    "caller hangs up": lambda c: c.switch.put_down(CALLER, DYING_SECONDS),
    "caller's phone vanishes": lambda c: c.switch.put_down(CALLER, 0.0),
    "agent pauses": lambda c: _tell(c, AgentPaused("anna", "lunch")),
    "agent logs out": lambda c: _tell(c, AgentLoggedOut("anna")),
    "link is lost": _lose_link,
}
WITH_TWO = {
    name: HAPPENINGS[name]
    for name in (
        "agent answers",
        "agent hangs up",
        "agent refuses",
        "phone unregisters",
        "caller hangs up",
        "agent logs out",
        "link is lost",
    )
} | {
    "second answers": lambda c: c.switch.answer_phone(SECOND_LEG),
    "second hangs up": lambda c: c.switch.put_down(SECOND_LEG, DYING_SECONDS),
    "second refuses": lambda c: c.switch.refuse_phone(SECOND_LEG, REJECTED, 603),
}
"""While two phones ring at once."""
INSTANTS = {
    "while it rings": 3.0,
    "as the ring time is over": 15.0 + 3 * COMMAND_SECONDS,
    "in the talk": 8.0,
}


async def _story(instant: str, order: tuple[str, ...], lag: float) -> None:
    center = await opened(small_site(2, retry_seconds=60, wrap_up=3))
    switch = center.switch
    center.log_in("anna")
    await asyncio.sleep(0.1)
    center.log_in("binh")
    switch.phones["3001"] = Phone(answers=2 if instant == "in the talk" else None)
    switch.phones["3002"] = Phone(answers=2, talks=5)
    switch.latency, switch.delays = COMMAND_SECONDS, {LEG: lag}
    loop = asyncio.get_running_loop()
    start = loop.time()
    switch.arrive(CALLER, SUPPORT)
    for place, what in enumerate(order):
        loop.call_at(start + INSTANTS[instant] + (place - 1) * STEP, HAPPENINGS[what], center)
    loop.call_at(start + 60, switch.put_down, CALLER)
    await asyncio.sleep(1)
    await center.until_over()
    try:
        Truth(center, slack=0.05 if "link is lost" not in order else 30.5).check()
        _nobody_is_blamed(center, instant, order)
    finally:
        await center.kill()


async def _story_of_two(order: tuple[str, ...]) -> None:
    center = await opened(small_site(2, ring_width=2, rejected_seconds=60, wrap_up=3))
    switch, loop = center.switch, asyncio.get_running_loop()
    center.log_in("anna")
    await asyncio.sleep(0.1)
    center.log_in("binh")
    switch.latency = COMMAND_SECONDS
    crossing = loop.time() + 3
    switch.arrive(CALLER, SUPPORT)
    for place, what in enumerate(order):
        loop.call_at(crossing + place * STEP / 2, WITH_TWO[what], center)
    loop.call_at(crossing + 57, switch.put_down, CALLER)
    await asyncio.sleep(2.9)  # both ring
    most = 0
    while loop.time() < crossing + 1:
        most = max([most, *map(len, switch.bridges.values())])
        await asyncio.sleep(STEP / 4)
    assert most <= 2, "somebody was let into a talk of two"
    await center.until_over()
    try:
        Truth(center, slack=0.05 if "link is lost" not in order else 30.5).check()
        _one_talk_at_a_time(center)
    finally:
        await center.kill()


def _one_talk_at_a_time(center: SmallCenter) -> None:
    record = center.books.of(CALLER)
    assert len(record.recordings) == [o.outcome for o in record.offers].count("answered")
    assert {center.state_of(name) for name in ("anna", "binh")} <= {
        AgentState.READY,
        AgentState.LOGGED_OUT,
        AgentState.NOT_RESPONDING,
    }


def _nobody_is_blamed(center: SmallCenter, instant: str, order: tuple[str, ...]) -> None:
    """An agent is only blamed for what he or his phone did."""
    did = {"agent refuses", "phone rings out", "phone unregisters", "agent hangs up"} & set(order)
    blame = {"rejected", "busy", "unreachable"}
    outcomes = {offer.outcome for offer in center.books.of(CALLER).offers}
    assert did or not outcomes & blame, outcomes
    if instant == "while it rings" and order in _HEARD_OR_NOT:
        assert outcomes == {"answered"}
    assert center.state_of("binh") is AgentState.READY


def _orders(number: int, of: Iterable[str] = HAPPENINGS) -> list[tuple[str, ...]]:
    return [o for some in combinations(of, number) for o in permutations(some)]


def _all_hold(
    story: Callable[[tuple[str, ...]], Coroutine[Any, Any, None]], orders: list[tuple[str, ...]]
) -> None:
    """Run them all, then tell of all that failed: one of them often explains the others."""
    failures = []
    for order in orders:
        try:
            run(story(order))
        except Exception as error:
            failures.append(f"{' → '.join(order)}: {error!r:.300}")
    assert not failures, f"{len(failures)} of {len(orders)}:\n" + "\n".join(failures[:20])


@pytest.mark.parametrize("lag", [0.0, 0.003], ids=["told at once", "agent's leg told late"])
@pytest.mark.parametrize("instant", INSTANTS)
def test_two_things_that_cross_in_a_call_leave_nothing_behind(instant: str, lag: float) -> None:
    _all_hold(lambda order: _story(instant, order, lag), _orders(1) + _orders(2))


@pytest.mark.parametrize("instant", INSTANTS)
def test_three_things_that_cross_in_a_call_leave_nothing_behind(instant: str) -> None:
    orders = Random(instant).sample(_orders(3), 100)
    _all_hold(lambda order: _story(instant, order, 0.001), orders)


def test_things_that_cross_while_two_phones_ring_make_one_talk_or_none() -> None:
    threes = Random(2).sample(_orders(3, WITH_TWO), 150)
    _all_hold(_story_of_two, _orders(1, WITH_TWO) + _orders(2, WITH_TWO) + threes)
