"""Everything that may cross on the wire, crosses, while a flow has sent its callers on an errand.

Around each critical instant two or three things happen within milliseconds, in every order.
Whatever the order, nobody is left over, the agent is free, and the record tells what happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import combinations, permutations
from random import Random
from typing import Any

import pytest

from acd.messages import AgentState
from tests.unit.fake_pbx import BUSY, REJECTED, Phone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import ANNA, MENU, SUPPORT, SmallCenter, Truth, opened
from tests.unit.test_calls_flow import site_with
from tests.unit.virtual_time import run

CALLER, OTHER, OUTSIDE = "100.1", "100.2", "+842873000001"
STEP, COMMAND_SECONDS, DYING_SECONDS, LINK_SECONDS = 0.002, 0.001, 0.005, 0.008

_EXITS = {"answered": "bye", "failed": "bye"}
_NUMBER = {"type": "transfer", "number": OUTSIDE, "ring_seconds": "10", "most_seconds": "8"}
ERRANDS: dict[str, tuple[dict[str, Any], tuple[float, ...]]] = {
    "to a number": ({**_NUMBER, **_EXITS}, (2.0, 4.0, 10.003, 12.004)),
    "to a number that accepts": (
        {**_NUMBER, **_EXITS, "whisper": "who", "accept_key": "1"},
        (5.0, 15.003),
    ),
    "to an agent": ({**_EXITS, "type": "transfer", "agent": "anna"}, (2.0, 6.0)),
    "in a room": ({"type": "conference", "room": "r", "left": "bye", "full": "bye"}, (0.5, 5.0)),
    "a message": (
        {"type": "voicemail", "queue": "support", "review": "yes", "saved": "bye"},
        (1.0, 5.0),
    ),
}
"""Each with the instants at which it is critical."""


def _far(center: SmallCenter) -> list[str]:
    return [leg.id for phone in (ANNA, OUTSIDE) for leg in center.switch.legs_of(phone)]


def _each(act: Callable[..., None], *more: Any) -> Callable[[SmallCenter], None]:
    def happens(center: SmallCenter) -> None:
        for leg in _far(center):
            act(center.switch, leg, *more)

    return happens


def _lose_link(center: SmallCenter) -> None:
    center.link_down()
    asyncio.get_running_loop().call_later(LINK_SECONDS, center.link_up)


def _kick(center: SmallCenter) -> None:
    center.switchboard.conferences.kick("r", CALLER)


HAPPENINGS: dict[str, Callable[[SmallCenter], None]] = {
    "caller hangs up": lambda c: c.switch.put_down(CALLER, DYING_SECONDS),
    "caller's phone vanishes": lambda c: c.switch.put_down(CALLER, 0.0),
    "caller presses 1": lambda c: c.switch.press(CALLER, "1"),
    "caller presses #": lambda c: c.switch.press(CALLER, "#"),
    "the other comes": lambda c: c.switch.arrive(OTHER, MENU),
    "the other leaves": lambda c: c.switch.put_down(OTHER, DYING_SECONDS),
    "far side answers": _each(lambda switch, leg: switch.answer_phone(leg)),
    "far side accepts": _each(lambda switch, leg: switch.press(leg, "1")),
    "far side hangs up": _each(lambda switch, leg: switch.put_down(leg, DYING_SECONDS)),
    "far side is busy": _each(lambda switch, leg: switch.refuse_phone(leg, BUSY, 486)),
    "far side rejects": _each(lambda switch, leg: switch.refuse_phone(leg, REJECTED, 603)),
    "he is put out": _kick,
    "link is lost": _lose_link,
}
_ROOM = ("caller hangs up", "caller presses #", "the other comes", "the other leaves")
_CALL = ("caller hangs up", "caller's phone vanishes", "link is lost")
_FAR = ("far side answers", "far side hangs up", "far side is busy", "far side rejects")
OF: dict[str, tuple[str, ...]] = {
    "to a number": (*_CALL, *_FAR),
    "to a number that accepts": (*_CALL, "far side accepts", "far side hangs up"),
    "to an agent": (*_CALL, *_FAR),
    "in a room": (*_ROOM, "he is put out", "link is lost"),
    "a message": (*_CALL, "caller presses 1", "caller presses #"),
}


async def _story(errand: str, at: float, order: tuple[str, ...]) -> None:
    node, _ = ERRANDS[errand]
    center = await opened(site_with(flow_of({"go": node, **ends("bye")})))
    center.log_in("anna")
    center.switchboard.online.add(ANNA)
    center.switch.latency = COMMAND_SECONDS
    answers = 4.0 if errand != "to an agent" else 5.0
    center.switch.phones.update({OUTSIDE: Phone(answers=answers), ANNA: Phone(answers=answers)})
    loop = asyncio.get_running_loop()
    start = loop.time()
    center.switch.arrive(CALLER, MENU)
    for place, what in enumerate(order):
        loop.call_at(start + at + (place - 1) * STEP, HAPPENINGS[what], center)
    for caller in (CALLER, OTHER):
        loop.call_at(start + 60, center.switch.put_down, caller)
    await asyncio.sleep(1)
    await center.until_over()
    try:
        Truth(center, slack=0.05 if "link is lost" not in order else 30.5).check()
        assert center.state_of("anna") is AgentState.READY
        assert list(center.switchboard.conferences) == []
        await _serves(center)
    finally:
        await center.kill()


async def _serves(center: SmallCenter) -> None:
    """The agent's next caller finds her."""
    center.switch.phones[ANNA] = Phone(answers=1, talks=2)
    center.switch.arrive("100.9", SUPPORT)
    await center.until_over()
    assert center.books.of("100.9").agent == "anna"


@pytest.mark.parametrize("errand", ERRANDS)
def test_things_that_cross_in_an_errand_leave_nothing_behind(errand: str) -> None:
    of, failures, count = OF[errand], [], 0
    twos = [o for some in combinations(of, 2) for o in permutations(some)]
    orders: list[tuple[str, ...]] = [*((each,) for each in of), *twos]
    threes = [o for some in combinations(of, 3) for o in permutations(some)]
    for at in ERRANDS[errand][1]:
        for order in orders + Random(errand).sample(threes, min(30, len(threes))):
            count += 1
            try:
                run(_story(errand, at, order))
            except Exception as error:
                failures.append(f"{at}: {' → '.join(order)}: {error!r:.300}")
    assert not failures, f"{len(failures)} of {count}:\n" + "\n".join(failures[:20])
