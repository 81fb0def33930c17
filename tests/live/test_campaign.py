"""Campaigns for real: each mode with softphones and callees behind two trunks."""

import time

import pytest
import pytest_asyncio
from campaigning import (
    add_leads,
    ask,
    attempt_of,
    campaign_site,
    moment,
    running,
    two_trunks,
)
from center import AGENTS_TONE, PATIENCE, until

from engine.demo import tones
from engine.demo.callees import Does, Voice, first_word, number_of
from engine.demo.listening import heard_beginning

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUSTOMERS_TONE, WORD, TALK = 750.0, 1.0, 3.0
"""What who answers says: how long his first word is, and for how long he talks."""
LATER_TONE = 1150.0
"""What he says after his first word, where that is looked at."""
WORDS_HEARD, TRIES = 0.8, 3
"""So much of a first word is heard, of one of so many: a busy machine loses a second now and then,
and a bridge that is late cuts them all."""
WAIT_SECONDS = 3
"""For an agent, at most: more than the shipped two, which a busy machine may need by itself."""
IN_TIME = WAIT_SECONDS + 1.0
"""What is due within it may be heard so late."""
RINGING_TONE = 440.0
SINGLE = (
    "trunks: [north], rules: [lab], purpose: service, language: en, "
    f"abandonment: {{wait_seconds: {WAIT_SECONDS}}}"
)
CAMPAIGNS = f"""
campaigns:
  held: {{mode: progressive, queue: talks, lists: [held], {SINGLE}}}
  lines: {{mode: power, ratio: 2, queue: talks, lists: [lines], {SINGLE}}}
  paced: {{mode: predictive, queue: talks, lists: [paced], {SINGLE}}}
  seen: {{mode: preview, queue: shown, lists: [seen], {SINGLE}}}
  promised: {{mode: progressive, queue: talks, lists: [promised], {SINGLE}}}
  by_hand: {{mode: manual, queue: talks, lists: [by_hand], {SINGLE}}}
  poll: {{mode: broadcast, flow: poll, lists: [poll], codes: {{stop: suppress}}, {SINGLE}}}
"""
QUEUES = """
    queues:
      talks: {offer_mode: auto_answer, wrap_up: none, ring_seconds: 5}
      shown: {offer_mode: preview, wrap_up: none, ring_seconds: 20, retry_seconds: 60}
"""
AGENTS = """
    agents:
      mai: {extension: "3001", queues: [talks, shown]}
      john: {extension: "3002", queues: [talks]}
"""
POLL = """
    flow: poll
    language: en
    start: question
    defaults: {noinput: bye, nomatch: bye}
    nodes:
      question: {type: menu, prompts: all_busy, barge_in: true, keys: {"1": bye, "9": no_more}}
      no_more: {type: tag, log: no_more, disposition: stop, next: bye}
      bye: {type: hangup, outcome: self_served, prompts: goodbye}
"""
VOICES = {}
"""What numbers say, where it is not what all do."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trunks(prepared):
    """The callees behind both trunks: whoever answers talks."""
    talk = first_word(CUSTOMERS_TONE, TALK)
    async with two_trunks(prepared, lambda number: VOICES.get(number, talk)) as trunks:
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
    flows = {"flows/poll.yaml": POLL}
    return campaign_site(folder, CAMPAIGNS, queues=QUEUES, agents=AGENTS, flows=flows)


@pytest.fixture
def north(trunks):
    """The trunk that all of these dial through."""
    return trunks[0]


async def called(trunk, number):
    """The call of this number as its callee saw it."""
    return await until(lambda: next((c for c in trunk.calls if c.number == number), None))


async def they_hear_each_other(answered, callee):
    """The agent hears him, and he the agent."""
    answered.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(callee.party.heard(), AGENTS_TONE).seconds > 0.3)
    await until(lambda: tones.find(answered.heard(), CUSTOMERS_TONE).seconds > 0.3)


def seconds_alone(callee, hz):
    """How long he waited, from his answer, until he heard this tone."""
    return callee.party.heard_at(hz) - callee.answered


# -- an agent is held ----------------------------------------------------------------------------


async def test_an_agent_is_held_before_anybody_is_dialed_for_him(floor, north):
    number = number_of(Does.ANSWERS, 1, rings=4)
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "held", [number])
    async with running(floor.center, "held"):
        held = await floor.until_state("mai", "offered")
        callee = await called(north, number)
        assert held["reason"] == "reserved"
        answered = await phone.next_call(PATIENCE)
        await they_hear_each_other(answered, callee)
        assert seconds_alone(callee, AGENTS_TONE) < IN_TIME
        await answered.hang_up()
    row = await attempt_of(floor.center, number)
    assert (row["disposition"], row["agent"], row["trunk"]) == ("connected", "mai", "north")
    assert held["since"] < moment(row["dialed"])
    assert callee.ended_by == "far end"


async def seconds_of_first_word(floor, phone, number):
    """Who answers at this number has gone on after his first word: how much of that was heard."""
    await add_leads(floor.center, "held", [number])
    async with running(floor.center, "held"):
        answered = await phone.next_call(PATIENCE)
        await until(lambda: tones.find(answered.heard(), LATER_TONE).is_heard)
        heard = tones.find(answered.heard(), CUSTOMERS_TONE).seconds
        await answered.hang_up()
    assert (await attempt_of(floor.center, number))["disposition"] == "connected"
    return heard


async def test_an_agent_hears_the_first_word_of_who_answers(floor):
    word = first_word(CUSTOMERS_TONE, WORD).pcm + tones.sine(LATER_TONE, round(TALK * tones.RATE))
    numbers = [number_of(Does.ANSWERS, 70 + n, rings=0.5) for n in range(TRIES)]
    VOICES.update(dict.fromkeys(numbers, Voice(word)))
    phone = await floor.agent("mai", "3001")
    for number in numbers:
        heard = await seconds_of_first_word(floor, phone, number)
        if heard > WORDS_HEARD * WORD:
            break
    assert heard > WORDS_HEARD * WORD


async def test_an_agent_whose_customer_is_busy_is_free_for_the_next_one(floor, north):
    phone = await floor.agent("mai", "3001")
    busy, there = number_of(Does.BUSY, 2, rings=0.5), number_of(Does.ANSWERS, 3, rings=0.5)
    await add_leads(floor.center, "held", [busy, there])
    async with running(floor.center, "held"):
        answered = await phone.next_call(PATIENCE)
        await they_hear_each_other(answered, await called(north, there))
        await answered.hang_up()
    assert (await attempt_of(floor.center, busy))["disposition"] == "busy"
    assert (await attempt_of(floor.center, there))["disposition"] == "connected"


async def test_a_customer_whose_agent_pauses_while_he_is_dialed_has_the_next_agent(floor, north):
    number = number_of(Does.ANSWERS, 4, rings=8)
    await floor.agent("mai", "3001")
    phone = await floor.phone("3002")
    await add_leads(floor.center, "held", [number])
    async with running(floor.center, "held"):
        callee = await called(north, number)
        await floor.center.post("/v1/agents/john/login")
        await floor.center.post("/v1/agents/mai/pause")
        assert (await floor.until_state("john", "offered"))["reason"] == "reserved"
        answered = await phone.next_call(PATIENCE)
        await they_hear_each_other(answered, callee)
        await answered.hang_up()
    row = await attempt_of(floor.center, number)
    assert (row["disposition"], row["agent"]) == ("connected", "john")
    assert (await floor.seen("mai"))["misses"] == 0


# -- more calls than agents ----------------------------------------------------------------------


async def test_who_answers_when_nobody_is_free_hears_who_called_in_time_and_opts_out_by_a_key(
    floor, north, prepared
):
    numbers = [number_of(Does.ANSWERS, place, rings=1) for place in (10, 11)]
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "lines", numbers)
    async with running(floor.center, "lines"):
        answered = await phone.next_call(PATIENCE)
        answered.start_tone(AGENTS_TONE)
        callees = [await called(north, number) for number in numbers]
        message = prepared.prompts_dir / "en" / "dialer_dropped.wav"

        def dropped():
            return next((c for c in callees if heard_beginning(c.party.heard(), message)), None)

        lost = await until(dropped)
        lost.party.press("9")
        assert lost.party.first_sound - lost.answered < IN_TIME

        def is_barred():
            return ask(floor.center, "SELECT * FROM do_not_call WHERE number = ?", lost.number)

        await until(is_barred)
        await until(lambda: lost.ended)
        await answered.hang_up()
    rows = {number: await attempt_of(floor.center, number) for number in numbers}
    assert sorted(row["disposition"] for row in rows.values()) == ["abandoned", "connected"]
    assert rows[lost.number]["disposition"] == "abandoned"
    assert rows[lost.number]["opted_out"]
    [lead] = ask(floor.center, "SELECT state FROM leads WHERE key = ?", lost.number)
    assert lead["state"] == "suppressed"


async def test_a_predictive_campaign_brings_who_answers_to_an_agent(floor, north):
    numbers = [number_of(Does.BUSY, 20), number_of(Does.ANSWERS, 21, rings=0.5)]
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "paced", numbers)
    async with running(floor.center, "paced"):
        answered = await phone.next_call(PATIENCE)
        callee = await called(north, numbers[1])
        await they_hear_each_other(answered, callee)
        assert seconds_alone(callee, AGENTS_TONE) < IN_TIME
        await answered.hang_up()
    assert (await attempt_of(floor.center, numbers[1]))["disposition"] == "connected"


# -- an agent decides ----------------------------------------------------------------------------


async def shown_to(floor, name, *, after=""):
    """What an agent is shown and may take, after this offer: his offer and the lead."""

    async def there():
        tasks = [task for task in (await floor.seen(name))["tasks"] if task["offer"] != after]
        return next((task for task in tasks if task["state"] == "offered"), None)

    return await until(there)


async def test_an_agent_skips_one_lead_takes_the_next_and_hears_it_ring(floor, north):
    first, second = (number_of(Does.ANSWERS, place, rings=2) for place in (30, 31))
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "seen", [first, second])
    async with running(floor.center, "seen"):
        skipped = await shown_to(floor, "mai")
        offers = f"/v1/agents/mai/offers/{skipped['offer']}"
        status, _ = await floor.center.post(f"{offers}/decline", reason="not now")
        assert status < 300
        taken = await shown_to(floor, "mai", after=skipped["offer"])
        assert taken["contact"] != skipped["contact"]
        assert (await floor.seen("mai"))["resting"] == ""
        status, _ = await floor.center.post(f"/v1/agents/mai/offers/{taken['offer']}/accept")
        assert status < 300
        answered = await phone.next_call(PATIENCE)
        await until(lambda: tones.find(answered.heard(), RINGING_TONE).seconds > 0.3)
        callee = await called(north, taken["lead"]["number"])
        await until(lambda: callee.answered)
        await they_hear_each_other(answered, callee)
        await answered.hang_up()
    assert (await attempt_of(floor.center, callee.number))["disposition"] == "connected"
    [other] = {first, second} - {callee.number}
    assert (await attempt_of(floor.center, other))["disposition"] == "cancelled"
    assert other not in {call.number for call in north.calls}


async def test_a_promised_call_is_made_by_who_promised_it(floor, north):
    number = number_of(Does.ANSWERS, 40, rings=1)
    await floor.agent("john", "3002")
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "promised", [number])
    [lead] = ask(floor.center, "SELECT id FROM leads WHERE key = ?", number)
    due = time.time() + 1
    status, answer = await floor.center.post(
        f"/v1/leads/{lead['id']}/callback", due=due, agent="mai", campaign="promised"
    )
    assert status == 200, answer
    await until(lambda: time.time() > due)
    async with running(floor.center, "promised"):
        answered = await phone.next_call(PATIENCE)
        callee = await called(north, number)
        await until(lambda: callee.answered)
        await they_hear_each_other(answered, callee)
        await answered.hang_up()
    row = await attempt_of(floor.center, number)
    assert (row["disposition"], row["agent"], row["callback"]) == ("connected", "mai", 1)


async def test_an_agent_dials_a_lead_himself(floor, north):
    number = number_of(Does.ANSWERS, 50, rings=1)
    await floor.agent("john", "3002")
    phone = await floor.agent("mai", "3001")
    await add_leads(floor.center, "by_hand", [number])
    async with running(floor.center, "by_hand"):
        status, answer = await floor.center.post(
            "/v1/agents/mai/dial", campaign="by_hand", number=number
        )
        assert status == 202, answer
        answered = await phone.next_call(PATIENCE)
        callee = await called(north, number)
        await until(lambda: callee.answered)
        await they_hear_each_other(answered, callee)
        await answered.hang_up()
    row = await attempt_of(floor.center, number)
    assert (row["disposition"], row["agent"], row["mode"]) == ("connected", "mai", "manual")


# -- nobody but a flow ---------------------------------------------------------------------------


async def presses_when_asked(callee, question, key):
    """He hears the question, and answers by a key."""
    await until(lambda: heard_beginning(callee.party.heard(), question))
    callee.party.press(key)


async def test_a_broadcast_asks_and_who_wants_no_more_calls_gets_none(floor, north, prepared):
    yes, stop = (number_of(Does.ANSWERS, place, rings=0.5) for place in (60, 61))
    question = prepared.prompts_dir / "en" / "all_busy.wav"
    await add_leads(floor.center, "poll", [yes, stop])
    async with running(floor.center, "poll"):
        callees = [await called(north, number) for number in (yes, stop)]
        for callee, key in zip(callees, "19", strict=True):
            await presses_when_asked(callee, question, key)
        rows = [await attempt_of(floor.center, number) for number in (yes, stop)]
    assert [row["disposition"] for row in rows] == ["served", "served"]
    assert [row["opted_out"] for row in rows] == [0, 1]
    for callee in callees:
        assert callee.party.first_sound - callee.answered < IN_TIME
    assert ask(floor.center, "SELECT source FROM do_not_call WHERE number = ?", stop)
    assert not ask(floor.center, "SELECT source FROM do_not_call WHERE number = ?", yes)
