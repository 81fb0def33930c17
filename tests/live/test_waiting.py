"""Callers who wait in a queue, and agents whose phones ring for them."""

import asyncio

import pytest
from center import (
    BRIEF,
    CLOSED_SHOP,
    IMPATIENT,
    MENU,
    PATIENCE,
    SUPPORT,
    kinds_of,
    seconds_of,
    until,
)

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_caller_hears_music_until_an_agent_logs_in_and_answers(floor):
    calling = await floor.dial(SUPPORT)
    await until(lambda: floor.heard_music(calling))
    assert (await floor.live())[0]["stage"] == "queue"

    agent = await floor.agent("mai", "3001", answer_after=0)
    answered = await agent.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    await floor.until_state("mai", "talking")
    await until(lambda: is_quiet(calling.heard()))

    assert tones.speech_seconds(answered.heard()) < 0.2
    await calling.hang_up()
    record = await floor.record(calling)
    assert kinds_of(record) == ["setup", "queue", "ring", "talk"]
    assert [v["outcome"] for v in record["visits"]] == ["answered"]


async def test_callers_give_up_in_the_menu_and_in_the_queue(floor):
    in_menu, in_queue = await asyncio.gather(floor.dial(MENU), floor.dial(SUPPORT))
    await until(lambda: floor.heard_prompt(in_menu, "welcome"))
    await until(lambda: floor.heard_music(in_queue))

    await asyncio.gather(in_menu.hang_up(), in_queue.hang_up())

    menu, queue = [await floor.record(call) for call in (in_menu, in_queue)]
    assert [r["outcome"] for r in (menu, queue)] == ["abandoned", "abandoned"]
    assert [r["ended_by"] for r in (menu, queue)] == ["caller", "caller"]
    assert (kinds_of(menu), menu["visits"]) == (["setup", "ivr"], [])
    assert kinds_of(queue) == ["setup", "queue"]
    assert [v["outcome"] for v in queue["visits"]] == ["abandoned"]
    assert queue["visits"][0]["left"] == queue["ended"]


async def test_a_caller_who_gives_up_while_a_phone_rings_makes_it_stop(floor):
    agent = await floor.agent("mai", "3001")
    calling = await floor.dial(SUPPORT)
    ringing = await agent.next_call(PATIENCE)
    await floor.until_state("mai", "offered")

    await calling.hang_up()

    assert await ringing.wait_ended(PATIENCE) == "hung up there"
    await floor.until_state("mai", "ready")
    record = await floor.record(calling)
    assert record["outcome"] == "abandoned"
    assert kinds_of(record) == ["setup", "queue", "ring"]
    assert [o["outcome"] for o in record["offers"]] == ["caller_left"]
    again = await floor.dial(SUPPORT)
    assert await agent.next_call(PATIENCE)
    await again.hang_up()


async def test_a_call_that_an_agent_refuses_rings_at_the_next_one(floor):
    first, second = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(SUPPORT)

    await (await first.next_call(PATIENCE)).reject()

    answered = await second.next_call(PATIENCE)
    await answered.answer()
    await floor.until_state("john", "talking")
    await calling.hang_up()
    record = await floor.record(calling)
    offers = [(o["agent"], o["outcome"]) for o in record["offers"]]
    assert offers == [("mai", "busy"), ("john", "answered")]
    assert record["agent"] == "john"


async def test_agents_who_do_not_answer_are_passed_over_and_then_left_alone(floor):
    silent, other = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(IMPATIENT)
    missed = await silent.next_call(PATIENCE)

    ringing = await other.next_call(PATIENCE)

    assert await missed.wait_ended(PATIENCE) == "hung up there"
    assert await ringing.wait_ended(PATIENCE) == "hung up there"
    await floor.until_state("mai", "not_responding")
    await floor.until_state("john", "not_responding")
    await silent.next_call(PATIENCE), await other.next_call(PATIENCE)  # their second chances
    back = asyncio.create_task(silent.next_call(PATIENCE))
    await floor.center.post("/v1/agents/mai/ready")
    await (await back).answer()
    await floor.until_state("mai", "talking")
    await calling.hang_up()
    offers = [(o["agent"], o["outcome"]) for o in (await floor.record(calling))["offers"]]
    assert offers == [
        *[(agent, "timed_out") for agent in ("mai", "john", "mai", "john")],
        ("mai", "answered"),
    ]


async def test_a_phone_that_goes_away_while_it_rings_sends_the_caller_on_at_once(floor):
    first, second = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(SUPPORT)
    await first.next_call(PATIENCE)

    await first.unregister()

    await (await second.next_call(PATIENCE)).answer()
    await floor.until_state("john", "talking")
    assert (await floor.seen("mai"))["state"] == "not_responding"
    await calling.hang_up()
    record = await floor.record(calling)
    offers = [(o["agent"], o["outcome"]) for o in record["offers"]]
    assert offers == [("mai", "unreachable"), ("john", "answered")]
    assert seconds_of(record, "ring") < 10  # less than the 15 s that he may ring


async def test_a_caller_whom_nobody_can_take_is_told_and_let_go(floor):
    await floor.agent("mai", "3001")
    await floor.center.post("/v1/agents/mai/pause", reason="lunch")
    patient, unlucky = await asyncio.gather(floor.dial(BRIEF), floor.dial(CLOSED_SHOP))

    assert await patient.wait_ended(20) == "hung up there"
    assert await unlucky.wait_ended(20) == "hung up there"

    assert floor.heard_prompt(patient, "all_busy")
    assert floor.heard_prompt(unlucky, "all_busy")
    waited, turned_away = [await floor.record(call) for call in (patient, unlucky)]
    assert [r["outcome"] for r in (waited, turned_away)] == ["overflowed", "overflowed"]
    assert [r["ended_by"] for r in (waited, turned_away)] == ["engine", "engine"]
    assert [v["outcome"] for v in waited["visits"]] == ["timeout"]
    assert [v["outcome"] for v in turned_away["visits"]] == ["no_agents"]
    assert 1.9 < seconds_of(waited, "queue") < 5


async def test_calls_go_to_the_agent_who_has_been_idle_longest(floor):
    names = {"mai": "3001", "john": "3002", "linh": "3003"}
    for name, extension in names.items():
        await floor.agent(name, extension, answer_after=0)
    caller = await floor.caller()

    served = []
    for _ in range(5):
        calling = await floor.dial(SUPPORT, phone=caller)
        busy = await until(lambda: talking_agent(floor))
        await calling.hang_up()
        await floor.until_state(busy, "ready")
        await floor.live(0)
        served.append(busy)

    assert served == ["mai", "john", "linh", "mai", "john"]


async def test_an_agent_serves_callers_in_the_order_of_their_arrival(floor):
    agent = await floor.phone("3001")
    waiting = []
    for _ in range(3):
        waiting.append(await floor.dial(SUPPORT))
        await until(lambda: queue_length(floor, len(waiting)))
    await floor.center.post("/v1/agents/mai/login")

    for calling in waiting:
        answered = await agent.next_call(PATIENCE)
        assert f"caller{waiting.index(calling) + 1}" in answered.peer
        await answered.answer()
        await floor.until_together("mai")
        await answered.hang_up()
        assert await calling.wait_ended(PATIENCE) == "hung up there"

    records = [await floor.record(calling) for calling in waiting]
    assert [r["ended_by"] for r in records] == ["agent"] * 3
    answers = [r["visits"][0]["left"] for r in records]
    assert answers == sorted(answers)


async def talking_agent(floor):
    """Who is together with a caller now; None when nobody is."""
    return next((call["agent"] for call in await floor.live() if call["agent"]), None)


def is_quiet(pcm):
    """Whether the last second of what was heard is silence."""
    last = pcm[-2 * tones.RATE :]
    return tones.seconds(last) >= 1 and tones.speech_seconds(last) == 0


async def queue_length(floor, wanted):
    """Whether so many wait in the queue of support."""
    queues = await floor.center.get("/v1/queues")
    return next(len(q["waiting"]) == wanted for q in queues if q["name"] == "support")
