"""Moments in a talk at which one could easily go wrong: each was seen once to do so."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from dialer.plan import Mode
from engine.call_record import SegmentKind
from engine.calls.talk import notes as t
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.orders import NotPossible
from engine.calls.talk.parties import PartyKind, Role
from engine.ports import Down, EndpointChanged
from tests.unit.fake_pbx import Phone
from tests.unit.outbound_center import ATTEMPT, CALLEE, dial, dialing_center
from tests.unit.test_calls_talks import BINH, CALLER, SALES, Scene, kinds, scene
from tests.unit.virtual_time import in_virtual_time


@in_virtual_time
async def test_who_was_let_go_of_may_be_consulted_again_at_once() -> None:
    at = await scene()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(4)
    at.switch.delays[at.leg("3002")] = 0.5  # the end of his leg is long in coming
    orders = [ask(at.call, o.CancelConsult()), ask(at.call, o.ConsultWith(to=BINH))]
    await asyncio.gather(*orders)
    await at.later(4)
    assert at.hears(at.leg(), at.leg("3002"))
    await at.over(CALLER)


@in_virtual_time
async def test_a_hold_that_half_succeeded_is_wholly_undone() -> None:
    at = await scene()
    at.switch.faults["start_music"] = Down("no answer")
    await ask(at.call, o.Hold(held=True))
    del at.switch.faults["start_music"]
    await ask(at.call, o.Hold(held=False))
    await at.later(0.1)
    assert at.hears(at.leg(), CALLER)
    assert at.hears(CALLER, at.leg())
    await at.over(CALLER)


@in_virtual_time
async def test_a_pause_that_is_not_certain_ends_no_talk_and_is_tried_again() -> None:
    at = await scene()
    at.switch.faults |= {"pause_recording": Down("away"), "stop_recording": Down("away")}
    with pytest.raises(NotPossible, match="not certain"):
        await ask(at.call, o.PauseRecording())
    await ask(at.call, o.Hold(held=True))
    assert at.center.state_of("anna") is AgentState.TALKING
    at.switch.faults.clear()
    await at.later(2)
    assert at.switch.paused
    await at.over(CALLER)


@in_virtual_time
async def test_a_consulted_agent_and_a_listener_move_nobody() -> None:
    at = await scene()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(4)
    for order in (o.HangUp(by="binh"), o.Hold(by="binh"), o.Drop(by="binh", who="anna")):
        with pytest.raises(NotPossible, match="only consulted"):
            await at.ask(order)
    await at.ask(o.Lock())
    with pytest.raises(NotPossible, match="locked"):
        await at.ask(o.Merge())
    await at.ask(o.Lock(locked=False))
    await at.ask(o.Merge())
    await at.ask(o.GiveRole(who="binh", role=Role.LISTENER))
    with pytest.raises(NotPossible, match="a listener"):
        await at.ask(o.GiveRole(by="binh", who="binh", role=Role.LEADER))
    await at.ask(o.Leave(by="binh"))
    await at.over(CALLER)


@in_virtual_time
async def test_a_busy_agent_does_not_pick_a_parked_caller_out_of_his_slot() -> None:
    at = await scene()
    slot = await at.ask(o.Park())
    at.switch.arrive("100.2", "1901")
    await at.later(6)
    busy = next(a for a in ("anna", "binh") if at.center.state_of(a) is AgentState.TALKING)
    with pytest.raises(NotPossible, match="busy"):
        await ask(at.call, o.PickUp(by=busy))
    assert at.center.switchboard.parking.all() == {slot: CALLER}
    await at.over(CALLER, "100.2")


@in_virtual_time
async def test_an_agent_sent_to_by_his_extension_is_told_by_his_name() -> None:
    at = await scene()
    await at.ask(o.TransferTo(to=Destination(kind=DestinationKind.AGENT, name="3002")))
    await at.later(4)
    record = await at.over(CALLER)
    assert ("dialing", "binh") in kinds(record)
    assert [made.name for made in record.transfers] == ["binh"]


@in_virtual_time
async def test_a_caller_sent_to_a_queue_keeps_his_priority() -> None:
    at = await scene(ready=False, offset_seconds=0)
    stay = at.call.standing.stay
    assert stay is not None
    at.call.standing.stay = type(stay)(
        stay.at, stay.queue, stay.since, 300.0, stay.needs, stay.prefer, stay.customer
    )
    await at.ask(o.TransferTo(to=SALES))
    await at.later(1)
    assert at.call.standing.stay is not None
    assert at.call.standing.stay.offset_seconds == 300.0
    await at.over(CALLER)


@in_virtual_time
async def test_a_caller_who_was_held_when_the_engine_died_is_heard_by_the_next_agent() -> None:
    at = await scene(Phone(answers=3.0))
    await at.ask(o.Hold(held=True))
    at.center.die_after(2)  # the end of the talk is noted, and nothing else is done
    with contextlib.suppress(NotPossible, TimeoutError):
        await asyncio.wait_for(ask(at.call, o.TransferTo(to=BINH)), 2)
    await at.center.kill()
    center = at.center.successor()
    await center.start()
    center.switchboard.online |= {"3001", "3002"}
    await asyncio.sleep(8)
    call = center.registry.calls[CALLER]
    assert call.standing.conversation is not None
    assert not at.switch.channels[CALLER].muted
    at.switch.put_down(CALLER)
    await center.until_over()
    await center.kill()


@in_virtual_time
async def test_a_bridge_that_could_not_be_made_for_a_consultation_is_made_later() -> None:
    at = await scene()
    at.switch.faults["create_bridge"] = Down("no answer")
    await ask(at.call, o.ConsultWith(to=BINH))
    await asyncio.sleep(3)
    at.switch.faults.clear()
    await at.later(2)
    assert at.hears(at.leg(), at.leg("3002"))
    assert not at.switch.channels[at.leg()].ringing
    await at.over(CALLER)


@in_virtual_time
async def test_an_order_that_nobody_waits_for_any_more_picks_nobody_up() -> None:
    at = await scene()
    slot = await at.ask(o.Park())
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    answer.cancel()
    at.call.deliver(o.Asked(o.PickUp(by="binh"), answer))
    await at.later(4)
    assert at.center.switchboard.parking.all() == {slot: CALLER}
    await at.over(CALLER)


@in_virtual_time
async def test_a_slot_is_free_when_the_story_of_its_caller_fails() -> None:
    at = await scene()
    slot = await at.ask(o.Park())
    at.center.switchboard.parking.hold("9", CALLER)  # as one that was taken, and never used
    await at.over(CALLER)
    assert slot not in at.center.switchboard.parking.all()
    assert at.center.switchboard.parking.all() == {}


@in_virtual_time
async def test_a_campaigns_callee_sent_into_a_flow_is_in_it_when_the_engine_is_back() -> None:
    center = await dialing_center()
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=1)
    dial(center, Mode.PROGRESSIVE)
    await asyncio.sleep(4)
    call = center.registry.calls[ATTEMPT]
    flow = next(iter(center.site.flows))
    await ask(call, o.TransferTo(to=Destination(kind=DestinationKind.FLOW, name=flow)))
    await asyncio.sleep(1)
    assert call.standing.node is not None
    await center.kill()
    center = center.successor()
    await center.start()
    await asyncio.sleep(1)
    call = center.registry.calls[ATTEMPT]
    assert call.channel in center.switch.channels
    assert call.standing.stage == "ivr"
    center.switch.put_down(call.channel)
    await center.until_over()
    await center.kill()


def test_whoever_is_left_with_the_caller_has_the_contact() -> None:
    talk = Conversation.begun("c", "b", Party("a", PartyKind.AGENT, "anna", 1.0))
    for note in (
        t.PartyCalled(2, "x", PartyKind.AGENT, "binh"),
        t.PartyAnswered(3, "x"),
        t.PartyCalled(4, "y", PartyKind.AGENT, "chi", consult=True, by="x", bridge="b2"),
        t.PartyAnswered(5, "y"),
        t.PartyLeft(6, "a", "hung_up"),
        t.PartyLeft(7, "y", "cancelled"),
    ):
        talk.take(note, note.at)
    assert talk.agent == "binh"
    assert talk.spends().kind is SegmentKind.TALK


@in_virtual_time
async def test_a_second_agent_who_picks_up_in_the_same_moment_is_told_so_at_once() -> None:
    at = await scene()
    await at.ask(o.Park())
    orders = (ask(at.call, o.PickUp(by=agent)) for agent in ("binh", "anna"))
    async with asyncio.timeout(1):
        first, second = await asyncio.gather(*orders, return_exceptions=True)
    assert first == CALLER
    assert str(second) == "he is not parked any more"
    await at.over(CALLER)


@in_virtual_time
async def test_nobody_is_sent_to_a_mailbox_that_there_is_not() -> None:
    at = await scene()
    for name in ("agent:nobody", "queue:nowhere", "anna"):
        with pytest.raises(NotPossible, match="no mailbox"):
            await at.ask(o.TransferTo(to=Destination(kind=DestinationKind.VOICEMAIL, name=name)))
    assert at.hears(CALLER, at.leg())
    await at.over(CALLER)


@in_virtual_time
async def test_whoever_has_the_contact_is_heard_also_a_listener_who_has_got_it() -> None:
    at = await scene()
    with pytest.raises(NotPossible, match="must be heard"):
        await at.ask(o.GiveRole(who="anna", role=Role.LISTENER))
    await at.ask(o.Invite(to=BINH, role=Role.LISTENER))
    await at.later(4)
    binh = at.leg("3002")
    assert not at.hears(CALLER, binh)
    at.switch.put_down(at.leg())
    await at.later(1)
    assert at.hears(CALLER, binh)
    await at.ask(o.Hold(by="binh"))
    await at.over(CALLER)


@in_virtual_time
async def test_who_is_given_a_caller_that_another_one_has_muted_hears_him() -> None:
    at = await scene()
    await at.ask(o.Mute(who="caller"))
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(4)
    await at.ask(o.Complete())
    await at.later(1)
    assert at.hears(at.leg("3002"), CALLER)
    await at.over(CALLER)


@in_virtual_time
async def test_no_caller_goes_alone_into_a_flow_while_a_phone_rings_for_his_talk() -> None:
    at = await scene()
    await at.ask(o.Invite(to=BINH))
    with pytest.raises(NotPossible, match="phone rings"):
        await at.ask(o.Secure(flow=next(iter(at.center.site.flows))))
    await at.over(CALLER)


@pytest.mark.parametrize("comes_back", [False, True])
@in_virtual_time
async def test_whose_phone_has_us_on_hold_has_it_still_when_the_next_agent_answers(
    comes_back: bool,
) -> None:
    at = await scene()
    at.switch.hold(CALLER, held=True)
    await at.later(1)
    await at.ask(o.TransferTo(to=BINH))
    if comes_back:
        at.switch.hold(CALLER, held=False)
    await at.later(4)
    assert bool(at.switch.channels[at.leg("3002")].music) is not comes_back
    await at.over(CALLER)


@in_virtual_time
async def test_a_caller_on_hold_who_is_sent_keys_has_music_again() -> None:
    at = await scene()
    await at.ask(o.Hold())
    await at.ask(o.SendKeys(keys="12"))
    assert at.switch.channels[CALLER].music
    await at.over(CALLER)


@in_virtual_time
async def test_an_agent_who_is_told_something_while_a_phone_rings_hears_it_ring_again() -> None:
    at = await scene(Phone(answers=20))
    await at.ask(o.ConsultWith(to=BINH))
    assert at.switch.channels[at.leg()].ringing
    for key in "#0":
        at.switch.press(at.leg(), key)
    await asyncio.sleep(1)
    assert not at.switch.channels[at.leg()].ringing
    await at.later(3)
    assert at.switch.channels[at.leg()].ringing
    await at.over(CALLER)


@pytest.mark.parametrize("order", [o.ConsultWith, o.TransferTo])
@in_virtual_time
async def test_a_phone_that_unregisters_while_it_rings_for_a_caller_rings_no_longer(
    order: type[o.ConsultWith | o.TransferTo],
) -> None:
    at = await scene(Phone(answers=25))
    await at.ask(order(to=BINH))
    await at.later(2)
    at.center.registry.deliver(EndpointChanged(at.center.clock.now(), "3002", online=False))
    await at.later(3)
    assert at.switch.legs_of("3002") == []
    assert at.hears(CALLER, at.leg())  # anna is with him again, or he is back in her line
    await at.over(CALLER)


@in_virtual_time
async def test_a_phone_that_rang_before_a_crash_and_unregisters_after_it_rings_no_longer() -> None:
    at = await scene(Phone(answers=40))
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(2)
    await at.center.kill()
    at = Scene(at.center.successor())
    await at.center.start()
    await at.later(1)
    at.center.registry.deliver(EndpointChanged(at.center.clock.now(), "3002", online=False))
    await at.later(3)
    assert at.switch.legs_of("3002") == []
    assert at.hears(CALLER, at.leg())
    await at.over(CALLER)
