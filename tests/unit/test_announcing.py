"""What a caller hears between the music while he waits, and what his keys do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from acd.messages import CallbackFirst, Why
from acd.queues import DestinationKind, QueueSettings
from acd.waiting import Estimate
from dialplan.outbound import Outbound, Rule, Trunk
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.queueing.announcing import Announcer, Wish
from engine.calls.record import fold
from engine.calls.switchboard import Switchboard
from engine.clock import Clock
from engine.ports import Gone, PlaybackEnded
from tests.unit.fake_pbx import PROMPT_SECONDS, FakePbx
from tests.unit.virtual_time import in_virtual_time

CALLER, QUEUE = "100.1", "support"
SAID = "0901234567"
COMFORT = {"announcements": {"first_seconds": 10, "every_seconds": 30, "comfort": ("one", "two")}}
KEYS = {"callback": {}, "voicemail": {}}


class Files:
    """Every prompt is there in every language."""

    def media(self, key: str, languages: Any) -> str:
        return f"sound:{languages[0]}/{key}"


@dataclass
class Heard:
    """A caller in a queue with these settings, from its beginning."""

    settings: dict[str, Any]
    caller: str = SAID
    language: str = "vi"
    estimate: Estimate | None = None
    wish: Wish | None = None
    notes: list[n.Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.began = self.clock.now()
        self.switch = FakePbx(self.clock.now)
        self.switch.arrive(CALLER, "1901", self.caller)
        self.notes += [
            n.Arrived(self.began, CALLER, "inbound", "1901", self.caller),
            n.LanguageSet(self.began, self.language),
            n.VisitBegan(self.began, QUEUE, self.began),
        ]
        self.start()

    def start(self) -> None:
        """The engine, from what was noted: again, it is the engine after a crash."""
        journal = list(self.notes)
        self.call = Call(fold(CALLER, journal), self.clock, lambda _, note: self.notes.append(note))
        self.switch.deliver = self.call.deliver
        outbound = Outbound({"0X.": Rule(Trunk("carrier")), "+84X.": Rule(Trunk("carrier"))})
        site: Any = SimpleNamespace(routes=SimpleNamespace(region="VN"), outbound=outbound)
        desk: Any = None
        recorder: Any = None
        sb = Switchboard(self.switch, desk, self.clock, site, Files(), recorder)
        queue = QueueSettings(name=QUEUE, **self.settings)
        self.announcer = Announcer(self.call, sb, queue, lambda: self.estimate)

    async def wait(self, seconds: float, *keys: tuple[float, str]) -> None:
        """He waits so long and presses keys meanwhile; stops when he wishes to leave."""
        loop = asyncio.get_running_loop()
        for after, key in keys:
            loop.call_later(after, self.switch.press, CALLER, key)
        until = self.clock.now() + seconds
        while self.wish is None:
            due = self.announcer.next_deadline()
            mail = await self.call.receive(until if due is None else min(due, until))
            if mail is not None:
                self.wish = await self.announcer.take(mail)
            elif self.clock.now() >= until:
                return
            else:
                await self.announcer.on_deadline(self.clock.now())

    @property
    def said(self) -> list[tuple[float, str]]:
        """What began to be said and when, in seconds from the beginning."""
        steps = (note for note in self.notes if isinstance(note, n.Stepped) and note.event == "say")
        return [(round(s.at - self.began, 1), s.detail.rpartition(" (")[0]) for s in steps]

    def rings(self, offer: str | None) -> None:
        """An agent's phone rings, or no more."""
        now = self.clock.now()
        if offer:
            why = Why("longest_idle", 0.0, "", ())
            self.call.note(n.OfferBegan(now, offer, QUEUE, "anna", "3001", why))
        else:
            self.call.note(n.OfferEnded(now, *self.call.standing.offers, "timed_out"))


def queue_of(**announcements: Any) -> dict[str, Any]:
    return {"announcements": {"first_seconds": 10, "every_seconds": 30, **announcements}}


# -- when ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_caller_hears_what_is_said_at_entry_then_comfort_in_turn() -> None:
    caller = Heard(queue_of(at_entry=("welcome", "recorded"), comfort=("one", "two")))
    await caller.wait(120)
    entry = 2 * PROMPT_SECONDS
    assert caller.said == [
        (0.0, "welcome, recorded"),
        (entry + 10, "one"),
        (entry + 10 + 31, "two"),
        (entry + 10 + 62, "one"),
        (entry + 10 + 93, "two"),
    ]


@in_virtual_time
async def test_music_follows_whatever_is_said_also_when_the_engine_dies() -> None:
    caller = Heard(COMFORT)
    await caller.wait(10.5)
    commands = [command[0] for command in caller.switch.commands]
    assert commands == ["play", "start_music"]


@in_virtual_time
async def test_a_caller_in_a_queue_without_announcements_hears_only_music() -> None:
    caller = Heard({})
    await caller.wait(300, (5, "1"))
    assert caller.switch.commands == []
    assert caller.wish is None


@in_virtual_time
async def test_nothing_begins_to_be_said_while_a_phone_rings() -> None:
    caller = Heard(COMFORT)
    await caller.wait(9)
    caller.rings("100.1-a1")
    await caller.wait(15)
    assert caller.said == []
    caller.rings(None)
    await caller.wait(1)
    assert caller.said == [(24.0, "one")]


@in_virtual_time
async def test_phones_that_ring_all_the_time_do_not_keep_a_caller_in_the_dark() -> None:
    caller = Heard(COMFORT)
    for number in range(6):
        caller.rings(f"100.1-a{number}")
        await caller.wait(10)
        caller.call.note(n.OfferEnded(caller.clock.now(), f"100.1-a{number}", "timed_out"))
    assert [text for _, text in caller.said] == ["one"]


@in_virtual_time
async def test_an_announcement_is_cut_at_once_when_an_agent_answers() -> None:
    caller = Heard(queue_of(comfort=("one",)))
    await caller.wait(10.2)
    playback = caller.call.standing.playback
    await caller.announcer.stop()
    assert caller.switch.commands[-1] == ("stop_playback", CALLER, playback)
    await asyncio.sleep(0.01)
    assert any(isinstance(e, PlaybackEnded) for e in caller.switch.truth)


@in_virtual_time
async def test_the_talk_does_not_wait_for_an_announcement_that_is_over() -> None:
    caller = Heard(COMFORT)
    await caller.wait(20)
    await caller.announcer.stop()
    assert "stop_playback" not in [command[0] for command in caller.switch.commands]


# -- what ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_caller_is_told_his_place_and_his_wait_in_his_language() -> None:
    caller = Heard(queue_of(position=True, expected_wait=True))
    caller.estimate = Estimate(3, 130, 180, 230)
    await caller.wait(11)
    assert caller.said == [
        (10.0, "place_is, number_3, wait_between, number_2, wait_and, number_4, minutes")
    ]
    play = next(command for command in caller.switch.commands if command[0] == "play")
    assert play[3:5] == ("sound:vi/place_is", "sound:vi/number_3")


@in_virtual_time
async def test_a_caller_is_not_told_the_same_place_twice() -> None:
    caller = Heard(queue_of(position=True))
    for place in (3, 3, 2):
        caller.estimate = Estimate(place, 130, 180, 230)
        await caller.wait(35)
    assert [text for _, text in caller.said] == ["place_is, number_3", "place_is, number_2"]


@in_virtual_time
async def test_a_caller_hears_no_guess_while_nobody_is_there_to_take_him() -> None:
    caller = Heard(queue_of(position=True, expected_wait=True, comfort=("one",)))
    await caller.wait(12)
    assert caller.said == [(10.0, "one")]


@in_virtual_time
async def test_a_restarted_engine_neither_repeats_nor_contradicts_what_was_told() -> None:
    caller = Heard(queue_of(at_entry=("welcome",), position=True, expected_wait=True))
    caller.estimate = Estimate(3, 70, 100, 110)
    await caller.wait(12)
    caller.start()
    caller.estimate = Estimate(3, 100, 300, 400)
    await caller.wait(40)
    assert caller.said == [
        (0.0, "welcome"),
        (11.0, "place_is, number_3, wait_between, number_1, wait_and, number_2, minutes"),
        (48.0, "wait_between, number_1, wait_and, number_2, minutes"),
    ]


@in_virtual_time
async def test_an_announcement_that_an_engine_before_began_is_cut_for_the_talk() -> None:
    caller = Heard(queue_of(comfort=("one",)))
    await caller.wait(10.2)
    caller.start()
    await caller.announcer.stop()
    assert caller.switch.commands[-1] == ("stop_playback", CALLER, caller.call.standing.playback)


@in_virtual_time
async def test_a_prompt_that_cannot_be_played_leaves_the_caller_waiting() -> None:
    caller = Heard(COMFORT)
    caller.switch.faults["play"] = Gone("404")
    await caller.wait(60)
    assert [text for _, text in caller.said] == ["one", "two"]


# -- keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "offered"),
    [
        (Estimate(1, 30, 60, 90), ["offer_voicemail, number_2"]),
        (Estimate(9, 400, 500, 600), ["offer_callback, number_1, offer_voicemail, number_2"]),
        (None, ["offer_callback, number_1, offer_voicemail, number_2"]),
    ],
)
@in_virtual_time
async def test_a_callback_is_offered_where_the_wait_is_long(
    estimate: Estimate | None, offered: list[str]
) -> None:
    caller = Heard({"callback": {"offer_over_seconds": 120}, "voicemail": {}})
    caller.estimate = estimate
    await caller.wait(15)
    assert [text for _, text in caller.said] == offered


READ_BACK = f"callback_number, {', '.join(f'number_{d}' for d in SAID)}, callback_confirm"


@in_virtual_time
async def test_a_caller_asks_to_be_called_back_and_confirms_his_number() -> None:
    caller = Heard(KEYS)
    await caller.wait(60, (3, "1"), (5, "1"))
    assert caller.wish == Wish(DestinationKind.CALLBACK, "+84901234567")
    assert caller.said == [(3.0, READ_BACK)]
    assert caller.switch.commands[-1][0] == "stop_playback"  # he need not hear it to its end


@in_virtual_time
async def test_a_key_counts_during_an_announcement_and_cuts_it() -> None:
    caller = Heard(KEYS)
    await caller.wait(60, (10.5, "2"))
    assert caller.wish == Wish(DestinationKind.VOICEMAIL)
    assert [command[0] for command in caller.switch.commands] == [
        "play",
        "start_music",
        "stop_playback",
    ]


@in_virtual_time
async def test_a_key_that_was_meant_for_the_menu_before_does_nothing() -> None:
    caller = Heard(KEYS)
    await caller.wait(5, (0.1, "2"), (0.8, "1"))
    assert (caller.wish, caller.said) == (None, [])


@in_virtual_time
async def test_who_is_being_called_back_is_not_offered_that() -> None:
    caller = Heard(KEYS)
    asked, first = caller.began - 600, CallbackFirst.CUSTOMER
    caller.notes[:] = [
        n.CallbackAsked(asked, SAID, QUEUE, asked, first, asked + 3600, language="vi"),
        n.NumberAnswered(caller.began, CALLER),
    ]
    caller.start()
    await caller.wait(12, (3, "1"))
    assert caller.said == [(10.0, "offer_voicemail, number_2")]


@in_virtual_time
async def test_a_caller_types_the_number_of_another_phone() -> None:
    caller = Heard(KEYS)
    typed = [(6 + i / 5, key) for i, key in enumerate("0905123456#")]
    await caller.wait(60, (3, "1"), (5, "2"), *typed, (10, "1"))
    assert caller.wish == Wish(DestinationKind.CALLBACK, "+84905123456")


@in_virtual_time
async def test_a_caller_whose_number_need_not_be_confirmed_is_believed() -> None:
    caller = Heard({"callback": {"confirm": False}})
    await caller.wait(60, (3, "1"))
    assert caller.wish == Wish(DestinationKind.CALLBACK, "+84901234567")
    assert caller.said == []


@in_virtual_time
async def test_a_caller_without_a_number_is_asked_for_one_even_then() -> None:
    caller = Heard({"callback": {"confirm": False}}, caller="anonymous")
    await caller.wait(5, (3, "1"))
    assert caller.said == [(3.0, "callback_enter")]


@in_virtual_time
async def test_a_caller_who_does_not_confirm_keeps_waiting_and_hears_the_rest() -> None:
    caller = Heard(COMFORT | KEYS)
    await caller.wait(150, (3, "1"))
    texts = [text for _, text in caller.said]
    assert texts[:4] == [READ_BACK, READ_BACK, READ_BACK, "callback_dropped"]
    assert texts[4].startswith("one, offer_callback")
    assert caller.wish is None


@in_virtual_time
async def test_the_dialog_ends_when_an_agent_answers() -> None:
    caller = Heard(KEYS)
    await caller.wait(4, (3, "1"))
    await caller.announcer.stop()
    await caller.wait(2, (1, "1"))
    assert caller.wish is None


@in_virtual_time
async def test_other_keys_and_the_keys_of_others_mean_nothing() -> None:
    caller = Heard(KEYS)
    caller.switch.arrive("200.1", "1901")
    asyncio.get_running_loop().call_later(4, caller.switch.press, "200.1", "2")
    await caller.wait(8, (3, "9"), (5, "#"))
    assert (caller.wish, caller.said) == (None, [])
