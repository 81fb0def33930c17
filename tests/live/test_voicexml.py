"""VoiceXML's behaviours on the line: what a caller presses on a real phone, and what he hears.

The cases are those of ``tests/voicexml`` that say ``live: yes``. All of them run at once in one
center; each prompt is a chord, so the phone knows what it hears, and when. Keys are sent as RFC
4733 events alone.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from center import PATIENCE, assert_tiled, open_floor, until
from live_site import write_site
from prompt_tones import PromptTones
from table_caller import TableCaller

from engine.demo import tones
from engine.demo.phones import PhoneError
from engine.sounds import wav
from tests.voicexml.behaviours import FLOW, PROMPT_SECONDS, SHORTEST_SECONDS, read_table

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES = [case for case in read_table() if case.live]
NUMBERS = {case.name: f"1907{place:04d}" for place, case in enumerate(CASES)}
EVERY_SECONDS = 0.15
CUT_SECONDS = PROMPT_SECONDS - 0.4
LATE_SECONDS = 0.35
"""How much later than on paper a call may be at a node."""

GOES, DISTURBED = 3, (AssertionError, TimeoutError, PhoneError)
"""Callers press keys at tenths of a second; who did so as the machine stood still calls again."""

RECORDED = "19080000"
RECORDED_FLOW = """
    flow: recorded
    start: begin
    nodes:
      begin: {type: record, do: start, next: number}
      number: {type: gather, prompts: account, variable: n, ok: bye, noinput: bye, invalid: bye}
      bye: {type: hangup}
"""
KEY_ROWS, KEY_COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
KEY_PURITY, KEY_LEAST = 0.8, 0.25
"""Of a frame's energy in which a key is heard: what its two tones have, and each of them at least;
where a packet was lost all frequencies have some."""
SPOKEN_TONE = 1633


@dataclass(frozen=True)
class LiveCall:
    """One call of a case: what was heard, when it should have been where, and its record."""

    heard: list
    marks: list
    record: dict


@pytest.fixture(scope="module")
def prompt_tones():
    """A chord for each prompt of the cases."""
    prompts = {heard.removesuffix("/") for case in CASES for heard in case.heard}
    written = {
        part.prompt
        for case in CASES
        for flow in flows_of(case)
        for node in flow.nodes.values()
        for _, parts in node.speeches()
        for part in parts
        if part.prompt
    }
    return PromptTones(prompts | written, PROMPT_SECONDS)


@pytest.fixture(scope="module")
def center_settings(prompt_tones, tmp_path_factory):
    """The cases' flows with a number for each, and their sounds."""
    folder = tmp_path_factory.mktemp("site")
    flows = [flow_file(place, flow) for place, case in enumerate(CASES) for flow in flows_of(case)]
    numbers = {NUMBERS[case.name]: named(FLOW, place) for place, case in enumerate(CASES)}
    numbers[RECORDED] = "recorded"
    routes = {"numbers": {number: {"flow": flow} for number, flow in numbers.items()}}
    texts = {prompt: {"en": prompt} for prompt in prompt_tones.prompts}
    prompt_tones.write(folder / "prompts/en")
    files = {
        "agents.yaml": 'agents: {mai: {extension: "3001", queues: [sales]}}',
        "queues.yaml": "queues: {sales: {}}",
        "routes/main.yaml": json.dumps(routes),
        "flows/prompts.yaml": json.dumps({"prompts": texts}),
        "flows/recorded.yaml": RECORDED_FLOW,
    }
    settings = write_site(folder, files | dict(flows))
    return settings | {"TONGDAI_PROMPTS_DIR": str(folder / "prompts")}


def flows_of(case):
    """The flow of a case and those that it calls."""
    return case.flows.flows.values()


def named(flow, place):
    """The name of a case's flow among those of all cases."""
    return f"{flow}-{place}"


def flow_file(place, flow):
    """Name and text of a case's flow; it and those that it calls have names of their own."""
    written = flow.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["flow"] = named(flow.name, place)
    written.pop("defaults", None)
    for node in written["nodes"].values():
        if node["type"] == "flow":
            node["flow"] = named(node["flow"], place)
    return f"flows/{written['flow']}.yaml", json.dumps(written)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(center, prompt_tones):
    """All cases, a call each, soon after each other: what became of them by name."""
    async with open_floor(center) as floor:
        phones = [await floor.caller() for _ in range(4)]

        async def call(place, case):
            await asyncio.sleep(place * EVERY_SECONDS)
            return await one_call(floor, phones[place % len(phones)], case, prompt_tones)

        done = await asyncio.gather(
            *(call(place, case) for place, case in enumerate(CASES)), return_exceptions=True
        )
        records = await records_of(floor, [each for each in done if isinstance(each, TableCaller)])
        return {
            name: each if isinstance(each, BaseException) else live_call(each, records)
            for name, each in zip(NUMBERS, done, strict=True)
        }


async def one_call(floor, phone, case, prompt_tones):
    """One case on one phone."""
    calling = await floor.dial(NUMBERS[case.name], phone=phone)
    caller = TableCaller(calling, prompt_tones)
    try:
        await caller.do(case)
    finally:
        await calling.hang_up()
    return caller


async def records_of(floor, callers):
    """Their records by Call-ID, asked for once for all."""
    wanted = {caller.call.sip_call_id for caller in callers}

    async def written():
        records = {record["sip_call_id"]: record for record in await floor.records()}
        return records if wanted <= records.keys() else None

    return await until(written, patience=30)


def live_call(caller, records):
    """What became of one caller."""
    return LiveCall(caller.ear.hearings, caller.marks, records[caller.call.sip_call_id])


async def one_more(center, case, prompt_tones):
    """What becomes of a case that is called alone; an exception when it was disturbed."""
    async with open_floor(center) as floor:
        try:
            caller = await one_call(floor, await floor.caller(), case, prompt_tones)
            return live_call(caller, await records_of(floor, [caller]))
        except DISTURBED as error:
            return error


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
async def test_a_caller_hears_and_goes_on_the_line_as_in_the_table(
    calls, center, prompt_tones, case
):
    call = calls[case.name]
    for _ in range(GOES - 1):
        if is_as_in_table(call, case):
            return
        call = await one_more(center, case, prompt_tones)
    assert_as_in_table(call, case)


def is_as_in_table(call, case):
    """Whether it went as it should."""
    try:
        assert_as_in_table(call, case)
    except DISTURBED:
        return False
    return True


def assert_as_in_table(call, case):
    """What was heard, typed and written is what the case says."""
    if isinstance(call, BaseException):
        raise call
    record = call.record
    assert_tiled(record)
    assert [sound for sound in map(shown, call.heard) if sound] == list(case.heard), call.heard
    assert [visit["node"] for visit in record["nodes"]] == list(case.path)
    if case.keys is not None:
        assert keys_of(record) == list(case.keys)
    assert record["ended_by"] == ("caller" if case.ends == "left" else "engine")
    for at, node in call.marks:
        assert any(
            visit["node"] == node
            and visit["entered"] - LATE_SECONDS <= at <= (visit["left"] or at) + LATE_SECONDS
            for visit in record["nodes"]
        ), f"not at {node} at {at}: {record['nodes']}"


def shown(hearing):
    """A hearing as the table writes it; '' for what nobody would recognise."""
    seconds = hearing.ended - hearing.started
    if seconds < SHORTEST_SECONDS:
        return ""
    return hearing.prompt if seconds > CUT_SECONDS else f"{hearing.prompt}/"


def keys_of(record):
    """What was typed and what it meant, as the table writes it."""
    details = [step["detail"] for step in record["steps"] if step["event"] == "keys"]
    return [detail.replace(": ", " ", 1).removeprefix("none ") for detail in details]


async def test_keys_are_heard_by_nobody_not_even_by_the_recording_of_the_caller(
    floor, prompt_tones
):
    calling = await floor.dial(RECORDED)
    caller = TableCaller(calling, prompt_tones)
    await caller.hear("account")
    await caller.press("1590")
    calling.start_tone(SPOKEN_TONE)
    await caller.wait("0.8")
    calling.stop_tone()
    await caller.press("#")
    await calling.wait_ended(PATIENCE)

    record = await floor.record(calling)
    assert keys_of(record) == ["1590 ok"]
    [recording] = record["recordings"]
    sound = await until(lambda: heard_in(recording["path"]))
    assert tones.find(sound, SPOKEN_TONE).seconds > 0.3
    frames = range(0, len(sound), 2 * tones.FRAME)
    assert not any(is_key(sound[start : start + 2 * tones.FRAME]) for start in frames)


def is_key(frame):
    """Whether a frame is the two tones of a key, and little else."""
    row, column = (
        max(tones.find(frame, hz, purity=KEY_LEAST).share for hz in group)
        for group in (KEY_ROWS, KEY_COLUMNS)
    )
    return min(row, column) > 0 and row + column > KEY_PURITY


def heard_in(path):
    """The sound of a recording, when it is written."""
    return wav.read(Path(path)).tobytes() if Path(path).exists() else None
