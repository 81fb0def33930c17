"""What is asked of a talk, by whoever may: where everybody is after it, and whose time it was."""

from __future__ import annotations

import asyncio

import pytest

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from engine.call_record import CallRecord, SegmentKind
from engine.calls.call import Call
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask, find_talk
from engine.calls.talk.orders import NotPossible
from engine.calls.talk.parties import Role
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
OUTSIDE = "+84901234567"
BINH = Destination(kind=DestinationKind.AGENT, name="binh")
NUMBER = Destination(kind=DestinationKind.NUMBER, name=OUTSIDE)
SALES = Destination(kind=DestinationKind.QUEUE, name="sales")
TALKING, READY, OFFERED = AgentState.TALKING, AgentState.READY, AgentState.OFFERED


class Scene:
    """Anna talks with a caller; binh is logged in at his phone."""

    def __init__(self, center: SmallCenter) -> None:
        self.center, self.switch = center, center.switch

    @property
    def call(self) -> Call:
        return self.center.registry.calls[CALLER]

    def leg(self, phone: str = "3001") -> str:
        [leg] = self.switch.legs_of(phone)
        return leg.id

    async def ask(self, order: o.Order) -> str:
        told = await ask(self.call, order)
        await asyncio.sleep(0.1)
        self.is_as_noted()
        return told

    async def later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.is_as_noted()

    def is_as_noted(self) -> None:
        """The switch is as the conversation says."""
        call = self.center.registry.calls.get(CALLER)
        conversation = call.standing.conversation if call is not None else None
        if conversation is None:
            return
        for leg, seat in conversation.seats().items():
            found = self.switch.channels[leg]
            there = (found.bridge or "", bool(found.music), found.muted, found.ringing)
            assert there == (seat.bridge, seat.music, seat.silent, seat.rings), leg

    def hears(self, one: str, other: str) -> bool:
        """Whether what is said at ``other`` is heard at ``one``."""
        a, b = self.switch.channels[one], self.switch.channels[other]
        return a.bridge is not None and a.bridge == b.bridge and not a.music and not b.muted

    async def over(self, *channels: str) -> CallRecord:
        for channel in channels:
            self.switch.put_down(channel)
        await self.center.until_over()
        Truth(self.center).check()
        await self.center.kill()
        return self.center.books.of(CALLER)


async def scene(binh: Phone | None = None, *, ready: bool = True, **queue: object) -> Scene:
    center = await opened(small_site(2, **{"wrap_up": 0, **queue}))
    center.switch.phones |= {"3001": Phone(answers=0.5), "3002": binh or Phone(answers=2.0)}
    center.switch.phones[OUTSIDE] = Phone(answers=2.0)
    center.switchboard.online |= {"3001", "3002"}
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(10)
    if ready:
        center.log_in("binh")
    return Scene(center)


def told(record: CallRecord, name: str) -> list[str]:
    return [str(stretch.kind) for stretch in record.parties if stretch.name == name]


def kinds(record: CallRecord) -> list[tuple[str, str | None]]:
    """Of the caller's time, from the first talk on."""
    found = [(str(each.kind), each.agent) for each in record.segments if each.kind != "closing"]
    return found[next(i for i, (kind, _) in enumerate(found) if kind == "talk") :]


@in_virtual_time
async def test_a_caller_is_held_and_taken_back() -> None:
    at = await scene()
    await at.ask(o.Hold(held=True))
    assert not at.hears(CALLER, at.leg())
    assert not at.hears(at.leg(), CALLER)
    await at.later(5)
    await at.ask(o.Hold(held=False))
    assert at.hears(CALLER, at.leg())
    record = await at.over(CALLER)
    assert kinds(record) == [("talk", "anna"), ("hold", "anna"), ("talk", "anna")]


@in_virtual_time
async def test_who_is_muted_hears_and_is_not_heard() -> None:
    at = await scene()
    await at.ask(o.Mute(muted=True))
    assert at.hears(at.leg(), CALLER)
    assert not at.hears(CALLER, at.leg())
    await at.ask(o.Mute(who="caller", muted=True))
    assert not at.hears(at.leg(), CALLER)
    await at.ask(o.Mute(muted=False))
    await at.over(CALLER)


@in_virtual_time
async def test_keys_are_sent_to_the_caller() -> None:
    at = await scene()
    await at.ask(o.SendKeys(keys="12#"))
    assert ("send_keys", CALLER, "12#") in at.switch.commands
    with pytest.raises(NotPossible, match="0-9"):
        await at.ask(o.SendKeys(keys="12x"))
    await at.over(CALLER)


@in_virtual_time
async def test_a_caller_is_given_to_an_agent_who_has_agreed() -> None:
    at = await scene()
    anna = at.leg()
    await at.ask(o.ConsultWith(to=BINH))
    assert at.center.state_of("binh") is OFFERED
    await at.later(4)
    binh = at.leg("3002")
    assert at.center.state_of("binh") is TALKING
    assert at.hears(anna, binh)
    assert not at.hears(CALLER, binh)
    await at.ask(o.Swap())
    assert at.hears(CALLER, anna)
    assert not at.hears(binh, anna)
    await at.ask(o.Swap())
    assert at.hears(anna, binh)
    await at.ask(o.Complete())
    assert at.hears(CALLER, binh)
    assert at.center.state_of("anna") is READY
    assert find_talk(at.center.switchboard, "binh") is at.call
    await at.later(5)
    record = await at.over(CALLER)
    assert kinds(record) == [
        ("talk", "anna"),
        ("hold", "anna"),
        ("talk", "anna"),
        ("hold", "anna"),
        ("talk", "binh"),
    ]
    assert told(record, "anna") == ["talk", "consult", "talk", "consult"]
    assert told(record, "binh") == ["ring", "consult", "hold", "consult", "talk"]
    assert record.agent == "binh"


@pytest.mark.parametrize(
    "phone",
    [Phone(), Phone(refuses=1.0), Phone(rings=None), Phone(answers=1.0, talks=3.0)],
    ids=["no answer", "busy", "dead", "hangs up"],
)
@in_virtual_time
async def test_after_a_consult_that_failed_all_is_as_it_was(phone: Phone) -> None:
    at = await scene(phone)
    anna = at.leg()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(40)
    assert at.hears(CALLER, anna)
    assert at.hears(anna, CALLER)
    assert at.center.state_of("binh") is not TALKING
    assert at.switch.legs_of("3002") == []
    record = await at.over(CALLER)
    assert kinds(record)[-1] == ("talk", "anna")
    assert record.recordings
    assert all(made.complete for made in record.recordings)


@pytest.mark.parametrize("after", [0.5, 4.0], ids=["while it rings", "while they consult"])
@in_virtual_time
async def test_a_consult_that_is_cancelled_leaves_the_caller_with_his_agent(after: float) -> None:
    at = await scene()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(after)
    await at.ask(o.CancelConsult())
    assert at.hears(CALLER, at.leg())
    await at.later(2)
    assert at.center.state_of("binh") is READY
    await at.over(CALLER)


@pytest.mark.parametrize("after", [0.5, 4.0], ids=["while it rings", "while they consult"])
@in_virtual_time
async def test_an_agent_who_hangs_up_while_consulting_has_given_the_caller_on(after: float) -> None:
    at = await scene()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(after)
    at.switch.put_down(at.leg())
    await at.later(4)
    assert at.hears(CALLER, at.leg("3002"))
    assert at.center.state_of("anna") is READY
    record = await at.over(CALLER)
    assert kinds(record)[-1] == ("talk", "binh")


@in_virtual_time
async def test_a_caller_given_to_a_phone_that_nobody_answers_is_back_in_his_line() -> None:
    at = await scene(Phone())
    await at.ask(o.ConsultWith(to=BINH))
    at.switch.put_down(at.leg())
    await at.later(60)
    assert at.center.state_of("anna") is TALKING  # she was free, and he the first in line
    record = await at.over(CALLER)
    assert [visit.queue for visit in record.visits] == ["support", "support"]
    assert [kind for kind, _ in kinds(record)][-1] == "talk"


@in_virtual_time
async def test_three_talk_and_two_go_on_when_one_leaves() -> None:
    at = await scene()
    anna = at.leg()
    await at.ask(o.ConsultWith(to=BINH))
    await at.later(4)
    await at.ask(o.Merge())
    binh = at.leg("3002")
    assert at.hears(CALLER, binh)
    assert at.hears(CALLER, anna)
    assert at.hears(anna, binh)
    await at.later(5)
    await at.ask(o.Leave())
    assert at.hears(CALLER, binh)
    record = await at.over(binh)
    assert [kind for kind, _ in kinds(record)] == ["talk", "hold", "conference", "talk"]
    assert told(record, "anna")[-1] == "conference"


@in_virtual_time
async def test_a_talk_grows_with_an_agent_and_a_number_and_shrinks_again() -> None:
    at = await scene()
    await at.ask(o.Invite(to=BINH, role=Role.LISTENER))
    await at.ask(o.Invite(to=NUMBER))
    assert at.hears(CALLER, at.leg())  # they go on meanwhile
    await at.later(4)
    binh, outside = at.leg("3002"), at.leg(OUTSIDE)
    assert at.hears(CALLER, outside)
    assert at.hears(binh, outside)
    assert not at.hears(CALLER, binh)
    await at.ask(o.GiveRole(who="binh", role=Role.SPEAKER))
    assert at.hears(CALLER, binh)
    await at.ask(o.Lock())
    with pytest.raises(NotPossible, match="locked"):
        await at.ask(o.Invite(to=NUMBER))
    await at.ask(o.Drop(who="0901234567"))
    assert at.switch.legs_of(OUTSIDE) == []
    await at.ask(o.Drop(who="binh"))
    assert at.hears(CALLER, at.leg())
    with pytest.raises(NotPossible, match="nobody would be left"):
        await at.ask(o.Drop(who="anna"))
    await at.over(CALLER)


@in_virtual_time
async def test_those_in_a_talk_of_several_hear_who_comes_and_goes() -> None:
    at = await scene(party_tones=True)
    await at.ask(o.Invite(to=BINH))
    await at.later(4)
    await at.ask(o.Drop(who="binh"))
    tones = [command[3:] for command in at.switch.commands if command[0] == "play_to_all"]
    assert tones == [("sound:beep",), ("sound:beep", "sound:beep")]
    await at.over(CALLER)


@in_virtual_time
async def test_it_is_over_for_all_when_its_leader_leaves_if_that_was_agreed() -> None:
    at = await scene()
    await at.ask(o.Invite(to=BINH))
    await at.later(4)
    await at.ask(o.GiveRole(who="anna", role=Role.LEADER))
    await at.ask(o.EndWithLeader(with_leader=True))
    record = await at.over(at.leg())
    assert record.ended_by == "agent"


@in_virtual_time
async def test_a_number_outside_talks_on_with_the_caller_when_the_agent_leaves() -> None:
    at = await scene()
    await at.ask(o.ConsultWith(to=NUMBER))
    await at.later(4)
    await at.ask(o.Complete())
    assert at.hears(CALLER, at.leg(OUTSIDE))
    assert at.center.state_of("anna") is READY
    await at.later(5)
    record = await at.over(at.leg(OUTSIDE))
    assert kinds(record)[-1] == ("forwarded", None)


# -- sent on ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_blind_transfer_rings_the_other_agent_and_he_has_the_caller() -> None:
    at = await scene()
    await at.ask(o.TransferTo(to=BINH))
    await at.later(1)
    assert at.center.state_of("anna") is READY
    assert at.center.state_of("binh") is OFFERED
    await at.later(3)
    assert at.hears(CALLER, at.leg("3002"))
    await at.ask(o.TransferTo(to=Destination(kind=DestinationKind.AGENT, name="anna")))
    await at.later(3)
    assert at.hears(CALLER, at.leg())
    record = await at.over(CALLER)
    talks = [agent for kind, agent in kinds(record) if kind == "talk"]
    assert talks == ["anna", "binh", "anna"]
    assert [kind for kind, _ in kinds(record)] == ["talk", "dialing", "talk", "dialing", "talk"]


@in_virtual_time
async def test_a_caller_sent_to_a_queue_keeps_his_age() -> None:
    at = await scene(ready=False)
    since = at.call.standing.since
    await at.ask(o.TransferTo(to=SALES))
    await at.later(1)
    assert at.call.standing.stay is not None
    assert (at.call.standing.stay.queue, at.call.standing.stay.since) == ("sales", since)
    record = await at.over(CALLER)
    assert [visit.queue for visit in record.visits] == ["support", "sales"]


@in_virtual_time
async def test_whom_nobody_takes_is_back_in_the_line_that_he_came_from() -> None:
    at = await scene(Phone())
    await at.ask(o.TransferTo(to=BINH))
    await at.later(60)
    assert at.center.state_of("anna") is TALKING
    record = await at.over(CALLER)
    assert [visit.queue for visit in record.visits] == ["support", "support"]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (Destination(kind=DestinationKind.AGENT, name="nobody"), "invalid"),
        (Destination(kind=DestinationKind.AGENT, name="anna"), "busy"),
        (Destination(kind=DestinationKind.QUEUE, name="nowhere"), "no queue"),
        (Destination(kind=DestinationKind.FLOW, name="nowhere"), "no flow"),
        (Destination(kind=DestinationKind.NUMBER, name="+1900"), "may not be dialed"),
        (Destination(kind=DestinationKind.CALLBACK), "cannot be transferred"),
    ],
)
@in_virtual_time
async def test_a_transfer_to_nowhere_is_refused_and_the_talk_goes_on(
    to: Destination, why: str
) -> None:
    at = await scene()
    with pytest.raises(NotPossible, match=why):
        await at.ask(o.TransferTo(to=to))
    assert at.hears(CALLER, at.leg())
    await at.over(CALLER)


@in_virtual_time
async def test_a_caller_is_hung_up_on_by_an_order() -> None:
    at = await scene()
    await at.ask(o.HangUp())
    record = await at.over()
    assert record.ended_by in ("agent", "engine")


@in_virtual_time
async def test_a_parked_caller_is_picked_up_by_another_agent() -> None:
    at = await scene()
    slot = await at.ask(o.Park())
    assert at.center.switchboard.parking.all() == {slot: CALLER}
    await at.later(5)
    assert at.center.state_of("anna") is READY
    assert at.switch.channels[CALLER].music
    with pytest.raises(NotPossible, match=f"slot {slot}"):
        await ask(at.call, o.Hold())
    await ask(at.call, o.PickUp(by="binh"))
    await at.later(4)
    assert at.hears(CALLER, at.leg("3002"))
    assert at.center.switchboard.parking.all() == {}
    record = await at.over(CALLER)
    assert [kind for kind, _ in kinds(record)] == ["talk", "parked", "dialing", "talk"]


@in_virtual_time
async def test_a_parked_caller_whom_nobody_picks_up_is_back_with_his_agent() -> None:
    at = await scene(park_seconds=30)
    await at.ask(o.Park())
    await at.later(35)
    assert at.hears(CALLER, at.leg())
    record = await at.over(CALLER)
    parked = next(each for each in record.segments if each.kind is SegmentKind.PARKED)
    assert 30 <= parked.ended - parked.started < 31
