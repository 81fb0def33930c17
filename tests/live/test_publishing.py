"""Flows are published and taken back while callers are in them: nobody notices in his call."""

import array
import asyncio
import dataclasses
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import numpy as np
import pytest
from center import PATIENCE, until
from listening import heard_prompt
from live_site import usual_site

from engine.sounds import wav

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

NUMBER = "19001060"
FLOW = """\
flow: shop
start: menu
prompts:
  shop_menu: {en: "Press one for sales."}
  shop_wrong: {en: There is nothing on that key.}
nodes:
  menu:
    type: menu
    prompts: shop_menu
    keys:
      "1": sales
    attempts: 9
    timeout_seconds: 60
    nomatch_prompts: shop_wrong
    noinput: sales
    nomatch: sales
  sales: {type: queue, queue: support, timeout: bye, full: bye, no_agents: bye}
  bye: {type: hangup, prompts: goodbye}
"""
WITH_BILLING = (
    FLOW.replace("for sales.", "for sales, three for the bill.")
    .replace('"1": sales\n', '"1": sales\n      "3": billing\n')
    .replace("  bye:", "  billing: {type: say, prompts: shop_billing, next: menu}\n  bye:")
)
TEST = """\
flow: shop
tests:
  - name: A caller with a question about his bill is greeted
    steps:
      - press: "3"
      - hear: shop_billing
"""


@pytest.fixture(scope="module")
def prepared(prepared, tmp_path_factory):
    """With prompts of its own: those of other tests stay as they are."""
    folder = tmp_path_factory.mktemp("prepared") / "prompts"
    shutil.copytree(prepared.prompts_dir, folder, copy_function=os.link)
    return dataclasses.replace(prepared, prompts_dir=folder)


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The site of the tests, with the shift leader's flow on a number of its own."""
    routes = f'numbers:\n  "{NUMBER}": {{flow: shop, language: en}}\n'
    files = {"flows/shop.yaml": FLOW, "routes/shop.yaml": routes}
    return usual_site(tmp_path_factory.mktemp("site"), files)


@pytest.fixture(scope="module")
def flows(center_settings):
    """Where she writes."""
    return Path(center_settings["TONGDAI_FLOWS_DIR"])


def greeting(flows):
    """Her voice, before it is a phone's: a chirp that no text-to-speech sounds like."""
    file = flows / "recordings" / "en" / "shop_billing.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    seconds = np.arange(wav.RATE * 2) / wav.RATE
    sound = 8000 * np.sin(2 * np.pi * (300 + 400 * seconds) * seconds)
    file.write_bytes(wav.encode(array.array("h", sound.astype(int).tolist())))


async def tongdai(center, *words):
    """Type a command; what it says."""
    environ = os.environ | center.environment()
    command = (sys.executable, "-m", "engine.cli.main", *words)
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def hears(center, call, version, key, since=0.0):
    """Wait until a caller heard a prompt as this version says it, after ``since`` seconds."""
    prompts = center.environment()["TONGDAI_PROMPTS_DIR"]
    file = f"{prompts}/{version}/en/{key}.wav"
    await until(lambda: heard_prompt(call.heard()[round(since * wav.RATE) * 2 :], file), PATIENCE)


def heard_so_far(call):
    """How many seconds of sound came to a caller by now."""
    return len(call.heard()) / 2 / wav.RATE


async def versions(center):
    """Of each version by its number: the hash, and how many calls are in it."""
    listed = json.loads(await tongdai(center, "flow", "versions", "--json"))
    return {one["number"]: (one["version"], one["calls"]) for one in listed}


async def in_force(center):
    """The hash of the version that calls come into."""
    return (await center.get("/v1/flows"))["version"]


async def two_versions(center, flows):
    """There are two: the second has a key more, and its test."""
    if 2 not in await versions(center):
        await tongdai(center, "flow", "publish", "-m", "as it was")
        (flows / "shop.yaml").write_text(WITH_BILLING)
        (flows / "shop.test.yaml").write_text(TEST)
        greeting(flows)
        await tongdai(center, "flow", "publish", "-m", "key 3")


async def test_each_caller_stays_in_the_version_he_began_with(floor, flows):
    center = floor.center
    (flows / "shop.test.yaml").write_text(TEST)
    status, answer = await center.post("/v1/reload")
    assert (status, answer["in_force"]) == (422, "old"), "the working files fail their test"
    assert [p["code"] for p in answer["problems"]] == ["E701"]
    (flows / "shop.test.yaml").unlink()
    await tongdai(center, "flow", "publish", "-m", "as it was")
    early = await floor.dial(NUMBER)
    first = await in_force(center)
    await hears(center, early, first, "shop_menu")

    (flows / "shop.yaml").write_text(WITH_BILLING)
    (flows / "shop.test.yaml").write_text(TEST)
    greeting(flows)
    await tongdai(center, "flow", "publish", "-m", "key 3")
    second = await in_force(center)
    late = await floor.dial(NUMBER)
    await hears(center, late, second, "shop_menu")
    assert await versions(center) == {1: (first, 1), 2: (second, 1)}
    await late.press("3")
    await hears(center, late, second, "shop_billing")

    before = heard_so_far(early)
    await early.press("3")
    await hears(center, early, first, "shop_wrong", before)
    await hears(center, early, first, "shop_menu", before)

    await center.kill_engine()
    await center.start_engine()
    before = heard_so_far(early)
    await early.press("3")
    await hears(center, early, first, "shop_wrong", before)

    said = await tongdai(center, "flow", "rollback")
    assert f"version 1 ({first}) is in force" in said
    again = await floor.dial(NUMBER)
    await hears(center, again, first, "shop_menu")
    before = heard_so_far(again)
    await again.press("3")
    await hears(center, again, first, "shop_wrong", before)
    before = heard_so_far(late)
    await late.press("3")
    await hears(center, late, second, "shop_billing", before)

    for call in (early, late, again):
        await call.hang_up()
    told = [(await floor.record(call))["flow_version"] for call in (early, late, again)]
    assert told == [first, second, first]


async def test_what_fails_its_test_is_refused_and_callers_hear_what_they_heard(floor, flows):
    center = floor.center
    await two_versions(center, flows)
    await tongdai(center, "flow", "rollback", "2")
    (flows / "shop.yaml").write_text(FLOW)
    with pytest.raises(AssertionError, match=r"shop\.test\.yaml:\d+:\d+: error\[E701\]"):
        await tongdai(center, "flow", "publish")
    second = await in_force(center)
    said = await tongdai(center, "reload")
    assert f"published as version 2 ({second}); the working files differ" in said
    calling = await floor.dial(NUMBER)
    await hears(center, calling, second, "shop_menu")
    await calling.hang_up()
    await floor.record(calling)
