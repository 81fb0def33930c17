"""The engine dies and comes back: nobody is hung up, nothing is forgotten, nothing told twice."""

import asyncio
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from center import MENU, PATIENCE, SUPPORT, open_center, open_floor, until
from crowd import (
    AGREE_SECONDS,
    SLOW,
    Agents,
    Crowd,
    agents_tone,
    assert_agrees,
    assert_same,
    assert_unbroken,
    callers_tone,
    crowd_site,
    extension_of,
    line,
    plan,
    records_of,
    stages,
    states,
    until_stages,
)
from listening import heard_prompt

from engine.demo import tones

EACH = 20
TALKING, WAITING, CHOOSING = "0901", "0902", "0903"
"""How the numbers of the callers in each place begin."""


@pytest.fixture
async def floor(prepared, tmp_path):
    settings = crowd_site(tmp_path / "site")
    async with open_center(prepared, tmp_path, settings) as center, open_floor(center) as floor:
        yield floor


@pytest.fixture
async def agents(floor):
    async with Agents(floor) as agents:
        yield agents


def callers(place, number, count=EACH, tone=False):
    return [
        plan(number, f"{place}{n:06d}", tone_hz=callers_tone(n) if tone else None)
        for n in range(count)
    ]


def positions(crowd):
    """How much each caller has heard so far."""
    return {call.plan.caller: len(call.party.heard()) for call in crowd.calls.values()}


def speech_since(call, position):
    return tones.speech_seconds(call.party.heard()[position:])


async def until_silent(calls):
    """Wait until none of them is told anything for a second: the menu waits for a key."""
    async with asyncio.timeout(30):
        spoken_to = calls
        while spoken_to:
            before = [len(call.party.heard()) for call in calls]
            await asyncio.sleep(1)  # what is listened to
            spoken_to = [c for c, at in zip(calls, before, strict=True) if speech_since(c, at)]


async def held(customer):
    """Call while the engine is away, and be answered by the dialplan.

    Who comes in the moment of the crash, before Asterisk has noticed it, waits unanswered for the
    engine's return; he calls again.
    """
    while True:
        call = await customer.dial(SUPPORT)
        try:
            await call.wait_established(8)
        except TimeoutError:
            await call.hang_up()
        else:
            return call


async def partners(floor):
    """Who talks with whom: the caller's number -> the agent's name."""
    return {
        call["caller"]: call["agent"]
        for call in await floor.center.get("/v1/calls")
        if call["stage"] == "talk"
    }


async def entered(floor):
    """When each waiting caller came into the line, in the order of the line."""
    now = time.time()
    return {call: now - seconds for call, seconds in await line(floor)}


@pytest.mark.timeout(240)  # a quarter of that where there is a core for it
@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_sixty_callers_do_not_notice_that_the_engine_was_away(floor, agents, how):
    center = floor.center
    for n in range(EACH + 1):
        await agents.log_in(f"agent{n + 1}", extension_of(n + 1), agents_tone(n))
    await agents.log_in("lan", "3101")
    await agents.log_in("hoa", "3102")
    await center.post("/v1/agents/agent30/login", pause_reason="lunch")
    customers = [await floor.caller() for _ in range(4)]
    served = await floor.dial(SLOW, phone=customers[3])
    await floor.until_state("hoa", "talking")
    await served.hang_up()
    await floor.until_state("hoa", "wrap_up")
    leavers = [await floor.dial(SUPPORT, phone=customers[0])]
    await until_stages(floor, talk=1)

    plans = [
        *callers(TALKING, SUPPORT, tone=True),
        *callers(WAITING, SUPPORT),
        *callers(CHOOSING, MENU),
    ]
    async with Crowd(floor, plans, rate=10.0) as crowd:
        await until_stages(floor, talk=EACH + 1, queue=EACH, ivr=EACH)
        leavers += [
            await floor.dial(SUPPORT, phone=customers[1]),
            await floor.dial(MENU, phone=customers[2]),
        ]
        await until_stages(floor, talk=EACH + 1, queue=EACH + 1, ivr=EACH + 1)
        await crowd.until_answered()
        talking, choosing = crowd.all(TALKING), crowd.all(CHOOSING)
        await until_silent(choosing)
        agent_of = await partners(floor)
        agents_before, line_before = await states(floor), await entered(floor)
        heard, since = positions(crowd), time.monotonic()

        await (center.kill_engine if how == "kill" else center.stop_engine)()
        quitter = agent_of[talking[0].plan.caller]
        await agents.talking(quitter).hang_up()
        for leaver in leavers:
            await leaver.hang_up()
        newcomer = await held(customers[3])
        await until(lambda: floor.heard_prompt(newcomer, "held"))
        await center.start_engine()

        # In the menu: the step's prompt again, and the keys work.
        for caller in choosing:
            await until(partial(told_again, floor, caller, heard[caller.plan.caller]))
        await until_stages(floor, talk=EACH + 1, queue=EACH - 1, ivr=EACH)
        line_after, agents_now = await entered(floor), await states(floor)
        await press_until_heard(floor, choosing, "2")

        # Talking: both sides were heard all the time.
        await until(lambda: talking[0].ended)
        for number, caller in enumerate(talking[1:], 1):
            agent = agent_of[caller.plan.caller]
            said = caller.party.heard()[heard[caller.plan.caller] :]
            assert_unbroken(said, agents.tone[agent], 5, f"what {caller.plan.caller} heard")
            said = agents.talking(agent).heard(since)
            assert_unbroken(said, callers_tone(number), 5, f"what {agent} heard")

        # Waiting: the same line, since the same moments. Two agents became free and took the first
        # two; who came meanwhile stands behind.
        left = {(await floor.record(leaver))["call"] for leaver in leavers}
        stayed = [call for call in line_before if call not in left]
        assert len(stayed) == EACH
        assert list(line_after)[:-1] == stayed[2:]
        for call, at in line_after.items():
            assert call not in line_before or abs(at - line_before[call]) < AGREE_SECONDS

        # Agents: as they were, but for the two who took another call.
        assert len(agents_before.items() - agents_now.items()) == 2

        # All are served, in their order.
        agents.hang_up_after = 0.3
        assert [c for c in crowd.calls.values() if c.ended] == talking[:1]
        for agent in agent_of.values():
            await agents.talking(agent).hang_up()
        await newcomer.wait_ended(30)
        await center.post("/v1/agents/hoa/ready")
        result = await crowd.ended()

    records = await records_of(floor, 3 * EACH + len(leavers) + 2)
    for call in result.calls:
        record = records[call.call_id]
        assert_agrees(record, call)
        assert (call.ended_by, record["ended_by"]) == ("far end", "agent")
    for call in (*leavers, served, newcomer):
        record = records[call.sip_call_id]
        assert_same(record, call.began.wall, call.answered.wall, call.ended.wall)
    for record in records.values():
        for recording in record["recordings"]:
            assert recording["complete"], recording
    ...


async def told_again(floor, call, position):
    """Whether a caller in the menu hears its prompt from the beginning.

    In a thread: the sound of all callers passes through this loop, and must not wait.
    """
    file = Path(floor.center.environment()["TONGDAI_PROMPTS_DIR"], "en/main_menu.wav")
    return await asyncio.to_thread(heard_prompt, call.party.heard()[position:], file)


@pytest.fixture
async def two(floor):
    """A caller and an agent, each at a phone of his own; the agent answers by hand."""
    phone = await floor.phone("3001")
    await floor.center.post("/v1/agents/agent1/login")
    return await floor.caller(), phone


async def back(center):
    await center.kill_engine()
    await center.start_engine()


async def hear_each_other(calling, answered):
    """From now on, in both directions."""
    now = time.monotonic()
    calling.start_tone(callers_tone(1))
    answered.start_tone(agents_tone(1))
    await until(lambda: tones.find(calling.heard(now), agents_tone(1)).seconds > 0.5)
    await until(lambda: tones.find(answered.heard(now), callers_tone(1)).seconds > 0.5)


async def test_callers_stay_when_the_engine_dies_again_while_it_comes_back(floor, two):
    customer, phone = two
    choosing = await floor.dial(MENU)
    talking = await floor.dial(SUPPORT, phone=customer)
    answered = await phone.next_call(PATIENCE)
    await answered.answer()
    await until_stages(floor, ivr=1, talk=1)
    waiting = await floor.dial(SUPPORT)
    await until_stages(floor, ivr=1, talk=1, queue=1)

    for moment in (0.3, 0.6, 0.9, 1.2):  # from the first import to the links to Asterisk
        await floor.center.kill_engine()
        await floor.center.start_engine(wait=False)
        await asyncio.sleep(moment)
    await back(floor.center)

    await until_stages(floor, ivr=1, talk=1, queue=1)
    await hear_each_other(talking, answered)
    for call in (choosing, waiting, talking):
        await call.hang_up()
        await call.wait_ended(PATIENCE)
    records = await records_of(floor, 3)
    for call in (choosing, waiting, talking):
        record = records[call.sip_call_id]
        assert_same(record, call.began.wall, call.answered.wall, call.ended.wall)
    assert records[talking.sip_call_id]["recordings"][0]["complete"]


async def test_a_talk_goes_on_and_is_recorded_whenever_after_the_answer_the_engine_dies(floor, two):
    customer, phone = two
    for count, moment in enumerate((0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3), 1):
        calling = await floor.dial(SUPPORT, phone=customer)
        answered = await phone.next_call(PATIENCE)
        await answered.answer()
        await answered.wait_established(PATIENCE)
        await asyncio.sleep(moment)
        await back(floor.center)

        await hear_each_other(calling, answered)
        await answered.hang_up()
        await calling.wait_ended(PATIENCE)
        record = (await records_of(floor, count))[calling.sip_call_id]
        assert_same(record, calling.began.wall, calling.answered.wall, calling.ended.wall)
        assert record["outcome"] == "answered"
        assert [offer["outcome"] for offer in record["offers"]] == ["answered"]
        [recording] = record["recordings"]
        assert recording["seconds"] > 0.5  # as long as they heard each other with an engine
        await floor.until_state("agent1", "ready")


async def test_an_agent_who_answers_while_the_engine_is_away_talks_with_his_caller(floor, two):
    customer, phone = two
    calling = await floor.dial(SUPPORT, phone=customer)
    answered = await phone.next_call(PATIENCE)

    await floor.center.kill_engine()
    await answered.answer()
    await answered.wait_established(PATIENCE)
    await floor.center.start_engine()

    await hear_each_other(calling, answered)
    assert (await floor.seen("agent1"))["state"] == "talking"
    await calling.hang_up()
    await answered.wait_ended(PATIENCE)
    record = (await records_of(floor, 1))[calling.sip_call_id]
    assert_same(record, calling.began.wall, calling.answered.wall, calling.ended.wall)
    assert [offer["outcome"] for offer in record["offers"]] == ["answered"]
    assert record["recordings"][0]["complete"]


async def test_an_agent_who_refuses_while_the_engine_is_away_is_rung_again(floor, two):
    customer, phone = two
    calling = await floor.dial(SUPPORT, phone=customer)
    refused = await phone.next_call(PATIENCE)

    await floor.center.kill_engine()
    await refused.reject()
    await refused.wait_ended(PATIENCE)
    await floor.center.start_engine()

    again = await phone.next_call(PATIENCE)
    await again.answer()
    await hear_each_other(calling, again)
    await again.hang_up()
    await calling.wait_ended(PATIENCE)
    record = (await records_of(floor, 1))[calling.sip_call_id]
    assert_same(record, calling.began.wall, calling.answered.wall, calling.ended.wall)
    assert record["offers"][-1]["outcome"] == "answered"


async def test_a_phone_stops_ringing_for_a_caller_who_left_while_the_engine_was_away(floor, two):
    customer, phone = two
    calling = await floor.dial(SUPPORT, phone=customer)
    ringing = await phone.next_call(PATIENCE)

    await floor.center.kill_engine()
    await calling.hang_up()
    await calling.wait_ended(PATIENCE)
    await floor.center.start_engine()

    await ringing.wait_ended(PATIENCE)
    assert (await floor.seen("agent1"))["state"] == "ready"
    record = (await records_of(floor, 1))[calling.sip_call_id]
    assert_same(record, calling.began.wall, calling.answered.wall, calling.ended.wall)
    assert (record["outcome"], record["ended_by"]) == ("abandoned", "caller")


async def test_when_asterisk_dies_each_call_is_recorded_once_and_the_agents_are_free(floor, two):
    customer, phone = two
    choosing = await floor.dial(MENU)
    talking = await floor.dial(SUPPORT, phone=customer)
    await (await phone.next_call(PATIENCE)).answer()
    await until_stages(floor, ivr=1, talk=1)
    waiting = await floor.dial(SUPPORT)
    await until_stages(floor, ivr=1, talk=1, queue=1)
    calls = {call.sip_call_id for call in (choosing, talking, waiting)}

    asterisk = floor.center.asterisk
    died = time.time()
    os.kill(asterisk.pid, signal.SIGKILL)
    await floor.center.kill_engine()
    await asterisk.stop()
    await asterisk.start()
    started = time.time()
    await floor.center.start_engine()

    records = await records_of(floor, 3)
    assert set(records) == calls
    for record in records.values():
        assert record["estimated_end"]
        assert died - AGREE_SECONDS < record["ended"] < started + AGREE_SECONDS
    assert (await floor.seen("agent1"))["state"] == "ready"
    assert await stages(floor) == {}


async def press_until_heard(floor, callers, key):
    """All press; whom a machine without a moment to spare did not hear presses again, as people
    do."""
    for caller in callers:
        caller.party.press(key)
    try:
        await until_stages(floor, patience=PATIENCE / 2, ivr=None)
    except AssertionError:
        in_menu = {call["caller"] for call in await floor.live() if call["stage"] == "ivr"}
        for caller in callers:
            if caller.plan.caller in in_menu:
                caller.party.press(key)
        await until_stages(floor, ivr=None)
