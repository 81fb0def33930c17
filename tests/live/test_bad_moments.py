"""Callers and agents who hang up, answer or leave at the worst moment: nothing of them is left."""

import asyncio
import time

import pytest
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, SALES, SUPPORT, kinds_of, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOMENTS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Seconds: about as long as a step of a call takes."""


async def test_callers_who_hang_up_while_the_agent_answers_leave_him_free(floor):
    agent = await floor.agent("mai", "3001")
    caller = await floor.caller()
    for moment in MOMENTS:
        calling = await floor.dial(SUPPORT, phone=caller)
        ringing = await agent.next_call(PATIENCE)
        await ringing.answer()
        await asyncio.sleep(moment)
        await calling.hang_up()

        await ringing.wait_ended(PATIENCE)
        record = await floor.record(calling)
        assert (record["outcome"], record["ended_by"]) in [
            ("answered", "caller"),
            ("abandoned", "caller"),
        ]
        assert (await floor.until_state("mai", "ready"))["call"] is None


async def test_both_hang_up_at_once(floor):
    agent = await floor.agent("mai", "3001", answer_after=0)
    caller = await floor.caller()
    for moment in MOMENTS:
        calling = await floor.dial(SUPPORT, phone=caller)
        answered = await agent.next_call(PATIENCE)
        await answered.wait_established(PATIENCE)
        await asyncio.sleep(moment)
        await asyncio.gather(calling.hang_up(), answered.hang_up())

        record = await floor.record(calling)
        assert record["ended_by"] in ("caller", "agent")
        assert record["outcome"] in ("answered", "abandoned")
        await floor.until_state("mai", "ready")


async def test_an_agent_who_logs_out_while_his_phone_rings_passes_the_caller_on(floor):
    first, second = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(SUPPORT)
    ringing = await first.next_call(PATIENCE)

    await floor.center.post("/v1/agents/mai/logout")

    assert await ringing.wait_ended(PATIENCE) == "hung up there"
    await (await second.next_call(PATIENCE)).answer()
    await floor.until_state("john", "talking")
    assert (await floor.seen("mai"))["state"] == "logged_out"
    await calling.hang_up()
    offers = [(o["agent"], o["outcome"]) for o in (await floor.record(calling))["offers"]]
    assert offers == [("mai", "cancelled"), ("john", "answered")]


async def test_a_caller_on_hold_gives_up(floor):
    calling, answered = await talk_that_is_heard(floor)
    await answered.hold()
    await until(lambda: floor.heard_music(calling))

    await calling.hang_up()

    assert await answered.wait_ended(PATIENCE) == "hung up there"
    record = await floor.record(calling)
    assert kinds_of(record)[-1] == "hold"
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")
    await floor.until_state("mai", "ready")


async def test_an_agent_hangs_up_on_a_caller_whom_he_holds(floor):
    calling, answered = await talk_that_is_heard(floor)
    await answered.hold()
    await until(lambda: floor.heard_music(calling))

    await answered.hang_up()

    assert await calling.wait_ended(PATIENCE) == "hung up there"
    assert (await floor.record(calling))["ended_by"] == "agent"


async def test_an_agent_whom_the_caller_holds_hears_music(floor):
    calling, answered = await talk_that_is_heard(floor)
    calling.stop_tone()

    await calling.hold()
    await until(lambda: floor.heard_music(answered))
    resumed = time.monotonic()
    await calling.resume()
    calling.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(answered.heard(resumed), AGENTS_TONE).seconds > 0.3)

    await calling.hang_up()
    assert "hold" in kinds_of(await floor.record(calling))


async def test_three_callers_at_once_reach_three_agents_each_one_of_them(floor):
    agents = {"mai": "3001", "john": "3002", "linh": "3003"}
    phones = [await floor.agent(*agent, answer_after=0) for agent in agents.items()]
    callers = [await floor.caller() for _ in phones]

    calling = await asyncio.gather(*(floor.dial(SALES, phone=phone) for phone in callers))

    answered = [await phone.next_call(PATIENCE) for phone in phones]
    for place, call in enumerate(answered):
        await call.wait_established(PATIENCE)
        call.start_tone(500.0 + 200 * place)
    heard = [await until(lambda call=call: tone_of(call)) for call in calling]
    assert sorted(heard) == [500.0, 700.0, 900.0]
    await asyncio.gather(*(call.hang_up() for call in calling))
    records = [await floor.record(call) for call in calling]
    assert sorted(r["agent"] for r in records) == sorted(agents)


async def test_a_phone_that_is_unregistered_is_not_rung_and_says_so_at_once(floor):
    gone = await floor.agent("mai", "3001")
    await gone.unregister()
    await floor.until_online("3001", online=False)
    calling = await floor.dial(SUPPORT)

    second = await floor.agent("john", "3002")
    await (await second.next_call(PATIENCE)).answer()
    await floor.until_state("john", "talking")

    await calling.hang_up()
    offers = [(o["agent"], o["outcome"]) for o in (await floor.record(calling))["offers"]]
    assert offers == [("mai", "unreachable"), ("john", "answered")]


async def talk_that_is_heard(floor):
    """A talk that has begun at both phones: they may hold it now."""
    calling, answered = await floor.talk()
    calling.start_tone(CALLERS_TONE)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.3)
    return calling, answered


def tone_of(call):
    """Which agent's tone a caller hears, and no other."""
    heard = [hz for hz in (500.0, 700.0, 900.0) if tones.find(call.heard(), hz).seconds > 0.5]
    return heard[0] if len(heard) == 1 else None
