"""The desk: what the distributor decides reaches whom it is for; each day begins at midnight."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from acd.agent_settings import AgentSettings, Medium
from acd.core import Acd, IllegalEvent
from acd.journal import tell_again
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentMoved,
    AgentState,
    AlertKind,
    CallbackFirst,
    Configured,
    ContactQueued,
    DayBegan,
    Disposed,
    DispositionSet,
    HoursChanged,
    LeaveReason,
    OfferAccepted,
    TalkEnded,
    WorkBegan,
)
from acd.queues import QueueSettings
from dialplan.hours import HoursState, HoursStatus
from engine.clock import Clock
from engine.contacts import Contacts
from engine.desk import Desk, midnight
from engine.hours import tell_hours, zone_of
from tests.unit.virtual_time import EPOCH, in_virtual_time

HA_NOI = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = midnight(EPOCH, HA_NOI) + 86_400
BEFORE_MIDNIGHT = MIDNIGHT - EPOCH - 10
VOICE = Medium(name="voice")
CHAT = Medium(name="chat", most=2, weight=50)


@dataclass
class Office:
    """A desk and all that leaves it: the journal, what is told of agents, each contact's mail."""

    desk: Desk
    journal: list[tuple[float, AcdEvent | None]] = field(default_factory=list)
    agents: list[tuple[AcdDecision, float]] = field(default_factory=list)
    mail: list[AcdDecision] = field(default_factory=list)

    def events(self, kind: type) -> list[float]:
        return [at for at, event in self.journal if isinstance(event, kind)]

    def post(self, *events: AcdEvent) -> None:
        for event in events:
            if isinstance(event, ContactQueued):
                self.desk.attend(event.contact, self.mail.append)
            self.desk.post(event)


def office(acd: Acd | None = None, since: float = 0.0) -> Office:
    journal: list[tuple[float, AcdEvent | None]] = []
    agents: list[tuple[AcdDecision, float]] = []
    desk = Desk(
        acd or Acd(),
        Clock(),
        lambda at, event: journal.append((at, event)),
        lambda decision, at: agents.append((decision, at)),
        since,
    )
    desk.zone = HA_NOI
    return Office(desk, journal, agents)


def open_for_work(here: Office, **queue: Any) -> None:
    mai = AgentSettings(name="mai", extension="3001", queues=("support",))
    settings = QueueSettings(name="support", **queue)
    here.post(Configured((settings, QueueSettings(name="sales")), (mai,), (CHAT, VOICE)))
    here.post(AgentLoggedIn("mai", "3001"))


def called(contact: str, queue: str = "support", **more: Any) -> ContactQueued:
    return ContactQueued(contact, queue, EPOCH, **more)


def kinds(decisions: Iterable[AcdDecision]) -> list[str]:
    return [type(each).__name__ for each in decisions]


# -- days ------------------------------------------------------------------------------------------


@in_virtual_time
async def test_midnight_is_told_before_the_first_thing_of_the_day() -> None:
    here = office()
    open_for_work(here)
    await asyncio.sleep(BEFORE_MIDNIGHT)
    here.post(called("c-1"), OfferAccepted("c-1-a1"))
    assert here.events(DayBegan) == []
    await asyncio.sleep(3600)
    here.post(TalkEnded("mai", "c-1"))
    assert here.events(DayBegan) == [MIDNIGHT]
    assert [type(event) for _, event in here.journal[-2:]] == [DayBegan, TalkEnded]
    [mai] = here.desk.acd.agents()
    assert mai.contacts_today == 0


@in_virtual_time
async def test_midnight_is_told_when_nothing_else_happens_and_once() -> None:
    here = office()
    open_for_work(here)
    site: Any = SimpleNamespace(queues={})
    await asyncio.sleep(BEFORE_MIDNIGHT)
    for _ in range(3):
        tell_hours(here.desk, site)
        await asyncio.sleep(15)
    assert here.events(DayBegan) == [MIDNIGHT]


@in_virtual_time
async def test_an_engine_that_was_away_at_midnight_begins_the_day_when_it_is_back() -> None:
    before = office()
    open_for_work(before)
    await asyncio.sleep(BEFORE_MIDNIGHT)
    before.post(called("c-1"), OfferAccepted("c-1-a1"))
    last = before.desk.time
    await asyncio.sleep(2 * 86_400)
    here = office(before.desk.acd, last)
    here.desk.post(TalkEnded("mai", "c-1"), last + 5)  # it ended while nobody was there
    assert here.events(DayBegan) == []
    here.desk.moment()
    assert here.events(DayBegan) == [MIDNIGHT + 86_400]


@in_virtual_time
async def test_a_restart_within_the_day_begins_no_new_one() -> None:
    before = office()
    open_for_work(before)
    here = office(before.desk.acd, before.desk.time)
    await asyncio.sleep(60)
    here.desk.moment()
    assert here.events(DayBegan) == []


@pytest.mark.parametrize(
    ("zone", "now", "began"),
    [
        ("Asia/Ho_Chi_Minh", 1_790_000_000, 1_789_923_600),
        ("UTC", 1_790_000_000, 1_789_948_800),
        ("Africa/Cairo", 1_745_533_000, 1_745_532_000),  # clocks skip from 0:00 to 1:00
    ],
)
def test_a_day_begins_where_the_clocks_say_so(zone: str, now: float, began: float) -> None:
    assert midnight(now, ZoneInfo(zone)) == began
    assert midnight(began, ZoneInfo(zone)) == began


def test_a_site_lives_in_the_zone_of_its_first_calendar() -> None:
    calendars = {"office": SimpleNamespace(zone=HA_NOI), "far": SimpleNamespace(zone=None)}
    site: Any = SimpleNamespace(calendars=calendars)
    nowhere: Any = SimpleNamespace(calendars={})
    assert (zone_of(site), zone_of(nowhere)) == (HA_NOI, None)


# -- hours -----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_queue_opens_and_closes_by_its_calendar_and_is_told_only_changes() -> None:
    here = office()
    open_for_work(here)
    says = {"office": "open"}
    site: Any = SimpleNamespace(
        queues={
            "support": QueueSettings(name="support", calendar="office"),
            "sales": QueueSettings(name="sales"),
        },
        hours_status=lambda calendar, now: HoursStatus(HoursState(says.get(calendar, "open"))),
    )
    for state in ("open", "closed", "holiday", "open", "open"):
        says["office"] = state
        tell_hours(here.desk, site)
    told = [event for _, event in here.journal if isinstance(event, HoursChanged)]
    assert told == [HoursChanged("support", False), HoursChanged("support", True)]


@in_virtual_time
async def test_a_queue_that_lost_its_calendar_while_closed_is_open() -> None:
    here = office()
    open_for_work(here)
    here.post(HoursChanged("support", False))
    site: Any = SimpleNamespace(
        queues={"support": QueueSettings(name="support")},
        hours_status=lambda calendar, now: HoursStatus(HoursState.OPEN),
    )
    tell_hours(here.desk, site)
    assert here.desk.acd.queues(here.desk.time)[0].open


# -- who is told -----------------------------------------------------------------------------------


@in_virtual_time
async def test_what_came_of_a_talk_is_told_with_its_time() -> None:
    here = office()
    open_for_work(here, wrap_up="none")
    here.post(called("c-1"), OfferAccepted("c-1-a1"), DispositionSet("mai", "c-1", "sold"))
    await asyncio.sleep(30)
    here.post(TalkEnded("mai", "c-1"))
    assert (Disposed("mai", "c-1", "support", "sold", False), EPOCH + 30) in here.agents
    assert kinds(decision for decision, _ in here.agents).count("Disposed") == 1


@in_virtual_time
async def test_an_agent_who_misses_too_many_is_an_alert_that_is_counted_and_logged() -> None:
    here = office()
    open_for_work(here, ring_seconds=5, max_misses=1)
    here.desk.start()
    here.post(called("c-1"))
    with capture_logs() as logs:
        await asyncio.sleep(6)
    assert here.desk.alerts == {AlertKind.NOT_RESPONDING: 1}
    [alert] = [line for line in logs if line["event"] == "alert"]
    assert (alert["kind"], alert["agent"], alert["log_level"]) == (
        "not_responding", "mai", "warning",
    )  # fmt: skip
    here.desk.stop()


@in_virtual_time
async def test_a_callers_story_hears_that_he_waits_on_moves_and_is_to_be_called_back() -> None:
    here = office()
    open_for_work(here, overflow=({"when": "waiting", "over": 1, "to": {"queue": "sales"}},))
    here.post(called("c-1"), OfferAccepted("c-1-a1"))
    here.post(called("c-2", callback=CallbackFirst.CUSTOMER))
    here.post(called("c-3"))
    await asyncio.sleep(1)
    here.post(TalkEnded("mai", "c-1"))
    await asyncio.sleep(10)
    here.desk.start()
    await asyncio.sleep(10)
    heard = {
        contact: [type(m).__name__ for m in here.mail if getattr(m, "contact", "") == contact]
        for contact in ("c-2", "c-3")
    }
    assert "StillWaiting" in heard["c-2"]
    assert "CallBack" in heard["c-2"]
    assert heard["c-3"][0] == "Moved"
    here.desk.stop()


@in_virtual_time
async def test_a_decision_for_a_story_that_is_over_is_logged_unless_it_only_explains() -> None:
    here = office()
    open_for_work(here)
    with capture_logs() as logs:
        here.desk.post(called("c-1"))  # offered, and nobody attends
        here.desk.post(called("c-2"))  # waits on, and nobody attends
    lost = [line["call_id"] for line in logs if line["event"] == "nobody_attends"]
    assert lost == ["c-1"]


@in_virtual_time
async def test_an_agent_talks_with_each_of_several_contacts() -> None:
    here = office()
    open_for_work(here)
    for number in (1, 2):
        here.post(WorkBegan("mai", f"chat:{number}", "support", "chat"))
    assert here.desk.talks("mai", "chat:1")
    assert here.desk.talks("mai", "chat:2")
    here.post(TalkEnded("mai", "chat:1"))
    assert not here.desk.talks("mai", "chat:1")
    moved = [d for d, _ in here.agents if isinstance(d, AgentMoved)]
    assert moved[-1].new is AgentState.TALKING


# -- contacts of other programs --------------------------------------------------------------------


def chat(number: int, **more: Any) -> ContactQueued:
    return ContactQueued(f"chat:{number}", "support", EPOCH, "chat", **more)


@in_virtual_time
async def test_a_chat_is_offered_accepted_and_no_longer_attended() -> None:
    here = office()
    open_for_work(here)
    contacts = Contacts(here.desk)
    contacts.queue(chat(1))
    [offer] = contacts.offers.values()
    assert (offer.agent, offer.contact) == ("mai", "chat:1")
    assert contacts.accept(offer.offer, "chat:1")
    assert here.desk.talks("mai", "chat:1")
    assert (contacts.offers, here.desk._waiting) == ({}, {})


@in_virtual_time
async def test_a_chat_that_was_answered_elsewhere_cannot_be_accepted() -> None:
    here = office()
    open_for_work(here)
    contacts = Contacts(here.desk)
    contacts.queue(chat(1))
    [offer] = contacts.offers.values()
    contacts.leave("chat:1", LeaveReason.ABANDONED)
    assert not contacts.accept(offer.offer, "chat:1")
    assert here.desk._waiting == {}


@in_virtual_time
async def test_a_declined_chat_waits_on_and_comes_again() -> None:
    here = office()
    open_for_work(here, rejected_seconds=5)
    contacts = Contacts(here.desk)
    here.desk.start()
    contacts.queue(chat(1))
    [first] = contacts.offers
    contacts.decline(first)
    assert contacts.offers == {}
    await asyncio.sleep(6)
    [second] = contacts.offers
    assert second != first
    here.desk.stop()


@in_virtual_time
async def test_a_chat_that_the_queue_sends_away_is_remembered_with_the_reason() -> None:
    here = office()
    open_for_work(here, hold_when_unstaffed=False)
    contacts = Contacts(here.desk)
    contacts.queue(ContactQueued("chat:1", "support", EPOCH, "chat"))
    contacts.queue(ContactQueued("chat:2", "support", EPOCH, "chat"))
    assert contacts.ended == {}
    here.post(Configured((QueueSettings(name="sales"),), ()))
    assert {each.reason for each in contacts.ended.values()} == {"no_agents"}
    assert set(contacts.ended) == {"chat:1", "chat:2"}
    assert here.desk._waiting == {}


@in_virtual_time
async def test_a_chat_that_waits_already_is_refused_and_goes_on_waiting() -> None:
    here = office()
    open_for_work(here)
    contacts = Contacts(here.desk)
    contacts.queue(chat(1))
    with pytest.raises(IllegalEvent):
        contacts.queue(chat(1))
    [offer] = contacts.offers
    assert contacts.accept(offer, "chat:1")
    with pytest.raises(IllegalEvent):
        contacts.queue(ContactQueued("chat:2", "nowhere", EPOCH, "chat"))
    assert here.desk._waiting == {}


@in_virtual_time
async def test_after_a_crash_chats_go_on_waiting_and_are_offered() -> None:
    before = office()
    open_for_work(before)
    before.post(WorkBegan("mai", "call:1"))
    Contacts(before.desk).queue(chat(1))
    acd = Acd()
    for at, event in before.journal:
        tell_again(acd, event, at)
    here = office(acd, before.desk.time)
    contacts = Contacts(here.desk)
    contacts.take_up()
    here.post(TalkEnded("mai", "call:1"))
    [offer] = contacts.offers
    assert contacts.accept(offer, "chat:1")
    assert here.desk._waiting == {}
