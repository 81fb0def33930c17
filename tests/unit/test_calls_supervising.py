"""A supervisor follows an agent: who hears whom in each way of it, and what the log says after."""

from __future__ import annotations

import asyncio

import pytest

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from engine.call_record import CallOutcome, CallRecord, SegmentKind
from engine.calls.call import Call
from engine.calls.mail import TakeOverWanted, WatchWanted
from engine.calls.names import kind_of
from engine.calls.supervising.notes import SupervisionAsked
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import ConsultWith, Hold, Invite, NotPossible
from engine.calls.talk.parties import Watch
from engine.ports import Down
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import SUPPORT, SmallCenter, opened, small_site
from tests.unit.small_center import Truth as _Truth
from tests.unit.virtual_time import in_virtual_time
from tests.unit.who_hears import heard_by

CALLER, NEXT, CHI, BINH = "100.1", "100.2", "3003", "3002"
BY_BINH = Destination(kind=DestinationKind.AGENT, name="binh")


class Truth(_Truth):
    """A supervisor whom we ring has a channel of ours."""

    def _ends_as_it_did(self, record: CallRecord) -> None:
        if not record.call.startswith("sv-"):
            super()._ends_as_it_did(record)


class Floor:
    """Anna talks, or waits for a caller; Chi and Binh may supervise."""

    def __init__(self, center: SmallCenter) -> None:
        self.center, self.switch = center, center.switch

    async def talk(self, caller: str = CALLER) -> None:
        """A caller and Anna talk."""
        self.switch.arrive(caller, SUPPORT)
        await asyncio.sleep(3)
        assert self.center.state_of("anna") is AgentState.TALKING

    async def supervise(
        self, watch: Watch, supervisor: str = "chi", phone: str = CHI, of: str = "anna"
    ) -> Call:
        """The supervisor's phone rings and he answers."""
        asked = SupervisionAsked(self.center.clock.now(), supervisor, of, watch, phone, "boss")
        call = self.center.registry.supervise(asked)
        await asyncio.sleep(3)
        return call

    async def now(self, supervisor: Call, watch: Watch) -> None:
        """He wants to be in it otherwise."""
        supervisor.deliver(WatchWanted(watch))
        await asyncio.sleep(0.5)

    @property
    def anna(self) -> str:
        """Her leg."""
        [leg] = [leg.id for leg in self.switch.legs_of("3001") if leg.state == "Up"]
        return leg

    def hear(self, *listeners: str) -> list[set[str]]:
        """What each of them hears."""
        return [heard_by(self.switch, listener) for listener in listeners]

    def ears(self) -> list[str]:
        """Of all supervisors, at whatever leg."""
        return [name for name in self.switch.channels if kind_of(name) == "v"]

    def music(self, supervisor: Call) -> bool:
        """Whether he hears music."""
        return self.switch.channels[supervisor.channel].music is not None

    async def over(self) -> None:
        """All hang up; nothing is left."""
        for channel in list(self.switch.channels):
            self.switch.put_down(channel)
            await asyncio.sleep(0.1)
        await self.center.until_over()
        Truth(self.center).check()
        await self.center.kill()


async def floor() -> Floor:
    center = await opened(small_site(3))
    center.switch.phones["3001"] = Phone(answers=1)
    center.log_in("anna")
    for phone in (CHI, BINH):
        center.switch.phones[phone] = Phone(answers=1)
    return Floor(center)


@in_virtual_time
async def test_who_listens_is_heard_by_nobody() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.LISTEN)).channel
    assert on.hear(CALLER, on.anna, chi) == [{on.anna}, {CALLER}, {on.anna, CALLER}]
    await on.over()


@in_virtual_time
async def test_a_whisper_is_heard_by_the_agent_alone() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.WHISPER)).channel
    assert on.hear(CALLER, on.anna, chi) == [{on.anna}, {CALLER, chi}, {on.anna, CALLER}]
    await on.over()


@in_virtual_time
async def test_who_joins_in_is_heard_by_all() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.BARGE)).channel
    assert on.hear(CALLER, on.anna, chi) == [{on.anna, chi}, {CALLER, chi}, {on.anna, CALLER}]
    await on.over()


@in_virtual_time
async def test_a_supervisor_moves_among_the_three_by_his_keys() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.LISTEN)).channel
    heard = []
    for key in "56456546":
        on.switch.press(chi, key)
        await asyncio.sleep(0.5)
        heard.append((chi in heard_by(on.switch, CALLER), chi in heard_by(on.switch, on.anna)))
        assert on.hear(chi) == [{on.anna, CALLER}]
    listens, whispers, barges = (False, False), (False, True), (True, True)
    assert heard == [
        *(whispers, barges, listens, whispers, barges, whispers, listens, barges),
    ]
    await on.over()


@in_virtual_time
async def test_two_supervisors_are_with_one_agent_each_in_his_own_way() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.WHISPER)).channel
    binh = (await on.supervise(Watch.LISTEN, "binh", BINH)).channel
    assert on.hear(CALLER, on.anna) == [{on.anna}, {CALLER, chi}]
    assert on.hear(chi, binh) == [{on.anna, CALLER}, {on.anna, CALLER}]
    on.switch.press(binh, "6")
    await asyncio.sleep(0.5)
    assert on.hear(CALLER, on.anna) == [{on.anna, binh}, {CALLER, chi, binh}]
    assert on.hear(chi) == [{on.anna, CALLER, binh}]
    await on.over()


@in_virtual_time
async def test_between_two_talks_he_hears_music_and_then_the_next_one() -> None:
    on = await floor()
    chi = await on.supervise(Watch.WHISPER)
    assert on.music(chi)
    await on.talk()
    assert on.hear(chi.channel) == [{on.anna, CALLER}]
    on.switch.put_down(CALLER)
    await asyncio.sleep(1)
    assert on.music(chi)
    await asyncio.sleep(60)
    await on.talk(NEXT)
    assert on.hear(chi.channel, on.anna) == [{on.anna, NEXT}, {NEXT, chi.channel}]
    await on.over()


@in_virtual_time
async def test_who_had_joined_in_only_listens_to_the_next_talk() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.BARGE)
    on.switch.put_down(CALLER)
    await asyncio.sleep(60)
    await on.talk(NEXT)
    assert on.hear(NEXT, chi.channel) == [{on.anna}, {on.anna, NEXT}]
    await on.over()


@in_virtual_time
async def test_what_he_did_is_in_the_audit_log_as_he_does_it_and_in_his_record() -> None:
    on = await floor()
    told: list[str] = []
    on.center.switchboard.file_audit = lambda entry: told.append(entry.action)
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.press(chi.channel, "6")
    await asyncio.sleep(10)
    assert told == ["supervise", "listen", "barge"]
    on.switch.put_down(chi.channel)
    await asyncio.sleep(1)
    await on.over()

    record = on.center.books.of(chi.id)
    assert [(e.who, e.action, e.subject, e.contact) for e in record.audit] == [
        ("chi", "supervise", "anna", ""),
        ("chi", "listen", "anna", CALLER),
        ("chi", "barge", "anna", CALLER),
        ("chi", "leave", "anna", CALLER),
        ("chi", "stop_supervising", "anna", ""),
    ]
    assert record.audit[0].detail == "listen, by boss"
    assert record.audit[3].detail == "after 10.0 s of barge"
    assert (record.outcome, record.direction) == (CallOutcome.FEATURE, "internal")
    kinds = [segment.kind for segment in record.segments]
    assert kinds == [SegmentKind.DIALING, SegmentKind.SUPERVISION]
    assert len({entry.entry for entry in record.audit}) == len(record.audit)


@in_virtual_time
async def test_a_talk_knows_who_listens_to_it() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    conversation = on.center.registry.calls[CALLER].standing.conversation
    assert conversation is not None
    assert conversation.watched == {"chi": Watch.LISTEN}
    await on.now(chi, Watch.BARGE)
    assert conversation.watched == {"chi": Watch.BARGE}
    await on.now(chi, Watch.GONE)
    assert conversation.watched == {}
    assert chi.id not in on.center.registry.calls
    await on.over()


@in_virtual_time
async def test_a_supervisor_who_does_not_answer_has_heard_nobody() -> None:
    on = await floor()
    on.switch.phones[CHI] = Phone(answers=None)
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    await asyncio.sleep(40)
    assert on.ears() == []
    await on.over()
    record = on.center.books.of(chi.id)
    assert (record.outcome, record.audit) == (CallOutcome.NOT_REACHED, ())


@in_virtual_time
async def test_a_supervisor_who_is_not_wanted_any_more_is_not_rung_longer() -> None:
    on = await floor()
    on.switch.phones[CHI] = Phone(answers=None)
    chi = await on.supervise(Watch.LISTEN)
    await on.center.registry.dismiss(chi)
    await asyncio.sleep(1)
    assert on.switch.legs_of(CHI) == []
    await on.over()


@in_virtual_time
async def test_a_supervisor_is_offered_nobody_while_he_listens() -> None:
    on = await floor()
    on.center.log_in("chi")
    chi = await on.supervise(Watch.LISTEN)
    assert on.center.state_of("chi") is AgentState.TALKING
    await on.talk()
    await on.now(chi, Watch.GONE)
    assert on.center.state_of("chi") is AgentState.READY
    await on.over()


@in_virtual_time
async def test_the_agent_goes_on_when_his_supervisor_hangs_up() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.BARGE)
    on.switch.put_down(chi.channel)
    await asyncio.sleep(1)
    assert on.hear(CALLER, on.anna) == [{on.anna}, {CALLER}]
    assert on.ears() == []
    await on.over()


@in_virtual_time
async def test_a_switch_that_does_not_answer_is_asked_again() -> None:
    on = await floor()
    await on.talk()
    on.switch.faults["snoop"] = Down("away")
    chi = (await on.supervise(Watch.LISTEN)).channel
    assert on.hear(chi) == [set()]
    del on.switch.faults["snoop"]
    await asyncio.sleep(2)
    assert on.hear(chi) == [{on.anna, CALLER}]
    await on.over()


@in_virtual_time
async def test_a_bridge_that_could_not_be_made_is_made_later() -> None:
    on = await floor()
    await on.talk()
    on.switch.faults["create_bridge"] = Down("away")
    chi = (await on.supervise(Watch.LISTEN)).channel
    del on.switch.faults["create_bridge"]
    await asyncio.sleep(2)
    assert on.hear(chi) == [{on.anna, CALLER}]
    await on.over()


@in_virtual_time
async def test_an_ear_of_which_nothing_is_known_is_hung_up() -> None:
    on = await floor()
    await on.talk()
    on.switch.faults["snoop"] = Down("away")
    await on.supervise(Watch.LISTEN)
    tried = [c[2] for c in on.switch.commands if c[0] == "snoop"]
    hung_up = [c[1] for c in on.switch.commands if c[0] == "hang_up"]
    assert tried == [leg for leg in hung_up if kind_of(leg) == "v"] != []
    await on.over()


@in_virtual_time
async def test_who_had_joined_in_is_with_the_agent_while_another_phone_rings() -> None:
    on = await floor()
    await on.talk()
    chi = (await on.supervise(Watch.BARGE)).channel
    on.switch.phones[BINH] = Phone(answers=8)
    on.center.log_in("binh")
    on.center.switchboard.online.add(BINH)
    call = on.center.registry.calls[CALLER]
    await ask(call, ConsultWith(to=Destination(kind=DestinationKind.AGENT, name="binh")))
    await asyncio.sleep(4)
    assert on.hear(on.anna) == [{chi}]
    assert not [c for c in on.switch.commands if c[:2] == ("join", "")]
    await asyncio.sleep(6)
    [binh] = [leg.id for leg in on.switch.legs_of(BINH)]
    assert on.hear(binh) == [{on.anna, chi}]
    await on.over()


@in_virtual_time
async def test_who_takes_a_talk_over_has_it_and_waits_for_the_next_one_after() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.WHISPER)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(CALLER, chi.channel) == [{chi.channel}, {CALLER}]
    assert on.ears() == []
    on.switch.put_down(CALLER)
    await asyncio.sleep(1)
    assert on.music(chi)
    await asyncio.sleep(60)
    await on.talk(NEXT)
    assert on.hear(chi.channel) == [{on.anna, NEXT}]
    await on.over()
    actions = [entry.action for entry in on.center.books.of(chi.id).audit]
    assert actions[:4] == ["supervise", "whisper", "leave", "take_over"]


@in_virtual_time
async def test_what_was_wanted_of_him_in_his_own_talk_is_done_after_it() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    chi.deliver(WatchWanted(Watch.GONE))
    await asyncio.sleep(2)
    assert on.hear(CALLER) == [{chi.channel}]
    on.switch.put_down(CALLER)
    await asyncio.sleep(3)
    assert chi.id not in on.center.registry.calls
    await on.over()


@in_virtual_time
async def test_a_talk_that_the_agent_had_meanwhile_was_heard_by_nobody() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(60)
    await on.talk(NEXT)
    chi.deliver(TakeOverWanted())
    on.switch.put_down(NEXT)
    await asyncio.sleep(60)
    await on.talk("100.3")
    on.switch.put_down(CALLER)
    await asyncio.sleep(3)
    assert on.hear(chi.channel, "100.3") == [{on.anna, "100.3"}, {on.anna}]
    await on.over()
    assert NEXT not in [entry.contact for entry in on.center.books.of(chi.id).audit]


@in_virtual_time
async def test_who_takes_a_talk_over_is_offered_nobody_who_waits() -> None:
    on = await floor()
    on.center.log_in("chi")
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(1)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(CALLER) == [{chi.channel}]
    assert on.center.state_of("chi") is AgentState.TALKING
    on.switch.put_down(NEXT)
    await on.over()
    assert "chi" not in [offer.agent for offer in on.center.books.of(NEXT).offers]


@in_virtual_time
async def test_who_may_not_have_the_talk_listens_on_and_is_offered_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = await floor()
    on.center.log_in("chi")
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.arrive(NEXT, SUPPORT)
    await asyncio.sleep(1)

    async def refuse(_talk: Call, _order: object) -> str:
        raise NotPossible("not now")

    monkeypatch.setattr("engine.calls.talk.lines.ask", refuse)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(CALLER, chi.channel) == [{on.anna}, {on.anna, CALLER}]
    [view] = [view for view in on.center.desk.acd.agents() if view.name == "chi"]
    assert [task.contact for task in view.tasks] == [chi.id]
    on.switch.put_down(NEXT)
    on.switch.put_down(chi.channel)
    await asyncio.sleep(1)
    await on.over()
    assert "chi" not in [offer.agent for offer in on.center.books.of(NEXT).offers]
    assert [entry.action for entry in on.center.books.of(chi.id).audit] == [
        *("supervise", "listen", "leave", "take_over", "take_over_refused", "listen", "leave"),
        "stop_supervising",
    ]


@in_virtual_time
async def test_who_takes_over_a_caller_on_hold_talks_with_him() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    await ask(on.center.registry.calls[CALLER], Hold())
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(CALLER, chi.channel) == [{chi.channel}, {CALLER}]
    await on.over()


@in_virtual_time
async def test_of_two_who_take_a_talk_over_at_once_the_second_has_come_too_late() -> None:
    on = await floor()
    await on.talk()
    chi, binh = await on.supervise(Watch.LISTEN), await on.supervise(Watch.LISTEN, "binh", BINH)
    for supervisor in (chi, binh):
        on.switch.press(supervisor.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(CALLER, chi.channel) == [{chi.channel}, {CALLER}]
    assert on.music(binh)
    await on.over()


@in_virtual_time
async def test_who_takes_over_from_one_of_several_agents_puts_that_one_out() -> None:
    on = await floor()
    await on.talk()
    on.center.log_in("binh")
    on.center.switchboard.online.add(BINH)
    await ask(on.center.registry.calls[CALLER], Invite(to=BY_BINH))
    await asyncio.sleep(4)
    [binh] = [leg.id for leg in on.switch.legs_of(BINH)]
    chi = await on.supervise(Watch.LISTEN, of="binh")
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert binh not in on.switch.channels
    assert on.hear(CALLER, on.anna) == [{on.anna, chi.channel}, {CALLER, chi.channel}]
    await on.over()


@in_virtual_time
async def test_from_who_is_only_consulted_nothing_can_be_taken_over() -> None:
    on = await floor()
    await on.talk()
    on.center.log_in("binh")
    on.center.switchboard.online.add(BINH)
    await ask(on.center.registry.calls[CALLER], ConsultWith(to=BY_BINH))
    await asyncio.sleep(4)
    [binh] = [leg.id for leg in on.switch.legs_of(BINH)]
    chi = await on.supervise(Watch.LISTEN, of="binh")
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    assert on.hear(binh, chi.channel) == [{on.anna}, {binh, on.anna}]
    await on.over()


@in_virtual_time
async def test_there_is_nothing_to_take_over_while_the_agent_waits() -> None:
    on = await floor()
    chi = await on.supervise(Watch.WHISPER)
    chi.deliver(TakeOverWanted())
    await asyncio.sleep(1)
    assert on.music(chi)
    await on.over()


@in_virtual_time
async def test_who_has_taken_a_talk_over_keeps_it_when_the_engine_dies() -> None:
    on = await floor()
    await on.talk()
    chi = await on.supervise(Watch.LISTEN)
    on.switch.press(chi.channel, "9")
    await asyncio.sleep(2)
    await on.center.kill()
    await asyncio.sleep(1)
    on = Floor(on.center.successor())
    await on.center.start()
    await asyncio.sleep(2)
    assert on.hear(CALLER, chi.channel) == [{chi.channel}, {CALLER}]
    on.switch.put_down(CALLER)
    await asyncio.sleep(5)
    assert on.music(chi)
    for channel in list(on.switch.channels):
        on.switch.put_down(channel)
    await on.center.until_over()
    Truth(on.center, strays_allowed=True).check()
    actions = [entry.action for entry in on.center.books.of(chi.id).audit]
    assert actions == ["supervise", "listen", "leave", "take_over", "stop_supervising"]
    await on.center.kill()
