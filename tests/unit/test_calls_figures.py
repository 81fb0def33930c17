"""Whose time it was after every shape of transfer: each agent's day, and his part in the call."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from test_calls_talks import BINH, CALLER, SALES, Scene, scene

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from engine.call_record import CallRecord, SegmentKind, TransferHow
from engine.calls.talk import orders as o
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SmallCenter, Truth
from tests.unit.virtual_time import in_virtual_time

ANNA = Destination(kind=DestinationKind.AGENT, name="anna")
WRAP_UP = {"mode": "timed", "seconds": 5, "default_disposition": "other"}
ANSWERED = (SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONSULT, SegmentKind.CONFERENCE)

Course = Callable[[Scene], Awaitable[None]]


async def is_given_on(at: Scene) -> None:
    """Anna consults Binh, and leaves him to the caller."""
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(10)
    await at.ask(o.Complete())
    await at.later(20)


async def is_given_back(at: Scene) -> None:
    """And Binh gives him back to her, while she wraps up."""
    await is_given_on(at)
    await at.ask(o.ConsultWith(to=ANNA))
    await at.later(10)
    await at.ask(o.Complete())
    await at.later(20)


async def is_not_given_on(at: Scene) -> None:
    """Anna thinks better of it."""
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(10)
    await at.ask(o.CancelConsult())
    await at.later(20)


async def is_sent(at: Scene) -> None:
    """Anna sends him to Binh, without asking."""
    await at.ask(o.TransferTo(to=BINH))
    await at.later(20)


async def is_sent_to_a_queue(at: Scene) -> None:
    """Which Binh serves: he is the one who is free."""
    await at.ask(o.TransferTo(to=SALES))
    await at.later(20)


async def is_with_both(at: Scene) -> None:
    """All three talk, then Anna leaves."""
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(10)
    await at.ask(o.Merge())
    await at.later(10)
    await at.ask(o.Leave())
    await at.later(20)


async def is_held(at: Scene) -> None:
    """Anna looks something up."""
    await at.ask(o.Hold(held=True))
    await at.later(10)
    await at.ask(o.Hold(held=False))
    await at.later(10)


COURSES: list[tuple[Course, list[tuple[TransferHow, str, str]], Counter[str]]] = [
    (is_held, [], Counter(anna=1)),
    (is_not_given_on, [], Counter(anna=1)),
    (is_given_on, [(TransferHow.ATTENDED, "anna", "binh")], Counter(anna=1, binh=1)),
    (
        is_given_back,
        [(TransferHow.ATTENDED, "anna", "binh"), (TransferHow.ATTENDED, "binh", "anna")],
        Counter(anna=2, binh=1),
    ),
    (is_sent, [(TransferHow.BLIND, "anna", "binh")], Counter(anna=1, binh=1)),
    (is_sent_to_a_queue, [(TransferHow.BLIND, "anna", "sales")], Counter(anna=1, binh=1)),
    (is_with_both, [(TransferHow.WARM, "anna", "binh")], Counter(anna=1, binh=1)),
]
"""What happens, whom who gives on to, and how often each agent talked."""


@pytest.mark.parametrize(
    ("course", "given", "talks"), COURSES, ids=[course.__name__ for course, *_ in COURSES]
)
@in_virtual_time
async def test_each_agent_has_his_part_of_a_call_and_says_what_came_of_it(
    course: Course, given: list[tuple[TransferHow, str, str]], talks: Counter[str]
) -> None:
    at = await scene(wrap_up=WRAP_UP)
    await course(at)
    record = await over(at)
    center = at.center

    assert [(made.how, made.agent, made.name) for made in record.transfers] == given
    assert {made.queue for made in record.transfers} <= {"support"}
    for agent in ("anna", "binh"):
        assert day_of(center, agent) == pytest.approx(part_of(record, agent), abs=0.1)
    assert Counter(segment.agent for _, segment in center.books.wrap_ups) == talks
    assert Counter(came.agent for _, came in center.books.dispositions) == talks
    assert Counter({v.name: v.contacts_today for v in center.desk.acd.agents()}) == talks


async def over(at: Scene) -> CallRecord:
    """The caller hangs up, and everybody wraps up."""
    at.switch.put_down(CALLER)
    await at.center.until_over()
    await asyncio.sleep(10)
    Truth(at.center).check()
    await at.center.kill()
    return at.center.books.of(CALLER)


def day_of(center: SmallCenter, agent: str) -> float:
    """How long he talked, by his day."""
    his = (each for each in center.books.stretches if each.agent == agent)
    return sum(each.ended - each.started for each in his if each.state == AgentState.TALKING)


def part_of(record: CallRecord, agent: str) -> float:
    """How long his phone was up in the call."""
    his = (each for each in record.parties if each.name == agent)
    return sum(each.ended - each.started for each in his if each.kind in ANSWERED)


@in_virtual_time
async def test_who_was_rung_for_a_consult_in_vain_has_nothing_of_the_call() -> None:
    at = await scene(Phone(), wrap_up=WRAP_UP)
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(40)
    record = await over(at)
    assert {each.kind for each in record.parties if each.name == "binh"} == {SegmentKind.RING}
    assert day_of(at.center, "binh") == 0
    assert {came.agent for _, came in at.center.books.dispositions} == {"anna"}
    [binh] = [view for view in at.center.desk.acd.agents() if view.name == "binh"]
    assert (binh.contacts_today, binh.misses) == (0, 0)
