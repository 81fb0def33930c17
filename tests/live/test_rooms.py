"""Conference rooms for real: who hears whom by role, a lock, names, a wrong PIN, somebody called
in, and one recording of all of it."""

import asyncio
import io
import os
import time
import wave
from functools import partial

import pytest
import pytest_asyncio
from center import PATIENCE, until
from keypad import AGAIN_SECONDS, type_until
from listening import MOMENT_SECONDS, heard_none

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS_THE_CARRIER = True

BOARD, NAMED = "19006100", "19006101"
PIN, LEADER_PIN = "2468", "97531"
OTHER = "02873000001"
SAID_SECONDS = 1.2
"""How long it takes to say a name."""
SETTLING_SECONDS = 2.2
"""So long a key is still the end of a PIN."""
TONES = {"ana": 440.0, "bo": 620.0, "cy": 830.0, "dan": 1040.0}
FILES = {
    "queues.yaml": """
        queues:
          inbox: {wrap_up: none}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [inbox]}
    """,
    "flows/none.yaml": """
        flow: none
        start: bye
        nodes:
          bye: {type: hangup, prompts: goodbye}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{BOARD}": {{room: board, language: en}}
          "{NAMED}": {{room: named, language: en}}
          "19006102": {{flow: none, language: en}}
        rooms:
          board: {{pin: "{PIN}", leader_pin: "{LEADER_PIN}", announce: none, record: yes}}
          named: {{pin: "{PIN}", announce: name}}
        outbound:
          caller_id: "19006100"
          trunk: trunk
          numbers:
            "+84.": {{}}
          trunks:
            trunk: {{dial_as: national}}
    """,
}


@pytest_asyncio.fixture(loop_scope="module")
async def ear(carrier):
    """The ear and mouth of who is called in."""
    async with carrier.heard(TONES["dan"]) as party:
        yield party


async def enter(floor, number, pin, reached):
    """Dial in and type the PIN until he is there: ``reached(calling)`` waits for it."""
    calling = await floor.dial(number)
    await until(lambda: len(calling.heard()) > 0)
    await type_until(calling, pin, lambda: reached(calling))
    return calling


async def join(floor, pin, members):
    """Enter the board; returns when so many are there."""
    return await enter(floor, BOARD, pin, lambda _: until_members(floor, members, AGAIN_SECONDS))


async def until_told(floor, calling, prompt):
    """Wait until he hears this, as long as one waits before one types again."""
    await until(lambda: floor.heard_prompt(calling, prompt), AGAIN_SECONDS)


async def until_members(floor, count, patience=PATIENCE):
    """Wait until so many are in the only room; returns it."""

    async def there():
        rooms = await floor.center.get("/v1/conferences")
        return rooms and len(rooms[0]["members"]) == count and rooms[0]

    return await until(there, patience)


async def hears(listener, *who, purity=0.12):
    """Wait until he hears all of these."""
    since = time.monotonic() + 0.3
    for name in who:
        await until(
            lambda name=name: (
                tones.find(listener.heard(since), TONES[name], purity=purity).seconds > 0.3
            )
        )


async def hears_not(listener, *who):
    """Wait until he has heard none of these for a while, since now or soon after."""
    since, unwanted = time.monotonic(), [TONES[name] for name in who]
    await until(lambda: heard_none(listener, unwanted, since))


async def order(floor, path, **body):
    """Ask it of the API."""
    status, answer = await floor.center.post(f"/v1/conferences/board/{path}", **body)
    assert status == 202, answer


async def finished(floor, recording):
    """The sound of a recording, when the finisher has been at it."""
    url = f"{floor.center.api_url}/v1/recordings/{recording}"

    async def done():
        async with floor.ari.get(url) as answer:
            line = await answer.json(content_type=None)
            return line if answer.status == 200 and line["state"] != "new" else None

    line = await until(done, 30)
    assert line["state"] == "finished", line
    async with floor.ari.get(f"{url}/audio") as answer:
        with wave.open(io.BytesIO(await answer.read())) as file:
            return file.readframes(file.getnframes())


async def test_who_hears_whom_is_a_matter_of_roles_and_one_file_has_it_all(floor, carrier, ear):
    ana = await join(floor, LEADER_PIN, 1)
    await until(lambda: floor.heard_music(ana))
    bo = await join(floor, PIN + "#", 2)
    cy = await join(floor, PIN + "#", 3)
    phones = {"ana": ana, "bo": bo, "cy": cy}
    for name, phone in phones.items():
        phone.start_tone(TONES[name])
    await hears(ana, "bo", "cy")
    await hears(bo, "ana", "cy")
    await hears_not(bo, "bo")

    room = await until_members(floor, 3)
    assert [member["role"] for member in room["members"]] == ["leader", "speaker", "speaker"]
    third = room["members"][2]["call"]
    await order(floor, "role", call=third, role="listener")
    await hears_not(ana, "cy")
    await hears(cy, "ana", "bo")
    await order(floor, "role", call=third, role="speaker")
    await hears(ana, "cy")

    await bo.press("1")
    await until(lambda: floor.heard_prompt(bo, "conference_muted"))
    await hears_not(ana, "bo")
    await bo.press("1")
    await hears(ana, "bo")

    await ana.press("5")
    await hears_not(ana, "bo", "cy")
    await hears(bo, "ana")
    await ana.press("5")
    await hears(ana, "bo", "cy")

    await ana.press("4")
    await until(lambda: floor.heard_prompt(ana, "conference_locked"))
    told = partial(until_told, floor, prompt="conference_locked")
    late = await enter(floor, BOARD, PIN + "#", told)
    await late.wait_ended(PATIENCE)

    called = await type_until(ana, f"7{OTHER}#", lambda: carrier.next(AGAIN_SECONDS))
    called.ring()
    await called.answer()
    await until(lambda: tones.seconds(ear.heard()) > 1.5)  # by whom he is invited
    assert tones.find(ear.heard(), TONES["ana"]).longest < MOMENT_SECONDS
    ear.press("1")
    await until_members(floor, 4)
    await hears(cy, "ana", "bo", "dan", purity=0.08)

    await ana.hang_up()  # who has begun the recording goes; it goes on
    await until_members(floor, 3)
    await hears(bo, "cy", "dan")
    called.hang_up()
    await bo.press("#")
    await bo.wait_ended(PATIENCE)
    await until(lambda: floor.heard_music(cy))
    await cy.hang_up()

    records = {name: await floor.record(phone) for name, phone in phones.items()}
    assert [records[name]["recordings"] for name in ("ana", "bo")] == [[], []]
    [made] = records["cy"]["recordings"]
    assert (made["kind"], made["complete"], made["problem"]) == ("conference", True, "")
    assert made["name"].startswith(records["ana"]["call"])
    sound = await finished(floor, made["name"])
    for hz in TONES.values():
        assert tones.find(sound, hz, purity=0.08).seconds > 0.5
    [invited] = [each for each in await floor.records() if each["direction"] == "invited"]
    kinds = [segment["kind"] for segment in invited["segments"]]
    assert kinds[-3:] == ["dialing", "ivr", "conference"]


async def test_names_are_said_and_a_word_costs_nobody_his_music(floor):
    ana = await enter_by_name(floor, "ana")
    await until_members(floor, 1)
    settled = time.monotonic() + SETTLING_SECONDS
    await until(lambda: floor.heard_music(ana) and time.monotonic() > settled)
    await ana.press("2")
    await until(lambda: floor.heard_prompt(ana, "conference_alone"))
    since = time.monotonic() + 0.5
    await until(lambda: floor.heard_music(ana, since=since))

    since = time.monotonic()
    bo = await enter_by_name(floor, "bo")
    cy = await enter_by_name(floor, "cy")
    await until_members(floor, 3)
    await until(lambda: is_named(ana, "bo", since) and is_named(ana, "cy", since))
    await until(lambda: floor.heard_prompt(ana, "conference_has_joined", since=since))
    await bo.press("*")
    await until(lambda: floor.heard_prompt(bo, "conference_key_mute"))
    since = time.monotonic()
    await bo.hang_up()
    await until(lambda: is_named(cy, "bo", since))
    await until(lambda: floor.heard_prompt(ana, "conference_has_left", since=since))
    await cy.hang_up()
    await until(lambda: floor.heard_music(ana))
    await ana.hang_up()
    record = await floor.record(ana)
    assert record["recordings"] == []
    await until(lambda: not names_kept(floor))


async def enter_by_name(floor, name):
    """Dial in, and say this name as soon as it is being recorded."""
    before = names_kept(floor)
    told = partial(until_told, floor, prompt="conference_name")
    calling = await enter(floor, NAMED, PIN, told)
    calling.start_tone(TONES[name])
    await until(lambda: names_kept(floor) - before)
    await asyncio.sleep(SAID_SECONDS)
    calling.stop_tone()
    await calling.press("#")
    return calling


def is_named(listener, name, since):
    """Whether this name was told to him."""
    return tones.find(listener.heard(since), TONES[name], purity=0.2).seconds > 0.4


def names_kept(floor):
    """The recordings of names that there are."""
    return {name for name in os.listdir(floor.center.asterisk.recordings_dir) if "-n" in name}


async def test_a_wrong_pin_is_asked_again_and_the_third_is_the_last(floor):
    calling = await floor.dial(BOARD)
    await until(lambda: floor.heard_prompt(calling, "conference_pin"))
    for _ in range(3):
        since = time.monotonic()
        await calling.press("1357#")
        await until(
            lambda since=since: (
                floor.heard_prompt(calling, "conference_bad_pin", since=since)
                or floor.heard_prompt(calling, "pin_locked", since=since)
            ),
            PATIENCE,
        )
    await calling.wait_ended(PATIENCE)
    assert floor.heard_prompt(calling, "pin_locked")
    assert await floor.center.get("/v1/conferences") == []
