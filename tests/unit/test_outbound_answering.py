"""Who answered a campaign's call: people, machines, faxes, tones, silence; and broadcasts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from acd.messages import AgentPaused, AgentState
from dialer.dispositions import Disposition
from dialer.plan import AttemptMade, Mode, OnMachine
from engine.call_record import CallOutcome
from engine.demo import tones
from engine.ports import Refused
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import flow_of
from tests.unit.outbound_center import (
    CALLEE,
    dial,
    dialing_center,
    legs,
    made,
    recorded,
    says,
    survey_flow,
)
from tests.unit.small_center import ANNA, SmallCenter
from tests.unit.virtual_time import in_virtual_time

ANSWERS = Phone(rings=0.2, answers=4, talks=60)
MACHINE = replace(ANSWERS, heard_as=(2.0, "MACHINE", "LONGGREETING-3200-3200"))


async def center_for(phone: Phone, **queue: Any) -> SmallCenter:
    """One agent is there, and this callee."""
    center = await dialing_center(**queue)
    center.switch.phones[CALLEE] = phone
    center.switch.phones[ANNA] = Phone(talks=5)
    return center


async def detected(phone: Phone, mode: Mode = Mode.PREDICTIVE, **plan: Any) -> AttemptMade:
    """What came of a call to this callee, which is listened to."""
    center = await center_for(phone)
    dial(center, mode, detect=True, **plan)
    return await made(center)


# -- who it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.PREDICTIVE, Mode.PROGRESSIVE])
@in_virtual_time
async def test_a_person_hears_an_agent_and_his_time_runs_from_the_end_of_his_greeting(
    mode: Mode,
) -> None:
    phone = replace(ANSWERS, heard_as=(1.5, "HUMAN", "HUMAN-800-800"))
    center = await center_for(phone)
    dial(center, mode, detect=True)
    record = await recorded(center)
    attempt = record.attempt
    assert attempt is not None
    assert (attempt.disposition, attempt.verdict) == (Disposition.CONNECTED, "HUMAN")
    assert attempt.answered is not None
    assert attempt.person is not None
    assert attempt.person - attempt.answered == pytest.approx(0.7)
    assert record.segments[1].kind == "detection"
    assert record.visits[0].entered == attempt.person


@in_virtual_time
async def test_a_person_who_was_listened_to_has_less_time_left_and_is_told_in_time() -> None:
    center = await center_for(replace(ANSWERS, heard_as=(1.5, "HUMAN", "HUMAN-800-800")))
    center.desk.post(AgentPaused("anna", "lunch"))
    dial(center, Mode.PREDICTIVE, detect=True)
    record = await recorded(center)
    assert record.attempt is not None
    assert record.attempt.disposition is Disposition.ABANDONED
    spoke = next(s.at for s in record.steps if s.event == "say")
    assert record.attempt.person is not None
    assert 1.5 < spoke - record.attempt.person < 2


@pytest.mark.parametrize("status", ["NOTSURE", "HANGUP", ""])
@in_virtual_time
async def test_whoever_is_not_surely_a_machine_is_a_person(status: str) -> None:
    made_of_it = await detected(replace(ANSWERS, heard_as=(1.0, status, "")))
    assert made_of_it.disposition is Disposition.CONNECTED


@in_virtual_time
async def test_who_is_listened_to_for_too_long_is_a_person() -> None:
    made_of_it = await detected(replace(ANSWERS, heard_as=(30.0, "MACHINE", "")))
    assert made_of_it.verdict == "NOTSURE"
    assert made_of_it.person is not None


@pytest.mark.parametrize("mode", [Mode.PREDICTIVE, Mode.PROGRESSIVE])
@pytest.mark.parametrize(
    ("status", "disposition"),
    [
        ("MACHINE", Disposition.MACHINE),
        ("FAX", Disposition.FAX),
        ("SIT", Disposition.INVALID),
        ("SILENCE", Disposition.SILENT),
    ],
)
@in_virtual_time
async def test_no_person_is_hung_up_on_and_holds_no_agent(
    mode: Mode, status: str, disposition: Disposition
) -> None:
    center = await center_for(replace(ANSWERS, heard_as=(2.0, status, "")))
    dial(center, mode, detect=True)
    await asyncio.sleep(6.5)
    assert center.state_of("anna") is AgentState.READY
    record = await recorded(center)
    assert record.attempt is not None
    assert record.attempt.disposition is disposition
    assert record.outcome is CallOutcome.NOT_REACHED
    assert record.ended_by == "engine"
    assert says(center) == []


@in_virtual_time
async def test_who_hangs_up_while_he_is_listened_to_has_hung_up() -> None:
    phone = replace(ANSWERS, heard_as=(3.0, "HUMAN", "HUMAN-800-800"), talks=1)
    for mode in (Mode.PREDICTIVE, Mode.PROGRESSIVE):
        center = await center_for(phone)
        dial(center, mode, detect=True)
        assert (await made(center)).disposition is Disposition.HUNG_UP


@in_virtual_time
async def test_the_agent_who_is_held_may_go_while_it_is_listened() -> None:
    center = await center_for(replace(ANSWERS, heard_as=(3.0, "HUMAN", "HUMAN-800-800")))
    dial(center, Mode.PROGRESSIVE, detect=True)
    await asyncio.sleep(5)
    center.desk.post(AgentPaused("anna", "lunch"))
    assert (await made(center)).disposition is Disposition.ABANDONED


@in_virtual_time
async def test_what_was_heard_while_the_engine_was_dead_is_not_lost() -> None:
    first = await center_for(MACHINE)
    dial(first, Mode.PREDICTIVE, detect=True)
    await asyncio.sleep(5)
    await first.kill()
    await asyncio.sleep(3)
    second = first.successor()
    await second.start()
    attempt = await made(second)
    assert (attempt.disposition, attempt.verdict) == (Disposition.MACHINE, "MACHINE")


@in_virtual_time
async def test_an_agent_who_is_on_the_line_hears_himself_who_answers() -> None:
    center = await center_for(MACHINE)
    dial(center, Mode.MANUAL, detect=True)
    attempt = await made(center)
    assert (attempt.disposition, attempt.verdict) == (Disposition.CONNECTED, "")


# -- machines --------------------------------------------------------------------------------------


MESSAGE = {"on_machine": OnMachine.MESSAGE, "machine_prompts": ("called_for", "sorry")}
HEARD = {"beep": tones.sine(800, 4000) + bytes(640), "silence": bytes(66_000)}


@pytest.mark.parametrize("heard", HEARD)
@in_virtual_time
async def test_a_machine_gets_its_message_after_the_beep(heard: str) -> None:
    center = await center_for(MACHINE)
    dial(center, Mode.PROGRESSIVE, detect=True, **MESSAGE)
    await asyncio.sleep(6.5)
    assert center.state_of("anna") is AgentState.READY
    assert says(center) == []
    for channel in list(center.switch.channels):
        center.switch.say(channel, HEARD[heard])
    attempt = await made(center)
    assert attempt.disposition is Disposition.MESSAGE_LEFT
    assert attempt.spoken == ("called_for", "sorry")
    assert says(center) == ["called_for", "sorry"]


@in_virtual_time
async def test_the_dialplan_waits_for_silence_when_the_engine_cannot_hear_a_machine() -> None:
    center = await center_for(MACHINE)
    center.switch.faults["hear"] = Refused("no bridge")
    dial(center, Mode.PROGRESSIVE, detect=True, **MESSAGE)
    attempt = await made(center)
    assert attempt.disposition is Disposition.MESSAGE_LEFT
    handed = [command for command in center.switch.commands if command[0] == "hand_over"]
    assert [extension for *_, extension in handed] == ["s", "beep"]


@in_virtual_time
async def test_a_machine_that_hangs_up_in_the_message_is_tried_again_as_a_machine() -> None:
    attempt = await detected(
        replace(MACHINE, talks=4.5), on_machine=OnMachine.MESSAGE, machine_prompts=("called_for",)
    )
    assert attempt.disposition is Disposition.MACHINE


@in_virtual_time
async def test_a_machine_may_be_connected_like_a_person() -> None:
    attempt = await detected(MACHINE, on_machine=OnMachine.CONNECT)
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "anna")


# -- broadcasts ------------------------------------------------------------------------------------


async def broadcast(center: SmallCenter, flow: Any, **plan: Any) -> AttemptMade:
    """A call whose callee a flow serves."""
    center.site.flows["test"] = flow
    dial(center, Mode.BROADCAST, flow="test", queue="", **plan)
    return await made(center)


@in_virtual_time
async def test_a_flow_serves_whom_a_broadcast_calls() -> None:
    center = await center_for(ANSWERS)
    attempt = await broadcast(center, survey_flow())
    assert (attempt.disposition, attempt.agent) == (Disposition.SERVED, "")
    assert legs(center, ANNA) == []


@in_virtual_time
async def test_a_flow_reads_what_is_known_of_the_lead() -> None:
    center = await center_for(ANSWERS)
    flow = flow_of(
        {
            "which": {
                "type": "if",
                "when": "call.lead.name == 'Lan' && call.entry == 'outbound'",
                "then": "lan",
                "else": "bye",
            },
            "lan": {"type": "hangup", "prompts": "welcome"},
            "bye": {"type": "hangup", "prompts": "sorry"},
        }
    )
    await broadcast(center, flow, data={"name": "Lan"})
    assert [each for each in says(center) if "welcome" in each]


@in_virtual_time
async def test_who_hangs_up_in_the_flow_was_not_served() -> None:
    center = await center_for(replace(ANSWERS, talks=0.5))
    assert (await broadcast(center, survey_flow())).disposition is Disposition.HUNG_UP


@in_virtual_time
async def test_who_reached_a_milestone_was_served() -> None:
    center = await center_for(replace(ANSWERS, talks=0.5))
    flow = flow_of(
        {
            "greet": {"type": "say", "prompts": "welcome", "log": "heard", "next": "bye"},
            "bye": {"type": "hangup", "prompts": "sorry"},
        }
    )
    assert (await broadcast(center, flow)).disposition is Disposition.SERVED


@in_virtual_time
async def test_who_asks_the_flow_for_an_agent_is_connected() -> None:
    center = await center_for(ANSWERS)
    flow = flow_of(
        {
            "agent": {
                "type": "queue",
                "queue": "support",
                **dict.fromkeys(("timeout", "full", "no_agents"), "bye"),
            },
            "bye": {"type": "hangup", "prompts": "sorry"},
        }
    )
    attempt = await broadcast(center, flow)
    assert (attempt.disposition, attempt.agent) == (Disposition.CONNECTED, "anna")


@in_virtual_time
async def test_whose_flow_says_so_is_called_no_more() -> None:
    center = await center_for(ANSWERS)
    flow = flow_of(
        {
            "tag": {"type": "tag", "disposition": "do_not_call", "next": "bye"},
            "bye": {"type": "hangup", "prompts": "sorry"},
        }
    )
    attempt = await broadcast(center, flow, codes={"do_not_call": "suppress"})
    assert attempt.opted_out


@in_virtual_time
async def test_without_its_flow_a_broadcast_says_that_it_was_a_mistake() -> None:
    center = await center_for(ANSWERS)
    dial(center, Mode.BROADCAST, flow="gone", queue="")
    attempt = await made(center)
    assert (attempt.disposition, attempt.spoken) == (Disposition.ABANDONED, ("dialer_dropped",))
