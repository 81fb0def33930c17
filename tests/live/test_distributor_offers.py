"""Who is offered a caller, step by step, and what real phones make of it: let it ring, answer at
once with another, go away in mid-ring, answer by themselves."""

import asyncio
import contextlib
import math
import os
import re
import sys
import time

import pytest
from center import PATIENCE, until

from engine.demo.phones import PhoneState

pytestmark = pytest.mark.asyncio(loop_scope="module")

SKILLED, STRICT, PATIENT, EVERYBODY, LENIENT, BY_ITSELF, SHOWN = (
    f"1900400{n}" for n in range(1, 8)
)
STEP_SECONDS = 3
RACES = 8
RING_SECONDS = 15
"""Of a phone, where the queue does not say it."""

FILES = {
    "queues.yaml": f"""
        queues:
          skilled:
            wrap_up: none
            needs:
              - {{need: billing >= 3, seconds: {STEP_SECONDS}}}
              - {{need: billing >= 1, seconds: {STEP_SECONDS}}}
          strict: {{wrap_up: none, needs: [billing >= 3]}}
          patient: {{wrap_up: none, ring_seconds: 2, retry_seconds: 1, max_misses: 2}}
          everybody: {{wrap_up: none, ring_width: all}}
          lenient: {{wrap_up: none, unreachable_seconds: 1}}
          by_itself: {{wrap_up: none, offer_mode: auto_answer}}
          shown: {{wrap_up: none, offer_mode: preview, ring_seconds: 3, rejected_seconds: 1}}
    """,
    "agents.yaml": """
        agents:
          mai:
            extension: "3001"
            queues: [skilled, strict, patient, everybody, lenient, by_itself, shown]
            languages: [en]
            skills: {billing: 4}
          john:
            extension: "3002"
            queues: [skilled, strict, patient, everybody, lenient, by_itself, shown]
            skills: {billing: 2}
          linh:
            extension: "3003"
            queues: [skilled, everybody]
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SKILLED}": {{queue: skilled, language: en}}
          "{STRICT}": {{queue: strict, language: en}}
          "{PATIENT}": {{queue: patient, language: en}}
          "{EVERYBODY}": {{queue: everybody, language: en}}
          "{LENIENT}": {{queue: lenient, language: en}}
          "{BY_ITSELF}": {{queue: by_itself, language: en}}
          "{SHOWN}": {{queue: shown, language: en}}
        features: {{ready: "*12"}}
    """,
}
AGENTS = {"mai": "3001", "john": "3002", "linh": "3003"}


# -- skills ------------------------------------------------------------------------------------


async def test_callers_reach_the_less_skilled_step_by_step_although_these_are_idle(floor):
    for name in reversed(AGENTS):  # who knows least is idle the longest
        await floor.agent(name, AGENTS[name], answer_after=0)
    linh = await floor.seen("linh")
    callers = [await floor.dial(SKILLED)]
    await floor.until_state("mai", "talking")
    callers += [await floor.dial(SKILLED), await floor.dial(SKILLED)]
    first, second, last = [each["call"] for each in await floor.live(3)]

    assert "asked for: billing >= 3" in await until_waits(floor, last, "billing >= 3")
    assert await keeps_from(floor, last, "john", "linh") == ["lacks billing >= 3"] * 2
    assert "asked for: billing >= 1" in await until_waits(floor, last, "billing >= 1")
    await floor.until_state("john", "talking")
    talking = [f"talking with {call}" for call in (first, second)]
    assert await keeps_from(floor, last, *AGENTS) == [*talking, "lacks billing >= 1"]
    assert (await floor.seen("linh"))["since"] == linh["since"]
    await floor.until_state("linh", "talking")
    await until(lambda: tells(floor, last, "answered by linh"))

    await asyncio.gather(*(call.hang_up() for call in callers))
    records = [await floor.record(call) for call in callers]
    offers = [[(o["agent"], o["outcome"]) for o in record["offers"]] for record in records]
    assert offers == [[(name, "answered")] for name in AGENTS]
    assert [steps_waited(record) for record in records] == [0, 1, 2]
    told = await tongdai_why(floor, last)
    assert "answered by linh" in told
    assert told.index("asked for: billing >= 3") < told.index("asked for: billing >= 1")


async def test_a_caller_for_whom_only_the_best_will_do_waits_for_her_beside_an_idle_agent(floor):
    await floor.agent("john", "3002")
    await floor.agent("mai", "3001", answer_after=0)
    await floor.center.post("/v1/agents/mai/pause")
    calling = await floor.dial(STRICT)
    [live] = await floor.live(1)

    await until_waits(floor, live["call"], "billing >= 3")
    told = await tongdai_why(floor, live["call"])
    assert "waits in strict as number 1 in line; asked for: billing >= 3" in told
    assert re.search(r"john\W+lacks billing >= 3\W", told)
    assert re.search(r"mai\W+paused: break\W", told)

    await floor.center.post("/v1/agents/mai/ready")
    await floor.until_state("mai", "talking")
    await calling.hang_up()
    assert await offers_of(floor, calling) == [("mai", "answered")]


async def test_a_step_for_which_nobody_is_there_is_skipped(floor):
    await floor.agent("linh", "3003", answer_after=0)
    await floor.agent("john", "3002", answer_after=0)
    first, second = await floor.dial(SKILLED), await floor.dial(SKILLED)
    await floor.until_state("linh", "talking", 2 * STEP_SECONDS + PATIENCE)

    await asyncio.gather(first.hang_up(), second.hang_up())
    at_once, after_one_step = [await floor.record(call) for call in (first, second)]
    assert [r["agent"] for r in (at_once, after_one_step)] == ["john", "linh"]
    assert steps_waited(at_once) == 0
    assert steps_waited(after_one_step) == 1


# -- who lets it ring --------------------------------------------------------------------------


async def test_who_lets_it_ring_gets_nothing_more_until_he_dials_that_he_is_ready(floor):
    alerted = await alerts(floor)
    silent = await floor.agent("mai", "3001")
    first, second = await floor.dial(PATIENT), await floor.dial(PATIENT)
    calls = [each["call"] for each in await floor.live(2)]
    await until(lambda: in_line(floor, "patient", 2))  # answered, he may not be in line yet
    for _ in range(2):
        missed = await silent.next_call(PATIENCE)
        assert await line(floor, "patient") == [(calls[0], 1), (calls[1], 2)]
        assert await missed.wait_ended(PATIENCE) == "hung up there"

    mai = await floor.until_state("mai", "not_responding")
    assert mai["reason"] == "missed 2 offers"
    await until(lambda: has_alerted(floor, alerted + 1))
    assert await line(floor, "patient") == [(calls[0], 1), (calls[1], 2)]
    await floor.agent("john", "3002", answer_after=0)
    await floor.until_state("john", "talking")
    assert await line(floor, "patient") == [(calls[1], 1)]
    silent.answer_after(0)
    feature = await silent.dial("*12")
    answered = await silent.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    assert (await floor.until_state("mai", "talking"))["misses"] == 0
    await until(lambda: floor.heard_prompt(feature, "ready"))

    await asyncio.gather(first.hang_up(), second.hang_up())
    assert await offers_of(floor, first) == [("mai", "timed_out"), ("john", "answered")]
    assert await offers_of(floor, second) == [("mai", "timed_out"), ("mai", "answered")]


# -- all phones ring ---------------------------------------------------------------------------


async def test_two_who_answer_in_the_same_moment_make_one_talk(floor):
    phones = {}
    for name in ("mai", "john"):
        phones[name] = await floor.agent(name, AGENTS[name], answer_after=0)
    caller = await floor.caller()
    too_late = []
    for _ in range(RACES):
        dialed = time.time()
        calling = await floor.dial(EVERYBODY, phone=caller)
        winner = await until(lambda: who_talks(floor))
        [loser] = phones.keys() - {winner}
        answered = await call_since(dialed, phones[winner], too_late)
        assert (await floor.until_state(winner, "talking"))["tasks"][0]["state"] == "talking"
        free = await floor.until_state(loser, "ready")
        assert (free["misses"], free["resting"], free["tasks"]) == (0, "", [])
        assert await talks(floor) == [2]

        await calling.hang_up()
        assert await answered.wait_ended(PATIENCE) == "hung up there"
        offers = await offers_of(floor, calling)
        assert sorted(offers) == sorted([(winner, "answered"), (loser, "lost_race")])
        assert (await floor.record(calling))["agent"] == winner
        await floor.until_state(winner, "ready")
    for phone in phones.values():
        with contextlib.suppress(TimeoutError):
            await call_since(math.inf, phone, too_late, patience=0.5)
    assert any(call.answered for call in too_late), "never have both answered"
    assert {call.reason for call in too_late} <= {"hung up there", "answered elsewhere"}


async def test_phones_that_rang_beside_show_that_it_was_answered_elsewhere(floor):
    phones = {agent[0]: await floor.agent(*agent) for agent in AGENTS.items()}
    calling = await floor.dial(EVERYBODY)
    ends = {name: await phone.next_call(PATIENCE) for name, phone in phones.items()}

    await ends["john"].answer()

    for name in ("mai", "linh"):
        assert await ends[name].wait_ended(PATIENCE) == "answered elsewhere"
        assert (await floor.until_state(name, "ready"))["misses"] == 0
    assert await until(lambda: who_talks(floor)) == "john"
    assert await talks(floor) == [2]
    await calling.hang_up()
    offers = await offers_of(floor, calling)
    assert offers.count(("john", "answered")) == 1
    assert sorted(o for o in offers if o[1] == "lost_race") == [
        ("linh", "lost_race"),
        ("mai", "lost_race"),
    ]


# -- phones that go away -----------------------------------------------------------------------


async def test_a_phone_that_goes_away_in_mid_ring_passes_the_caller_on_and_is_back_soon(floor):
    gone, other = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(LENIENT)
    await gone.next_call(PATIENCE)

    await gone.unregister()
    left = time.monotonic()

    ringing = await other.next_call(PATIENCE)
    assert ringing.began.monotonic - left < RING_SECONDS / 2
    await ringing.answer()
    await floor.until_state("john", "talking")
    await calling.hang_up()
    assert await offers_of(floor, calling) == [("mai", "unreachable"), ("john", "answered")]
    first, second = (await floor.record(calling))["offers"]
    assert second["offered"] - first["ended"] < 1
    await gone.register()
    await floor.until_online("3001")
    await until(lambda: is_rested(floor, "mai"))
    again = await floor.dial(LENIENT)
    assert (await gone.next_call(PATIENCE)).state is PhoneState.RINGING
    await again.hang_up()


async def test_the_other_phones_ring_on_when_one_of_them_goes_away(floor):
    gone, other = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(EVERYBODY)
    await gone.next_call(PATIENCE)
    ringing = await other.next_call(PATIENCE)

    await gone.unregister()

    await floor.until_state("mai", "not_responding")
    assert ringing.state is PhoneState.RINGING
    await ringing.answer()
    await floor.until_state("john", "talking")
    await calling.hang_up()
    assert await offers_of(floor, calling) == [("mai", "unreachable"), ("john", "answered")]


# -- offers of other kinds ---------------------------------------------------------------------


async def test_a_phone_answers_by_itself_where_the_queue_says_so(floor):
    phone = await floor.agent("mai", "3001")
    calling = await floor.dial(BY_ITSELF)

    answered = await phone.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)

    await floor.until_state("mai", "talking")
    await calling.hang_up()
    assert await offers_of(floor, calling) == [("mai", "answered")]


async def test_an_agent_sees_who_calls_and_his_phone_is_up_once_he_takes_it(floor):
    phone = await floor.agent("mai", "3001")
    calling = await floor.dial(SHOWN)
    shown = await floor.until_state("mai", "offered")
    [task] = shown["tasks"]
    assert (task["state"], task["queue"], task["caller"]) == ("offered", "shown", "caller1")
    assert (await why(floor, task["contact"]))["sentence"].startswith("offered to mai")
    assert len((await floor.asterisk("channels"))[1]) == 1  # the caller's: nothing rings

    assert await answer_offer(floor, shown, "accept") == 202

    await (await phone.next_call(PATIENCE)).wait_established(PATIENCE)
    await floor.until_state("mai", "talking")
    assert await answer_offer(floor, shown, "accept") == 409
    await calling.hang_up()
    assert await offers_of(floor, calling) == [("mai", "answered")]


async def test_who_declines_or_overlooks_what_he_is_shown_leaves_it_to_the_next(floor):
    phone, other = await floor.agent("mai", "3001"), await floor.agent("john", "3002")
    calling = await floor.dial(SHOWN)

    assert await answer_offer(floor, await floor.until_state("mai", "offered"), "decline") == 202
    overlooked = await floor.until_state("john", "offered")
    await floor.until_state("john", "ready")
    assert await answer_offer(floor, overlooked, "accept") == 409
    assert await answer_offer(floor, await floor.until_state("mai", "offered"), "accept") == 202

    await (await phone.next_call(PATIENCE)).wait_established(PATIENCE)
    await floor.until_state("mai", "talking")
    assert (await floor.seen("john"))["misses"] == 1
    await calling.hang_up()
    assert await offers_of(floor, calling) == [
        ("mai", "rejected"),
        ("john", "timed_out"),
        ("mai", "answered"),
    ]
    with pytest.raises(TimeoutError):
        await other.next_call(0.01)  # his phone never rang


async def answer_offer(floor, agent, how):
    """He says it on his screen; the status of the API's answer."""
    path = f"/v1/agents/{agent['name']}/offers/{agent['tasks'][0]['offer']}/{how}"
    return (await floor.center.post(path))[0]


async def is_rested(floor, name):
    return (await floor.seen(name))["resting"] == ""


async def call_since(began, phone, before, patience=PATIENCE):
    """The first call of a phone since then; those that came before are added to ``before``."""
    while (call := await phone.next_call(patience)).began.wall < began:
        before.append(call)
    return call


async def who_talks(floor):
    """The agent whom the only caller hears; '' when there is none yet."""
    return "".join(call["agent"] or "" for call in await floor.live())


async def talks(floor):
    """How many channels each bridge has."""
    return [len(bridge["channels"]) for bridge in (await floor.asterisk("bridges"))[1]]


async def offers_of(floor, call):
    """Agent and outcome of each offer of an ended call."""
    return [(o["agent"], o["outcome"]) for o in (await floor.record(call))["offers"]]


async def line(floor, name):
    """Who waits in a queue, and at which place."""
    queue = next(q for q in await floor.center.get("/v1/queues") if q["name"] == name)
    return [(place["call"], place["position"]) for place in queue["waiting"]]


async def in_line(floor, name, count):
    return len(await line(floor, name)) == count


async def alerts(floor):
    """How many were told to a supervisor."""
    return (await floor.center.get("/health"))["alerts"].get("not_responding", 0)


async def has_alerted(floor, count):
    return await alerts(floor) == count


async def why(floor, call):
    return await floor.center.get(f"/v1/calls/{call}/why")


async def tells(floor, call, beginning):
    return (await why(floor, call))["sentence"].startswith(beginning)


async def until_waits(floor, call, need):
    """The sentence of why it waits, once its step is that of ``need``."""

    async def said():
        told = await why(floor, call)
        return told["sentence"] if told.get("why", {}).get("need") == need else None

    return await until(said)


async def keeps_from(floor, call, *agents):
    """What keeps these agents from the call."""
    examples = (await why(floor, call))["why"]["examples"]
    rules = {example["who"]: example["rule"] for example in examples}
    return [rules[agent] for agent in agents]


async def tongdai_why(floor, call):
    """What the command says of it."""
    environment = os.environ | floor.center.environment() | {"COLUMNS": "300"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "engine.cli.main", "why", call),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    return said.decode()


def steps_waited(record):
    """How many whole steps' time a call waited for its last offer."""
    waited = record["offers"][-1]["offered"] - record["visits"][0]["entered"]
    return int((waited + 0.1) // STEP_SECONDS)
