"""What agents do beside calls, and what came of their talks, outlives the engine."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from acd.messages import (
    AgentState,
    ContactQueued,
    DispositionSet,
    HoursChanged,
    OfferAccepted,
    TalkEnded,
    WorkBegan,
)
from engine.call_record import Disposition
from tests.unit.small_center import SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time


async def _next(dead: SmallCenter, away_seconds: float = 1.0) -> SmallCenter:
    """Kill an engine and start another one some time later."""
    await dead.kill()
    await asyncio.sleep(away_seconds)
    center = dead.successor()
    await center.start()
    return center


def bring_chat(center: SmallCenter, contact: str = "chat:1") -> None:
    """A chat begins to wait for the queue `support`."""
    now = center.clock.now()
    center.contacts.queue(ContactQueued(contact, "support", now, "chat"))


def events(center: SmallCenter, kind: str) -> list[dict[str, Any]]:
    """What the journal has told the distributor, of one kind."""
    entries = [json.loads(line) for line in center.journal.history]
    return [e for e in entries if e["kind"] == "event" and e["data"]["event"] == kind]


@in_virtual_time
async def test_a_chat_that_waited_when_the_engine_died_is_offered_by_the_next() -> None:
    center = await opened()
    bring_chat(center)
    center = await _next(center)
    center.log_in("anna")
    [offer] = center.contacts.offers
    center = await _next(center)
    assert center.contacts.accept(offer, "chat:1")
    assert center.desk.talks("anna", "chat:1")
    center.desk.post(TalkEnded("anna", "chat:1"))
    await center.until_over()
    Truth(center).check()
    await center.kill()


@in_virtual_time
async def test_who_worked_when_the_engine_died_works_on() -> None:
    center = await opened()
    center.log_in("anna")
    center.desk.post(WorkBegan("anna", "crm:7"))
    center = await _next(center)
    assert center.state_of("anna") is AgentState.TALKING
    center.desk.post(TalkEnded("anna", "crm:7"))
    await center.until_over()
    Truth(center).check()
    await center.kill()


@in_virtual_time
async def test_whose_phone_was_about_to_ring_by_name_when_the_engine_died_is_free() -> None:
    center = await opened()
    center.log_in("anna")
    center.desk.post(WorkBegan("anna", "100.9", "support", rings=True))
    assert center.state_of("anna") is AgentState.OFFERED
    center = await _next(center)
    assert center.state_of("anna") is AgentState.READY
    await center.until_over()
    Truth(center).check()
    await center.kill()


@in_virtual_time
async def test_what_came_of_a_talk_is_written_once_though_the_engine_dies() -> None:
    center = await opened(small_site(wrap_up={"mode": "timed", "default_disposition": "other"}))
    center.books.away = True  # so that the next engine has to write it
    center.log_in("anna")
    for contact in ("chat:1", "chat:2"):
        bring_chat(center, contact)
        center.desk.post(OfferAccepted(next(iter(center.contacts.offers))))
        center.contacts.offers.clear()
    center.desk.post(DispositionSet("anna", "chat:1", "sold"))
    at = center.clock.now()
    for contact in ("chat:1", "chat:2"):
        center.desk.post(TalkEnded("anna", contact))
    await asyncio.sleep(11)
    center = await _next(center)
    center.books.away = False
    await center.until_over()
    assert set(center.books.dispositions) == {
        ("chat:1", Disposition("anna", "support", "sold", False, at + 10)),
        ("chat:2", Disposition("anna", "support", "other", True, at + 10)),
    }
    Truth(center).days_tile()
    await center.kill()


@in_virtual_time
async def test_a_midnight_without_an_engine_is_told_by_the_next_and_only_once() -> None:
    center = await opened()
    center.log_in("anna")
    for _ in range(3):
        center = await _next(center, away_seconds=86_400)
    await asyncio.sleep(60)
    assert len(events(center, "DayBegan")) == 3
    center = await _next(center)
    await asyncio.sleep(60)
    assert len(events(center, "DayBegan")) == 3
    await center.kill()


@in_virtual_time
async def test_a_queue_that_closed_while_no_engine_was_there_is_closed_by_the_next() -> None:
    site = small_site(calendar="office")
    center = await opened(site)
    await asyncio.sleep(60)
    assert events(center, "HoursChanged") == []
    await center.kill()
    site.state = "closed"
    center = await _next(center)
    await asyncio.sleep(60)
    views = center.desk.acd.queues(center.clock.now())
    assert [(view.name, view.open) for view in views] == [("support", False), ("sales", False)]
    center = await _next(center)
    await asyncio.sleep(60)
    told = events(center, HoursChanged.__name__)
    assert [each["data"]["open"] for each in told] == [False, False]
    await center.kill()
