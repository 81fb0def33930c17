"""Agents who listen to their mailboxes by phone: what they hear, and what becomes of messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.call_record import CallRecord, GreetingMade, MessageState, SegmentKind
from engine.calls.call import Call
from engine.calls.mailboxes.listening import listen_to_mailbox
from engine.calls.mailboxes.message_dialog import ATTEMPTS, Ask, MessageDialog, Tell, Wish
from engine.calls.registry import STORIES
from engine.calls.switchboard import Switchboard
from engine.mailbox import Mailbox, Message
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import ANNA, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import EPOCH, in_virtual_time

LISTENS, HOME = "200.1", "+84901234567"
NEW, SAVED = MessageState.NEW, MessageState.SAVED


def message(
    name: str, state: MessageState = NEW, caller: str = "0901234567", **more: Any
) -> Message:
    """A message that lies there since an hour."""
    given = {"language": "vi", "at": EPOCH - 3600, "seconds": 5.0, "urgent": False} | more
    return Message(name, "50.1", "agent:anna", caller, state=state, **given)


@dataclass
class Books:
    """Mailboxes with these messages; None: the ledger is away."""

    there: list[Message] | None = field(default_factory=list)
    box: Mailbox = field(default_factory=Mailbox)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def look(self, mailbox: str) -> Mailbox:
        """As it was scripted."""
        return self.box

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message] | None:
        """All of them."""
        self.asked.append(tuple(mailboxes))
        return self.there


@pytest.fixture
def _feature_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls from an agent's phone listens to anna's mailbox."""

    async def listens(call: Call, sb: Switchboard) -> str:
        await sb.pbx.answer(call.channel)
        return await listen_to_mailbox(call, sb, "anna")

    monkeypatch.setitem(STORIES, "agent", listens)


pytestmark = pytest.mark.usefixtures("_feature_code")


async def center_with(*there: Message) -> tuple[SmallCenter, Books]:
    center = await opened(small_site(1))
    books = Books(list(there))
    center.switchboard.mailboxes = books
    center.switch.arrive(LISTENS, "*98", ANNA, phone=ANNA)
    return center, books


async def until_keys(center: SmallCenter) -> None:
    """He has heard a message, and hears what he may press."""
    while True:
        await asyncio.sleep(0.5)
        channel = center.switch.channels[LISTENS]
        if channel.playing and "voicemail_keys" in heard(center)[-1]:
            return


def heard(center: SmallCenter) -> list[str]:
    """Everything that was played to him, in order."""
    return [" ".join(c[3:]) for c in center.switch.commands if c[:2] == ("play", LISTENS)]


async def over(center: SmallCenter) -> CallRecord:
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(LISTENS)


def marks(record: CallRecord) -> list[tuple[str, str]]:
    assert all(mark.by == "anna" for mark in record.marks)
    return [(mark.recording, str(mark.state)) for mark in record.marks]


# -- the dialog ----------------------------------------------------------------------------------


def test_a_message_is_heard_when_it_was_played_to_its_end() -> None:
    dialog = MessageDialog()
    assert dialog.begin(0.0) == Tell()
    dialog.said(whole=True, now=9.0)
    assert dialog.heard
    assert dialog.next_deadline() == 9.0
    assert dialog.late(9.0) == Ask()


def test_a_message_that_was_cut_is_not_heard() -> None:
    dialog = MessageDialog()
    dialog.begin(0.0)
    dialog.said(whole=False, now=3.0)
    assert not dialog.heard


@pytest.mark.parametrize(
    ("key", "wish"),
    [("2", Wish.SAVE), ("3", Wish.DELETE), ("4", Wish.CALL), ("#", Wish.NEXT), ("*", Wish.END)],
)
def test_each_key_says_what_is_next_while_the_message_plays(key: str, wish: Wish) -> None:
    dialog = MessageDialog()
    dialog.begin(0.0)
    assert dialog.pressed(key, 1.0) is wish


def test_silence_and_wrong_keys_have_the_keys_said_again_and_then_it_is_left() -> None:
    dialog = MessageDialog(heard=True)
    assert dialog.begin(0.0) == Ask()
    dialog.said(whole=True, now=4.0)
    assert dialog.next_deadline() == 10.0
    answers = [dialog.pressed("7", 5.0), *(dialog.late(20.0) for _ in range(ATTEMPTS - 1))]
    assert answers == [Ask()] * (ATTEMPTS - 1) + [Wish.NEXT]


def test_what_was_not_played_to_its_end_is_not_heard_for_want_of_a_key() -> None:
    dialog = MessageDialog()
    dialog.begin(0.0)
    dialog.said(whole=False, now=1.0)
    answers = [dialog.late(10.0 * n) for n in range(1, ATTEMPTS + 2)]
    assert answers == [Ask()] * ATTEMPTS + [Wish.UNHEARD]


# -- at the phone --------------------------------------------------------------------------------


@in_virtual_time
async def test_he_hears_his_messages_one_after_the_other_with_number_and_time() -> None:
    center, books = await center_with(message("50.1-m1"), message("50.1-m2", caller="anonymous"))
    await until_keys(center)
    center.switch.press(LISTENS, "2")
    await asyncio.sleep(1)
    await until_keys(center)
    center.switch.press(LISTENS, "3")
    record = await over(center)
    assert books.asked == [("agent:anna", "queue:support", "queue:sales")]
    told = [each for each in heard(center) if "recording:" in each]
    assert "mailbox_has" in told[0]
    assert "message_from" in told[0]
    assert told[0].endswith("recording:50.1-m1")
    assert "message_from_unknown" in told[1]
    assert "mailbox_no_more" in heard(center)[-1]
    assert marks(record) == [
        ("50.1-m1", "heard"),
        ("50.1-m1", "saved"),
        ("50.1-m2", "heard"),
        ("50.1-m2", "deleted"),
    ]


@in_virtual_time
async def test_a_hang_up_in_the_middle_of_a_message_leaves_it_new() -> None:
    center, _ = await center_with(message("50.1-m1"), message("50.1-m2"))
    await until_keys(center)
    center.switch.press(LISTENS, "#")
    await asyncio.sleep(1)
    center.switch.put_down(LISTENS)
    assert marks(await over(center)) == [("50.1-m1", "heard")]


@in_virtual_time
async def test_a_hang_up_before_anything_is_played_leaves_all_new() -> None:
    center, _ = await center_with(message("50.1-m1"))
    center.switch.put_down(LISTENS)
    assert marks(await over(center)) == []


@in_virtual_time
async def test_he_may_hear_it_again_and_skip_before_the_end() -> None:
    center, _ = await center_with(message("50.1-m1", SAVED))
    await until_keys(center)
    center.switch.press(LISTENS, "1")
    await asyncio.sleep(1)
    center.switch.press(LISTENS, "#")
    record = await over(center)
    assert len([each for each in heard(center) if "recording:50.1-m1" in each]) == 2
    assert marks(record) == []


@in_virtual_time
async def test_star_ends_it() -> None:
    center, _ = await center_with(message("50.1-m1"), message("50.1-m2"))
    await until_keys(center)
    center.switch.press(LISTENS, "*")
    record = await over(center)
    assert marks(record) == [("50.1-m1", "heard")]
    assert record.ended_by == "engine"


@in_virtual_time
async def test_he_calls_back_who_left_it_and_goes_on_with_his_messages() -> None:
    center, _ = await center_with(message("50.1-m1"), message("50.1-m2"))
    center.switch.phones[HOME] = Phone(rings=0.2, answers=2, talks=5)
    await until_keys(center)
    center.switch.press(LISTENS, "4")
    await asyncio.sleep(5)
    far = center.switch.legs_of(HOME)[0]
    assert far.bridge is not None
    assert far.bridge == center.switch.channels[LISTENS].bridge
    await until_keys(center)
    center.switch.press(LISTENS, "2")
    await asyncio.sleep(1)
    await until_keys(center)
    center.switch.press(LISTENS, "4")
    await asyncio.sleep(20)
    center.switch.put_down(LISTENS)
    record = await over(center)
    assert marks(record) == [("50.1-m1", "heard"), ("50.1-m1", "saved"), ("50.1-m2", "heard")]
    assert [s.kind for s in record.segments].count(SegmentKind.FORWARDED) == 2


@in_virtual_time
async def test_a_number_that_may_not_be_dialed_is_told() -> None:
    center, _ = await center_with(message("50.1-m1", caller="anonymous"))
    await until_keys(center)
    center.switch.press(LISTENS, "4")
    await until_keys(center)
    center.switch.press(LISTENS, "3")
    assert ("50.1-m1", "deleted") in marks(await over(center))
    assert any("voicemail_not_reached" in each for each in heard(center))


@in_virtual_time
async def test_he_records_a_greeting_of_his_own_and_keeps_it() -> None:
    center, _ = await center_with()
    await asyncio.sleep(1)
    center.switch.press(LISTENS, "9")
    await asyncio.sleep(5)
    center.switch.press(LISTENS, "#")
    await asyncio.sleep(1)
    center.switch.press(LISTENS, "1")
    record = await over(center)
    [greeting] = record.greetings
    assert greeting == GreetingMade("agent:anna", f"{LISTENS}-g1", "anna", greeting.at)
    assert [made.kind for made in record.recordings] == ["greeting"]
    assert record.voicemails == ()


@in_virtual_time
async def test_a_greeting_that_he_hangs_up_on_is_not_set() -> None:
    center, _ = await center_with()
    await asyncio.sleep(1)
    center.switch.press(LISTENS, "9")
    await asyncio.sleep(5)
    center.switch.put_down(LISTENS)
    assert (await over(center)).greetings == ()


@in_virtual_time
async def test_without_the_ledger_he_is_told_that_it_is_not_possible() -> None:
    center, books = await center_with()
    books.there = None
    await over(center)
    assert heard(center) == ["sound:en/not_possible"]
