"""Campaigns for real: each mode with softphones and callees behind two trunks."""

import pytest
import pytest_asyncio
from callees import Does, first_word, number_of
from campaigning import (
    add_leads,
    attempt_of,
    campaign_site,
    end,
    start,
    two_trunks,
)
from center import AGENTS_TONE, PATIENCE, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUSTOMERS_TONE, WORD = 440.0, 0.7
"""What who answers says, and for how many seconds."""
CAMPAIGNS = """
campaigns:
  held: {mode: progressive, rules: [lab], purpose: service, queue: talks, lists: [held],
         trunks: [north]}
  lines: {mode: power, ratio: 2, rules: [lab], purpose: service, queue: talks, lists: [lines],
          trunks: [north, south]}
  paced: {mode: predictive, rules: [lab], purpose: service, queue: talks, lists: [paced],
          trunks: [south]}
"""
QUEUES = """
    queues:
      talks: {offer_mode: auto_answer, wrap_up: none, ring_seconds: 5}
      shown: {offer_mode: preview, wrap_up: none, ring_seconds: 20}
"""
AGENTS = """
    agents:
      mai: {extension: "3001", queues: [talks, shown]}
      john: {extension: "3002", queues: [talks]}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trunks(prepared):
    """The callees behind both trunks: whoever speaks says a first word."""
    async with two_trunks(prepared, lambda number: first_word(CUSTOMERS_TONE, WORD)) as trunks:
        yield trunks


@pytest.fixture(scope="module")
def asterisk_settings(trunks):
    """Asterisk with both trunks."""
    north, south = trunks
    return {"more_trunks": {"north": north.contact, "south": south.contact}}


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """A campaign of each mode."""
    folder = tmp_path_factory.mktemp("site")
    return campaign_site(folder, CAMPAIGNS, queues=QUEUES, agents=AGENTS)


async def called(trunk, number):
    """The call of this number as its callee saw it."""
    return await until(lambda: next((c for c in trunk.calls if c.number == number), None))


async def test_an_agent_is_held_and_hears_the_first_word_of_who_answers(floor, trunks):
    north, _ = trunks
    number = number_of(Does.ANSWERS, 1, rings=1.5)
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "held", [number])
    await start(floor.center, "held")

    callee = await called(north, number)
    held = await floor.until_state("mai", "offered")
    assert held["reason"] == "reserved"
    assert callee.answered is None
    answered = await phone.next_call(PATIENCE)
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(callee.party.heard(), AGENTS_TONE).seconds > 0.5)
    await until(lambda: tones.find(answered.heard(), CUSTOMERS_TONE).seconds > WORD - 0.1)
    await answered.hang_up()
    await end(floor.center, "held")
    row = await attempt_of(floor.center, number)
    assert (row["disposition"], row["agent"], row["trunk"]) == ("connected", "mai", "north")
    assert row["connected"] is not None
    assert callee.ended_by == "far end"


async def test_an_agent_whose_customer_is_busy_is_free_for_the_next_one(floor, trunks):
    north, _ = trunks
    phone = await floor.agent("mai", "3001")
    busy, there = number_of(Does.BUSY, 2, rings=0.5), number_of(Does.ANSWERS, 3, rings=0.5)
    await add_leads(floor.center, "held", [busy])
    await add_leads(floor.center, "held", [there])
    await start(floor.center, "held")
    answered = await phone.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    await floor.until_together("mai")
    await answered.hang_up()
    await end(floor.center, "held")
    assert (await attempt_of(floor.center, busy))["disposition"] == "busy"
    assert (await attempt_of(floor.center, there))["disposition"] == "connected"
    assert [call.number for call in north.calls[-2:]] == [busy, there]


async def test_who_answers_when_no_agent_is_free_hears_who_called_within_two_seconds(floor, trunks):
    phone = await floor.agent("mai", "3001")
    numbers = [number_of(Does.ANSWERS, 10, rings=1), number_of(Does.ANSWERS, 11, rings=1)]
    await add_leads(floor.center, "lines", numbers)
    await start(floor.center, "lines")
    answered = await phone.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    answered.start_tone(AGENTS_TONE)
    calls = [await called(trunks[0], number) for number in numbers]

    def dropped():
        return next((c for c in calls if heard_message(floor, c)), None)

    lost = await until(dropped)
    await until(lambda: lost.ended)
    await answered.hang_up()
    await end(floor.center, "lines")
    rows = {n: await attempt_of(floor.center, n) for n in numbers}
    assert rows[lost.number]["disposition"] == "abandoned"
    assert sorted(row["disposition"] for row in rows.values()) == ["abandoned", "connected"]


def heard_message(floor, call):
    return floor.heard_prompt(call.party, "dialer_dropped") or floor.heard_prompt(
        call.party, "dialer_dropped", "vi"
    )
