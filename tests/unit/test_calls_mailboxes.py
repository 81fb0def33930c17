"""Callers and the mailboxes that they come to: which one, with which greeting, full or not; and
messages that are work no more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from acd.messages import AgentState
from acd.queues import Destination, MailboxSettings, VoicemailSettings
from engine.call_record import CallOutcome
from engine.calls.mailboxes.booking import take_back, work_id
from engine.calls.talk.asking import ask, find_talk
from engine.calls.talk.orders import TransferTo
from engine.mailbox import Mailbox, Message, is_work, owner, settings_of
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import ANNA, LOGIN, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER, NUMBER = "100.1", "0901234567"
WORK = "vm-100.1.1"


class Books:
    """A ledger in which each mailbox is this one."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    async def look(self, mailbox: str) -> Mailbox:
        """As it was scripted."""
        return self.box

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message] | None:
        """None at all."""
        return []


async def center_with(
    box: Mailbox | None = None, agents: int = 1, anna: dict[str, Any] | None = None, **queue: Any
) -> SmallCenter:
    site = small_site(agents, wrap_up="none", **queue)
    site.agents["anna"] = site.agents["anna"].model_copy(update=anna)
    center = await opened(site)
    if box is not None:
        center.switchboard.mailboxes = Books(box)
    return center


async def over(center: SmallCenter) -> None:
    await center.until_over()
    Truth(center).check()
    await center.kill()


async def leave(center: SmallCenter, seconds: float = 6) -> None:
    """A caller waits, presses the key, speaks, and hangs up."""
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(2 + seconds)
    center.switch.put_down(CALLER)
    await asyncio.sleep(1)


def heard(center: SmallCenter, channel: str = CALLER) -> list[str]:
    return [" ".join(c[3:]) for c in center.switch.commands if c[:2] == ("play", channel)]


# -- names ---------------------------------------------------------------------------------------


def test_a_mailbox_is_an_agents_or_a_queues() -> None:
    site = small_site(1, voicemail=VoicemailSettings(as_work=True, seconds=30))
    assert owner("agent:anna") == ("agent", "anna")
    assert settings_of("agent:anna", site.agents, site.queues) == MailboxSettings()
    of_queue = settings_of("queue:support", site.agents, site.queues)
    assert of_queue is not None
    assert of_queue.seconds == 30
    for gone in ("agent:gone", "queue:gone", "support", ""):
        assert settings_of(gone, site.agents, site.queues) is None
    assert is_work("queue:support", site.queues)
    assert not is_work("agent:anna", site.queues)


def test_the_contact_of_a_message_is_named_after_its_call() -> None:
    assert work_id("pbx-1790000000.7-m2") == "vm-pbx-1790000000.7.2"


# -- which mailbox, and what is heard ------------------------------------------------------------


@in_virtual_time
async def test_a_rule_of_the_queue_sends_a_caller_to_the_mailbox_of_an_agent() -> None:
    rule = {"when": "unstaffed", "to": {"voicemail": "agent:anna"}}
    own = {"voicemail": MailboxSettings(greeting="away")}
    center = await center_with(anna=own, overflow=(rule,))
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(8)
    center.switch.put_down(CALLER)
    await over(center)
    record = center.books.of(CALLER)
    assert [left.mailbox for left in record.voicemails] == ["agent:anna"]
    assert record.outcome is CallOutcome.VOICEMAIL
    assert "sound:vi/away" in heard(center)


@in_virtual_time
async def test_an_agent_transfers_a_caller_to_the_mailbox_of_another_one() -> None:
    center = await center_with(agents=2)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(5)
    call = find_talk(center.switchboard, "anna")
    assert call is not None
    to = Destination.model_validate({"voicemail": "agent:binh"})
    await ask(call, TransferTo(to=to))
    await asyncio.sleep(8)
    assert center.state_of("anna") is AgentState.READY
    center.switch.put_down(CALLER)
    await over(center)
    record = center.books.of(CALLER)
    assert [left.mailbox for left in record.voicemails] == ["agent:binh"]
    assert record.outcome is CallOutcome.ANSWERED


@in_virtual_time
async def test_the_greeting_that_was_recorded_by_phone_is_heard() -> None:
    center = await center_with(Mailbox(3, "90.1-g1"), voicemail=VoicemailSettings())
    await leave(center)
    await over(center)
    assert "recording:90.1-g1" in heard(center)
    assert len(center.books.of(CALLER).voicemails) == 1


@in_virtual_time
async def test_a_caller_hears_that_a_mailbox_is_full_and_leaves_nothing() -> None:
    center = await center_with(Mailbox(5), voicemail=VoicemailSettings(most_messages=5))
    await leave(center)
    await over(center)
    record = center.books.of(CALLER)
    assert "sound:vi/mailbox_full" in heard(center)
    assert record.voicemails == ()
    assert record.recordings == ()


@in_virtual_time
async def test_a_message_in_a_queue_that_lets_it_be_reviewed_may_be_urgent() -> None:
    center = await center_with(voicemail=VoicemailSettings(review=True))
    center.switch.arrive(CALLER, SUPPORT, NUMBER)
    await asyncio.sleep(3)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(6)
    center.switch.press(CALLER, "#")
    await asyncio.sleep(1)
    center.switch.press(CALLER, "5")
    await over(center)
    [left] = center.books.of(CALLER).voicemails
    assert left.urgent


@in_virtual_time
async def test_a_breath_before_the_hang_up_is_no_message() -> None:
    center = await center_with(voicemail=VoicemailSettings(as_work=True))
    await leave(center, seconds=-1.5)
    await over(center)
    assert center.books.of(CALLER).voicemails == ()
    assert len(center.books.calls) == 1


# -- work that is no more ------------------------------------------------------------------------


@in_virtual_time
async def test_a_message_that_somebody_has_seen_to_is_offered_to_nobody() -> None:
    center = await center_with(voicemail=VoicemailSettings(as_work=True))
    await leave(center)
    assert WORK in center.registry.calls
    take_back(center.switchboard, "100.1-m1", "heard by binh")
    await asyncio.sleep(1)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await over(center)
    record = center.books.of(WORK)
    assert (record.outcome, record.offers) == (CallOutcome.DISMISSED, ())
    assert [visit.outcome for visit in record.visits] == ["moved"]
    assert [s.detail for s in record.steps if s.event == "taken back"] == ["heard by binh"]


@in_virtual_time
async def test_a_message_is_taken_back_from_a_phone_that_rings_but_not_from_who_hears_it() -> None:
    center = await center_with(voicemail=VoicemailSettings(as_work=True))
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=6)
    center.log_in("anna")
    await asyncio.sleep(3)
    take_back(center.switchboard, "100.1-m1", "heard by binh")
    await over(center)
    [offer] = center.books.of(WORK).offers
    assert offer.outcome == "cancelled"

    center = await center_with(voicemail=VoicemailSettings(as_work=True))
    await leave(center)
    center.switch.phones[ANNA] = Phone(answers=1)
    center.log_in("anna")
    await asyncio.sleep(4)
    take_back(center.switchboard, "100.1-m1", "heard by binh")
    await over(center)
    assert center.books.of(WORK).outcome is CallOutcome.ANSWERED


@in_virtual_time
async def test_a_nailed_up_agent_hears_a_message_on_his_line_and_stays_on_it() -> None:
    nailed_up = {"nailed_up": True}
    center = await center_with(anna=nailed_up, voicemail=VoicemailSettings(as_work=True))
    await leave(center)
    center.switch.phones[ANNA] = Phone()
    center.switch.arrive("200.1", LOGIN, ANNA, phone=ANNA)
    await asyncio.sleep(30)
    assert any("recording:100.1-m1" in each for each in heard(center, "200.1"))
    center.switch.press("200.1", "2")
    await asyncio.sleep(2)
    assert "200.1" in center.switch.channels
    assert center.books.of(WORK).marks[-1].state == "saved"
    center.switch.put_down("200.1")
    await center.until_over()
    Truth(center).nothing_left()
    await center.kill()
