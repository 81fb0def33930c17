"""Everything that may cross in a callback, crosses: the customer, the agent, the API, all orders.

Around each critical instant two or three things happen within milliseconds. Whatever the order,
nobody is left over, nobody talks to nobody, and the agent is free afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import combinations, permutations
from random import Random

import pytest

from acd.messages import AgentState
from acd.queues import CallbackSettings
from engine.call_record import CallOutcome
from engine.calls.callbacks.living import callbacks, cancel
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import run

CALLER, NUMBER, HOME = "100.1", "0901234567", "+84901234567"
STEP = 0.002
LINK_SECONDS = 0.008


def _legs(center: SmallCenter, phone: str) -> list[str]:
    return [leg.id for leg in center.switch.legs_of(phone)]


def _each(center: SmallCenter, phone: str, act: Callable[[str], None]) -> None:
    for leg in _legs(center, phone):
        act(leg)


def _cancel(center: SmallCenter) -> None:
    for call in list(callbacks(center.switchboard)):
        if not call.channel:
            cancel(call, "by the API")


def _lose_link(center: SmallCenter) -> None:
    center.link_down()
    asyncio.get_running_loop().call_later(LINK_SECONDS, center.link_up)


HAPPENINGS: dict[str, Callable[[SmallCenter], None]] = {
    "agent answers": lambda c: _each(c, "3001", c.switch.answer_phone),
    "agent hangs up": lambda c: _each(c, "3001", lambda leg: c.switch.put_down(leg, 0.005)),
    "agent's phone unregisters": lambda c: c.switch.unregister("3001"),
    "customer answers": lambda c: _each(c, HOME, c.switch.answer_phone),
    "customer hangs up": lambda c: _each(c, HOME, lambda leg: c.switch.put_down(leg, 0.005)),
    "customer refuses": lambda c: _each(c, HOME, lambda leg: c.switch.refuse_phone(leg, BUSY, 486)),
    "customer calls himself": lambda c: c.switch.arrive("100.9", SUPPORT, NUMBER),
    "it is cancelled": _cancel,
    "link is lost": _lose_link,
}
INSTANTS = {
    "agent": {"as the agent answers": 12.0, "as the customer answers": 16.0, "in the talk": 18.0},
    "customer": {
        "as the customer answers": 14.0,
        "as the agent answers": 16.0,
        "in the talk": 18.0,
    },
}


async def _story(first: str, instant: str, order: tuple[str, ...]) -> None:
    callback = CallbackSettings.model_validate(
        {"first": first, "confirm": False, "gap_seconds": 20, "attempts": 2}
    )
    center = await opened(small_site(1, callback=callback, wrap_up="none", max_misses=20))
    switch, loop = center.switch, asyncio.get_running_loop()
    switch.latency = 0.001
    switch.phones.update({"3001": Phone(answers=2, talks=20), HOME: Phone(rings=0.2, answers=4)})
    start = loop.time()
    switch.arrive(CALLER, SUPPORT, NUMBER)
    loop.call_at(start + 2, switch.press, CALLER, "1")
    loop.call_at(start + 10 - 3 * 0.001, center.log_in, "anna")
    for place, what in enumerate(order):
        at = start + INSTANTS[first][instant] + (place - 1) * STEP
        loop.call_at(at, HAPPENINGS[what], center)
    loop.call_at(start + 60, switch.put_down, "100.9")
    for back in (40, 80):  # with a phone that works
        loop.call_at(start + back, center.log_in, "anna")
        loop.call_at(start + back - 1, switch.phones.update, {"3001": Phone(answers=2, talks=20)})
    await asyncio.sleep(11)
    await center.until_over()
    try:
        Truth(center, slack=31.0 if "link is lost" in order else 0.05, strays_allowed=True).check()
        _is_fair(center)
    finally:
        await center.kill()


def _is_fair(center: SmallCenter) -> None:
    record = center.books.of(f"cb-{CALLER}")
    assert record.outcome is not CallOutcome.FAILED, record
    assert sum(segment.kind == "talk" for segment in record.segments) <= 1
    assert center.state_of("anna") in (AgentState.READY, AgentState.NOT_RESPONDING)
    assert center.switchboard.strays == set()


def _orders(number: int) -> list[tuple[str, ...]]:
    return [o for some in combinations(HAPPENINGS, number) for o in permutations(some)]


def _all_hold(first: str, instant: str, orders: list[tuple[str, ...]]) -> None:
    failures = []
    for order in orders:
        try:
            run(_story(first, instant, order))
        except Exception as error:
            failures.append(f"{' → '.join(order)}: {error!r:.300}")
    assert not failures, f"{len(failures)} of {len(orders)}:\n" + "\n".join(failures[:20])


CASES = [(first, instant) for first, instants in INSTANTS.items() for instant in instants]


@pytest.mark.parametrize(("first", "instant"), CASES)
def test_two_things_that_cross_in_a_callback_leave_nothing_behind(first: str, instant: str) -> None:
    _all_hold(first, instant, _orders(1) + _orders(2))


@pytest.mark.parametrize(("first", "instant"), CASES)
def test_three_things_that_cross_in_a_callback_leave_nothing_behind(
    first: str, instant: str
) -> None:
    _all_hold(first, instant, Random(first + instant).sample(_orders(3), 60))
