"""When a caller counts as given on: once the other one has him, however that was meant to be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from test_calls_talks import BINH, CALLER, OUTSIDE, Scene, scene

from acd.queues import Destination, DestinationKind
from engine.call_record import TransferHow
from engine.calls.talk import orders as o
from tests.unit.fake_pbx import Phone
from tests.unit.virtual_time import in_virtual_time

NUMBER = Destination(kind=DestinationKind.NUMBER, name=OUTSIDE)
ANSWERED, UNANSWERED = Phone(answers=8.0), Phone(answers=None)

Course = Callable[[Scene], Awaitable[object]]


async def _send(at: Scene) -> None:
    await at.ask(o.TransferTo(to=BINH))


async def _send_outside(at: Scene) -> None:
    await at.ask(o.TransferTo(to=NUMBER))


async def _complete_while_it_rings(at: Scene) -> None:
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(2)
    await at.ask(o.Complete())


async def _hang_up_while_it_rings(at: Scene) -> None:
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(2)
    at.switch.put_down(at.leg())


WAYS: list[tuple[Course, str, TransferHow]] = [
    (_send, "binh", TransferHow.BLIND),
    (_send_outside, OUTSIDE, TransferHow.BLIND),
    (_complete_while_it_rings, "binh", TransferHow.ATTENDED),
    (_hang_up_while_it_rings, "binh", TransferHow.ATTENDED),
]
parametrize_ways = pytest.mark.parametrize(
    ("way", "to", "how"), WAYS, ids=[way.__name__.strip("_") for way, *_ in WAYS]
)


async def _begun(phone: Phone) -> Scene:
    at = await scene(phone)
    at.switch.phones[OUTSIDE] = phone
    return at


async def _given(at: Scene) -> list[tuple[TransferHow, str]]:
    if CALLER in at.center.registry.calls:
        at.switch.put_down(CALLER)
    record = await at.over()
    return [(made.how, made.name) for made in record.transfers]


@parametrize_ways
@in_virtual_time
async def test_a_caller_whom_the_other_one_answers_is_given_on(
    way: Course, to: str, how: TransferHow
) -> None:
    at = await _begun(ANSWERED)
    await way(at)
    await at.later(20)
    assert await _given(at) == [(how, to)]


@parametrize_ways
@in_virtual_time
async def test_a_caller_whom_nobody_takes_is_not_given_on_also_when_the_next_agent_has_him(
    way: Course, to: str, how: TransferHow
) -> None:
    at = await _begun(UNANSWERED)
    await way(at)
    await at.later(60)
    assert at.call.standing.talk is not None  # the agent who comes first in line
    assert await _given(at) == []


@parametrize_ways
@in_virtual_time
async def test_a_caller_who_hangs_up_while_it_rings_is_not_given_on(
    way: Course, to: str, how: TransferHow
) -> None:
    at = await _begun(UNANSWERED)
    await way(at)
    await at.later(4)
    assert await _given(at) == []


@in_virtual_time
async def test_a_number_that_a_caller_is_sent_to_rings_as_long_as_the_queue_says() -> None:
    at = await scene(transfer_ring_seconds=8)
    at.switch.phones[OUTSIDE] = UNANSWERED
    await at.ask(o.TransferTo(to=NUMBER))
    await at.later(7.5)
    assert at.switch.legs_of(OUTSIDE)
    await at.later(1)
    assert not at.switch.legs_of(OUTSIDE)
    await _given(at)
