"""Messages in the ledger, on both real databases: what agents and operators find there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sample_call import CALL, T

from engine.call_record import GreetingMade, MessageMark, MessageState, VoicemailLeft
from engine.mailbox import Mailbox
from engine.store.ledger import Ledger
from engine.store.reports import Reports
from engine.store.voicemails import Counts, Voicemails

pytest_plugins = ["databases"]

SUPPORT, MAI = "queue:support", "agent:mai"


def left(name: str, at: float, mailbox: str = SUPPORT, urgent: bool = False) -> VoicemailLeft:
    return VoicemailLeft(f"c-1-{name}", mailbox, "+84901234567", "vi", T + at, 4.5, urgent)


async def keep(ledger: Ledger, *messages: VoicemailLeft, call: str = "c-1") -> Voicemails:
    """A call in which these were left is over."""
    offers = tuple(replace(each, offer=f"{call}-{each.offer}") for each in CALL.offers)
    record = replace(CALL, call=call, offers=offers, recordings=(), voicemails=messages)
    await ledger.save_call(record)
    return Voicemails(ledger)


def mark(name: str, state: MessageState, by: str = "mai", at: float = 100) -> MessageMark:
    return MessageMark(f"c-1-{name}", state, by, T + at)


async def names(found: Sequence[object]) -> list[str]:
    return [str(getattr(each, "recording", "")).removeprefix("c-1-") for each in found]


async def test_a_message_is_there_with_the_record_of_its_call(emptied: Ledger) -> None:
    messages = (left("m1", 10), left("m2", 20, MAI, urgent=True))
    store = await keep(emptied, *messages)
    record = await Reports(emptied).call("c-1")
    assert record is not None
    assert record.voicemails == messages
    found = await store.one("c-1-m2")
    assert found is not None
    assert (found.call, found.mailbox, found.urgent, found.state) == ("c-1", MAI, True, "new")
    assert (found.at, found.seconds, found.marked) == (T + 20, 4.5, None)


async def test_new_messages_come_first_urgent_ones_before_them(emptied: Ledger) -> None:
    store = await keep(
        emptied, left("m1", 10), left("m2", 20), left("m3", 30, urgent=True), left("m4", 5)
    )
    await store.mark(mark("m1", MessageState.HEARD))
    await store.mark(mark("m4", MessageState.SAVED))
    assert await names(await store.messages([SUPPORT], 10)) == ["m3", "m2", "m1", "m4"]
    assert await names(await store.messages([SUPPORT], 2)) == ["m3", "m2"]
    assert await store.messages([MAI], 10) == []
    assert await store.counts() == {SUPPORT: Counts(new=2, old=2, urgent=1)}


async def test_who_heard_a_message_is_kept_with_the_record_of_that_call(emptied: Ledger) -> None:
    store = await keep(emptied, left("m1", 10))
    heard = replace(
        CALL, call="c-2", offers=(), recordings=(), marks=(mark("m1", MessageState.HEARD),)
    )
    await emptied.save_call(heard)
    await emptied.save_call(heard)
    found = await store.one("c-1-m1")
    assert found is not None
    assert (found.state, found.by, found.marked) == ("heard", "mai", T + 100)


async def test_a_deleted_message_stays_deleted_and_a_saved_one_is_not_heard_anew(
    emptied: Ledger,
) -> None:
    store = await keep(emptied, left("m1", 10), left("m2", 20))
    assert await store.mark(mark("m1", MessageState.DELETED))
    assert not await store.mark(mark("m1", MessageState.SAVED, "an"))
    assert await store.mark(mark("m2", MessageState.SAVED))
    assert not await store.mark(mark("m2", MessageState.HEARD, "an"))
    assert not await store.mark(mark("m9", MessageState.HEARD))
    assert await names(await store.messages([SUPPORT], 10)) == ["m2"]
    kept = await store.one("c-1-m2")
    assert kept is not None
    assert (kept.state, kept.by) == ("saved", "mai")


async def test_a_mailbox_is_full_of_what_is_not_deleted(emptied: Ledger) -> None:
    store = await keep(emptied, left("m1", 10), left("m2", 20), left("m3", 30))
    await store.mark(mark("m1", MessageState.DELETED))
    await store.mark(mark("m2", MessageState.HEARD))
    assert await store.look(SUPPORT) == Mailbox(kept=2)
    assert await store.look(MAI) == Mailbox()


async def test_the_last_greeting_that_was_recorded_is_the_mailboxs(emptied: Ledger) -> None:
    greetings = (GreetingMade(MAI, "c-3-g1", "mai", T), GreetingMade(MAI, "c-3-g2", "mai", T + 9))
    record = replace(CALL, call="c-3", offers=(), recordings=(), greetings=greetings)
    await emptied.save_call(record)
    store = Voicemails(emptied)
    assert (await store.look(MAI)).greeting == "c-3-g2"
    gone = replace(record, call="c-4", greetings=(GreetingMade(MAI, "", "mai", T + 20),))
    await emptied.save_call(gone)
    assert (await store.look(MAI)).greeting == ""


async def test_each_new_message_is_told_of_once_and_each_deleted_one_removed_once(
    emptied: Ledger,
) -> None:
    store = await keep(emptied, left("m2", 20), left("m1", 10))
    assert await names(await store.untold(10)) == ["m1", "m2"]
    assert await names(await store.untold(10, "c-1-m1")) == ["m2"]
    await store.set_told("c-1-m1", T + 50)
    assert await names(await store.untold(10)) == ["m2"]
    assert await store.unremoved(10) == []
    await store.mark(mark("m1", MessageState.DELETED))
    assert await store.unremoved(10) == ["c-1-m1"]
    await store.set_removed("c-1-m1", T + 60)
    assert await store.unremoved(10) == []


async def test_messages_are_found_by_mailbox_and_state_the_newest_first(emptied: Ledger) -> None:
    store = await keep(emptied, left("m1", 10), left("m2", 20, MAI), left("m3", 30))
    await store.mark(mark("m1", MessageState.DELETED))
    every = list(MessageState)
    assert await names(await store.search(None, every, 10)) == ["m3", "m2", "m1"]
    assert await names(await store.search([SUPPORT], every, 1)) == ["m3"]
    assert await names(await store.search([SUPPORT], [MessageState.DELETED], 10)) == ["m1"]
