"""A caller's stay in queues: his age, his own agent, what he needs, and other queues."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.agent_settings import AgentSettings
from acd.queues import QueueSettings
from acd.views import WaitingView
from dialplan.inbound import Route
from engine.call_record import CallOutcome, CallRecord
from engine.calls.mail import OfferTaken
from engine.ivr.schema import Flow
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import MENU, SUPPORT, SmallCenter, SmallSite, Truth, opened, small_site
from tests.unit.virtual_time import EPOCH, in_virtual_time

CALLER, NEXT = "100.1", "100.2"
ASKING = "1902"
NAMES = ("anna", "binh", "chi")


def _asks(site: SmallSite, **queue: Any) -> SmallSite:
    """With the number 1902, whose flow asks for the queue `support` as a test says; who was
    answered there may be sent on to `sales`."""
    ways = {"type": "queue", "timeout": "bye", "full": "bye", "no_agents": "bye"}
    nodes: dict[str, Any] = {"wait": {**ways, "queue": "support", **queue}}
    if "answered" in queue:
        nodes[queue["answered"]] = {**ways, "queue": "sales"}
    nodes["bye"] = {"type": "hangup"}
    site.flows["asking"] = Flow.model_validate(
        {"flow": "asking", "language": "en", "start": "wait", "nodes": nodes}
    )
    site.table[ASKING] = Route(ASKING, "flow", "asking", "en")
    return site


async def _opened(site: SmallSite, *phones: Phone) -> SmallCenter:
    center = await opened(site)
    for number, phone in enumerate(phones):
        center.switch.phones[str(3001 + number)] = phone
        center.log_in(NAMES[number])
        await asyncio.sleep(1)
    return center


async def _over(center: SmallCenter, call: str = CALLER) -> CallRecord:
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(call)


def _line(center: SmallCenter, queue: str = "support") -> list[WaitingView]:
    [view] = [q for q in center.desk.acd.queues(center.clock.now()) if q.name == queue]
    return list(view.waiting)


# -- age ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age_from", "since"), [("queue", 30.0), ("call", 0.0)])
@in_virtual_time
async def test_an_age_starts_with_the_queue_or_with_the_call(age_from: str, since: float) -> None:
    center = await _opened(small_site(age_from=age_from))
    center.switch.arrive(CALLER, MENU)  # says nothing, and is led to support
    await asyncio.sleep(60)
    [place] = _line(center)
    assert place.since - EPOCH == pytest.approx(since, abs=15 if since else 0)
    center.switch.put_down(CALLER)
    await _over(center)


@in_virtual_time
async def test_who_is_sent_on_by_an_agent_keeps_his_age() -> None:
    site = _asks(small_site(1), answered="again")
    center = await _opened(site, Phone(answers=1, talks=40))
    center.switch.arrive(CALLER, ASKING)
    await asyncio.sleep(45)
    center.switch.arrive(NEXT, ASKING)
    [place] = _line(center, "sales")
    assert place.since - EPOCH == pytest.approx(1, abs=0.1)  # when he came, not 41 seconds later
    center.switch.put_down(CALLER)
    center.switch.put_down(NEXT)
    record = await _over(center)
    assert [(v.queue, v.outcome) for v in record.visits] == [
        ("support", "answered"),
        ("sales", "abandoned"),
    ]


# -- his own agent ------------------------------------------------------------------------------


async def _sticky(to: str, last: str | None, caller: str = "0901234567") -> tuple[str, list[str]]:
    """Who was offered the caller first, and for which numbers the ledger was asked."""
    asked = []

    async def last_agent(number: str) -> str | None:
        asked.append(number)
        return last

    site = _asks(small_site(3, sticky={"to": to, "seconds": 20}), owner="chi")
    center = await _opened(site, *[Phone(answers=1, talks=5)] * 3)
    center.switchboard.last_agent = last_agent
    center.switch.arrive(CALLER, ASKING, caller)
    record = await _over(center)
    return record.offers[0].agent, asked


@pytest.mark.parametrize(
    ("to", "last", "agent"),
    [
        ("last", "binh", "binh"),
        ("last", None, "anna"),
        ("last", "somebody who left", "anna"),
        ("owner", "binh", "chi"),
        ("either", "binh", "chi"),
    ],
)
@in_virtual_time
async def test_a_caller_of_a_sticky_queue_gets_his_own_agent(
    to: str, last: str | None, agent: str
) -> None:
    assert (await _sticky(to, last))[0] == agent


@pytest.mark.parametrize("caller", ["anonymous", "", "0"])
@in_virtual_time
async def test_callers_who_do_not_say_who_they_are_are_not_taken_for_each_other(
    caller: str,
) -> None:
    assert await _sticky("last", "binh", caller) == ("anna", [])


# -- what his flow asks for ---------------------------------------------------------------------


@in_virtual_time
async def test_a_flow_asks_for_a_skill_and_relaxes_after_a_while() -> None:
    steps = [{"need": "billing >= 3", "seconds": 10, "skip_if_unstaffed": False}, "billing >= 1"]
    site = _asks(small_site(2), needs=steps)
    site.agents["binh"] = AgentSettings(
        name="binh", extension="3002", queues=("support",), skills={"billing": 2}
    )
    center = await _opened(site, *[Phone(answers=1, talks=5)] * 2)
    center.switch.arrive(CALLER, ASKING)
    [offer] = (await _over(center)).offers
    assert offer.agent == "binh"
    assert offer.offered - EPOCH == pytest.approx(12, abs=0.1)


@in_virtual_time
async def test_a_caller_with_priority_is_served_before_who_waits_longer() -> None:
    center = await _opened(_asks(small_site(1), priority_seconds=300))
    center.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(20)
    center.switch.arrive(CALLER, ASKING)
    await asyncio.sleep(1)
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    center.log_in("anna")
    first = await _over(center)
    assert first.offers[0].ended < center.books.of(NEXT).offers[0].ended


# -- other queues -------------------------------------------------------------------------------

OVERFLOWS = {"when": "waited", "over": 5, "to": {"queue": "sales"}}


def _overflowing(**sales: Any) -> SmallSite:
    site = small_site(2)
    site.queues["support"] = QueueSettings(name="support", overflow=(OVERFLOWS,))
    site.queues["sales"] = QueueSettings(name="sales", **sales)
    site.agents["anna"] = AgentSettings(name="anna", extension="3001", queues=("sales",))
    return site


@in_virtual_time
async def test_a_caller_waits_on_in_another_queue_with_his_age_and_its_music() -> None:
    center = await _opened(_overflowing(music="jazz", record=False))
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(8)
    [place] = _line(center, "sales")
    assert place.since == EPOCH
    assert center.switch.channels[CALLER].music == "jazz"
    assert not [c for c in center.switch.commands if c[0] == "stop_music"]
    center.switch.phones["3001"] = Phone(answers=1, talks=5)
    center.log_in("anna")
    record = await _over(center)
    assert [(v.queue, v.outcome) for v in record.visits] == [
        ("support", "overflow"),
        ("sales", "answered"),
    ]
    assert record.recordings == ()  # as the queue says that he was answered in
    assert record.outcome is CallOutcome.ANSWERED


@in_virtual_time
async def test_music_that_is_the_same_in_the_other_queue_goes_on_as_it_is() -> None:
    center = await _opened(_overflowing())
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(8)
    assert len([c for c in center.switch.commands if c[0] == "start_music"]) == 1
    center.switch.put_down(CALLER)
    record = await _over(center)
    assert [visit.outcome for visit in record.visits] == ["overflow", "abandoned"]


@in_virtual_time
async def test_who_has_nobody_in_his_queue_leaves_it_by_its_rule() -> None:
    rule = {"when": "unstaffed", "to": "exit"}
    center = await _opened(small_site(1, overflow=(rule,)))
    center.switch.arrive(CALLER, SUPPORT)
    record = await _over(center)
    assert [visit.outcome for visit in record.visits] == ["overflow"]
    assert record.outcome is CallOutcome.OVERFLOWED


@in_virtual_time
async def test_a_phone_that_goes_away_while_its_agent_reads_of_a_caller_passes_him_on() -> None:
    center = await _opened(small_site(2, offer_mode="preview"), *[Phone(talks=5)] * 2)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(2)
    center.switch.unregister("3001")
    await asyncio.sleep(0.1)
    assert center.tell_offer(OfferTaken(f"{CALLER}-a2"))
    record = await _over(center)
    assert [(o.agent, o.outcome) for o in record.offers] == [
        ("anna", "unreachable"),
        ("binh", "answered"),
    ]
