"""A talk by keys alone: what an agent presses on his desk phone is done, and told to him."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from acd.messages import AgentLoggedOut, AgentState
from acd.queues import Destination, DestinationKind
from dialplan.features import Action
from dialplan.talk_codes import TalkCodes
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import PickUp
from tests.unit import fake_pbx
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import LOGIN, SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER, OTHER, LINE = "100.1", "100.2", "200.1"
GAP = 0.2
PLACES = {"8001": Destination(kind=DestinationKind.QUEUE, name="sales")}


async def _center(*, nailed_up: bool = False, **queue: object) -> SmallCenter:
    """Anna talks with a caller, binh is ready; both phones are registered."""
    site = small_site(2, wrap_up=0, **queue)
    codes = {**site.features.codes, "*4": Action.PICK_UP}
    site.features = replace(site.features, codes=codes, talk=TalkCodes(places=PLACES))
    if nailed_up:
        site.agents["anna"] = site.agents["anna"].model_copy(update={"nailed_up": True})
    center = await opened(site)
    center.switch.phones |= {"3001": Phone(answers=0.5), "3002": Phone(answers=1.0)}
    center.switchboard.online |= {"3001", "3002"}
    if nailed_up:
        center.switch.arrive(LINE, LOGIN, "3001", "3001")
        await asyncio.sleep(5)
    else:
        center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(5)
    assert center.state_of("anna") is AgentState.TALKING
    center.log_in("binh")
    return center


def _leg(center: SmallCenter, phone: str = "3001") -> str:
    [leg] = center.switch.legs_of(phone)
    return leg.id


async def _press(center: SmallCenter, keys: str, leg: str = "") -> None:
    """One key after the other; then a moment for what they ask for."""
    leg = leg or _leg(center)
    for key in keys:
        center.switch.press(leg, key)
        await asyncio.sleep(GAP)
    await asyncio.sleep(1)


def _said(center: SmallCenter, leg: str) -> list[str]:
    """The prompts that were played on a leg, in their order."""
    played = [c for c in center.switch.commands if c[:2] == ("play", leg)]
    return [media.rpartition("/")[2] for command in played for media in command[3:]]


class _Truth(Truth):
    """A line has answered long before any caller is brought to it."""

    def _talks_are_right(self, record: CallRecord) -> None:
        if all(stretch.leg != LINE for stretch in record.parties):
            super()._talks_are_right(record)


async def _over(center: SmallCenter, *channels: str) -> None:
    for channel in channels:
        center.switch.put_down(channel)
    await center.until_over()
    _Truth(center).check()
    await center.kill()


@in_virtual_time
async def test_an_agent_holds_his_caller_and_takes_him_back() -> None:
    center = await _center()
    anna = _leg(center)
    await _press(center, "#1")
    assert center.switch.channels[CALLER].music
    await _press(center, "#1")
    assert not center.switch.channels[CALLER].music
    assert _said(center, anna) == ["talk_held", "sound:beep"]
    await _over(center, CALLER)
    kinds = [segment.kind for segment in center.books.of(CALLER).segments]
    assert kinds[-3:] == [SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.TALK]


@in_virtual_time
async def test_an_agent_whom_nobody_is_to_hear_is_told_so() -> None:
    center = await _center()
    anna = _leg(center)
    await _press(center, "#0")
    assert center.switch.channels[anna].muted
    await _press(center, "#0")
    assert not center.switch.channels[anna].muted
    assert _said(center, anna) == ["talk_muted", "talk_unmuted"]
    await _over(center, CALLER)


@in_virtual_time
async def test_a_card_number_is_in_no_recording_when_the_agent_pauses_it() -> None:
    center = await _center()
    anna = _leg(center)
    await _press(center, "##3")
    assert center.switch.paused
    await _press(center, "##4")
    assert not center.switch.paused
    await _press(center, "##2")  # which this queue leaves to nobody
    assert _said(center, anna) == ["recording_paused", "recording_on", "not_possible"]
    await _over(center, CALLER)


@in_virtual_time
async def test_an_agent_consults_a_colleague_swaps_and_gives_him_the_caller() -> None:
    center = await _center()
    await _press(center, "#33002#")
    await asyncio.sleep(2)
    anna, binh = _leg(center), _leg(center, "3002")
    bridges = center.switch.channels
    assert bridges[anna].bridge == bridges[binh].bridge != bridges[CALLER].bridge
    await _press(center, "#4")
    assert bridges[anna].bridge == bridges[CALLER].bridge != bridges[binh].bridge
    await _press(center, "#5")
    assert anna not in center.switch.channels
    assert bridges[binh].bridge == bridges[CALLER].bridge
    await _over(center, CALLER)
    assert center.books.of(CALLER).agent == "binh"


@in_virtual_time
async def test_a_consult_is_given_up_or_becomes_a_talk_of_three() -> None:
    center = await _center()
    anna = _leg(center)
    await _press(center, "#33002#")
    await _press(center, "#6")
    assert center.switch.legs_of("3002") == []
    assert not center.switch.channels[CALLER].music
    await _press(center, "#33002#")
    await asyncio.sleep(2)
    await _press(center, "#7")
    there = center.switch.bridges[center.switch.channels[CALLER].bridge or ""]
    assert sorted(there) == sorted([CALLER, anna, _leg(center, "3002")])
    assert _said(center, anna) == ["sound:beep", "sound:beep"]
    await _press(center, "##8")
    assert center.switch.legs_of("3002") == []
    await _over(center, CALLER)


@in_virtual_time
async def test_a_caller_is_sent_to_a_queue_by_its_short_code() -> None:
    center = await _center()
    await _press(center, "#28001#")
    assert center.switch.legs_of("3001") == []
    await asyncio.sleep(10)
    await _over(center, CALLER)
    visits = [visit.queue for visit in center.books.of(CALLER).visits]
    assert visits[:2] == ["support", "sales"]


@in_virtual_time
async def test_silence_ends_a_number_as_its_last_key_would() -> None:
    center = await _center()
    await _press(center, "#33002")
    assert center.switch.legs_of("3002") == []
    await asyncio.sleep(3)
    assert center.switch.legs_of("3002") != []
    await _over(center, CALLER)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("#23999#", "no_such_number"),
        ("#2113#", "no_such_number"),
        ("#33003#", "no_such_number"),
        ("#33001#", "called_busy"),
        ("#4", "not_possible"),
        ("#5", "not_possible"),
        ("##8", "not_possible"),
    ],
)
@in_virtual_time
async def test_what_cannot_be_done_is_said_and_changes_nothing(keys: str, said: str) -> None:
    center = await _center()
    anna = _leg(center)
    await _press(center, keys)
    assert _said(center, anna) == [said]
    assert center.switch.channels[anna].bridge == center.switch.channels[CALLER].bridge
    assert center.state_of("anna") is AgentState.TALKING
    await _over(center, CALLER)


@in_virtual_time
async def test_a_colleague_whose_phone_is_gone_cannot_be_reached() -> None:
    center = await _center()
    anna = _leg(center)
    center.switch.unregister("3002")
    await _press(center, "#33002#")
    assert _said(center, anna) == ["called_unreachable"]
    await _over(center, CALLER)


@in_virtual_time
async def test_keys_that_are_no_code_go_to_the_caller_and_codes_to_nobody() -> None:
    center = await _center()
    await _press(center, "42#1")
    await _press(center, "#1")
    await _press(center, "9#")
    await asyncio.sleep(3)
    sent = [command for command in center.switch.commands if command[0] == "send_keys"]
    assert sent == [("send_keys", CALLER, key) for key in ("4", "2", "9", "#")]
    await _over(center, CALLER)


@in_virtual_time
async def test_the_keys_of_the_caller_are_no_codes() -> None:
    center = await _center()
    await _press(center, "#1", CALLER)
    assert not center.switch.channels[CALLER].music
    await _over(center, CALLER)


@in_virtual_time
async def test_an_agent_on_a_line_is_told_that_he_is_out_and_keeps_it() -> None:
    center = await _center(nailed_up=True)
    await _press(center, "#28001#", LINE)
    assert _said(center, LINE)[-1] == "talk_left"
    assert center.switch.channels[LINE].bridge is None
    assert CALLER in center.switch.channels
    await _over(center, CALLER, LINE)


@in_virtual_time
async def test_an_agent_on_a_line_is_told_the_slot_that_his_caller_is_in() -> None:
    center = await _center(nailed_up=True)
    await _press(center, "#9#", LINE)
    assert _said(center, LINE)[-2:] == ["parked_in", "number_1"]
    assert center.switchboard.parking.all() == {"1": CALLER}
    await _over(center, CALLER, LINE)


@in_virtual_time
async def test_an_agent_hears_the_slot_that_his_caller_is_in_before_his_leg_ends() -> None:
    center = await _center()
    anna = _leg(center)
    for key in "#9#":
        center.switch.press(anna, key)
    await asyncio.sleep(0.3)
    assert _said(center, anna) == ["parked_in", "number_1"]
    assert center.switch.channels[CALLER].music
    assert center.switch.channels[anna].bridge is None
    assert center.state_of("anna") is AgentState.READY
    assert center.switchboard.parking.all() == {"1": CALLER}
    await asyncio.sleep(5)
    assert center.switch.legs_of("3001") == []
    assert center.switchboard.parking.all() == {"1": CALLER}
    assert center.switch.channels[CALLER].music
    assert center.state_of("anna") is AgentState.READY
    await _over(center, CALLER)


@in_virtual_time
async def test_an_agent_who_hangs_up_while_he_hears_the_slot_has_parked_his_caller() -> None:
    center = await _center()
    await _press(center, "#9", anna := _leg(center))
    center.switch.press(anna, "#")
    await asyncio.sleep(0.3)
    center.switch.put_down(anna)
    await asyncio.sleep(0.3)
    assert center.registry.calls[CALLER].standing.parked is not None
    assert center.state_of("anna") is AgentState.READY
    await _over(center, CALLER)


@in_virtual_time
async def test_a_caller_who_hangs_up_while_his_slot_is_told_leaves_it_free() -> None:
    center = await _center()
    await _press(center, "#9", anna := _leg(center))
    center.switch.press(anna, "#")
    await asyncio.sleep(0.3)
    await _over(center, CALLER)
    assert center.switchboard.parking.all() == {}


@in_virtual_time
async def test_a_caller_is_picked_up_while_his_slot_is_still_told() -> None:
    center = await _center()
    await _press(center, "#9", anna := _leg(center))
    center.switch.press(anna, "#")
    await asyncio.sleep(0.3)
    assert await ask(center.registry.calls[CALLER], PickUp("binh")) == CALLER
    await asyncio.sleep(2)
    assert anna not in center.switch.channels
    assert center.state_of("anna") is AgentState.READY
    bridge = center.switch.channels[_leg(center, "3002")].bridge
    assert bridge == center.switch.channels[CALLER].bridge is not None
    assert center.switchboard.parking.all() == {}
    await _over(center, CALLER)


@in_virtual_time
async def test_an_agent_takes_back_at_once_whom_he_has_just_parked() -> None:
    center = await _center()
    await _press(center, "#9", anna := _leg(center))
    center.switch.press(anna, "#")
    await asyncio.sleep(0.3)
    await ask(center.registry.calls[CALLER], PickUp("anna"))
    await asyncio.sleep(2)
    bridge = center.switch.channels[_leg(center)].bridge
    assert bridge == center.switch.channels[CALLER].bridge is not None
    assert center.state_of("anna") is AgentState.TALKING
    await _over(center, CALLER)


@in_virtual_time
async def test_the_phone_of_an_agent_who_still_hears_the_slot_is_not_rung() -> None:
    center = await _center()
    center.desk.post(AgentLoggedOut("binh"))
    await _press(center, "#9", anna := _leg(center))
    center.switch.press(anna, "#")
    center.switch.arrive(OTHER, SUPPORT)
    await asyncio.sleep(2)
    assert _leg(center) == anna
    await asyncio.sleep(3)
    assert _leg(center) != anna
    assert center.switch.channels[_leg(center)].bridge == center.switch.channels[OTHER].bridge
    await _over(center, CALLER, OTHER)


@in_virtual_time
async def test_an_agent_who_is_never_told_to_the_end_is_free_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    center = await _center()
    monkeypatch.setattr(fake_pbx, "PROMPT_SECONDS", 60)
    for key in "#9#":
        center.switch.press(_leg(center), key)
    await asyncio.sleep(12)
    assert center.switch.legs_of("3001") == []
    assert center.state_of("anna") is AgentState.READY
    await _over(center, CALLER)


@in_virtual_time
async def test_a_caller_parked_by_keys_is_picked_up_by_a_code_from_another_phone() -> None:
    center = await _center()
    await _press(center, "#97#")
    assert center.switch.legs_of("3001") == []
    assert center.switch.channels[CALLER].music
    center.switch.arrive(LINE, "*47", "3002", "3002")
    await asyncio.sleep(2)
    assert center.switch.channels[LINE].bridge == center.switch.channels[CALLER].bridge is not None
    assert center.state_of("binh") is AgentState.TALKING
    await _over(center, CALLER)
    assert LINE not in center.switch.channels
    kinds = {segment.kind: segment.agent for segment in center.books.of(CALLER).segments}
    assert SegmentKind.PARKED in kinds
    assert kinds[SegmentKind.TALK] == "binh"
    assert center.books.of(CALLER).agent == "binh"


@in_virtual_time
async def test_no_key_stands_in_the_journal_or_in_the_ladder_but_what_an_order_was_for() -> None:
    center = await _center()
    await _press(center, "7777")
    await asyncio.sleep(4)
    await _over(center, CALLER)
    assert not any("7777" in line for line in center.journal.history)
    assert not any('"7"' in line for line in center.journal.history)
    assert center.books.of(CALLER).outcome is CallOutcome.ANSWERED
