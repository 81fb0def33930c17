"""Places in lines: kept, given back, in what order served; with phones, callers and a crash."""

import contextlib
import time
from pathlib import Path

import pytest
import pytest_asyncio
from center import AGENTS_TONE, CALLERS_TONE, PATIENCE, until
from crowd import Crowd, plan
from lines import (
    NUMBERS,
    STEP_SECONDS,
    STICKY_SECONDS,
    Site,
    agents_now,
    answer,
    callers_in,
    has_waited,
    in_order,
    log_in_at_lunch,
    number_of,
    places,
    seen,
    serve,
    until_together,
    until_waiting,
    waits_for,
)
from wire import WireCall

from engine.demo import tones
from engine.demo.phones import PhoneState

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUSTOMER, OTHER, WITHHELD = "0901234567", "0907654321", "anonymous"


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """A queue for each thing that the tests are about."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.write()
    return site.settings


@pytest_asyncio.fixture(loop_scope="module")
async def site(center, center_settings):
    """Files to change; afterwards they are as they were."""
    site = Site(Path(center_settings["TONGDAI_QUEUES_FILE"]).parent, center.environment())
    yield site
    site.write()
    status, _ = await center.post("/v1/reload")
    assert status == 200


@pytest_asyncio.fixture(loop_scope="module")
async def customer(floor):
    """Calls from the trunk, by a number and when the test says so: ``await customer(number,
    shown)``; and hangs up."""
    with contextlib.ExitStack() as calls:

        async def dial(number, shown):
            call = calls.enter_context(WireCall(floor.address))
            await call.invite(number, caller=f"<sip:{shown}@127.0.0.2>")
            assert (await call.final()).status == 200
            await call.ack()
            return call

        yield dial


async def hang_up(*calls):
    for call in calls:
        await call.bye()
        assert (await call.final("BYE")).status == 200


async def far_end_hung_up(call):
    await call.until(lambda message: message.text.startswith("BYE"), PATIENCE)


# -- places given back -------------------------------------------------------------------------


async def test_who_was_cut_off_and_calls_again_is_before_who_came_after_him(floor, customer):
    number = NUMBERS["resumed"]
    cut_off = await customer(number, CUSTOMER)
    hidden = await customer(number, WITHHELD)
    before = await until_waiting(floor, "resumed", 2)
    other = await customer(number, OTHER)
    await until_waiting(floor, "resumed", 3)
    await hang_up(cut_off, hidden)
    assert len(await until_waiting(floor, "resumed", 1)) == 1

    hidden = await customer(number, WITHHELD)
    await until_waiting(floor, "resumed", 2)
    back = await customer(number, CUSTOMER)
    line = await until_waiting(floor, "resumed", 3)

    assert await callers_in(floor, "resumed") == [CUSTOMER, OTHER, WITHHELD]
    ages = [place["age_seconds"] for place in line]
    assert ages == sorted(ages, reverse=True)
    assert ages[0] > before[0]["age_seconds"]  # since his first call, and still growing
    assert line[0]["waiting_seconds"] < line[2]["waiting_seconds"]  # of this call he came last
    mai = await floor.agent("mai", "3001")
    assert await serve(floor, mai, "mai", 3) == [CUSTOMER, OTHER, WITHHELD]
    for call in (back, other, hidden):
        await far_end_hung_up(call)


async def test_a_customer_gets_whom_he_talked_with_and_another_when_that_one_is_long_busy(
    floor, customer
):
    number = NUMBERS["regulars"]
    mai = await floor.agent("mai", "3001")
    first = await customer(number, CUSTOMER)
    await answer(floor, mai, "mai")
    john = await floor.agent("john", "3002")
    await hang_up(first)
    await floor.until_state("mai", "ready")
    assert (await floor.record(first))["agent"] == "mai"

    again = await customer(number, CUSTOMER)
    await answer(floor, mai, "mai")  # john is idle for longer
    await hang_up(again)
    await floor.until_state("mai", "ready")
    await floor.record(again)

    busy = await floor.dial(NUMBERS["private"])
    await answer(floor, mai, "mai")
    third = await customer(number, CUSTOMER)
    await until_waiting(floor, "regulars", 1)
    assert (await floor.seen("john"))["state"] == "ready"
    await answer(floor, john, "john")
    await hang_up(third)
    await busy.hang_up()

    record = await floor.record(third)
    [offer], [visit] = record["offers"], record["visits"]
    assert (offer["agent"], offer["outcome"]) == ("john", "answered")
    waited = offer["offered"] - visit["entered"]  # john was free all the time
    assert STICKY_SECONDS - 0.1 < waited < STICKY_SECONDS + 3


# -- closing time ------------------------------------------------------------------------------


async def test_at_closing_time_who_waits_goes_where_the_rules_say_and_keeps_his_age(floor, site):
    first = await floor.dial(NUMBERS["shop"])
    await until_waiting(floor, "shop", 1)
    night = await floor.dial(NUMBERS["night"])
    await until_waiting(floor, "night", 1)
    last = await floor.dial(NUMBERS["shop"])
    unlucky = await floor.dial(NUMBERS["stall"])
    shop = await until_waiting(floor, "shop", 2)
    await until_waiting(floor, "stall", 1)
    await until(lambda: floor.heard_music(unlucky))

    site.change("routes/main.yaml", "emergency: no", "emergency: yes")
    status, said = await site.reload()

    assert status == 0, said
    line = await until_waiting(floor, "night", 3)
    assert await callers_in(floor, "night") == ["caller1", "caller2", "caller3"]
    assert [line[0]["call"], line[2]["call"]] == [place["call"] for place in shop]
    before = line[0]["age_seconds"] - line[0]["waiting_seconds"]
    assert before > shop[0]["age_seconds"]
    await until(lambda: floor.heard_prompt(unlucky, "engine_down"))
    assert await unlucky.wait_ended(PATIENCE) == "hung up there"
    mai = await floor.agent("mai", "3001")
    assert await serve(floor, mai, "mai", 3) == ["caller1", "caller2", "caller3"]
    records = [await floor.record(call) for call in (first, night, last, unlucky)]
    assert [r["outcome"] for r in records] == ["answered", "answered", "answered", "overflowed"]
    stays = [[(v["queue"], v["outcome"]) for v in r["visits"]] for r in records]
    moved = [("shop", "overflow"), ("night", "answered")]
    assert stays == [moved, [("night", "answered")], moved, [("stall", "overflow")]]
    assert not (await seen(floor, "shop"))["open"]


# -- several media -----------------------------------------------------------------------------


CHATS, FORMS = [f"chat:{n}" for n in (1, 2, 3)], [f"form:{n}" for n in (1, 2, 3)]


@pytest_asyncio.fixture(loop_scope="module")
async def put_away(floor):
    """No contact of a test that failed is left to the next one."""
    yield
    for contact in (*CHATS, *FORMS):
        await floor.ari.delete(f"{floor.center.api_url}/v1/contacts/{contact}")


async def comes(floor, contact):
    """A contact of another program, of the medium that its name begins with."""
    body = {"contact": contact, "queue": "blended", "medium": contact.partition(":")[0]}
    status, shown = await floor.center.post("/v1/contacts", **body)
    assert status == 201, shown


async def goes(floor, contact):
    """The talk is over there."""
    url = f"{floor.center.api_url}/v1/contacts/{contact}"
    async with floor.ari.delete(url) as answered:
        assert answered.status == 204, await answered.text()


async def takes(floor, contact):
    """Mai, to whom it is offered now, takes it on her screen; returns her."""
    [offer] = [t["offer"] for t in (await floor.seen("mai"))["tasks"] if t["contact"] == contact]
    status, mai = await floor.center.post(f"/v1/agents/mai/offers/{offer}/accept")
    assert status == 200, mai
    return mai


def work_of(agent):
    """What he does, by medium, in the order in which it came; his state and his load."""
    tasks = [(task["medium"], task["state"]) for task in agent["tasks"]]
    return tasks, agent["state"], agent["load"]


async def state_of(floor, contact):
    return (await floor.center.get(f"/v1/contacts/{contact}"))["state"]


@pytest.mark.usefixtures("put_away")
async def test_a_call_comes_in_between_chats_and_no_chat_in_between_a_call(floor):
    phone = await floor.agent("mai", "3001")
    for contact in CHATS[:2]:
        await comes(floor, contact)
        mai = await takes(floor, contact)
    chats = [("chat", "talking"), ("chat", "talking")]
    assert work_of(mai) == (chats, "talking", 50)

    calling = await floor.dial(NUMBERS["blended"])
    ringing = await phone.next_call(PATIENCE)
    assert work_of(await floor.seen("mai")) == ([*chats, ("voice", "offered")], "talking", 150)
    await comes(floor, "chat:3")
    assert await state_of(floor, "chat:3") == "waiting"
    await ringing.answer()
    calling.start_tone(CALLERS_TONE)
    ringing.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 0.5)
    await until(lambda: tones.find(ringing.heard(), CALLERS_TONE).seconds > 0.5)
    mai = await floor.seen("mai")
    assert work_of(mai) == ([*chats, ("voice", "talking")], "talking", 150)
    assert await state_of(floor, "chat:3") == "waiting"
    await goes(floor, "chat:1")  # room for a chat, if it were not for the call
    assert await state_of(floor, "chat:3") == "waiting"

    await calling.hang_up()
    await until(lambda: is_offered(floor, "chat:3"))
    mai = await takes(floor, "chat:3")
    assert work_of(mai) == (chats, "talking", 50)
    for contact in CHATS[1:]:
        await goes(floor, contact)
    record = await floor.record(calling)
    assert [(o["agent"], o["outcome"]) for o in record["offers"]] == [("mai", "answered")]


@pytest.mark.usefixtures("put_away")
async def test_a_call_that_finds_its_agent_full_comes_before_all_that_came_later(floor):
    phone = await floor.agent("mai", "3001")
    for contact in FORMS[:2]:  # nothing comes in between these, and two fill her
        await comes(floor, contact)
        await takes(floor, contact)
    calling = await floor.dial(NUMBERS["blended"])
    await until_waiting(floor, "blended", 1)
    await comes(floor, "form:3")

    await goes(floor, "form:1")  # the form would fit, but the call has waited for longer
    assert [place["state"] for place in await places(floor, "blended")] == ["waiting"] * 2
    await goes(floor, "form:2")
    await answer(floor, phone, "mai")
    assert await state_of(floor, "form:3") == "waiting"

    await calling.hang_up()
    await until(lambda: is_offered(floor, "form:3"))
    await takes(floor, "form:3")
    await goes(floor, "form:3")


async def is_offered(floor, contact):
    tasks = (await floor.seen("mai"))["tasks"]
    return (contact, "offered") in [(task["contact"], task["state"]) for task in tasks]


# -- new rules while callers wait --------------------------------------------------------------


async def test_a_broken_file_is_refused_with_its_place_and_the_old_rules_stay(floor, site):
    phone = await floor.agent("mai", "3001")
    waiting = await floor.dial(NUMBERS["changing"])
    [before] = await until_waiting(floor, "changing", 1)

    file, line = site.change("queues.yaml", "needs: [billing >= 9]\n", "needs: [billing >> 2]\n")
    status, said = await site.reload()

    assert status == 1
    assert f"{file}:{line}:" in said
    assert "refused: the settings of before stay in force" in said
    [after] = await places(floor, "changing")
    assert (after["call"], after["need"], after["state"]) == (
        before["call"], before["need"], "waiting"
    )  # fmt: skip
    assert (await floor.seen("mai"))["state"] == "ready"
    site.change("queues.yaml", "needs: [billing >> 2]\n", "needs: [billing >= 2]\n")
    assert (await floor.center.post("/v1/reload"))[0] == 200
    await answer(floor, phone, "mai")
    await waiting.hang_up()


async def test_callers_keep_their_places_under_new_rules(floor, site):
    agents = {"john": "3002", "linh": "3003", "mai": "3001"}
    phones = {name: await floor.agent(name, extension) for name, extension in agents.items()}
    await log_in_at_lunch(floor, "expert")
    plans = [plan(NUMBERS["changing"], f"090100000{n}") for n in range(5)]
    async with Crowd(floor, plans) as crowd:
        before = await until_waiting(floor, "changing", len(plans))
        first, second, third, *_ = await callers_in(floor, "changing")
        brief = await floor.dial(NUMBERS["brief"])
        await until_waiting(floor, "brief", 1)
        await floor.dial(NUMBERS["late"])
        await until_waiting(floor, "late", 1)
        await until(lambda: has_waited(floor, "brief", 1))

        site.change("queues.yaml", "longest_idle\n    needs: [billing >= 9]", "linear")
        site.change("queues.yaml", "needs: [billing > 8]", "offset_seconds: 600")
        site.change("queues.yaml", "max_wait_seconds: 600", "max_wait_seconds: 1")
        status, said = await floor.center.post("/v1/reload")

        assert status == 200, said
        calls = {name: await phone.next_call(PATIENCE) for name, phone in phones.items()}
        shown = {name: number_of(call) for name, call in calls.items()}
        assert shown == {"linh": "caller2", "mai": first, "john": second}
        after = await places(floor, "changing")
        assert [place["call"] for place in after] == [place["call"] for place in before]
        assert all(
            a["waiting_seconds"] > b["waiting_seconds"] for a, b in zip(after, before, strict=True)
        )
        await until(lambda: floor.heard_prompt(brief, "all_busy"))
        assert await brief.wait_ended(PATIENCE) == "hung up there"
        await calls["mai"].answer()
        await until_together(floor, "mai")
        await calls["mai"].hang_up()
        assert number_of(await phones["mai"].next_call(PATIENCE)) == third

        for call in await floor.live(len(plans)):  # without the first, with the late one
            await floor.hang_up(call)
        await crowd.ended()
    assert [v["outcome"] for v in (await floor.record(brief))["visits"]] == ["timeout"]


# -- priority ----------------------------------------------------------------------------------


async def test_priority_is_said_in_seconds_and_can_be_changed_while_callers_wait(floor):
    mai = await floor.phone("3001")
    await log_in_at_lunch(floor, "mai")
    for queue in ("general", "general"):
        await floor.dial(NUMBERS[queue])
    general = await until_waiting(floor, "general", 2)
    await until(lambda: has_waited(floor, "general", 1.5))
    for queue in ("slight", "vip"):  # 1 and 60 seconds more than they have waited
        await floor.dial(NUMBERS[queue])
        await until_waiting(floor, queue, 1)
    assert await in_order(floor) == ["caller4", "caller1", "caller2", "caller3"]

    status, place = await floor.center.post(
        f"/v1/calls/{general[1]['call']}/priority", offset_seconds=120
    )

    assert (status, place["queue"], place["position"]) == (200, "general", 1)
    assert place["score"] == pytest.approx(place["age_seconds"] + 120, abs=1)
    order = ["caller2", "caller4", "caller1", "caller3"]
    assert await in_order(floor) == order
    await floor.center.post("/v1/agents/mai/ready")
    assert await serve(floor, mai, "mai", 4) == order


# -- the engine dies ---------------------------------------------------------------------------


async def test_steps_places_wrap_ups_and_offers_outlive_the_engine(floor):
    center = floor.center
    mai = await floor.agent("mai", "3001")
    sold = await floor.dial(NUMBERS["paper"])
    await answer(floor, mai, "mai")
    await sold.hang_up()
    await floor.until_state("mai", "wrap_up")
    await center.post("/v1/agents/mai/disposition", code="sold")
    pair = {"john": await floor.agent("john", "3002"), "linh": await floor.agent("linh", "3003")}
    both = await floor.dial(NUMBERS["pair"])
    ringing = {name: await phone.next_call(PATIENCE) for name, phone in pair.items()}
    await log_in_at_lunch(floor, "expert")
    patient, last = [await floor.dial(NUMBERS["skilled"]) for _ in range(2)]
    await until_waiting(floor, "skilled", 2)
    await until(lambda: has_waited(floor, "skilled", 1))
    agents, before = await agents_now(floor), await places(floor, "skilled")
    assert [agents[name]["state"] for name in ("mai", "john", "linh", "expert")] == [
        "wrap_up", "offered", "offered", "paused"
    ]  # fmt: skip

    killed = time.time()
    await center.kill_engine()
    await center.start_engine()

    away = time.time() - killed
    after = await places(floor, "skilled")
    assert await agents_now(floor) == agents
    for now, then in zip(after, before, strict=True):
        assert now["waiting_seconds"] - then["waiting_seconds"] > away - 0.1
        assert waits_for(now) == waits_for(then) or now["waiting_seconds"] > STEP_SECONDS
    assert {name: call.state for name, call in ringing.items()} == dict.fromkeys(
        ringing, PhoneState.RINGING
    )
    await ringing["john"].answer()
    await floor.until_state("john", "talking")
    assert await ringing["linh"].wait_ended(PATIENCE)
    await floor.until_state("linh", "ready")
    status, _ = await center.post("/v1/agents/mai/wrap_up", action="done")
    assert status == 200
    done = time.time()
    await answer(floor, mai, "mai", STEP_SECONDS + PATIENCE)
    for call in (both, patient, last):
        await call.hang_up()

    record = await floor.record(patient)
    [offer], [visit] = record["offers"], record["visits"]
    assert offer["offered"] - visit["entered"] > STEP_SECONDS - 0.1
    assert offer["offered"] < max(killed + STEP_SECONDS, done + 3)  # it did not begin again
    offers = {o["agent"]: o["outcome"] for o in (await floor.record(both))["offers"]}
    assert offers == {"john": "answered", "linh": "lost_race"}
    wrapped = await floor.with_wrap_up(await floor.record(sold))
    assert [(d["code"], d["by_default"]) for d in wrapped["dispositions"]] == [("sold", False)]
