"""Virtual hold for real: a key, a hang-up, the place kept, and a call back through the trunk."""

import pytest
import pytest_asyncio
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, kinds_of, until

from engine.demo import tones
from engine.demo.rtp import KeyPress
from engine.demo.sipp import CallPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS_THE_CARRIER = True

AGENT_FIRST, CUSTOMER_FIRST, OUTSIDE = "19003001", "19003002", "19003003"
NUMBER, HOME, OWN = "0901234567", "+84901234567", "19003000"
OTHER = "+842873000001"
RINGING_TONE = 440

FILES = {
    "queues.yaml": f"""
        queues:
          agent_first:
            wrap_up: none
            callback: {{first: agent, confirm: no, gap_seconds: 2}}
          customer_first:
            wrap_up: none
            callback: {{first: customer, confirm: no, gap_seconds: 2}}
          outside:
            overflow:
              - {{when: waited, over: 1, to: {{number: "{OTHER}"}}}}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [agent_first, customer_first, outside]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{AGENT_FIRST}": {{queue: agent_first, language: en}}
          "{CUSTOMER_FIRST}": {{queue: customer_first, language: en}}
          "{OUTSIDE}": {{queue: outside, language: en}}
        outbound:
          caller_id: "{OWN}"
          trunk: trunk
          numbers:
            "+84.": {{}}
          trunks:
            trunk: {{dial_as: national}}
    """,
}


@pytest_asyncio.fixture(loop_scope="module")
async def ear(carrier):
    """The ear and mouth of the next customer who is called."""
    async with carrier.heard(CALLERS_TONE) as party:
        yield party


async def three_callers(floor, number):
    """One waits, the next presses the key and is let go, and a third one waits."""
    first = await floor.dial(number)
    await until(lambda: floor.heard_music(first))
    plan = CallPlan(number, NUMBER, 30, (KeyPress(2, "1"),))
    [asked] = (await floor.sipp(plan)).calls
    assert asked.ended_by == "far end"
    third = await floor.dial(number)
    await until(lambda: floor.heard_music(third))
    return first, asked, third


async def callbacks(floor):
    return await floor.center.get("/v1/callbacks")


async def serve(floor, agent, calling):
    """The agent talks with this caller, who then hangs up."""
    answered = await agent.next_call(PATIENCE)
    await answered.answer()
    await floor.until_state("mai", "talking")
    await calling.hang_up()
    await answered.wait_ended(PATIENCE)


async def callback_record(floor, parent):
    async def written():
        return next((r for r in await floor.records() if r["parent"] == parent["call"]), None)

    return await until(written)


async def they_hear_each_other(answered, ear):
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(ear.heard(), AGENTS_TONE).seconds > 0.5)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.5)


async def test_a_customer_keeps_his_place_and_is_called_when_an_agent_has_taken_him(
    floor, carrier, ear
):
    first, asked, third = await three_callers(floor, AGENT_FIRST)
    [waiting] = await callbacks(floor)
    assert (waiting["number"], waiting["position"], waiting["state"]) == (HOME, 2, "waiting")
    called_before = len(carrier.customers)
    agent = await floor.agent("mai", "3001")
    await serve(floor, agent, first)

    ringing = await agent.next_call(PATIENCE)
    assert HOME in ringing.peer
    assert len(carrier.customers) == called_before
    await ringing.answer()
    customer = await carrier.next()
    assert (customer.number, customer.caller_id) == (NUMBER, OWN)
    customer.ring()
    await until(lambda: tones.find(ringing.heard(), RINGING_TONE).seconds > 0.3)
    await customer.answer()
    await they_hear_each_other(ringing, ear)
    customer.hang_up()
    await ringing.wait_ended(PATIENCE)

    await serve(floor, agent, third)
    before = await floor.record(asked.call_id)
    record = await callback_record(floor, before)
    assert (before["outcome"], before["visits"][0]["outcome"]) == ("callback", "callback")
    assert (record["direction"], record["outcome"]) == ("callback", "answered")
    assert kinds_of(record)[:4] == ["queue", "ring", "dialing", "talk"]
    assert record["recordings"][0]["complete"]
    talks = [(await floor.record(first)), record, (await floor.record(third))]
    assert [talk["visits"][-1]["left"] for talk in talks] == sorted(
        talk["visits"][-1]["left"] for talk in talks
    )


async def test_a_customer_is_called_first_and_then_waits_like_any_caller(floor, carrier, ear):
    first, asked, third = await three_callers(floor, CUSTOMER_FIRST)
    agent = await floor.agent("mai", "3001")
    await serve(floor, agent, first)

    customer = await carrier.next()  # his turn; while his phone rings, the next one is served
    overtaking = await agent.next_call(PATIENCE)
    [dialing] = await callbacks(floor)
    assert (dialing["state"], dialing["position"]) == ("dialing", 1)
    await customer.answer()
    await until(lambda: tones.seconds(ear.heard()) > 1)
    await overtaking.answer()
    await floor.until_state("mai", "talking")
    await third.hang_up()

    ringing = await agent.next_call(PATIENCE)
    assert HOME in ringing.peer
    await ringing.answer()
    await they_hear_each_other(ringing, ear)
    await ringing.hang_up()
    await customer.until_ended()
    record = await callback_record(floor, await floor.record(asked.call_id))
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert kinds_of(record)[:2] == ["queue", "dialing"]


async def test_who_is_busy_is_called_again_and_who_does_not_exist_is_not(floor, carrier):
    agent = await floor.agent("mai", "3001", answer_after=0)
    plan = CallPlan(AGENT_FIRST, NUMBER, 30, (KeyPress(1, "1"),))
    await floor.center.post("/v1/agents/mai/pause")
    [asked] = (await floor.sipp(plan)).calls
    await floor.center.post("/v1/agents/mai/ready")

    (await carrier.next()).refuse("486 Busy Here")
    assert await (await agent.next_call(PATIENCE)).wait_ended(PATIENCE) == "hung up there"
    (await carrier.next()).refuse("404 Not Found")
    record = await callback_record(floor, await floor.record(asked.call_id))
    assert (record["outcome"], record["visits"][0]["outcome"]) == ("not_reached", "given_up")
    assert [s["event"] for s in record["steps"]].count("dial") == 2


async def test_a_caller_is_put_through_to_a_number_outside(floor, carrier, ear):
    calling = await floor.dial(OUTSIDE)
    other = await carrier.next()
    other.ring()
    await other.answer()
    calling.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(ear.heard(), AGENTS_TONE).seconds > 0.5)
    await until(lambda: tones.find(calling.heard(), CALLERS_TONE).seconds > 0.5)
    other.hang_up()
    assert await calling.wait_ended(PATIENCE) == "hung up there"
    record = await floor.record(calling)
    assert record["outcome"] == "forwarded"
    assert "forwarded" in kinds_of(record)
