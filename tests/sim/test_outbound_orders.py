"""Everything that may cross around the answer of a campaign's call, crosses, in all orders.

The callee answers, refuses or hangs up; the agent answers, hangs up or goes; his time is over; the
dialer gives him up, the API cancels; the link is lost. Whatever the order, the attempt has one
disposition that tells what happened, nobody is left over, and the agent is free afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import combinations, permutations
from random import Random

import pytest

from acd.core import IllegalEvent
from acd.messages import AgentPaused, AgentState
from dialer.dispositions import ANSWERED_LIVE, Disposition
from dialer.plan import AttemptMade, Mode
from engine.call_record import CallRecord
from engine.calls.mail import AttemptCancelled, CampaignMail, GivenUp
from tests.unit.fake_pbx import BUSY, Phone
from tests.unit.outbound_center import ATTEMPT, CALLEE, dial, outbound_site
from tests.unit.small_center import SmallCenter, Truth, opened
from tests.unit.virtual_time import run

STEP = 0.002
LINK_SECONDS = 0.008
COMMAND_SECONDS = 0.001


def _each(center: SmallCenter, phone: str, act: Callable[[str], None]) -> None:
    for leg in [leg.id for leg in center.switch.legs_of(phone)]:
        act(leg)


def _tell(center: SmallCenter, mail: CampaignMail) -> None:
    if (call := center.registry.calls.get(ATTEMPT)) is not None:
        call.deliver(mail)


def _pause(center: SmallCenter) -> None:
    try:
        center.desk.post(AgentPaused("anna", "lunch"))
    except IllegalEvent:
        return  # the API says 409


def _lose_link(center: SmallCenter) -> None:
    center.link_down()
    asyncio.get_running_loop().call_later(LINK_SECONDS, center.link_up)


HAPPENINGS: dict[str, Callable[[SmallCenter], None]] = {
    "callee answers": lambda c: _each(c, CALLEE, c.switch.answer_phone),
    "callee hangs up": lambda c: _each(c, CALLEE, lambda leg: c.switch.put_down(leg, 0.005)),
    "callee refuses": lambda c: _each(c, CALLEE, lambda leg: c.switch.refuse_phone(leg, BUSY, 486)),
    "agent answers": lambda c: _each(c, "3001", c.switch.answer_phone),
    "agent hangs up": lambda c: _each(c, "3001", lambda leg: c.switch.put_down(leg, 0.005)),
    "agent's phone unregisters": lambda c: c.switch.unregister("3001"),
    "agent pauses": _pause,
    "it is given up": lambda c: _tell(c, GivenUp()),
    "it is cancelled": lambda c: _tell(c, AttemptCancelled("by the API")),
    "link is lost": _lose_link,
}
MODES = {
    Mode.PREDICTIVE: {
        "as the callee answers": 14.0,
        "as his time is over": 15.85,
        "in the talk": 18,
    },
    Mode.PROGRESSIVE: {"as the callee answers": 14.0, "as his time is over": 15.85},
    Mode.MANUAL: {"as the agent answers": 12.0, "as the callee answers": 16.0, "in the talk": 18.0},
}
"""When the critical instants are, in seconds; the attempt begins after ten."""


def _phones(mode: Mode, instant: str) -> tuple[Phone, Phone]:
    """The agent's, which answers at once but where the time is to be over, and the callee's."""
    late = instant == "as his time is over"
    by_hand = mode is Mode.MANUAL
    agent = Phone(answers=2, talks=20, obeys=False) if late or by_hand else Phone(talks=20)
    return agent, Phone(rings=0.2, answers=4)


async def _story(mode: Mode, instant: str, order: tuple[str, ...]) -> None:
    center = await opened(outbound_site(1, max_misses=20, ring_seconds=30))
    switch, loop = center.switch, asyncio.get_running_loop()
    switch.latency = COMMAND_SECONDS
    agent, callee = _phones(mode, instant)
    switch.phones.update({"3001": agent, CALLEE: callee})
    center.log_in("anna")
    start = loop.time() + 0.4  # away from the audits
    loop.call_at(start + 10, lambda: dial(center, mode))
    for place, what in enumerate(order):
        loop.call_at(start + MODES[mode][instant] + (place - 1) * STEP, HAPPENINGS[what], center)
    loop.call_at(start + 45, _each, center, CALLEE, switch.put_down)
    await asyncio.sleep(11)
    await center.until_over()
    try:
        Truth(center, slack=31.0 if "link is lost" in order else 0.05, strays_allowed=True).check()
        _is_fair(center, order)
    finally:
        await center.kill()


def _is_fair(center: SmallCenter, order: tuple[str, ...]) -> None:
    record = center.books.of(ATTEMPT)
    attempt = record.attempt
    assert attempt is not None
    assert attempt.disposition is not Disposition.FAILED or "link is lost" in order, record
    states = (AgentState.READY, AgentState.PAUSED, AgentState.NOT_RESPONDING)
    assert center.state_of("anna") in states
    dials = [command for command in center.switch.commands if command[0] == "dial_number"]
    assert len(dials) == (attempt.dialed is not None)
    _is_one_thing(record)
    if dials and "link is lost" not in order:  # then nobody has seen it
        _is_as_it_was(attempt, center.switch.answer_of(dials[0][1]))


def _is_one_thing(record: CallRecord) -> None:
    attempt = record.attempt
    assert attempt is not None
    talked = any(segment.kind == "talk" for segment in record.segments)
    connected = attempt.disposition is Disposition.CONNECTED
    assert connected == (attempt.connected is not None)
    assert connected or not talked
    assert (attempt.answered is not None) == (attempt.disposition in ANSWERED_LIVE)


def _is_as_it_was(attempt: AttemptMade, answered: float | None) -> None:
    """What is told of the callee is what he did."""
    assert attempt.answered == answered


def _orders(number: int) -> list[tuple[str, ...]]:
    return [o for some in combinations(HAPPENINGS, number) for o in permutations(some)]


def _all_hold(mode: Mode, instant: str, orders: list[tuple[str, ...]]) -> None:
    failures = []
    for order in orders:
        try:
            run(_story(mode, instant, order))
        except Exception as error:
            failures.append(f"{' → '.join(order)}: {error!r:.300}")
    assert not failures, f"{len(failures)} of {len(orders)}:\n" + "\n".join(failures[:20])


CASES = [(mode, instant) for mode, instants in MODES.items() for instant in instants]


@pytest.mark.parametrize(("mode", "instant"), CASES)
def test_two_things_that_cross_in_an_attempt_leave_nothing_behind(mode: Mode, instant: str) -> None:
    _all_hold(mode, instant, _orders(1) + _orders(2))


@pytest.mark.parametrize(("mode", "instant"), CASES)
def test_three_things_that_cross_in_an_attempt_leave_nothing_behind(
    mode: Mode, instant: str
) -> None:
    _all_hold(mode, instant, Random(mode + instant).sample(_orders(3), 40))
